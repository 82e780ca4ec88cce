import Fabric
import Hardware
import Models
import Quantities
import Schedules

@testable import Training

/// DeepSeek-V3 on 2,048 H800 as published, under one of the schedules.
func deepSeekV3(_ schedule: BuiltIn) throws -> StepSimulation {
  let node = HardwareCatalogue.nodes[0]
  guard let model = ModelCatalogue.model(named: "deepseek-v3") else { throw Missing.model }
  return StepSimulation(
    model: model.architecture,
    cluster: Cluster(node: node, nodes: 256, topology: .multiPlaneFatTree),
    rates: try .fitted(for: node.gpu),
    plan: Plan(
      pipeline: 16, tensor: 1, data: 128, expert: 64, zero: 1, sequenceLength: 4096,
      globalBatch: 15_360, microBatch: 1, format: .fp8, recompute: .selective,
      schedule: .builtIn(schedule),
      communicationMultiprocessors: 20, nodeLimit: 4, seed: 1))
}

enum Missing: Error { case model }

/// A step of a tiny model, small enough for many runs: 8 layers on 4 ranks of one GPU a node.
func tiny(
  _ schedule: BuiltIn, microBatches: Int = 8, change: (inout StepSimulation) -> Void = { _ in }
) throws -> StepSimulation {
  var node = HardwareCatalogue.nodes[0]
  node.gpus = 1
  node.nics = 1
  var simulation = StepSimulation(
    model: Architecture(
      name: "tiny", layers: 8, hidden: 1024,
      attention: .grouped(GroupedAttention(heads: 8, keyValueHeads: 8, headDimension: 128)),
      feedForward: FeedForward(intermediate: 4096, isGated: true), vocabulary: 8192),
    cluster: Cluster(node: node, nodes: 4, topology: .fatTree),
    rates: try .fitted(for: node.gpu),
    plan: Plan(
      pipeline: 4, tensor: 1, data: 1, expert: 1, zero: 1, sequenceLength: 2048,
      globalBatch: microBatches, microBatch: 1, format: .bf16, recompute: .selective,
      schedule: .builtIn(schedule), communicationMultiprocessors: 20, nodeLimit: nil,
      seed: 1))
  change(&simulation)
  return simulation
}

/// One layer whose forward, input gradient and weight gradient take the given times, split
/// unevenly between its two blocks, with nothing to exchange.
func plainLayer(forward: Int64, input: Int64, weight: Int64) -> LayerWork {
  func part(_ whole: Int64) -> (Time, Time) {
    (Time(picoseconds: whole / 3), Time(picoseconds: whole - whole / 3))
  }
  let times = BlockTimes(
    attentionForward: part(forward).0, feedForwardForward: part(forward).1,
    feedForwardInput: part(input).0, feedForwardWeight: part(weight).0,
    attentionInput: part(input).1, attentionWeight: part(weight).1)
  return LayerWork(
    layer: 0, attention: .attention, feedForward: .feedForward, alone: times, beside: times)
}

/// Runs a schedule over like stages, with nothing at the end of the step.
func run(_ schedule: Schedule, stage: LayerWork) throws -> (makespan: Time, memory: StepTasks) {
  let ranks = schedule.ranks
  // Sends of two bytes: nothing but the network's latency.
  let simulation = try tiny(.gpipe) { simulation in
    simulation.plan.sequenceLength = 1
    simulation.model.hidden = 1
    simulation.plan.pipeline = ranks
    simulation.cluster.nodes = ranks
  }
  var builder = StepTasksBuilder(
    simulation, schedule: schedule,
    stages: [[LayerWork]](repeating: [stage], count: schedule.modelStages),
    graph: LinkGraph(simulation.cluster))
  let none = [[ReplicaTransfer]](repeating: [], count: ranks)
  let tasks = builder.build(
    UpdateWork(
      reductions: none, optimizer: [Time](repeating: .zero, count: ranks), gathers: none))
  var run = StepRun(tasks)
  run.run()
  try simulation.checkEnd(of: run, tasks)
  return (run.finish, tasks)
}
