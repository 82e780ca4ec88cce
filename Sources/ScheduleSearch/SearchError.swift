/// Why a schedule cannot be searched for.
public enum SearchError: Error, Equatable, Sendable {
  /// Fewer than one of something.
  case tooFew(SearchCount, Int)
  /// More parts of the model than a search takes on.
  case tooManyStages(ranks: Int, Int, most: Int)
  /// More passes than a search takes on.
  case tooLarge(ranks: Int, Int, microBatches: Int, most: Int)
  /// Neither 1 nor 2.
  case parameterCopies(Int)
  /// A list with neither one value nor one for each stage or rank.
  case listLength(SearchList, Int, needed: Int)
  /// The size of an activation that is not from 0 to 1e100.
  case activation(Double, stage: Int?)
  /// A limit that is negative or not a number.
  case limit(Double, rank: Int?)
  /// A limit below what the activations of one micro-batch on a rank come to.
  case limitTooLow(Double, rank: Int, least: Double)
}

/// A count of a search problem.
public enum SearchCount: String, Sendable, CaseIterable {
  /// Ranks of the pipeline.
  case ranks
  /// Micro-batches of a step.
  case microBatches = "micro-batches"
  /// Parts of the model for each rank.
  case stagesPerRank = "stages per rank"
}

/// A list of a search problem that has one value for all stages or ranks, or one for each.
public enum SearchList: String, Sendable, CaseIterable {
  /// Of each part of the model.
  case durations
  /// Sizes of the activations of each part of the model.
  case activations
  /// Sizes of what is left of them between I and W.
  case pendingActivations = "pending activations"
  /// Of each rank.
  case memoryLimits = "memory limits"
}

extension SearchError: CustomStringConvertible {
  /// One sentence with the value, the rule and a value that would do.
  public var description: String {
    switch self {
    case .tooFew(let count, let value):
      "a search needs 1 or more \(count.rawValue): \(value) is too few; use 1 or more"
    case .tooManyStages(let ranks, let stagesPerRank, let most):
      "\(ranks) ranks of \(stagesPerRank) stages are more than the \(most) stages a search takes "
        + "on; use fewer"
    case .tooLarge(let ranks, let stagesPerRank, let microBatches, let most):
      "\(ranks) ranks of \(stagesPerRank) stages with \(microBatches) micro-batches are more than "
        + "the \(most) passes a search takes on; use fewer micro-batches"
    case .parameterCopies(let value):
      "at most 1 or 2 ranks may hold a copy of the same part: \(value) does not do; use 2 to allow "
        + "bidirectional schedules"
    case .listLength(let list, let count, let needed):
      "\(count) \(list.rawValue) are given, but there are \(needed) "
        + "\(list == .memoryLimits ? "ranks" : "stages"); give 1 for all or \(needed)"
    case .activation(let value, let stage):
      "the activation\(stage.map { " of stage \($0)" } ?? "") must have a size from 0 to 1e+100: "
        + "\(value) does not do; use \(value > 0 ? "1e+100" : "1")"
    case .limit(let value, let rank):
      "the memory limit\(rank.map { " of rank \($0)" } ?? "") must be 0 or more: \(value) does not "
        + "do; use inf for none"
    case .limitTooLow(let value, let rank, let least):
      "no schedule keeps a memory limit of \(value) on rank \(rank), where the activations of one "
        + "micro-batch come to \(least); use \(least) or more"
    }
  }
}
