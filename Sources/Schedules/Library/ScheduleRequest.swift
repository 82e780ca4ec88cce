/// What a built-in schedule is asked for: its shape, and the options that some schedules take.
///
///     var request = ScheduleRequest(ranks: 4, microBatches: 16)
///     request.memoryLimit = 6
///     let schedule = try BuiltIn.zeroBubble2p.schedule(request)
public struct ScheduleRequest: Sendable, Equatable {
  /// Ranks of the pipeline.
  public var ranks: Int
  /// Micro-batches of a step, both directions together.
  public var microBatches: Int
  /// Stages on each rank; nil for the schedule's default.
  public var stagesPerRank: Int?
  /// Micro-batches of a group, for interleaved schedules; nil for the smallest that does.
  public var groupSize: Int?
  /// Durations a searched schedule is built for; other schedules do not depend on them. Nil for
  /// F = I = W and no latency.
  public var durations: Durations?
  /// Most activations a rank may hold under a searched schedule, each of one stage and one
  /// micro-batch from F to W; nil for the schedule's own.
  public var memoryLimit: Int?
  /// How overlapped pairs are run, by schedules that have them.
  public var pairs: PairOrder?

  /// A request for `ranks` and `microBatches`, all options left to the schedule but those given.
  public init(
    ranks: Int, microBatches: Int, stagesPerRank: Int? = nil, groupSize: Int? = nil,
    durations: Durations? = nil, memoryLimit: Int? = nil, pairs: PairOrder? = nil
  ) {
    self.ranks = ranks
    self.microBatches = microBatches
    self.stagesPerRank = stagesPerRank
    self.groupSize = groupSize
    self.durations = durations
    self.memoryLimit = memoryLimit
    self.pairs = pairs
  }
}

/// An option that only some schedules take.
public enum ScheduleOption: String, Sendable, CaseIterable {
  /// Micro-batches of a group.
  case groupSize = "group size"
  /// Most activations a rank may hold.
  case memoryLimit = "memory limit"
  /// How overlapped pairs are run.
  case pairs
}
