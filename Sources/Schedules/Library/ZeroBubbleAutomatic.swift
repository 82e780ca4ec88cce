extension Schedule {
  /// ZB-1p and ZB-2p: the order found by the automatic search of the Zero Bubble paper for given
  /// durations, within as much memory as 1F1B takes, or twice that.
  ///
  ///     var request = ScheduleRequest(ranks: 2, microBatches: 3)
  ///     try BuiltIn.zeroBubble2p.schedule(request).actions[0]
  ///     // 0F0, 0F1, 0F2, 0I0, 0W0, 0I1, 0W1, 0I2, 0W2
  ///     request.memoryLimit = 1
  ///     try BuiltIn.zeroBubble2p.schedule(request).actions[0]
  ///     // 0F0, 0I0, 0W0, 0F1, 0I1, 0W1, 0F2, 0I2, 0W2
  ///
  /// Lists are built by a rule with three choices in all eight ways, and the one with the shortest
  /// longest span is kept. ZB-H1 and ZB-H2 are in the running where they fit.
  ///
  /// Source: Qi et al. 2023, Zero Bubble Pipeline Parallelism, arXiv 2401.10241 (where I is called
  /// B), without its integer program. There I frees a part of an activation; here the limit counts
  /// whole ones from F to W.
  ///
  /// - Parameters:
  ///   - builtIn: Name it goes by.
  ///   - request: Shape, durations and memory limit.
  ///   - activationsPerRank: What the memory limit is times the ranks if none is given.
  /// - Throws: `ScheduleError` without a rank or a micro-batch, with a memory limit below 1, or
  ///   above the size limits.
  /// - Complexity: O(passes) for each list built.
  static func zeroBubbleAutomatic(
    _ builtIn: BuiltIn, _ request: ScheduleRequest, activationsPerRank: Int
  ) throws(ScheduleError) -> Schedule {
    let (ranks, microBatches) = (request.ranks, request.microBatches)
    try builtIn.check(ranks: ranks, microBatches: microBatches, Demands())
    let limit = request.memoryLimit ?? activationsPerRank * ranks
    guard limit >= 1 else { throw .memoryLimit(builtIn, limit: limit, atLeast: 1) }
    let durations = request.durations ?? .unit

    var best = ShortestSpan()
    // Ranks can only run out of forwards in the warm-up if memory lets them.
    for runsOut in limit >= microBatches ? [false, true] : [false] {
      for choices in 0..<8 {
        var draft = ZeroBubbleDraft(
          ranks: ranks, microBatches: microBatches, limit: limit, durations: durations,
          warmsUpPastFirstBackward: choices & 4 != 0, mayPutOffForward: choices & 2 != 0,
          fillsEveryWait: choices & 1 != 0, mayRunOutTogether: runsOut)
        draft.build()
        best.offer(
          span: draft.longestSpan, makespan: draft.makespan, lateIsWorse: runsOut, draft.actions)
      }
    }
    for fixed in [BuiltIn.zeroBubbleH1, .zeroBubbleH2] {
      best.offer(fixed, request, limit: limit, durations: durations)
    }
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches, actions: best.lists ?? [],
      rankOfStage: Array(0..<ranks))
  }
}

/// Keeps the lists with the shortest span, then the shortest makespan, then those that came first.
struct ShortestSpan {
  private var write: (() -> [[Action]])?
  private var span = Double.infinity
  private var makespan = Double.infinity

  var isFound: Bool { write != nil }
  /// The lists kept.
  var lists: [[Action]]? { write?() }

  /// Keeps the lists if they are better by more than rounding.
  ///
  /// - Parameter lateIsWorse: Whether a shorter span does not make up for a longer makespan: lists
  ///   that the published search does not have are to better it in both.
  mutating func offer(
    span: Double, makespan: Double, lateIsWorse: Bool = false,
    _ write: @escaping () -> [[Action]]
  ) {
    let margin = 1e-9
    if lateIsWorse, makespan > self.makespan * (1 + margin) { return }
    let isShorter = span < self.span * (1 - margin)
    let isAsShort = span <= self.span * (1 + margin)
    guard !isFound || isShorter || isAsShort && makespan < self.makespan * (1 - margin)
    else { return }
    (self.write, self.span, self.makespan) = (write, span, makespan)
  }

  /// Keeps the lists of a schedule that does not depend on durations, if they exist for the shape,
  /// keep within the limit and are better.
  mutating func offer(
    _ fixed: BuiltIn, _ request: ScheduleRequest, limit: Int, durations: Durations
  ) {
    guard
      let schedule = try? fixed.schedule(
        ranks: request.ranks, microBatches: request.microBatches),
      let timing = try? schedule.timing(durations),
      timing.peakActivationsReleaseAtW.allSatisfy({ $0 <= limit })
    else { return }
    offer(span: timing.longestSpan, makespan: timing.makespan, lateIsWorse: true) {
      schedule.actions
    }
  }
}

extension Facts {
  static let zeroBubble1p = Facts(
    title: "ZB-1p", placement: .linear, stagesPerRank: 1, choosesStagesPerRank: false,
    isSearched: true, parameterCopies: 1, splitsBackward: true,
    ranksRule: "at least 1 rank", microBatchesRule: "at least 1 micro-batch",
    bubble: "searched; of the longest span at most that of ZB-H1, (p − 1)(F + I − W), if "
      + "W ≤ min(F, I) and m ≥ p", activationPeak: "p at most, unless another limit is given",
    source: "Qi et al., Zero Bubble Pipeline Parallelism, 2023 (arXiv 2401.10241)",
    note: memoryNote)

  static let zeroBubble2p = Facts(
    title: "ZB-2p", placement: .linear, stagesPerRank: 1, choosesStagesPerRank: false,
    isSearched: true, parameterCopies: 1, splitsBackward: true,
    ranksRule: "at least 1 rank", microBatchesRule: "at least 1 micro-batch",
    bubble: "searched; of the longest span none if F = I = W and m ≥ 2p − 1",
    activationPeak: "2p at most, unless another limit is given",
    source: "Qi et al., Zero Bubble Pipeline Parallelism, 2023 (arXiv 2401.10241)",
    note: memoryNote)

  private static let memoryNote =
    "the limit counts an activation whole from F to W; the paper frees most of it at I, so within "
    + "the same bytes it runs more forwards ahead"
}
