/// Makespan of a built-in schedule by formula, without timing its list.
///
///     let form = ClosedForm(.oneForwardOneBackward, ranks: 4, microBatches: 8)
///     form.makespan(.unit)        // 33: (8 + 3) · 3
///
/// For stages that take equal time. The formulas are those of each schedule's `Facts`, exact under
/// the conditions stated there; beyond them, and with latency, an estimate. Latency is counted once
/// for each hop of filling and draining, and for 1F1B once more with nearly every micro-batch.
public struct ClosedForm: Sendable, Equatable {
  /// The schedule.
  public let schedule: BuiltIn
  /// Ranks, micro-batches of a step, and stages on each rank.
  public let ranks, microBatches, stagesPerRank: Int

  /// The forms of a schedule on some ranks.
  ///
  /// - Parameter stagesPerRank: nil for the schedule's default.
  public init(_ schedule: BuiltIn, ranks: Int, microBatches: Int, stagesPerRank: Int? = nil) {
    self.schedule = schedule
    self.ranks = ranks
    self.microBatches = microBatches
    self.stagesPerRank = stagesPerRank ?? schedule.facts.stagesPerRank
  }

  private var p: Double { Double(ranks) }
  private var m: Double { Double(microBatches) }
  private var v: Double { Double(stagesPerRank) }

  /// Passes of one kind that each rank runs: a bidirectional schedule's two stages see half of the
  /// micro-batches each.
  public var passesPerRank: Double {
    switch schedule {
    case .chimera, .dualPipe, .bitPipe: m * v / 2
    default: m * v
    }
  }

  /// Overlapped pairs of the rank that decides.
  public var pairs: Double {
    switch schedule {
    case .dualPipe: max(m - p - 1, 0)
    case .dualPipeV: max(2 * (m - p) - 1, 0)
    case .interleavedOverlapped: m * v - min(m * v, (v - 1) * group + 1)
    default: 0
    }
  }

  /// From the first start to the last end, with the durations of one stage.
  public func makespan(_ d: Durations) -> Double {
    let alone = passesPerRank - pairs
    return alone * (d.forward + d.backward) + pairs * d.overlapped + bubble(d)
      + hops * d.pointToPoint
  }

  /// Idle time of the rank that decides, without latency.
  public func bubble(_ d: Durations) -> Double {
    let (f, i, w, b) = (d.forward, d.inputBackward, d.weightBackward, d.backward)
    let others = p - 1
    switch schedule {
    case .gpipe, .oneForwardOneBackward, .interleaved, .interleavedOverlapped, .loopedBFS:
      return others * (f + b)
    case .zeroBubbleH1, .zeroBubble1p, .interleavedZeroBubble:
      return others * max(f + i - w, f)
    case .zeroBubbleH2, .zeroBubble2p:
      return others * (max(f + i - 2 * w, 0) + f)
    case .zeroBubbleV, .zeroBubbleVGreedy:
      return others * max(i, 2 * (i - w), f)
    case .vHalf: return max(3 * p - 7, others) * (f + i + w) / 3
    case .vMin:
      // Its slots are as long as the longest pass, so unequal ones wait in every micro-batch.
      let slots = 3 * max(f, i, w)
      return max(4 * p - 7, others) * slots / 3 + passesPerRank * (slots - (f + b))
    case .chimera:
      // Each unit of as many micro-batches as ranks pays for unequal passes.
      return (p - 2) * (max(f, b) + max(m / p - 1, 0) * abs(b - f))
    case .dualPipe: return bidirectionalBubble(depth: p / 2, d)
    case .dualPipeV: return bidirectionalBubble(depth: p, d)
    case .hanayo: return 2 * others * max(f, b)
    case .bitPipe: return (p - 2) * max(f, b)
    }
  }

  /// Idle time of the innermost ranks of DualPipe, or of the last of DualPipeV.
  private func bidirectionalBubble(depth: Double, _ d: Durations) -> Double {
    let (f, i, w) = (d.forward, d.inputBackward, d.weightBackward)
    let others = max(depth - 1, 0)
    return others * (max(f, i) + d.overlapped - (i + w) + max(i - w, 0))
      - min(f, others * max(i - f, 0))
  }

  /// Sends that nothing hides.
  public var hops: Double {
    switch schedule {
    case .gpipe: 2 * (p - 1)
    case .oneForwardOneBackward:
      ranks > 1 ? max(2 * (m + p - 3 - Double((microBatches - 2) / ranks)), 0) : 0
    case .zeroBubbleH1, .zeroBubble1p, .zeroBubbleH2, .zeroBubble2p: 4 * (p - 1)
    case .dualPipe: 2 * (p - 1)
    default: 2 * (v * p - 1)
    }
  }

  /// Micro-batches of a group of the interleaved schedules: the smallest number from the ranks on
  /// whose last group is no shorter than the ranks.
  private var group: Double {
    guard microBatches > ranks else { return m }
    return Double(
      (ranks...microBatches).first {
        microBatches % $0 == 0 || microBatches % $0 >= ranks
      } ?? microBatches)
  }
}
