/// The schedules Fathom can write by itself, under the names the command uses.
///
///     let schedule = try BuiltIn.dualPipe.schedule(ranks: 4, microBatches: 10)
///     print(schedule.actions[0][0])          // 0F0
///     print(BuiltIn.dualPipe.facts.activationPeak)
///
/// A new one is a file with its list and its `Facts`, and a case here; the compiler then asks for
/// its line in the two switches below.
public enum BuiltIn: String, CaseIterable, Sendable {
  /// All forwards, then all backwards.
  case gpipe
  /// One forward, one backward in turn: the list of PipeDream-flush.
  case oneForwardOneBackward = "1f1b"
  /// The same over several stages on each rank.
  case interleaved = "interleaved-1f1b"
  /// Interleaved 1F1B with each forward and backward of its steady part run as a pair.
  case interleavedOverlapped = "interleaved-1f1b-overlapped"
  /// Several stages on each rank, each run for all micro-batches before the next.
  case loopedBFS = "looped-bfs"
  /// 1F1B with the backward split and no more memory than 1F1B.
  case zeroBubbleH1 = "zb-h1"
  /// ZB-H1 with nearly twice the memory and no wait between a rank's first action and its last.
  case zeroBubbleH2 = "zb-h2"
  /// The order found by search for given durations, with no more memory than 1F1B.
  case zeroBubble1p = "zb-1p"
  /// The same with twice that memory.
  case zeroBubble2p = "zb-2p"
  /// Zero bubble over two stages on each rank, by a fixed rule.
  case zeroBubbleV = "zb-v"
  /// A V whose order is found greedily for given durations, with as much memory as 1F1B.
  case zeroBubbleVGreedy = "zb-v-greedy"
  /// A V with about half the activations of 1F1B.
  case vHalf = "v-half"
  /// A V with about a third of the activations of 1F1B.
  case vMin = "v-min"
  /// Interleaved 1F1B with the backward split.
  case interleavedZeroBubble = "interleaved-zero-bubble"
  /// Two directions at once.
  case chimera
  /// Two directions at once, with overlapped pairs.
  case dualPipe = "dualpipe"
  /// One direction of DualPipe folded into a V.
  case dualPipeV = "dualpipev"
  /// Down the ranks and back, in one wave or several.
  case hanayo
  /// Two directions at once, each down the ranks and back.
  case bitPipe = "bitpipe"

  /// What is known of the schedule, with its source.
  public var facts: Facts {
    switch self {
    case .gpipe: .gpipe
    case .oneForwardOneBackward: .oneForwardOneBackward
    case .interleaved: .interleaved
    case .interleavedOverlapped: .interleavedOverlapped
    case .loopedBFS: .loopedBFS
    case .zeroBubbleH1: .zeroBubbleH1
    case .zeroBubbleH2: .zeroBubbleH2
    case .zeroBubble1p: .zeroBubble1p
    case .zeroBubble2p: .zeroBubble2p
    case .zeroBubbleV: .zeroBubbleV
    case .zeroBubbleVGreedy: .zeroBubbleVGreedy
    case .vHalf: .vHalf
    case .vMin: .vMin
    case .interleavedZeroBubble: .interleavedZeroBubble
    case .chimera: .chimera
    case .dualPipe: .dualPipe
    case .dualPipeV: .dualPipeV
    case .hanayo: .hanayo
    case .bitPipe: .bitPipe
    }
  }

  /// Stages on each rank when the caller does not say.
  public var defaultStagesPerRank: Int { facts.stagesPerRank }

  /// The list of every rank.
  ///
  /// - Throws: `ScheduleError` with the rule that is not met and the nearest allowed value. No
  ///   input traps; more than 65,536 stages or 16,777,216 passes are refused.
  /// - Complexity: O(passes), but for those built by a search.
  public func schedule(_ request: ScheduleRequest) throws(ScheduleError) -> Schedule {
    try check(options: request)
    let schedule = try list(request)
    return request.pairs == .serial ? schedule.withSerialPairs : schedule
  }

  /// The list of every rank, before its pairs are taken apart.
  private func list(_ request: ScheduleRequest) throws(ScheduleError) -> Schedule {
    let (ranks, microBatches) = (request.ranks, request.microBatches)
    let stagesPerRank = request.stagesPerRank ?? defaultStagesPerRank
    return switch self {
    case .gpipe: try .gpipe(ranks: ranks, microBatches: microBatches)
    case .oneForwardOneBackward:
      try .oneForwardOneBackward(ranks: ranks, microBatches: microBatches)
    case .interleaved:
      try .interleaved(
        ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank,
        groupSize: request.groupSize)
    case .interleavedOverlapped:
      try .interleavedOverlapped(
        ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank,
        groupSize: request.groupSize)
    case .loopedBFS:
      try .loopedBFS(ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank)
    case .zeroBubbleH1: try .zeroBubbleH1(ranks: ranks, microBatches: microBatches)
    case .zeroBubbleH2: try .zeroBubbleH2(ranks: ranks, microBatches: microBatches)
    case .zeroBubble1p: try .zeroBubbleAutomatic(self, request, activationsPerRank: 1)
    case .zeroBubble2p: try .zeroBubbleAutomatic(self, request, activationsPerRank: 2)
    case .zeroBubbleV: try .zeroBubbleV(ranks: ranks, microBatches: microBatches)
    case .zeroBubbleVGreedy: try .zeroBubbleVGreedy(request)
    case .vHalf: try .vHalf(ranks: ranks, microBatches: microBatches)
    case .vMin: try .vMin(ranks: ranks, microBatches: microBatches)
    case .interleavedZeroBubble:
      try .interleavedZeroBubble(
        ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank,
        groupSize: request.groupSize)
    case .chimera: try .chimera(ranks: ranks, microBatches: microBatches)
    case .dualPipe: try .dualPipe(ranks: ranks, microBatches: microBatches)
    case .dualPipeV: try .dualPipeV(ranks: ranks, microBatches: microBatches)
    case .hanayo:
      try .hanayo(ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank)
    case .bitPipe: try .bitPipe(ranks: ranks, microBatches: microBatches)
    }
  }

  /// The list of every rank, with all options left to the schedule.
  ///
  /// - Throws: `ScheduleError`, as `schedule(_:)` does.
  public func schedule(
    ranks: Int, microBatches: Int, stagesPerRank: Int? = nil
  ) throws(ScheduleError) -> Schedule {
    try schedule(
      ScheduleRequest(ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank))
  }
}

/// How stages lie on ranks; `p` is the number of ranks.
public enum StagePlacement: String, CaseIterable, Sendable {
  /// Stage `r` on rank `r`.
  case linear
  /// Stage `s` on rank `s mod p`.
  case loop
  /// Rank `r` holds stages `r` and `2p − 1 − r`: the pipeline runs down and comes back.
  case vShape = "V"
  /// Rank `r` holds stage `r` of one direction and stage `p − 1 − r` of the other.
  case bidirectional
  /// Back and forth: stage `s` on rank `s mod p` where `⌊s/p⌋` is even, on its mirror where odd.
  case wave
  /// A V in each of two directions: rank `r` holds stages `r` and `2p − 1 − r` of one and
  /// `p − 1 − r` and `p + r` of the other.
  case bidirectionalV = "bidirectional V"
}

/// What is known of a built-in schedule, for the catalogue and for messages.
///
/// In the formulas `p` is ranks, `m` micro-batches, `v` stages per rank and `r` the rank; F, I, W
/// and B = I + W are durations of one stage, and FB that of an overlapped pair.
public struct Facts: Sendable, Equatable {
  /// Name as in its paper.
  public let title: String
  /// How its stages lie on the ranks.
  public let placement: StagePlacement
  /// Stages on each rank, or their default where the caller may choose.
  public let stagesPerRank: Int
  /// Whether the caller may choose the stages per rank.
  public let choosesStagesPerRank: Bool
  /// What the stages per rank come in multiples of.
  public var stagesPerRankMultiple = 1
  /// Whether the caller may choose how many micro-batches travel as a group.
  public var choosesGroupSize = false
  /// Whether the order is the result of a search over the durations within a limit of memory, both
  /// of which the caller may give.
  public var isSearched = false
  /// Whether its order is put together from the text of its paper, as no list was published.
  public var isReconstruction = false
  /// Whether it runs overlapped pairs, which the caller may have run one after the other.
  public var hasPairs = false
  /// How many ranks hold each part of the model.
  public let parameterCopies: Int
  /// Whether some backwards are split into I and W.
  public let splitsBackward: Bool
  /// The rule for ranks, to follow 'needs'.
  public let ranksRule: String
  /// The rule for micro-batches, to follow 'needs'.
  public let microBatchesRule: String
  /// Idle time of a rank in a step without latency, with the conditions under which it is exact.
  public let bubble: String
  /// Most activations that live on a rank, each of one stage and one micro-batch.
  public let activationPeak: String
  /// Where it was published.
  public let source: String
  /// Where it differs from what was published; nil where it does not.
  public var note: String? = nil
}
