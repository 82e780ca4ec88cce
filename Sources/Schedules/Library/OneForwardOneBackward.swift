extension Schedule {
  /// 1F1B, the flushing form of PipeDream: after a warm-up of forwards, each rank runs one forward
  /// and one backward in turn, so that few activations live at once.
  ///
  ///     try Schedule.oneForwardOneBackward(ranks: 2, microBatches: 3).actions[0]
  ///     // 0F0, 0F1, 0B0, 0F2, 0B1, 0B2
  ///
  /// Its bubble is that of GPipe. With fewer micro-batches than ranks the warm-up is cut short and
  /// the list still runs.
  ///
  /// Source: Narayanan et al. 2021, arXiv 2104.04473; Megatron-LM and PyTorch run the same list.
  ///
  /// - Throws: `ScheduleError` below one rank or micro-batch, or above the size limits.
  public static func oneForwardOneBackward(
    ranks: Int, microBatches: Int
  ) throws(ScheduleError) -> Schedule {
    let builtIn = BuiltIn.oneForwardOneBackward
    try builtIn.check(ranks: ranks, microBatches: microBatches, Demands())
    let actions = (0..<ranks).map { rank in
      let warmUp = min(ranks - 1 - rank, microBatches)
      var list: [Action] = []
      list.reserveCapacity(2 * microBatches)
      func append(_ kind: PassKind, _ microBatch: Int) {
        list.append(.single(Pass(rank, kind, microBatch)))
      }
      for microBatch in 0..<warmUp { append(.forward, microBatch) }
      for microBatch in warmUp..<microBatches {
        append(.forward, microBatch)
        append(.backward, microBatch - warmUp)
      }
      for microBatch in (microBatches - warmUp)..<microBatches { append(.backward, microBatch) }
      return list
    }
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches, actions: actions,
      rankOfStage: Array(0..<ranks))
  }
}

extension Facts {
  static let oneForwardOneBackward = Facts(
    title: "1F1B", placement: .linear, stagesPerRank: 1, choosesStagesPerRank: false,
    parameterCopies: 1, splitsBackward: false,
    ranksRule: "at least 1 rank", microBatchesRule: "at least 1 micro-batch",
    bubble: "(p − 1)(F + B); a latency C adds 2C(m + p − 3 − ⌊(m − 2)/p⌋) if m ≥ p ≥ 2",
    activationPeak: "min(m, p − r)",
    source: "Narayanan et al., Efficient Large-Scale Language Model Training on GPU Clusters, "
      + "2021 (arXiv 2104.04473)")
}
