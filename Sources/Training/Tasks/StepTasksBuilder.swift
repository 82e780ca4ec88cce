import Engine
import Fabric
import Hardware
import Models
import Quantities
import Schedules

/// Turns a schedule and its placement into the tasks of a step.
struct StepTasksBuilder {
  let schedule: Schedule
  let plan: Plan
  let cluster: Cluster
  /// Work of each model stage, layer by layer.
  let stages: [[LayerWork]]
  let members: Members
  private let uneven: UnevenLoads
  /// A micro-batch's activations between two stages, as one GPU sends them.
  private let boundary: Bytes
  private let links: StepLinks
  private let shares: ShareTable
  private let latencyShare: Double
  var passes: PassTasks
  /// Ends of each (stage, micro-batch)'s forward and input gradient, by stage in the text.
  private var forwards: [PassEnds]
  private var inputs: [PassEnds]
  private var actions: [[ActionTasks]] = []

  init(
    _ simulation: StepSimulation, schedule: Schedule, stages: [[LayerWork]], graph: LinkGraph,
    members: Members = .folded, uneven: UnevenLoads = .none
  ) {
    self.members = members
    self.uneven = uneven
    links = StepLinks(
      graph, ranks: schedule.ranks,
      gpusPerRank: simulation.plan.tensor * simulation.plan.data, members: members,
      multiprocessors: simulation.plan.communicationMultiprocessors)
    plan = simulation.plan
    cluster = simulation.cluster
    latencyShare = simulation.latencyShare
    boundary = simulation.boundary
    self.schedule = schedule
    var table = ShareTable()
    var numbered = stages
    for stage in numbered.indices {
      for layer in numbered[stage].indices { table.add(&numbered[stage][layer]) }
    }
    shares = table
    self.stages = numbered
    passes = PassTasks(
      ranks: schedule.ranks,
      transfers: TransferTable(
        ranks: schedule.ranks, links: links, priority: simulation.plan.trafficPriority),
      members: members, uneven: uneven)
    forwards = [PassEnds](
      repeating: PassEnds(), count: schedule.rankOfStage.count * schedule.microBatches)
    inputs = forwards
  }

  /// The tasks, with every dependency.
  mutating func build(_ update: UpdateWork) -> StepTasks {
    for (rank, actions) in schedule.actions.enumerated() {
      passes.streams.rank = Int32(rank)
      self.actions.append([])
      for (index, action) in actions.enumerated() {
        let first = passes.streams.tasks.count
        add(action, at: index)
        note(action, from: first)
      }
    }
    connectStages()
    addUpdate(update)
    return StepTasks(
      members: members.count, tasks: passes.streams.tasks, graph: passes.streams.graph.freeze(),
      transfers: transfers, links: links, uneven: uneven, speeds: speeds, actions: actions,
      shares: shares, jitter: Jitter(plan))
  }

  /// What was named, with the latencies that are left.
  private var transfers: [LinkedTransfer] {
    guard latencyShare != 1 else { return passes.transfers.entries }
    return passes.transfers.entries.map { entry in
      var entry = entry
      entry.latency = Time(seconds: entry.latency.seconds * latencyShare)
      return entry
    }
  }

  /// How fast each simulated GPU is, rank by rank; empty where all run at full speed.
  private var speeds: [Double] {
    guard cluster.faults.contains(where: { if case .slowGPU = $0 { true } else { false } })
    else { return [] }
    return (0..<schedule.ranks).flatMap { rank in
      (0..<members.count).map { member in
        cluster.speed(ofGPU: links.gpu(rank: rank, member: member))
      }
    }
  }

  private mutating func add(_ action: Action, at index: Int) {
    passes.streams.action = Int32(index)
    let recompute = plan.recompute == .full
    switch action {
    case .single(let pass):
      passes.streams.stage = pass.stage
      passes.streams.microBatch = pass.microBatch
      let works = work(of: pass)
      switch pass.kind {
      case .forward:
        forwards[slot(pass)] = passes.forward(works)
      case .inputBackward, .backward:
        let isFull = pass.kind == .backward
        inputs[slot(pass)] = passes.backward(works, full: isFull, recompute: recompute).input
      case .weightBackward: _ = passes.weight(works)
      }
    case .overlapped(let forward, let backward):
      let (first, input, _) = passes.pair(
        forward: (work(of: forward), forward), backward: (work(of: backward), backward),
        recompute: recompute)
      forwards[slot(forward)] = first
      inputs[slot(backward)] = input
    }
  }

  private func work(of pass: Pass) -> [LayerWork] {
    stages[schedule.modelStage[Int(pass.stage)]]
  }

  private func slot(_ pass: Pass) -> Int {
    Int(pass.stage) * schedule.microBatches + Int(pass.microBatch)
  }

  /// Notes where an action begins and ends for memory. Alone it ends with its last task; a pair
  /// with its last block, as the next pair's first transfers start before its own are done.
  private mutating func note(_ action: Action, from first: Int) {
    let tasks = passes.streams.tasks
    let start = tasks[first...].firstIndex { $0.stream == .compute } ?? first
    var end = tasks.count - 1
    if case .overlapped = action {
      end = tasks[first...].lastIndex { $0.stream == .compute } ?? end
    }
    actions[actions.count - 1].append(
      ActionTasks(start: Int32(start), end: Int32(max(end, start))))
  }

  /// Sends each stage's result to the next stage, and each gradient to the one before.
  private mutating func connectStages() {
    let ranks = schedule.ranks
    var between = [Int32](repeating: -1, count: ranks * ranks)
    for (microBatch, route) in schedule.routes().enumerated() {
      for (stage, next) in zip(route, route.dropFirst()) {
        let here = stage * schedule.microBatches + microBatch
        let there = next * schedule.microBatches + microBatch
        connect(forwards[here], forwards[there], transfers: &between)
        connect(inputs[there], inputs[here], transfers: &between)
      }
      if let last = route.last {
        // The loss of the last stage turns its forward into its backward.
        let slot = last * schedule.microBatches + microBatch
        wait(inputs[slot].entry, for: forwards[slot])
        if inputs[slot].otherEntry >= 0 { wait(inputs[slot].otherEntry, for: forwards[slot]) }
      }
    }
  }

  private mutating func connect(_ source: PassEnds, _ target: PassEnds, transfers: inout [Int32]) {
    let from = Int(passes.streams.tasks[Int(source.exit)].rank)
    let to = Int(passes.streams.tasks[Int(target.entry)].rank)
    guard from != to else {
      wait(target.entry, for: source)
      if target.otherEntry >= 0 { wait(target.otherEntry, for: source) }
      return
    }
    let pair = from * schedule.ranks + to
    if transfers[pair] < 0 {
      transfers[pair] = passes.transfers.add(
        send: boundary, from: from, to: to)
    }
    let task = passes.streams.send(transfer: transfers[pair], of: source.entry, to: target.entry)
    if target.otherEntry >= 0 { passes.streams.wait(target.otherEntry, for: task) }
    wait(task, for: source)
  }

  private mutating func wait(_ target: Int32, for source: PassEnds) {
    passes.streams.wait(target, for: source.exit)
    if source.otherExit >= 0, source.otherExit != source.exit {
      passes.streams.wait(target, for: source.otherExit)
    }
  }
}
