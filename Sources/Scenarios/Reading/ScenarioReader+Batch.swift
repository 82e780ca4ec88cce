import Models
import Schedules

/// Checks of the batch against the schedules, and of the step's size.
extension ScenarioReader {
  /// Most tasks of a step that are simulated.
  static let mostTasks = 4_000_000
  /// Tasks of one layer and micro-batch, by which a step's size is judged before it is built.
  static let tasksPerLayer = 10

  /// The batch divides into micro-batches that every schedule takes, and the model into stages.
  mutating func checkBatch() {
    checkPositions()
    let batch = "training.global_batch"
    let parts = [batch, "training.micro_batch", "parallelism.data"]
    guard let globalBatch, let microBatch, let data else { return }
    let sequences = data * microBatch
    guard globalBatch.isMultiple(of: sequences) else {
      keys.report(
        .notMultiple(
          key: batch, value: globalBatch,
          of: .sequencesOfAllPipelines(data: data, microBatch: microBatch), total: sequences,
          nearest: multiples(of: sequences, near: globalBatch)),
        amid: parts + ["parallelism.pipeline", "parallelism.tensor", "cluster.nodes"])
      return
    }
    guard let pipeline, let model = model?.architecture, let schedules else { return }
    let context = ScheduleContext(
      microBatches: globalBatch / sequences, data: data, microBatch: microBatch)
    // The order matters: only a step of a sane size may be built to see what a schedule says.
    let isSmall = checkTasks(context, sequences: sequences, model: model)
    for schedule in schedules {
      guard checkStages(of: schedule, pipeline: pipeline, model: model), isSmall,
        let error = refusal(of: schedule, pipeline: pipeline, context.microBatches)
      else { continue }
      report(error, context: context, pipeline: pipeline, globalBatch: globalBatch)
    }
  }

  /// A model with learned positions has no more tokens in a sequence than it has of them.
  private mutating func checkPositions() {
    guard let sequenceLength, let positions = model?.architecture.learnedPositions, positions > 0,
      sequenceLength > positions
    else { return }
    let path = "training.sequence_length"
    keys.report(
      .outOfRange(key: path, value: "\(sequenceLength)", range: 1...positions),
      amid: [path, "model"])
  }

  /// Whether the step is small enough to simulate.
  private mutating func checkTasks(
    _ context: ScheduleContext, sequences: Int, model: Architecture
  ) -> Bool {
    let layers = model.layers + 3
    let perMicroBatch = layers * Self.tasksPerLayer
    let count = product([context.microBatches, perMicroBatch]) ?? .max
    guard count > Self.mostTasks, let globalBatch else { return true }
    let most = max(1, Self.mostTasks / perMicroBatch)
    let tasks = TaskCount(
      microBatches: context.microBatches, layers: layers, count: count, most: Self.mostTasks,
      mostValue: product([most, sequences]) ?? sequences)
    keys.report(
      .tooManyTasks(key: "training.global_batch", value: globalBatch, tasks: tasks),
      amid: ["training.global_batch"])
    return false
  }

  /// Whether the model has a part for every stage.
  private mutating func checkStages(
    of schedule: BuiltIn, pipeline: Int, model: Architecture
  ) -> Bool {
    let facts = schedule.facts
    let perRank =
      (facts.choosesStagesPerRank ? stagesPerRank : nil) ?? schedule.defaultStagesPerRank
    let parts = model.layers + 2 + model.predictionLayers
    let copies = max(1, facts.parameterCopies)
    let stages = product([pipeline, perRank]).map { $0 / copies } ?? .max
    guard stages > parts else { return true }
    let blamesStages =
      facts.choosesStagesPerRank && keys.has("training.stages_per_rank") && pipeline <= parts
    let path = blamesStages ? "training.stages_per_rank" : "parallelism.pipeline"
    let most = blamesStages ? parts / pipeline : parts * copies / perRank
    keys.report(
      .tooManyStages(
        key: path, value: blamesStages ? perRank : pipeline, schedule: schedule.rawValue,
        stages: stages, parts: parts, most: max(1, most)),
      at: path)
    return false
  }

  /// What the schedule has against the ranks and micro-batches.
  ///
  /// Its rules are about the fewest micro-batches and their parity, so a schedule of a few passes
  /// tells them as well as one of millions; only if that is refused is the real one asked.
  private func refusal(
    of schedule: BuiltIn, pipeline: Int, _ microBatches: Int
  ) -> ScheduleError? {
    let perRank = schedule.facts.choosesStagesPerRank ? stagesPerRank : nil
    let few = min(microBatches, 4 * pipeline + 4 + microBatches % 2)
    do {
      _ = try schedule.schedule(ranks: pipeline, microBatches: few, stagesPerRank: perRank)
      return nil
    } catch {
      guard few != microBatches else { return error }
    }
    do {
      _ = try schedule.schedule(
        ranks: pipeline, microBatches: microBatches, stagesPerRank: perRank)
      return nil
    } catch {
      return error
    }
  }

  private mutating func report(
    _ error: ScheduleError, context: ScheduleContext, pipeline: Int, globalBatch: Int
  ) {
    let path: String
    let value: Int
    switch error {
    case .tooFewRanks, .tooManyRanks, .ranksNotMultiple:
      (path, value) = ("parallelism.pipeline", pipeline)
    case .stagesPerRank:
      (path, value) = ("training.stages_per_rank", stagesPerRank ?? 0)
    default:
      (path, value) = ("training.global_batch", globalBatch)
    }
    keys.report(
      .schedule(key: path, value: value, context: context, error: error),
      amid: path == "training.global_batch" ? [path, "training.micro_batch"] : [path])
  }
}
