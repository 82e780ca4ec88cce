extension Schedule {
  /// ZB-V as its authors build it: an order found greedily for given durations, with as much memory
  /// as 1F1B takes.
  ///
  ///     let request = ScheduleRequest(ranks: 1, microBatches: 2)
  ///     try BuiltIn.zeroBubbleVGreedy.schedule(request).actions[0]
  ///     // 0F0, 1F0, 1I0, 1W0, 0F1, 0I0, 0W0, 1F1, 1I1, 0I1, 1W1, 0W1
  ///
  /// Rank `r` holds stages `r` and `2p − 1 − r`. Lists are built in four ways, each again with the
  /// idle time found so far allowed, and the one with the shortest longest span is kept, or ZB-V by
  /// its fixed rule where that is better. Under a limit too low for the greedy way V-Half and V-Min
  /// are in the running, and at worst the micro-batches run in groups that fit.
  ///
  /// Source: Qi et al. 2024, Pipeline Parallelism with Controllable Memory, arXiv 2405.15362, and
  /// its released code, sail-sg/zero-bubble-pipeline-parallelism.
  ///
  /// - Throws: `ScheduleError` without a rank or a micro-batch, with a memory limit below 2, as
  ///   both stages of a rank run forward before either runs backward, or above the size limits.
  /// - Complexity: O(passes) for each list built.
  static func zeroBubbleVGreedy(_ request: ScheduleRequest) throws(ScheduleError) -> Schedule {
    let builtIn = BuiltIn.zeroBubbleVGreedy
    let (ranks, microBatches) = (request.ranks, request.microBatches)
    try builtIn.check(ranks: ranks, microBatches: microBatches, Demands())
    let limit = request.memoryLimit ?? 2 * ranks
    guard limit >= 2 else { throw .memoryLimit(builtIn, limit: limit, atLeast: 2) }
    let durations = request.durations ?? .unit

    var best = ShortestSpan()
    for (fillsBackwardWaits, fillsForwardWaits) in [
      (true, true), (true, false), (false, true), (false, false),
    ] {
      var allowedIdle: [Double]?
      for _ in 0..<mostPasses {
        var draft = VDraft(
          ranks: ranks, microBatches: microBatches, limit: limit, durations: durations,
          fillsForwardWaits: fillsForwardWaits, fillsBackwardWaits: fillsBackwardWaits,
          allowedIdle: allowedIdle)
        guard draft.build() else { break }
        best.offer(span: draft.longestSpan, makespan: draft.makespan, draft.actions)
        if let allowed = allowedIdle?.max(), draft.longestIdle >= allowed * (1 - 1e-9) { break }
        allowedIdle = draft.idle
      }
    }
    best.offer(.zeroBubbleV, request, limit: limit, durations: durations)
    if !best.isFound {
      for fixed in [BuiltIn.vHalf, .vMin] {
        best.offer(fixed, request, limit: limit, durations: durations)
      }
    }
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches,
      actions: best.lists
        ?? groups(of: limit / 2, ranks: ranks, microBatches: microBatches),
      rankOfStage: Array(0..<ranks) + (0..<ranks).reversed())
  }

  /// How often a way is tried with the idle time of the last try allowed.
  private static let mostPasses = 8

  /// Groups of micro-batches one after the other, each all forwards and then all backwards.
  private static func groups(of size: Int, ranks: Int, microBatches: Int) -> [[Action]] {
    (0..<ranks).map { rank in
      let (first, second) = (rank, 2 * ranks - 1 - rank)
      var list: [Action] = []
      list.reserveCapacity(6 * microBatches)
      for start in stride(from: 0, to: microBatches, by: size) {
        let group = start..<min(microBatches, start + min(size, microBatches))
        for stage in [first, second] {
          list += group.map { .single(Pass(stage, .forward, $0)) }
        }
        for stage in [second, first] {
          for microBatch in group {
            list.append(.single(Pass(stage, .inputBackward, microBatch)))
            list.append(.single(Pass(stage, .weightBackward, microBatch)))
          }
        }
      }
      return list
    }
  }
}

extension Facts {
  static let zeroBubbleVGreedy = Facts(
    title: "ZB-V (greedy)", placement: .vShape, stagesPerRank: 2, choosesStagesPerRank: false,
    isSearched: true, parameterCopies: 1, splitsBackward: true,
    ranksRule: "at least 1 rank", microBatchesRule: "at least 1 micro-batch",
    bubble: "searched; of the longest span none if F = I = W and m ≥ 2p",
    activationPeak: "2p at most, each of half a rank's size, unless another limit is given",
    source: "Qi et al., Pipeline Parallelism with Controllable Memory, 2024 (arXiv 2405.15362); "
      + "sail-sg/zero-bubble-pipeline-parallelism")
}
