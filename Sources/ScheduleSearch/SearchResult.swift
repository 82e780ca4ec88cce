public import Schedules

/// What a search found.
public struct SearchResult: Sendable, Equatable {
  /// The best schedule, named `searched`.
  public let schedule: Schedule
  /// How its stages lie on the ranks.
  public let placement: StagePlacement
  /// Its timing.
  public let timing: ScheduleTiming
  /// Most that the activations on each rank come to.
  public let peaks: [Double]
  /// A makespan that no schedule can beat, on any of the placements searched, with the
  /// micro-batches of a bidirectional one sent half each way.
  public let lowerBound: Double
  /// The best of the built-in schedules that fit, if any does.
  public let bestBuiltIn: BuiltInTrial?
  /// Every built-in schedule, with its makespan or why it does not do.
  public let builtIns: [BuiltInTrial]
  /// Other good schedules the search came upon, the best first, for who judges them by more than
  /// their makespan.
  public let others: [Schedule]
  /// Orders tried.
  public let evaluations: Int

  /// Whether no schedule can be shorter.
  public var isOptimal: Bool { Self.isOptimal(timing.makespan, lowerBound) }
  /// How far the makespan is above the bound, over the bound: 0 if it is optimal.
  public var gapRatio: Double { Self.gap(timing.makespan, lowerBound) }

  static func isOptimal(_ makespan: Double, _ bound: Double) -> Bool {
    makespan <= bound * (1 + 1e-9)
  }

  static func gap(_ makespan: Double, _ bound: Double) -> Double {
    isOptimal(makespan, bound) ? 0 : bound > 0 ? makespan / bound - 1 : .infinity
  }
}

/// How far a search is.
public struct SearchProgress: Sendable, Equatable {
  /// Orders tried so far, and how many will be.
  public let evaluations: Int
  /// Orders to try in all, if nothing ends the search before.
  public let budget: Int
  /// The shortest makespan so far.
  public let makespan: Double
  /// A makespan that no schedule can beat.
  public let lowerBound: Double

  /// How far the makespan is above the bound, over the bound.
  public var gapRatio: Double { SearchResult.gap(makespan, lowerBound) }
}
