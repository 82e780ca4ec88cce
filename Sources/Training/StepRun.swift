import Engine
import Fabric
import Quantities
import Statistics

/// The only loop over time: runs a step's tasks on the engine and the fabric.
///
/// Every simulated GPU of a rank runs the rank's tasks. A task starts on a GPU when everything it
/// waits for there has ended; one that a group begins together, when that holds for all of them. A
/// block then ends after its duration; a transfer waits its latency, and ends when the last of its
/// flows has drained. All changes of one instant are made before rates are solved again.
struct StepRun: ~Copyable {
  /// Start and end of each task on each member, at `task * members + member`.
  private var starts: [Time]
  private var ends: [Time]
  /// Events processed.
  private(set) var events = 0
  /// Tasks that have ended, counted on every member.
  private(set) var ended = 0

  private let step: StepTasks
  private let members: Int
  private var waitsFor: [Int32]
  /// Tasks of groups and transfers: the first operation of each task, -1 for plain blocks.
  private var firstOperation: [Int32]
  private var operations: [Operation] = []
  private var queue: EventQueue
  private var network: FlowNetwork
  /// The stream each GPU's jitter is drawn from, rank by rank; none without jitter.
  private var jitter: [QuickStream]

  /// What one group of members begins together.
  private struct Operation {
    var task: Int32
    var group: Int32
    /// Members that are not ready yet.
    var waitsFor: Int32
    var flowsLeft: Int32 = 0
  }

  /// Two high bits of an event's payload say what it is, the others which task or flow.
  private static let latencyOver: UInt32 = 1 << 30
  private static let flowEnds: UInt32 = 2 << 30
  private static let index: UInt32 = (1 << 30) - 1
  /// Most tasks, counted on every member, that an event can name and memory can hold.
  static let mostTasks = 1 << 27

  init(_ step: StepTasks) {
    self.step = step
    members = step.members
    let count = step.tasks.count
    starts = [Time](repeating: .zero, count: count * members)
    ends = starts
    waitsFor = [Int32](repeating: 0, count: count * members)
    for (task, predecessors) in step.graph.predecessorCount.enumerated() {
      for member in 0..<members { waitsFor[task * members + member] = predecessors }
    }
    firstOperation = [Int32](repeating: -1, count: count)
    for (index, task) in step.tasks.enumerated() where task.transfer >= 0 || task.group > 1 {
      firstOperation[index] = Int32(operations.count)
      for group in 0..<members / Int(task.group) {
        operations.append(
          Operation(task: Int32(index), group: Int32(group), waitsFor: task.group))
      }
    }
    jitter = step.jitter?.streams(gpus: step.links.ranks * members) ?? []
    queue = EventQueue(minimumCapacity: 1024)
    network = FlowNetwork(capacities: step.links.capacities)
  }

  /// When a task started on a member.
  func start(of task: Int, member: Int) -> Time { starts[task * members + member] }

  /// When it ended there.
  func end(of task: Int, member: Int) -> Time { ends[task * members + member] }

  /// The last end of all; `Time.max` where one cannot be represented.
  var finish: Time { ends.max() ?? .zero }

  /// The first task that still waits for another on some member, if any does.
  var firstWaiting: Int? { waitsFor.firstIndex { $0 > 0 }.map { $0 / members } }

  /// Bytes each link carried.
  var carriedBytes: [Bytes] { network.carriedBytes }

  /// Runs to the end of the step.
  mutating func run() {
    for (task, predecessors) in step.graph.predecessorCount.enumerated() where predecessors == 0 {
      for member in 0..<members { begin(task, member, at: .zero) }
    }
    settle(at: .zero)
    while let event = queue.pop() {
      let now = event.time
      handle(event.payload, at: now)
      while queue.next == now, let next = queue.pop() { handle(next.payload, at: now) }
      settle(at: now)
    }
  }

  private mutating func handle(_ payload: UInt32, at now: Time) {
    events += 1
    let index = payload & Self.index
    if payload & Self.flowEnds != 0 {
      guard network.ends(index, at: now) else { return }
      let operation = Int(network.tag(of: index))
      network.finish(index)
      operations[operation].flowsLeft -= 1
      if operations[operation].flowsLeft == 0 { finishOperation(operation, at: now) }
    } else if payload & Self.latencyOver != 0 {
      enter(Int(index), at: now)
    } else if members == 1 {
      finish(Int(index), 0, at: now)
    } else {
      let (task, member) = Int(index).quotientAndRemainder(dividingBy: members)
      finish(task, member, at: now)
    }
  }

  /// A member is ready for a task; a group's last one begins it for all.
  private mutating func begin(_ task: Int, _ member: Int, at now: Time) {
    let first = Int(firstOperation[task])
    guard first >= 0 else { return startBlock(task, member, at: now) }
    let operation = first + step.tasks[task].group(of: member)
    operations[operation].waitsFor -= 1
    guard operations[operation].waitsFor == 0 else { return }
    let isBlock = step.tasks[task].transfer < 0
    for member in self.members(of: operation) {
      if isBlock {
        startBlock(task, member, at: now)
      } else {
        starts[task * members + member] = now
      }
    }
    guard !isBlock else { return }
    queue.push(
      at: now + transfer(of: operation).latency, payload: UInt32(operation) | Self.latencyOver)
  }

  private mutating func startBlock(_ task: Int, _ member: Int, at now: Time) {
    let index = task * members + member
    starts[index] = now
    let row = Int(step.tasks[task].row)
    var duration =
      row >= 0 ? step.uneven.times[row * members + member] : step.tasks[task].duration
    if !step.speeds.isEmpty {
      let speed = step.speeds[Int(step.tasks[task].rank) * members + member]
      if speed != 1 { duration = Time(seconds: duration.seconds / speed) }
    }
    if let spread = step.jitter?.spread, duration > .zero {
      let gpu = Int(step.tasks[task].rank) * members + member
      duration = Time(seconds: duration.seconds * spread.next(from: &jitter[gpu]))
    }
    queue.push(at: now + duration, payload: UInt32(index))
  }

  private func members(of operation: Int) -> StrideTo<Int> {
    step.tasks[Int(operations[operation].task)]
      .members(ofGroup: Int(operations[operation].group))
  }

  private func transfer(of operation: Int) -> LinkedTransfer {
    let task = step.tasks[Int(operations[operation].task)]
    return step.transfers[Int(task.transfer + operations[operation].group)]
  }

  /// The first byte moves: the transfer's flows join the network.
  private mutating func enter(_ operation: Int, at now: Time) {
    let transfer = transfer(of: operation)
    guard !transfer.flows.isEmpty else { return finishOperation(operation, at: now) }
    operations[operation].flowsLeft = Int32(transfer.flows.count)
    for flow in transfer.flows {
      network.start(
        flow.path, bytes: flow.bytes, tag: UInt32(operation), priority: transfer.priority, at: now)
    }
  }

  private mutating func finishOperation(_ operation: Int, at now: Time) {
    let task = Int(operations[operation].task)
    for member in members(of: operation) { finish(task, member, at: now) }
  }

  private mutating func finish(_ task: Int, _ member: Int, at now: Time) {
    ends[task * members + member] = now
    ended += 1
    for index in step.graph.successors(of: Int32(task)) {
      let next = Int(step.graph.targets[index])
      waitsFor[next * members + member] -= 1
      if waitsFor[next * members + member] == 0 { begin(next, member, at: now) }
    }
  }

  private mutating func settle(at now: Time) {
    network.settle(at: now) { slot, finish in
      queue.push(at: finish, payload: slot | Self.flowEnds)
    }
  }
}
