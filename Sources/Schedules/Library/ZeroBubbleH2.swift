extension Schedule {
  /// ZB-H2: ZB-H1 with twice the warm-up, and twice as many W put off. At the cost of nearly twice
  /// the memory no rank waits between its first action and its last, if F, I and W are alike.
  ///
  ///     try Schedule.zeroBubbleH2(ranks: 2, microBatches: 3).actions[1]
  ///     // 1F0, 1I0, 1F1, 1I1, 1F2, 1I2, 1W0, 1W1, 1W2
  ///
  /// What is left is that late ranks start late: the paper counts that as no bubble, for an
  /// optimizer that does not wait for all ranks lets each begin its next step early.
  ///
  /// Source: Qi et al. 2023, Zero Bubble Pipeline Parallelism, arXiv 2401.10241.
  ///
  /// - Throws: `ScheduleError` with fewer micro-batches than 2p − 1, or above the size limits.
  public static func zeroBubbleH2(
    ranks: Int, microBatches: Int
  ) throws(ScheduleError) -> Schedule {
    let builtIn = BuiltIn.zeroBubbleH2
    try builtIn.check(
      ranks: ranks, microBatches: microBatches, Demands(fewestMicroBatches: { 2 * $0 - 1 }))
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches,
      actions: zeroBubbleActions(ranks: ranks, microBatches: microBatches, factor: 2),
      rankOfStage: Array(0..<ranks))
  }
}

extension Facts {
  static let zeroBubbleH2 = Facts(
    title: "ZB-H2", placement: .linear, stagesPerRank: 1, choosesStagesPerRank: false,
    parameterCopies: 1, splitsBackward: true,
    ranksRule: "at least 1 rank",
    microBatchesRule: "at least twice as many micro-batches as ranks, less one",
    bubble: "(p − 1)·max(F + I − 2W, 0) from a rank's first start to its last finish, if "
      + "W ≤ min(F, I); the wait of late ranks for their first input comes on top",
    activationPeak: "2p − 1 on every rank",
    source: "Qi et al., Zero Bubble Pipeline Parallelism, 2023 (arXiv 2401.10241)")
}
