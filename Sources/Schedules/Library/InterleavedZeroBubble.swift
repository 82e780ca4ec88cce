extension Schedule {
  /// Interleaved 1F1B with each backward split into I and W: ranks wait only for I, so the warm-up
  /// is shorter, and the W that were put off fill what was idle at the end.
  ///
  ///     try Schedule.interleavedZeroBubble(ranks: 2, microBatches: 2, stagesPerRank: 2).actions[1]
  ///     // 1F0, 1F1, 3F0, 3I0, 3F1, 3I1, 3W0, 1I0, 3W1, 1I1, 1W0, 1W1
  ///
  /// Rank `r` keeps up to `r` W waiting. With fewer micro-batches than ranks all are one group; a
  /// last group of any length runs.
  ///
  /// Source: PyTorch's ScheduleInterleavedZeroBubble, 2024, after ZB-H1 of Qi et al. 2023, arXiv
  /// 2401.10241.
  ///
  /// - Parameters:
  ///   - ranks: Ranks of the pipeline.
  ///   - microBatches: Micro-batches of a step.
  ///   - stagesPerRank: Stages on each rank.
  ///   - groupSize: Micro-batches of a group, at least as many as ranks; nil for what `interleaved`
  ///     takes.
  /// - Throws: `ScheduleError` with the rule that is not met and the nearest allowed value.
  public static func interleavedZeroBubble(
    ranks: Int, microBatches: Int, stagesPerRank: Int = 2, groupSize: Int? = nil
  ) throws(ScheduleError) -> Schedule {
    let builtIn = BuiltIn.interleavedZeroBubble
    let order = try InterleavedOrder(
      builtIn, ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank,
      groupSize: groupSize, lastMayBeShort: true)
    let actions = (0..<ranks).map { rank in
      // Only I stands between a rank and the one before it: one forward for each later rank.
      let warmUp = min(order.count, (stagesPerRank - 1) * order.group + ranks - 1 - rank)
      var list: [Action] = []
      list.reserveCapacity(3 * order.count)
      func weightBackward(_ index: Int) {
        list.append(.single(order.backward(rank: rank, index, .weightBackward)))
      }
      for index in 0..<warmUp { list.append(.single(order.forward(rank: rank, index))) }
      for index in 0..<order.count {
        if warmUp + index < order.count {
          list.append(.single(order.forward(rank: rank, warmUp + index)))
        }
        list.append(.single(order.backward(rank: rank, index, .inputBackward)))
        if index >= rank { weightBackward(index - rank) }
      }
      for index in max(0, order.count - rank)..<order.count { weightBackward(index) }
      return list
    }
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches, actions: actions,
      rankOfStage: order.rankOfStage)
  }
}

extension Facts {
  static let interleavedZeroBubble = Facts(
    title: "Interleaved zero bubble", placement: .loop, stagesPerRank: 2,
    choosesStagesPerRank: true, choosesGroupSize: true, parameterCopies: 1, splitsBackward: true,
    ranksRule: "at least 1 rank", microBatchesRule: "at least 1 micro-batch",
    bubble: "(p − 1)(F + I − W) with the times of one stage, if W ≤ min(F, I) and m ≥ p",
    activationPeak: "(v − 1)g + p on every rank, at most v·m, with groups of g: p if p divides m",
    source: "PyTorch, ScheduleInterleavedZeroBubble, 2024; after Qi et al., Zero Bubble Pipeline "
      + "Parallelism, 2023 (arXiv 2401.10241)",
    note: "Megatron-LM takes multiples of p alone unless a group size is set, PyTorch multiples of "
      + "max(1, ⌊m/p⌋) alone; for other m the smallest group is taken that does not end in one "
      + "shorter than p")
}
