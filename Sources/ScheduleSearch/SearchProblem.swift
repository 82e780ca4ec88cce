public import Schedules

/// What a schedule is searched for: the shape of the pipeline, how long its passes take, and how
/// many activations each rank may hold.
///
///     var problem = SearchProblem(
///       ranks: 4, microBatches: 12, durations: StageDurations(ofStages: [a, b, b, c]))
///     problem.memoryLimits = [5]
///     let result = try OrderSearch(problem, seed: 1).run()
///     print(result.timing.makespan, result.lowerBound)
public struct SearchProblem: Sendable, Equatable {
  /// Ranks of the pipeline.
  public var ranks: Int
  /// Micro-batches of a step, both directions together.
  public var microBatches: Int
  /// Parts of the model for each rank: the model is cut into ranks × this many parts.
  public var stagesPerRank: Int
  /// Durations of the parts of the model, one for all or one for each.
  public var durations: StageDurations
  /// Size of the activation of each part of the model, for one micro-batch, in any one unit; one
  /// for all or one for each.
  public var activations: [Double]
  /// Size of what is left between I and W of that, which may be more; nil for as much.
  public var pendingActivations: [Double]?
  /// Most that the activations on a rank may come to, in the same unit, one for all or one for
  /// each; infinite for none. An activation lives from the start of F to the end of B, or to the
  /// end of I, where what is pending takes its place until the end of W.
  public var memoryLimits: [Double]
  /// How many ranks may hold a copy of the same part: 1, or 2 to allow bidirectional schedules.
  public var mostParameterCopies: Int

  /// A problem without limits of memory, every activation of size 1.
  public init(
    ranks: Int, microBatches: Int, stagesPerRank: Int = 1,
    durations: StageDurations = StageDurations(.unit), activations: [Double] = [1],
    pendingActivations: [Double]? = nil, memoryLimits: [Double] = [.infinity],
    mostParameterCopies: Int = 2
  ) {
    self.ranks = ranks
    self.microBatches = microBatches
    self.stagesPerRank = stagesPerRank
    self.durations = durations
    self.activations = activations
    self.pendingActivations = pendingActivations
    self.memoryLimits = memoryLimits
    self.mostParameterCopies = mostParameterCopies
  }

  /// Most passes (F, I and W each count) a search takes on: 2^20.
  public static let mostPasses = 1_048_576
  /// Most parts of the model it takes on: what looks at every rank at every step grows with both.
  public static let mostStages = 1024

  /// Parts the model is cut into.
  var stages: Int { ranks * stagesPerRank }

  func activation(_ stage: Int) -> Double {
    activations.count == 1 ? activations[0] : activations[stage]
  }

  /// What is left of it between I and W.
  func pending(_ stage: Int) -> Double {
    guard let pending = pendingActivations else { return activation(stage) }
    return pending.count == 1 ? pending[0] : pending[stage]
  }

  func limit(_ rank: Int) -> Double {
    memoryLimits.count == 1 ? memoryLimits[0] : memoryLimits[rank]
  }

  func durations(_ stage: Int) -> Durations {
    durations.of(stage: stage, modelStage: stage, count: stages)
  }

  /// Refuses what cannot be searched, apart from limits that no placement can keep.
  func check() throws(SearchError) {
    guard ranks >= 1 else { throw .tooFew(.ranks, ranks) }
    guard microBatches >= 1 else { throw .tooFew(.microBatches, microBatches) }
    guard stagesPerRank >= 1 else { throw .tooFew(.stagesPerRank, stagesPerRank) }
    guard mostParameterCopies == 1 || mostParameterCopies == 2 else {
      throw .parameterCopies(mostParameterCopies)
    }
    let most = Self.mostPasses
    // Each factor is bounded before they are multiplied, so that nothing overflows.
    let factors = [ranks, stagesPerRank, microBatches]
    guard ranks <= Self.mostStages, stagesPerRank <= Self.mostStages,
      ranks * stagesPerRank <= Self.mostStages
    else { throw .tooManyStages(ranks: ranks, stagesPerRank, most: Self.mostStages) }
    guard factors.allSatisfy({ $0 <= most }),
      3 * ranks * stagesPerRank * microBatches <= most
    else { throw .tooLarge(ranks: ranks, stagesPerRank, microBatches: microBatches, most: most) }
    for (list, count, needed) in [
      (SearchList.durations, durations.stages.count, stages),
      (.activations, activations.count, stages),
      (.pendingActivations, pendingActivations?.count ?? 1, stages),
      (.memoryLimits, memoryLimits.count, ranks),
    ] where count != 1 && count != needed {
      throw .listLength(list, count, needed: needed)
    }
    for sizes in [activations, pendingActivations ?? []] {
      for (stage, size) in sizes.enumerated() where !(size >= 0 && size <= 1e100) {
        throw .activation(size, stage: sizes.count == 1 ? nil : stage)
      }
    }
    for (rank, limit) in memoryLimits.enumerated() where !(limit >= 0) {
      throw .limit(limit, rank: memoryLimits.count == 1 ? nil : rank)
    }
  }
}
