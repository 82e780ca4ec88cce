extension Schedule {
  /// Looped breadth-first: several stages on each rank, placed in a loop; all micro-batches go
  /// through one stage of a rank before its next, which leaves the longest time to gather the
  /// parameters of a stage and to reduce its gradients.
  ///
  ///     try Schedule.loopedBFS(ranks: 2, microBatches: 2, stagesPerRank: 2).actions[1]
  ///     // 1F0, 1F1, 3F0, 3F1, 3B1, 3B0, 1B1, 1B0
  ///
  /// Backwards take the micro-batches in reverse. The bubble is that of interleaved 1F1B, but the
  /// activations of all micro-batches live at once.
  ///
  /// Source: Lamy-Poirier 2022, Breadth-First Pipeline Parallelism, arXiv 2211.05953; PyTorch.
  ///
  /// - Throws: `ScheduleError` below one rank, micro-batch or stage, or above the size limits.
  public static func loopedBFS(
    ranks: Int, microBatches: Int, stagesPerRank: Int = 2
  ) throws(ScheduleError) -> Schedule {
    let builtIn = BuiltIn.loopedBFS
    try builtIn.check(
      ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank, Demands())
    let stages = ranks * stagesPerRank
    let actions = (0..<ranks).map { rank in
      var list: [Action] = []
      list.reserveCapacity(2 * stagesPerRank * microBatches)
      for stage in stride(from: rank, to: stages, by: ranks) {
        for microBatch in 0..<microBatches {
          list.append(.single(Pass(stage, .forward, microBatch)))
        }
      }
      for stage in stride(from: rank, to: stages, by: ranks).reversed() {
        for microBatch in (0..<microBatches).reversed() {
          list.append(.single(Pass(stage, .backward, microBatch)))
        }
      }
      return list
    }
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches, actions: actions,
      rankOfStage: (0..<stages).map { $0 % ranks })
  }
}

extension Facts {
  static let loopedBFS = Facts(
    title: "Looped BFS", placement: .loop, stagesPerRank: 2, choosesStagesPerRank: true,
    parameterCopies: 1, splitsBackward: false,
    ranksRule: "at least 1 rank", microBatchesRule: "at least 1 micro-batch",
    bubble: "(p − 1)(F + B) with the times of one stage, so 1/v of GPipe's, if m ≥ p",
    activationPeak: "v·m on every rank",
    source: "Lamy-Poirier, Breadth-First Pipeline Parallelism, 2022 (arXiv 2211.05953)")
}
