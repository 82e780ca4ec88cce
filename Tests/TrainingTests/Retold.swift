import Fabric
import Hardware
import Models
import Quantities
import Schedules

@testable import Engine
@testable import Training

/// What is read off a step of a schedule whose stages are single layers of given durations, with
/// nothing to exchange and no update.
struct Retold {
  var step: Time
  var ranks: [RankWaterfall]
  var waterfall: Waterfall
  var path: CriticalPath

  /// - Parameter stages: forward, input gradient and weight gradient of each model stage, in
  ///   seconds.
  init(_ schedule: Schedule, stages: [(forward: Double, input: Double, weight: Double)]) throws {
    let ranks = schedule.ranks
    // Sends of two bytes: nothing but the network's latency.
    let simulation = try tiny(.gpipe) { simulation in
      simulation.plan.sequenceLength = 1
      simulation.model.hidden = 1
      simulation.plan.pipeline = ranks
      simulation.cluster.nodes = ranks
    }
    func picoseconds(_ seconds: Double) -> Int64 { Time(seconds: seconds).picoseconds }
    var builder = StepTasksBuilder(
      simulation, schedule: schedule,
      stages: stages.map { stage in
        [
          plainLayer(
            forward: picoseconds(stage.forward), input: picoseconds(stage.input),
            weight: picoseconds(stage.weight))
        ]
      }, graph: LinkGraph(simulation.cluster))
    let none = [[ReplicaTransfer]](repeating: [], count: ranks)
    let tasks = builder.build(
      UpdateWork(
        reductions: none, optimizer: [Time](repeating: .zero, count: ranks), gathers: none))
    var run = StepRun(tasks)
    run.run()
    try simulation.checkEnd(of: run, tasks)
    let before = tasks.graph.reversed()
    var reader = WaterfallReader(tasks, before: before, ranks: ranks, run: run)
    step = run.finish
    (self.ranks, waterfall) = reader.read(run)
    path = CriticalPath(tasks, before: before, run: run)
  }

  /// Stages that are all alike.
  init(
    _ schedule: Schedule, forward: Double, input: Double, weight: Double
  ) throws {
    try self.init(
      schedule,
      stages: [(Double, Double, Double)](
        repeating: (forward, input, weight), count: schedule.modelStages))
  }
}
