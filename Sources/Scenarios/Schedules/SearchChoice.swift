public import ScheduleSearch
import Schedules

/// A search for a schedule as a command asks for it.
///
///     var choice = SearchChoice(ranks: 4, microBatches: 16, durations: durations)
///     choice.memoryLimits = [5]
///     let result = try choice.run()
public struct SearchChoice: Sendable {
  /// Ranks of the pipeline.
  public var ranks: Int
  /// Micro-batches of a step.
  public var microBatches: Int
  /// Durations of the stages, and the sizes of their activations where a file gives them.
  public var durations: ChosenDurations
  /// Parts of the model for each rank; nil for as many as there are durations of stages, or 1.
  public var stagesPerRank: Int?
  /// Most activations of each rank, one for all or one for each; nil for no limit.
  public var memoryLimits: [Double]?
  /// How many ranks may hold a copy of the same part, 1 or 2.
  public var parameterCopies = 2
  /// Seed of the search.
  public var seed: UInt64 = 1

  /// A search with all options left out.
  public init(ranks: Int, microBatches: Int, durations: ChosenDurations) {
    self.ranks = ranks
    self.microBatches = microBatches
    self.durations = durations
  }

  /// Runs the search.
  ///
  /// - Parameters:
  ///   - evaluations: Orders to try; nil for a few seconds' worth.
  ///   - progress: Told now and then how far the search is; false ends it with what it has.
  /// - Throws: `ScenarioError` with what will not do.
  public func run(
    evaluations: Int? = nil, progress: (SearchProgress) -> Bool = { _ in true }
  ) throws(ScenarioError) -> SearchResult {
    let search = try search()
    do throws(ScheduleError) {
      return try search.run(evaluations: evaluations, progress: progress)
    } catch {
      throw ScenarioError(error, of: durations)
    }
  }

  private func search() throws(ScenarioError) -> OrderSearch {
    let stages = durations.stages.stages.count
    let perRank = stagesPerRank ?? (ranks > 0 && stages.isMultiple(of: ranks) ? stages / ranks : 1)
    do throws(SearchError) {
      return try OrderSearch(
        SearchProblem(
          ranks: ranks, microBatches: microBatches, stagesPerRank: perRank,
          durations: durations.stages, activations: durations.activations ?? [1],
          memoryLimits: memoryLimits ?? [.infinity], mostParameterCopies: parameterCopies),
        seed: seed)
    } catch {
      throw ScenarioError(
        .search(error), at: durations.file.map { .file($0) } ?? .argument)
    }
  }
}
