extension Schedule {
  /// Interleaved 1F1B with overlap: one more forward before the first backward, and then each
  /// forward and backward run as one overlapped pair of two micro-batches, so that the
  /// communication of each, as all-to-all between experts, hides behind the computation of the
  /// other.
  ///
  ///     try Schedule.interleavedOverlapped(ranks: 2, microBatches: 2, stagesPerRank: 2).actions[1]
  ///     // 1F0, 1F1, 3F0, (3F1;3B0)OVERLAP_F_B, 3B1, 1B0, 1B1
  ///
  /// A rank waits for both halves of a pair, so a short last group holds it up sooner than without
  /// pairs: groups of g with a last one of t never do if t ≥ p, or g + t > 2(p − 1), and can
  /// otherwise. The former is the rule here, as in Megatron-LM. No pair then holds two passes of
  /// one micro-batch.
  ///
  /// Source: the combined 1F1B of Megatron-LM, 2025.
  ///
  /// - Parameters:
  ///   - ranks: Ranks of the pipeline.
  ///   - microBatches: Micro-batches of a step.
  ///   - stagesPerRank: Stages on each rank.
  ///   - groupSize: Micro-batches of a group, as for `interleaved`.
  /// - Throws: `ScheduleError` with the rule that is not met and the nearest allowed value.
  public static func interleavedOverlapped(
    ranks: Int, microBatches: Int, stagesPerRank: Int = 2, groupSize: Int? = nil
  ) throws(ScheduleError) -> Schedule {
    let builtIn = BuiltIn.interleavedOverlapped
    let order = try InterleavedOrder(
      builtIn, ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank,
      groupSize: groupSize)
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches,
      actions: interleavedOverlappedActions(order), rankOfStage: order.rankOfStage)
  }

  /// The lists for a group size that need not be allowed.
  static func interleavedOverlappedActions(_ order: InterleavedOrder) -> [[Action]] {
    (0..<order.ranks).map { rank in
      // As without pairs, and one more for the first pair to run beside.
      let warmUp = min(
        order.count, (order.stagesPerRank - 1) * order.group + 2 * (order.ranks - 1 - rank) + 1)
      var list: [Action] = []
      list.reserveCapacity(order.count + warmUp)
      for index in 0..<warmUp { list.append(.single(order.forward(rank: rank, index))) }
      for index in 0..<order.count {
        let backward = order.backward(rank: rank, index, .backward)
        if warmUp + index < order.count {
          list.append(
            .overlapped(forward: order.forward(rank: rank, warmUp + index), backward: backward))
        } else {
          list.append(.single(backward))
        }
      }
      return list
    }
  }
}

extension Facts {
  static let interleavedOverlapped = Facts(
    title: "Interleaved 1F1B with overlap", placement: .loop, stagesPerRank: 2,
    choosesStagesPerRank: true, choosesGroupSize: true, hasPairs: true, parameterCopies: 1,
    splitsBackward: false,
    ranksRule: "at least 1 rank", microBatchesRule: "at least 1 micro-batch",
    bubble: "(p − 1)(F + B) on the last rank with the times of one stage, if m ≥ p and "
      + "max(F, B) ≤ FB ≤ F + B; it runs all but (v − 1)g + 1 of its forwards in pairs",
    activationPeak: "2(p − 1 − r) + (v − 1)g + 2, at most v·m, with groups of g: p if p divides m",
    source: "Megatron-LM, combined 1F1B, 2025")
}
