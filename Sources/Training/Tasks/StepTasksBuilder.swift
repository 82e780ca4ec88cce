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
  /// A micro-batch's activations between two stages, as one GPU sends them.
  private let boundary: Bytes
  var passes: PassTasks
  /// Ends of each (stage, micro-batch)'s forward and input gradient, by stage in the text.
  private var forwards: [PassEnds]
  private var inputs: [PassEnds]
  private var memory: [ActivationTask] = []

  init(_ simulation: StepSimulation, schedule: Schedule, stages: [[LayerWork]]) {
    plan = simulation.plan
    cluster = simulation.cluster
    // In BF16; each tensor rank sends its part.
    boundary = Bytes(
      plan.tokensPerMicroBatch * Double(simulation.model.hidden) * 2 / Double(plan.tensor))
    self.schedule = schedule
    self.stages = stages
    passes = PassTasks(
      ranks: schedule.ranks, transfers: TransferTable(ranks: schedule.ranks))
    forwards = [PassEnds](
      repeating: PassEnds(), count: schedule.rankOfStage.count * schedule.microBatches)
    inputs = forwards
  }

  /// The tasks, with every dependency.
  mutating func build(_ update: UpdateWork) -> StepTasks {
    for (rank, actions) in schedule.actions.enumerated() {
      passes.streams.rank = Int32(rank)
      for (index, action) in actions.enumerated() { add(action, at: index) }
    }
    connectStages()
    addUpdate(update)
    let links = TransferTable.capacities(
      of: cluster.node, multiprocessors: plan.communicationMultiprocessors)
    return StepTasks(
      tasks: passes.streams.tasks, graph: passes.streams.graph.freeze(),
      transfers: passes.transfers.entries,
      capacities: (0..<schedule.ranks).flatMap { _ in links }, memory: memory)
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
        note(passes.forward(works), forward: pass)
      case .inputBackward, .backward:
        let isFull = pass.kind == .backward
        let (input, weight) = passes.backward(works, full: isFull, recompute: recompute)
        note(input, weight: isFull ? weight : nil, backward: pass)
      case .weightBackward:
        let ends = passes.weight(works)
        let pending = works.reduce(Bytes.zero) { $0 + $1.activations.pendingWeight }
        change(by: .zero - pending, after: ends.exit)
      }
    case .overlapped(let forward, let backward):
      let (first, input, weight) = passes.pair(
        forward: (work(of: forward), forward), backward: (work(of: backward), backward),
        recompute: recompute)
      note(first, forward: forward)
      note(input, weight: weight, backward: backward)
    }
  }

  private func work(of pass: Pass) -> [LayerWork] {
    stages[schedule.modelStage[Int(pass.stage)]]
  }

  private func slot(_ pass: Pass) -> Int {
    Int(pass.stage) * schedule.microBatches + Int(pass.microBatch)
  }

  private mutating func note(_ ends: PassEnds, forward pass: Pass) {
    forwards[slot(pass)] = ends
    let held = work(of: pass).reduce(Bytes.zero) { $0 + $1.activations.held }
    memory.append(
      ActivationTask(
        rank: passes.streams.rank, task: ends.entry, atStart: true, bytes: held))
  }

  /// Notes where an input gradient ends; `weight` is nil where the weight gradient comes later, and
  /// then what that needs takes the place of what was held.
  private mutating func note(_ ends: PassEnds, weight: PassEnds?, backward pass: Pass) {
    inputs[slot(pass)] = ends
    let works = work(of: pass)
    let held = works.reduce(Bytes.zero) { $0 + $1.activations.held }
    if let weight {
      change(by: .zero - held, after: max(weight.exit, ends.exit))
    } else {
      let pending = works.reduce(Bytes.zero) { $0 + $1.activations.pendingWeight }
      change(by: pending - held, after: ends.exit)
    }
  }

  private mutating func change(by bytes: Bytes, after task: Int32) {
    memory.append(
      ActivationTask(rank: passes.streams.rank, task: task, atStart: false, bytes: bytes))
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
      transfers[pair] = passes.transfers.add(send(from: from, to: to), from: from, to: to)
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

  private func send(from: Int, to: Int) -> Transfer {
    let stride = plan.tensor * plan.data
    let sameNode = from * stride / cluster.node.gpus == to * stride / cluster.node.gpus
    return .send(boundary, sameNode: sameNode, topology: cluster.topology)
  }
}
