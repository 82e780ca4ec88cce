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
  /// The last gather and the last reduction of each rank that run beside passes.
  private var gatherTail: [Int32]
  private var reductionTail: [Int32]
  /// The last gather of each rank of what the step before updated.
  private var updateTail: [Int32]
  /// What the next task on the compute stream of `rank` waits for besides.
  private var awaited: Int32 = -1
  /// Where the compute stream of each rank was when it last asked for weights.
  private var lastAsked: [Int32]
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
    gatherTail = computeTail
    reductionTail = computeTail
    updateTail = computeTail
    lastAsked = computeTail
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
    _ activity: Activity, transfer: Int32, group: MemberGroup, layer: Int32 = -1,
    after: Int32 = -1
  ) -> Int32 {
    append(
      self.transfer(activity, transfer, group, on: .communication, layer: layer), after: after)
  }

  private func transfer(
    _ activity: Activity, _ transfer: Int32, _ group: MemberGroup, on stream: Stream,
    layer: Int32
  ) -> StepTask {
    StepTask(
      transfer: transfer, group: Int32(group.count), stride: Int32(group.stride), rank: rank,
      stream: stream, activity: activity, category: category, pass: pass, stage: stage,
      microBatch: microBatch, layer: layer, action: action)
  }

  /// Appends a gather beside passes, after the rank's gathers before it.
  @discardableResult
  mutating func gather(
    transfer: Int32, group: MemberGroup, layer: Int32 = -1, after: Int32 = -1
  ) -> Int32 {
    let task = self.transfer(
      .parameterGather, transfer, group, on: .background, layer: layer)
    let id = append(task, behind: gatherTail[Int(rank)], after: after)
    gatherTail[Int(rank)] = id
    return id
  }

  /// Appends a gather of what the step before updated, after the rank's others.
  @discardableResult
  mutating func gatherUpdate(transfer: Int32, group: MemberGroup, layer: Int32 = -1) -> Int32 {
    let task = self.transfer(
      .parameterGather, transfer, group, on: .background, layer: layer)
    let id = append(task, behind: updateTail[Int(rank)], after: -1)
    updateTail[Int(rank)] = id
    return id
  }

  /// Appends a reduction beside passes, after the rank's reductions before it.
  @discardableResult
  mutating func reduce(
    transfer: Int32, group: MemberGroup, layer: Int32 = -1, after: Int32 = -1
  ) -> Int32 {
    let task = self.transfer(
      .gradientReduction, transfer, group, on: .background, layer: layer)
    let id = append(task, behind: reductionTail[Int(rank)], after: after)
    reductionTail[Int(rank)] = id
    return id
  }

  private mutating func append(_ task: StepTask, behind tail: Int32, after: Int32) -> Int32 {
    let id = graph.addTask()
    tasks.append(task)
    if tail >= 0 { graph.addDependency(from: tail, to: id) }
    if after >= 0 { graph.addDependency(from: after, to: id) }
    return id
  }

  /// Makes the next task on the rank's compute stream wait for `task`.
  mutating func awaits(_ task: Int32) { awaited = task }

  /// The task after whose end weights may be asked for, one layer ahead of their use: the last of
  /// the layer before the one before.
  mutating func askForWeights() -> Int32 {
    let before = lastAsked[Int(rank)]
    lastAsked[Int(rank)] = computeTail[Int(rank)]
    return before
  }

  /// The last task on the rank's compute stream.
  var lastCompute: Int32 { computeTail[Int(rank)] }

  /// The last tasks of a rank's streams and of what it moves beside passes.
  func allTails(of rank: Int) -> [Int32] {
    tails(of: rank) + [gatherTail[rank], reductionTail[rank], updateTail[rank]].filter { $0 >= 0 }
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
    if awaited >= 0, task.stream == .compute {
      graph.addDependency(from: awaited, to: id)
      awaited = -1
    }
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
