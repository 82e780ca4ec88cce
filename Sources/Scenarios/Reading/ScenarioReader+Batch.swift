import Models
import Schedules
import Training

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
      guard checkStages(of: schedule, pipeline: pipeline, model: model), isSmall else { continue }
      switch schedule.choice {
      case .builtIn(let builtIn, let options):
        let request = ScheduleRequest(
          ranks: pipeline, microBatches: context.microBatches,
          stagesPerRank: options.stagesPerRank, groupSize: options.groupSize,
          memoryLimit: options.memoryLimit, pairs: options.pairs)
        if let error = builtIn.refusal(of: request) {
          report(
            error, of: schedule, context: context, pipeline: pipeline, globalBatch: globalBatch)
        }
      case .written(let list):
        checkShape(of: list, context: context, pipeline: pipeline, globalBatch: globalBatch)
        if let sharing = list.unevenSharing {
          let path = "\(schedule.path).file"
          keys.report(.unevenSharing(key: path, file: list.name, sharing: sharing), at: path)
        }
      case .searched(let choice):
        checkProbe(choice, at: schedule.path, pipeline: pipeline, model: model)
      }
    }
  }

  /// Measuring the stages runs two micro-batches for each of them.
  private mutating func checkProbe(
    _ choice: PlannedSearch, at path: String, pipeline: Int, model: Architecture
  ) {
    let stages = pipeline * choice.stagesPerRank
    let perStage = 2 * (model.layers + 3) * Self.tasksPerLayer
    let most = max(1, Self.mostTasks / perStage)
    guard stages > most else { return }
    keys.report(.searchTooLarge(key: "\(path).search", stages: stages, most: most), at: path)
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
    of schedule: ScheduleEntry, pipeline: Int, model: Architecture
  ) -> Bool {
    let parts = model.layers + 2 + model.predictionLayers
    // Stages of the model for each rank, as a ratio: two copies make it less than what a rank holds.
    var perRank = 1
    var copies = 1
    var key = "\(schedule.path).file"
    switch schedule.choice {
    case .builtIn(let builtIn, let options):
      perRank = options.stagesPerRank ?? builtIn.defaultStagesPerRank
      copies = max(1, builtIn.facts.parameterCopies)
      let own = "\(schedule.path).stages_per_rank"
      key =
        keys.has(own) || !builtIn.facts.choosesStagesPerRank ? own : "training.stages_per_rank"
    case .searched(let choice):
      perRank = choice.stagesPerRank
      let own = "\(schedule.path).search.stages_per_rank"
      key = keys.has(own) ? own : "training.stages_per_rank"
    case .written(let list):
      guard list.modelStages > parts else { return true }
      keys.report(
        .tooManyStages(
          key: key, value: nil, schedule: schedule.name, stages: list.modelStages, parts: parts,
          most: parts), at: key)
      return false
    }
    let stages = product([pipeline, perRank]).map { $0 / copies } ?? .max
    guard stages > parts else { return true }
    let blamesStages = keys.has(key) && pipeline <= parts
    let path = blamesStages ? key : "parallelism.pipeline"
    let most = blamesStages ? parts / pipeline : parts * copies / perRank
    keys.report(
      .tooManyStages(
        key: path, value: blamesStages ? perRank : pipeline, schedule: schedule.name,
        stages: stages, parts: parts, most: max(1, most)),
      at: path)
    return false
  }

  private mutating func report(
    _ error: ScheduleError, of schedule: ScheduleEntry, context: ScheduleContext, pipeline: Int,
    globalBatch: Int
  ) {
    var path = "training.global_batch"
    var value = globalBatch
    switch error {
    case .tooFewRanks, .tooManyRanks, .ranksNotMultiple:
      (path, value) = ("parallelism.pipeline", pipeline)
    case .stagesPerRank(_, let stagesPerRank, _, _):
      let own = "\(schedule.path).stages_per_rank"
      (path, value) = (keys.has(own) ? own : "training.stages_per_rank", stagesPerRank)
    case .groupSize(_, let size, _, _, _):
      (path, value) = ("\(schedule.path).group_size", size)
    case .memoryLimit(_, let limit, _):
      (path, value) = ("\(schedule.path).memory_limit", limit)
    case .optionNotTaken(_, let option):
      path = "\(schedule.path).\(option.key)"
      guard case .builtIn(_, let options) = schedule.choice, option != .pairs else { break }
      value = (option == .groupSize ? options.groupSize : options.memoryLimit) ?? 0
    default: break
    }
    keys.report(
      .schedule(key: path, value: value, context: context, error: error),
      amid: path == "training.global_batch" ? [path, "training.micro_batch"] : [path])
  }

  /// A list is for its own ranks and micro-batches, and no others.
  private mutating func checkShape(
    of list: Schedule, context: ScheduleContext, pipeline: Int, globalBatch: Int
  ) {
    if list.ranks != pipeline {
      keys.report(
        .scheduleShape(
          key: "parallelism.pipeline", value: pipeline, file: list.name, needs: list.ranks,
          list: .ranks),
        amid: ["parallelism.pipeline"])
    }
    if list.microBatches != context.microBatches {
      let batch = product([list.microBatches, context.data, context.microBatch]) ?? .max
      keys.report(
        .scheduleShape(
          key: "training.global_batch", value: globalBatch, file: list.name,
          needs: list.microBatches,
          list: .microBatches(planned: context.microBatches, globalBatch: batch)),
        amid: ["training.global_batch", "training.micro_batch"])
    }
  }
}

extension BuiltIn {
  /// What the schedule has against the ranks and micro-batches of a request; nil where it takes them.
  ///
  /// Its rules are about the fewest micro-batches and their multiples, so a schedule of a few passes
  /// tells them as well as one of millions; only if that is refused is the real one asked.
  func refusal(of request: ScheduleRequest) -> ScheduleError? {
    var few = request
    let unit = 2 * request.ranks
    few.microBatches = min(request.microBatches, 2 * unit + request.microBatches % unit)
    // Whether a group size does depends on all micro-batches.
    if request.groupSize == nil, (try? schedule(few)) != nil { return nil }
    do {
      _ = try schedule(request)
      return nil
    } catch {
      return error
    }
  }
}

extension ScheduleOption {
  /// The key of a schedule's table.
  fileprivate var key: String {
    switch self {
    case .groupSize: "group_size"
    case .memoryLimit: "memory_limit"
    case .pairs: "pairs"
    }
  }
}
