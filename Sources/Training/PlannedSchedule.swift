public import Schedules

/// Which schedule a step runs, and where it comes from.
public enum PlannedSchedule: Sendable, Equatable {
  /// One that Fathom writes, with options that only some schedules take.
  case builtIn(BuiltIn, ScheduleOptions = ScheduleOptions())
  /// A list from elsewhere, for the plan's ranks and micro-batches.
  case written(Schedule)
  /// The best that a search over the step's own durations finds.
  case searched(PlannedSearch)

  /// The schedule's name: as in the command, as the list has it, or `searched`.
  public var name: String {
    switch self {
    case .builtIn(let builtIn, _): builtIn.rawValue
    case .written(let schedule): schedule.name
    case .searched: PlannedSearch.name
    }
  }
}

/// Options of a built-in schedule; each nil for the schedule's own.
public struct ScheduleOptions: Sendable, Equatable {
  /// Stages on each rank.
  public var stagesPerRank: Int?
  /// Micro-batches of a group.
  public var groupSize: Int?
  /// Most activations a rank may hold, each of one stage and one micro-batch.
  public var memoryLimit: Int?
  /// How overlapped pairs are run.
  public var pairs: PairOrder?

  /// Options, all left to the schedule but those given.
  public init(
    stagesPerRank: Int? = nil, groupSize: Int? = nil, memoryLimit: Int? = nil,
    pairs: PairOrder? = nil
  ) {
    self.stagesPerRank = stagesPerRank
    self.groupSize = groupSize
    self.memoryLimit = memoryLimit
    self.pairs = pairs
  }

  /// What a schedule of a plan's shape is asked for.
  func request(_ plan: Plan, durations: Durations? = nil) -> ScheduleRequest {
    ScheduleRequest(
      ranks: plan.pipeline, microBatches: plan.microBatches, stagesPerRank: stagesPerRank,
      groupSize: groupSize, durations: durations, memoryLimit: memoryLimit, pairs: pairs)
  }
}

/// What a schedule is searched with.
public struct PlannedSearch: Sendable, Equatable {
  /// Stages on each rank.
  public var stagesPerRank: Int
  /// Most ranks that may hold a copy of the same parameters, 1 or 2.
  public var parameterCopies: Int
  /// Orders to time before the search ends; nil for as many as suit the size.
  public var evaluations: Int?
  /// Seed of the search.
  public var seed: UInt64

  /// Name of a schedule that was searched.
  public static let name = "searched"

  /// A search from its parts.
  public init(stagesPerRank: Int, parameterCopies: Int, evaluations: Int?, seed: UInt64) {
    self.stagesPerRank = stagesPerRank
    self.parameterCopies = parameterCopies
    self.evaluations = evaluations
    self.seed = seed
  }
}
