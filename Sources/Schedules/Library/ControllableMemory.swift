extension Schedule {
  /// V-Half: a V with about half the activations of 1F1B, at the price of a longer bubble.
  ///
  ///     try Schedule.vHalf(ranks: 1, microBatches: 2).actions[0]
  ///     // 0F0, 1F0, 1I0, 1W0, 0I0, 0W0, 0F1, 1F1, 1I1, 0I1, 1W1, 0W1
  ///
  /// Rank `r` holds stages `r` and `2p − 1 − r`. The order is made for passes of one length and
  /// does not depend on the durations it is run with.
  ///
  /// Source: Qi et al. 2024, Pipeline Parallelism with Controllable Memory, arXiv 2405.15362.
  ///
  /// - Throws: `ScheduleError` without a rank or a micro-batch, or above the size limits.
  /// - Complexity: O(passes + p³) for `p` ranks.
  public static func vHalf(ranks: Int, microBatches: Int) throws(ScheduleError) -> Schedule {
    try BuiltIn.vHalf.controllableMemory(ranks: ranks, microBatches: microBatches) { rank in
      let delay = ranks.isMultiple(of: 2) ? 3 : 0
      return [
        2 * rank, 3 * ranks - 2 - rank, 3 * ranks - 1 + delay + 2 * rank,
        6 * ranks - 2 + delay - rank,
      ]
    }
  }

  /// V-Min: a V with the fewest activations, about a third of those of 1F1B. It loses most where
  /// F, I and W differ.
  ///
  ///     try Schedule.vMin(ranks: 1, microBatches: 2).actions[0]
  ///     // 0F0, 1F0, 1I0, 0I0, 1W0, 0W0, 0F1, 1F1, 1I1, 0I1, 1W1, 0W1
  ///
  /// Rank `r` holds stages `r` and `2p − 1 − r`. The order is made for passes of one length and
  /// does not depend on the durations it is run with.
  ///
  /// Source: Qi et al. 2024, Pipeline Parallelism with Controllable Memory, arXiv 2405.15362.
  ///
  /// - Throws: `ScheduleError` without a rank or a micro-batch, or above the size limits.
  /// - Complexity: O(passes + p³) for `p` ranks.
  public static func vMin(ranks: Int, microBatches: Int) throws(ScheduleError) -> Schedule {
    try BuiltIn.vMin.controllableMemory(ranks: ranks, microBatches: microBatches) { rank in
      let delay = ranks.isMultiple(of: 3) ? 2 : 0
      return [
        rank, 2 * ranks - 1 - rank, 2 * ranks + delay + rank, 4 * ranks - 1 + delay - rank,
      ]
    }
  }
}

extension BuiltIn {
  /// A schedule whose micro-batches all follow one pattern, six slots apart.
  ///
  /// - Parameters:
  ///   - ranks: Ranks of the pipeline.
  ///   - microBatches: Micro-batches of a step.
  ///   - pattern: Slots of the first micro-batch on a rank: its forward through the first and the
  ///     second stage of the rank, then its I through the second and the first.
  fileprivate func controllableMemory(
    ranks: Int, microBatches: Int, pattern: (_ rank: Int) -> [Int]
  ) throws(ScheduleError) -> Schedule {
    try check(ranks: ranks, microBatches: microBatches, Demands(mostRanks: 512))
    var grid = SlotGrid(microBatches: microBatches, pattern: (0..<ranks).map(pattern))
    // Before the first micro-batch leaves rank 0, and after the last one enters it, slots are idle.
    let warmUpEnd = grid.slot(of: .inputBackward, ofSecondStage: false, rank: 0, microBatch: 0)
    let coolDown = grid.slot(
      of: .forward, ofSecondStage: false, rank: 0, microBatch: microBatches - 1)
    grid.squeeze()
    grid.fillWarmUp { slot, _ in slot < warmUpEnd }
    grid.squeeze()
    grid.fillCoolDown { slot, rank in slot > coolDown || slot == coolDown && rank > 0 }
    return Schedule(
      name: rawValue, microBatches: microBatches, actions: grid.lists(),
      rankOfStage: Array(0..<ranks) + (0..<ranks).reversed())
  }
}

extension Facts {
  static let vHalf = Facts(
    title: "V-Half", placement: .vShape, stagesPerRank: 2, choosesStagesPerRank: false,
    parameterCopies: 1, splitsBackward: true,
    ranksRule: "at least 1 rank", microBatchesRule: "at least 1 micro-batch",
    bubble: "3p − 7 passes if p is even, 3p − 4 if odd, for 3 or more ranks, F = I = W of one "
      + "stage and m ≥ 2p",
    activationPeak: "2⌊(p + 2)/2⌋ at most, each of half a rank's size",
    source: "Qi et al., Pipeline Parallelism with Controllable Memory, 2024 (arXiv 2405.15362)")

  static let vMin = Facts(
    title: "V-Min", placement: .vShape, stagesPerRank: 2, choosesStagesPerRank: false,
    parameterCopies: 1, splitsBackward: true,
    ranksRule: "at least 1 rank", microBatchesRule: "at least 1 micro-batch",
    bubble: "4p − 7 passes if 3 divides p, else 4p − 5, for 3 or more ranks, F = I = W of one "
      + "stage and m ≥ 2p",
    activationPeak: "2⌊(p + 4)/3⌋ at most, each of half a rank's size",
    source: "Qi et al., Pipeline Parallelism with Controllable Memory, 2024 (arXiv 2405.15362)")
}
