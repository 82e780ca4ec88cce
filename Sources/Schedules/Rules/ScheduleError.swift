/// Why a schedule cannot be built or timed: facts with their values, and what would do instead.
///
/// `description` turns one into a sentence.
public enum ScheduleError: Error, Equatable, Sendable {
  /// Fewer ranks than the schedule needs.
  case tooFewRanks(BuiltIn, ranks: Int, atLeast: Int)
  /// So many ranks that even the fewest micro-batches are too much to simulate.
  case tooManyRanks(BuiltIn, ranks: Int, stagesPerRank: Int, atMost: Int)
  /// Ranks that are not a multiple of `of`.
  case ranksNotMultiple(BuiltIn, ranks: Int, of: Int, nearest: [Int])
  /// Stages per rank that the schedule cannot have.
  case stagesPerRank(BuiltIn, stagesPerRank: Int, allowed: ClosedRange<Int>, multiple: Int)
  /// Fewer micro-batches than the schedule needs for its ranks.
  case tooFewMicroBatches(BuiltIn, microBatches: Int, ranks: Int, atLeast: Int)
  /// So many micro-batches that the lists are too long to simulate.
  case tooManyMicroBatches(BuiltIn, microBatches: Int, ranks: Int, atMost: Int)
  /// Micro-batches that are not a multiple of `of`.
  case microBatchesNotMultiple(BuiltIn, microBatches: Int, of: Int, nearest: [Int])
  /// A group size whose last group would be shorter than the number of ranks.
  case groupSize(BuiltIn, groupSize: Int, ranks: Int, microBatches: Int, nearest: [Int])
  /// An option that the schedule does not take.
  case optionNotTaken(BuiltIn, ScheduleOption)
  /// A limit of memory under which no list of the schedule runs.
  case memoryLimit(BuiltIn, limit: Int, atLeast: Int)
  /// Lists that break the rules of a schedule, each violation with its place.
  case breaksRules(schedule: String, violations: [RuleViolation])
  /// A duration that is not from 0 to 1e100, of a stage if it is one stage's own.
  case duration(DurationName, Double, stage: Int?)
  /// Durations of another number of stages than the schedule has.
  case durationsOfStages(Int, stages: [Int])
}

/// One rule that a schedule breaks, and where.
public enum RuleViolation: Hashable, Sendable {
  /// More stages and micro-batches, or more actions, than can be simulated.
  case tooLarge(stages: Int, microBatches: Int, actions: Int)
  /// The two descriptions of the stages have different lengths.
  case stageCounts(rankOfStage: Int, modelStage: Int)
  /// A pass of a stage or micro-batch the schedule does not have.
  case outOfRange(Pass, rank: Int)
  /// An overlapped pair that is not a forward and a full backward.
  case overlappedKinds(Action, rank: Int)
  /// A stage with passes on another rank than the one that holds it.
  case stageOnTwoRanks(stage: Int, holder: Int, other: Int)
  /// A pass that no rank runs; a missing backward is reported as a full one.
  case missing(Pass)
  /// A pass that is run more than once.
  case repeated(Pass, times: Int)
  /// A backward that is run both in full and split.
  case fullAndSplit(stage: Int, microBatch: Int)
  /// A pass that stands before one it needs, on the same rank, or in a pair with it.
  case outOfOrder(Pass, needs: Pass, rank: Int)
  /// A micro-batch whose stages are not all the parts of the model in order.
  case route(microBatch: Int, stages: [Int], modelStages: Int)
  /// Ranks that wait for one another for ever: each waits for the rank of the next, the last for
  /// the first.
  case deadlock([Wait])
}

/// A rank that cannot go on.
public struct Wait: Hashable, Sendable {
  /// The rank that waits.
  public var rank: Int
  /// Place of the action in the list of the rank, from 0.
  public var position: Int
  /// What the rank would run next.
  public var action: Action
  /// The pass whose result it needs.
  public var waitsFor: Pass
  /// The rank that should run that pass.
  public var onRank: Int

  /// A wait of `rank` at `action` for a pass of another rank.
  public init(rank: Int, position: Int, action: Action, waitsFor: Pass, onRank: Int) {
    self.rank = rank
    self.position = position
    self.action = action
    self.waitsFor = waitsFor
    self.onRank = onRank
  }
}

/// The durations a schedule is timed with, by name.
public enum DurationName: String, Sendable, CaseIterable {
  /// Of a forward.
  case forward
  /// Of a backward for the inputs.
  case inputBackward = "input-backward"
  /// Of a backward for the weights.
  case weightBackward = "weight-backward"
  /// Of an overlapped pair.
  case overlapped
  /// From the end of a pass to its result being on another rank.
  case pointToPoint = "p2p"
}
