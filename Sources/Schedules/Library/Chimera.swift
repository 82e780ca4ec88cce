extension Schedule {
  /// Chimera: two pipelines in opposite directions, each with half of the micro-batches, whose
  /// passes interlock, so that the bubble is about half of that of 1F1B with two copies of the
  /// parameters.
  ///
  ///     try Schedule.chimera(ranks: 2, microBatches: 2).actions[0]
  ///     // 0F0, 3F1, 3B1, 0B0
  ///
  /// Direction 0 uses stages `0 ..< p` and the first half of the micro-batches; direction 1 uses
  /// stages `p ..< 2p`, the same parts of the model on the ranks in reverse, and the second half.
  ///
  /// Micro-batches come in units of p, half of them each way. In slots that hold one pass, the kth
  /// of a direction runs forward at the rank s steps from its entry in slot s + 2k, and backward in
  /// slot 2p − 1 − s + 2k: the two directions never meet, as one takes the even slots of a rank
  /// where the other takes the odd. The next unit follows 2p slots later. A last unit of fewer
  /// micro-batches leaves slots empty.
  ///
  /// Source: Li and Hoefler 2021, arXiv 2107.06925, with its units one after another.
  ///
  /// - Throws: `ScheduleError` unless ranks and micro-batches are even, or above the size limits.
  public static func chimera(ranks: Int, microBatches: Int) throws(ScheduleError) -> Schedule {
    let builtIn = BuiltIn.chimera
    try builtIn.check(
      ranks: ranks, microBatches: microBatches,
      Demands(ranksMultiple: 2, microBatchesMultiple: 2))
    let half = microBatches / 2
    let rankOfStage = Array(0..<ranks) + (0..<ranks).reversed()
    var lists = SlotLists(ranks: ranks, rankOfStage: rankOfStage, perRank: 2 * microBatches)
    for (direction, first) in [(0, 0), (1, half)] {
      for microBatch in 0..<half {
        let (unit, place) = microBatch.quotientAndRemainder(dividingBy: ranks / 2)
        let entry = 2 * ranks * unit + 2 * place
        for step in 0..<ranks {
          let stage = direction * ranks + step
          lists.add(Pass(stage, .forward, first + microBatch), slot: entry + step)
          lists.add(
            Pass(stage, .backward, first + microBatch), slot: entry + 2 * ranks - 1 - step)
        }
      }
    }
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches, actions: lists.actions,
      rankOfStage: rankOfStage, modelStage: Array(0..<ranks) + Array(0..<ranks))
  }
}

extension Facts {
  static let chimera = Facts(
    title: "Chimera", placement: .bidirectional, stagesPerRank: 2, choosesStagesPerRank: false,
    parameterCopies: 2, splitsBackward: false,
    ranksRule: "an even number of ranks", microBatchesRule: "an even number of micro-batches",
    bubble: "(p/2 − 1)(F + B) if F = B and p divides m; (p − 2)·max(F, B) if m = p",
    activationPeak: "p/2 + 1 on the first and last rank to p on the middle two, if p divides m",
    source: "Li and Hoefler, Chimera, 2021 (arXiv 2107.06925)")
}
