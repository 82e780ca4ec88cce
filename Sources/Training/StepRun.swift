import Engine
import Fabric
import Quantities

/// The only loop over time: runs a step's tasks on the engine and the fabric.
///
/// A task starts when everything it waits for has ended. A block then ends after its duration; a
/// transfer waits its latency, and ends when the last of its flows has drained. All changes of one
/// instant are made before rates are solved again.
struct StepRun: ~Copyable {
  /// Start and end of each task.
  private(set) var start: [Time]
  private(set) var end: [Time]
  /// Events processed.
  private(set) var events = 0
  /// Tasks that have ended.
  private(set) var ended = 0

  private let step: StepTasks
  private var waitsFor: [Int32]
  private var flowsLeft: [Int32]
  private var queue: EventQueue
  private var network: FlowNetwork

  /// Two high bits of an event's payload say what it is, the others which task or flow.
  private static let latencyOver: UInt32 = 1 << 30
  private static let flowEnds: UInt32 = 2 << 30
  private static let index: UInt32 = (1 << 30) - 1

  init(_ step: StepTasks) {
    self.step = step
    let count = step.tasks.count
    start = [Time](repeating: .zero, count: count)
    end = start
    waitsFor = step.graph.predecessorCount
    flowsLeft = [Int32](repeating: 0, count: count)
    queue = EventQueue(minimumCapacity: 1024)
    network = FlowNetwork(capacities: step.capacities)
  }

  /// The first task that still waits for another, if any does.
  var firstWaiting: Int? { waitsFor.firstIndex { $0 > 0 } }

  /// Bytes each link carried.
  var carriedBytes: [Bytes] { network.carriedBytes }

  /// Runs to the end of the step.
  mutating func run() {
    for task in step.tasks.indices where waitsFor[task] == 0 { begin(task, at: .zero) }
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
      let task = Int(network.tag(of: index))
      network.finish(index)
      flowsLeft[task] -= 1
      if flowsLeft[task] == 0 { finish(task, at: now) }
    } else if payload & Self.latencyOver != 0 {
      enter(Int(index), at: now)
    } else {
      finish(Int(index), at: now)
    }
  }

  private mutating func begin(_ task: Int, at now: Time) {
    start[task] = now
    let transfer = Int(step.tasks[task].transfer)
    guard transfer >= 0 else {
      queue.push(at: now + step.tasks[task].duration, payload: UInt32(task))
      return
    }
    queue.push(
      at: now + step.transfers[transfer].latency, payload: UInt32(task) | Self.latencyOver)
  }

  /// The first byte moves: the transfer's flows join the network.
  private mutating func enter(_ task: Int, at now: Time) {
    let transfer = Int(step.tasks[task].transfer)
    let count = step.transfers[transfer].flows.count
    guard count > 0 else {
      finish(task, at: now)
      return
    }
    flowsLeft[task] = Int32(count)
    for flow in step.transfers[transfer].flows {
      network.start(flow.path, bytes: flow.bytes, tag: UInt32(task), at: now)
    }
  }

  private mutating func finish(_ task: Int, at now: Time) {
    end[task] = now
    ended += 1
    for index in step.graph.successors(of: Int32(task)) {
      let next = Int(step.graph.targets[index])
      waitsFor[next] -= 1
      if waitsFor[next] == 0 { begin(next, at: now) }
    }
  }

  private mutating func settle(at now: Time) {
    network.settle(at: now) { slot, finish in
      queue.push(at: finish, payload: slot | Self.flowEnds)
    }
  }
}
