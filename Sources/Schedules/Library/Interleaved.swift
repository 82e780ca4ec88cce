extension Schedule {
  /// Interleaved 1F1B: several stages on each rank, placed in a loop, so that the bubble shrinks
  /// by the number of stages per rank while hops between ranks grow by it.
  ///
  ///     try Schedule.interleaved(ranks: 2, microBatches: 2, stagesPerRank: 2).actions[1]
  ///     // 1F0, 1F1, 3F0, 3B0, 3F1, 3B1, 1B0, 1B1
  ///
  /// Micro-batches travel in groups: a rank runs a whole group through its first stage, then the
  /// same group through its next. A last group shorter than the number of ranks can leave
  /// the ranks waiting for one another for ever (7 micro-batches in groups of 5 on 5 ranks do), so
  /// such a group size is refused. With fewer micro-batches than ranks all are one group.
  ///
  /// Source: Narayanan et al. 2021, arXiv 2104.04473; the order of Megatron-LM, which PyTorch
  /// shares where the ranks divide the micro-batches.
  ///
  /// - Parameters:
  ///   - ranks: Ranks of the pipeline.
  ///   - microBatches: Micro-batches of a step.
  ///   - stagesPerRank: Stages on each rank.
  ///   - groupSize: Micro-batches of a group, at least as many as ranks; nil for the smallest size
  ///     whose last group is long enough, which is the number of ranks where that divides the
  ///     micro-batches.
  /// - Throws: `ScheduleError` with the rule that is not met and the nearest allowed value.
  public static func interleaved(
    ranks: Int, microBatches: Int, stagesPerRank: Int = 2, groupSize: Int? = nil
  ) throws(ScheduleError) -> Schedule {
    let builtIn = BuiltIn.interleaved
    let order = try InterleavedOrder(
      builtIn, ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank,
      groupSize: groupSize)
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches, actions: interleavedActions(order),
      rankOfStage: order.rankOfStage)
  }

  /// The lists for a group size that need not be allowed.
  static func interleavedActions(_ order: InterleavedOrder) -> [[Action]] {
    (0..<order.ranks).map { rank in
      // A forward and a backward hop each cost a slot, hence two for each later rank.
      let warmUp = min(
        order.count, (order.stagesPerRank - 1) * order.group + 2 * (order.ranks - 1 - rank))
      var list: [Action] = []
      list.reserveCapacity(2 * order.count)
      for index in 0..<warmUp { list.append(.single(order.forward(rank: rank, index))) }
      for index in 0..<order.count {
        if warmUp + index < order.count {
          list.append(.single(order.forward(rank: rank, warmUp + index)))
        }
        list.append(.single(order.backward(rank: rank, index, .backward)))
      }
      return list
    }
  }
}

extension Facts {
  static let interleaved = Facts(
    title: "Interleaved 1F1B", placement: .loop, stagesPerRank: 2, choosesStagesPerRank: true,
    choosesGroupSize: true, parameterCopies: 1, splitsBackward: false,
    ranksRule: "at least 1 rank", microBatchesRule: "at least 1 micro-batch",
    bubble: "(p − 1)(F + B) with the times of one stage, so 1/v of 1F1B's, if m ≥ p",
    activationPeak: "2(p − 1 − r) + (v − 1)g + 1, at most v·m, with groups of g: p if p divides m",
    source: "Narayanan et al., Efficient Large-Scale Language Model Training on GPU Clusters, "
      + "2021 (arXiv 2104.04473); Megatron-LM",
    note: "Megatron-LM takes multiples of p alone unless a group size is set, PyTorch multiples of "
      + "max(1, ⌊m/p⌋) alone; for other m the smallest group is taken that does not end in one "
      + "shorter than p")
}
