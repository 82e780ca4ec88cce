extension Schedule {
  /// GPipe: every rank runs all its forwards, then all its backwards.
  ///
  /// Simple, and the most hungry for memory: the activations of all micro-batches live at once.
  ///
  ///     try Schedule.gpipe(ranks: 2, microBatches: 2).actions[0]
  ///     // 0F0, 0F1, 0B0, 0B1
  ///
  /// The paper draws the backwards from the last micro-batch to the first; here they ascend, as
  /// PyTorch runs them. With equal stages both take the same time.
  ///
  /// Source: Huang et al. 2019, arXiv 1811.06965.
  ///
  /// - Throws: `ScheduleError` below one rank or micro-batch, or above the size limits.
  public static func gpipe(ranks: Int, microBatches: Int) throws(ScheduleError) -> Schedule {
    try BuiltIn.gpipe.check(ranks: ranks, microBatches: microBatches, Demands())
    let actions = (0..<ranks).map { rank in
      [PassKind.forward, .backward].flatMap { kind in
        (0..<microBatches).map { Action.single(Pass(rank, kind, $0)) }
      }
    }
    return Schedule(
      name: BuiltIn.gpipe.rawValue, microBatches: microBatches, actions: actions,
      rankOfStage: Array(0..<ranks))
  }
}

extension Facts {
  static let gpipe = Facts(
    title: "GPipe", placement: .linear, stagesPerRank: 1, choosesStagesPerRank: false,
    parameterCopies: 1, splitsBackward: false,
    ranksRule: "at least 1 rank", microBatchesRule: "at least 1 micro-batch",
    bubble: "(p − 1)(F + B)", activationPeak: "m on every rank",
    source: "Huang et al., GPipe, 2019 (arXiv 1811.06965)")
}
