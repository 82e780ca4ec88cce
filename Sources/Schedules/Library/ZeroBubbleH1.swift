extension Schedule {
  /// ZB-H1: 1F1B with each backward split into I and W. The next rank up waits only for I, and the
  /// W that were put off fill what was idle at the end.
  ///
  ///     try Schedule.zeroBubbleH1(ranks: 2, microBatches: 2).actions[1]
  ///     // 1F0, 1I0, 1F1, 1I1, 1W0, 1W1
  ///
  /// Rank `r` keeps up to `r` W waiting, which makes every rank hold as many activations as the
  /// first does in 1F1B.
  ///
  /// Source: Qi et al. 2023, Zero Bubble Pipeline Parallelism, arXiv 2401.10241 (where I is called
  /// B).
  ///
  /// - Throws: `ScheduleError` with fewer micro-batches than ranks, or above the size limits.
  public static func zeroBubbleH1(
    ranks: Int, microBatches: Int
  ) throws(ScheduleError) -> Schedule {
    let builtIn = BuiltIn.zeroBubbleH1
    try builtIn.check(
      ranks: ranks, microBatches: microBatches, Demands(fewestMicroBatches: { $0 }))
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches,
      actions: zeroBubbleActions(ranks: ranks, microBatches: microBatches, factor: 1),
      rankOfStage: Array(0..<ranks))
  }

  /// The rule of both ZB-H1 and ZB-H2: rank `r` of `p` runs `factor`·(p − 1 − r) forwards first and
  /// keeps up to `factor`·r W waiting, where `factor` is 1 or 2.
  static func zeroBubbleActions(ranks: Int, microBatches: Int, factor: Int) -> [[Action]] {
    (0..<ranks).map { rank in
      var list: [Action] = []
      list.reserveCapacity(3 * microBatches)
      var done = (forward: 0, inputBackward: 0, weightBackward: 0)
      func run(_ kind: PassKind, _ count: inout Int) {
        list.append(.single(Pass(rank, kind, count)))
        count += 1
      }
      while done.forward < factor * (ranks - 1 - rank) { run(.forward, &done.forward) }
      while done.inputBackward < microBatches {
        if done.forward < microBatches { run(.forward, &done.forward) }
        run(.inputBackward, &done.inputBackward)
        if done.inputBackward - done.weightBackward > factor * rank {
          run(.weightBackward, &done.weightBackward)
        }
      }
      while done.weightBackward < microBatches { run(.weightBackward, &done.weightBackward) }
      return list
    }
  }
}

extension Facts {
  static let zeroBubbleH1 = Facts(
    title: "ZB-H1", placement: .linear, stagesPerRank: 1, choosesStagesPerRank: false,
    parameterCopies: 1, splitsBackward: true,
    ranksRule: "at least 1 rank", microBatchesRule: "at least as many micro-batches as ranks",
    bubble: "(p − 1)(F + I − W) if W ≤ min(F, I)", activationPeak: "p on every rank",
    source: "Qi et al., Zero Bubble Pipeline Parallelism, 2023 (arXiv 2401.10241)")
}
