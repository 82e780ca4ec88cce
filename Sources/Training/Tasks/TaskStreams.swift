import Engine
import Fabric
import Quantities
import Schedules

/// Appends tasks to the streams of the ranks, and remembers the last task of each.
///
/// A stream runs its tasks in the order they were appended. In serial mode a task also waits for
/// the rank's other stream, so that communication stands in the open; overlapped, the streams run
/// side by side and wait only for what they are told to.
struct TaskStreams {
  private(set) var tasks: [StepTask] = []
  private(set) var graph = TaskGraphBuilder()
  private var computeTail: [Int32]
  private var communicationTail: [Int32]
  /// What every task appended next belongs to.
  var rank: Int32 = 0
  var isSerial = true
  var category = Category.forward
  var pass = PassKind.forward
  var stage: Int32 = -1
  var microBatch: Int32 = -1
  var action: Int32 = -1

  init(ranks: Int) {
    computeTail = [Int32](repeating: -1, count: ranks)
    communicationTail = computeTail
  }

  /// Appends a block of kernels on the compute stream; `after` is a task it waits for, or -1.
  ///
  /// - Parameters:
  ///   - row: Row of `UnevenLoads.times` with each member's duration; -1 where `duration` is all's.
  ///   - shares: Entry of the step's `ShareTable`.
  ///   - group: Members that begin it together.
  @discardableResult
  mutating func compute(
    _ activity: Activity, _ duration: Time, row: Int32 = -1, shares: Int32 = ShareTable.unknown,
    group: Int = 1, layer: Int32 = -1, after: Int32 = -1
  ) -> Int32 {
    append(
      StepTask(
        duration: duration, row: row, shares: shares, group: Int32(group), rank: rank,
        stream: .compute, activity: activity, category: category, pass: pass, stage: stage,
        microBatch: microBatch, layer: layer, action: action),
      after: after)
  }

  /// Appends a transfer on the communication stream.
  @discardableResult
  mutating func communicate(
    _ activity: Activity, transfer: Int32, group: Int, stride: Int = 1, layer: Int32 = -1,
    after: Int32 = -1
  ) -> Int32 {
    append(
      StepTask(
        transfer: transfer, group: Int32(group), stride: Int32(stride), rank: rank,
        stream: .communication,
        activity: activity, category: category, pass: pass, stage: stage, microBatch: microBatch,
        layer: layer, action: action),
      after: after)
  }

  /// Adds the send of a pass's result to another rank, which `target` waits for; sends wait for no
  /// stream. `pass` is any task of the pass.
  mutating func send(transfer: Int32, of pass: Int32, to target: Int32) -> Int32 {
    let origin = tasks[Int(pass)]
    let task = graph.addTask()
    tasks.append(
      StepTask(
        transfer: transfer, rank: origin.rank, stream: .send, activity: .pipelineSend,
        category: origin.category, pass: origin.pass, stage: origin.stage,
        microBatch: origin.microBatch, action: origin.action))
    graph.addDependency(from: task, to: target)
    return task
  }

  /// Makes `target` wait for `source`.
  mutating func wait(_ target: Int32, for source: Int32) {
    graph.addDependency(from: source, to: target)
  }

  /// The last tasks of a rank's streams, without those that are missing or named twice.
  func tails(of rank: Int) -> [Int32] {
    let tails = [computeTail[rank], communicationTail[rank]]
    return tails[0] == tails[1] ? tails.filter { $0 >= 0 }.dropLast() : tails.filter { $0 >= 0 }
  }

  private mutating func append(_ task: StepTask, after: Int32) -> Int32 {
    let id = graph.addTask()
    tasks.append(task)
    let rank = Int(task.rank)
    let compute = computeTail[rank]
    let communication = communicationTail[rank]
    let own = task.stream == .compute ? compute : communication
    let other = task.stream == .compute ? communication : compute
    if own >= 0 { graph.addDependency(from: own, to: id) }
    if isSerial, other >= 0, other != own { graph.addDependency(from: other, to: id) }
    if after >= 0, after != own { graph.addDependency(from: after, to: id) }
    if isSerial {
      computeTail[rank] = id
      communicationTail[rank] = id
    } else if task.stream == .compute {
      computeTail[rank] = id
    } else {
      communicationTail[rank] = id
    }
    return id
  }
}
