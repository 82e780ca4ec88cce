extension Schedule {
  /// Hanayo: one pipeline that runs down the ranks and back, in one wave or several, so that the
  /// bubble shrinks by twice the waves with one copy of the parameters.
  ///
  ///     try Schedule.hanayo(ranks: 2, microBatches: 2).actions[0]
  ///     // 0F0, 0F1, 3F0, 3B0, 3F1, 3B1, 0B0, 0B1
  ///
  /// A rank holds two stages of each wave; 4 stages per rank are two waves.
  ///
  /// A reconstruction: the paper gives no list. It says that one wave is Chimera with the second
  /// direction replaced by the second half of the model, which fixes the order of the forwards and
  /// of the backwards; how the two interlock is chosen here (see `PairedSlots`) so that the bubble
  /// does not grow with the micro-batches where B is longer than F. It is meant for a multiple of p
  /// micro-batches; a last unit of fewer leaves slots empty.
  ///
  /// Source: Liu et al. 2023, Hanayo, arXiv 2308.15762.
  ///
  /// - Throws: `ScheduleError` unless the stages per rank are even, or above the size limits.
  public static func hanayo(
    ranks: Int, microBatches: Int, stagesPerRank: Int = 2
  ) throws(ScheduleError) -> Schedule {
    let builtIn = BuiltIn.hanayo
    try builtIn.check(
      ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank, Demands())
    let ranksOfStages = PairedSlots.wave(ranks: ranks, stagesPerRank: stagesPerRank)
    var slots = PairedSlots(
      ranks: ranks, rankOfStage: ranksOfStages, perRank: 2 * stagesPerRank * microBatches)
    slots.add(stages: ranksOfStages.indices, microBatches: 0..<microBatches, unit: ranks)
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches, actions: slots.lists.actions,
      rankOfStage: ranksOfStages)
  }

  /// BitPipe: two pipelines in opposite directions, each down the ranks and back, so that the
  /// bubble is half of Chimera's with two copies of the parameters.
  ///
  ///     try Schedule.bitPipe(ranks: 2, microBatches: 2).actions[0]
  ///     // 0F0, 5F1, 6F1, 3F0, 3B0, 6B1, 5B1, 0B0
  ///
  /// Direction 0 uses stages `0 ..< 2p` and the first half of the micro-batches; direction 1 uses
  /// stages `2p ..< 4p`, the same parts of the model on the ranks in reverse, and the second half.
  ///
  /// A reconstruction: the paper gives no list. The directions interlock as in Chimera, forwards
  /// and backwards as `PairedSlots` says, which gives the bubble the paper states. It is meant for
  /// a multiple of p micro-batches; a last unit of fewer leaves slots empty.
  ///
  /// Source: Wu et al. 2024, BitPipe, arXiv 2410.19367.
  ///
  /// - Throws: `ScheduleError` unless ranks and micro-batches are even, or above the size limits.
  public static func bitPipe(ranks: Int, microBatches: Int) throws(ScheduleError) -> Schedule {
    let builtIn = BuiltIn.bitPipe
    try builtIn.check(
      ranks: ranks, microBatches: microBatches,
      Demands(ranksMultiple: 2, microBatchesMultiple: 2))
    let down = PairedSlots.wave(ranks: ranks, stagesPerRank: 2)
    let rankOfStage = down + down.map { ranks - 1 - $0 }
    let (stages, half) = (down.count, microBatches / 2)
    var slots = PairedSlots(ranks: ranks, rankOfStage: rankOfStage, perRank: 4 * microBatches)
    slots.add(stages: 0..<stages, microBatches: 0..<half, unit: ranks / 2)
    slots.add(stages: stages..<(2 * stages), microBatches: half..<microBatches, unit: ranks / 2)
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches, actions: slots.lists.actions,
      rankOfStage: rankOfStage, modelStage: Array(0..<stages) + Array(0..<stages))
  }
}

/// The order of pipelines that turn round at the last rank: slots that hold a forward and then a
/// backward.
///
/// In a pipeline of S stages the kth micro-batch of a unit runs forward through its sth stage in
/// slot s + 2k, and backward in slot 2S − 2 − s + 2k: it turns round within one slot. The next unit
/// follows S slots later. On a rank, ways down take the even slots where ways up take the odd, or
/// the other way round, and a unit is as long as fills them; so each slot of the steady part holds
/// one forward and one backward on every rank, and no rank waits there whatever F and B are.
private struct PairedSlots {
  var lists: SlotLists

  init(ranks: Int, rankOfStage: [Int], perRank: Int) {
    lists = SlotLists(ranks: ranks, rankOfStage: rankOfStage, perRank: perRank)
  }

  /// The rank of each stage of a pipeline that runs back and forth.
  static func wave(ranks: Int, stagesPerRank: Int) -> [Int] {
    (0..<(ranks * stagesPerRank)).map { stage in
      let (way, step) = stage.quotientAndRemainder(dividingBy: ranks)
      return way.isMultiple(of: 2) ? step : ranks - 1 - step
    }
  }

  /// Puts in a pipeline over `stages` with `unit` micro-batches at a time.
  mutating func add(stages: Range<Int>, microBatches: Range<Int>, unit: Int) {
    for microBatch in microBatches {
      let (turn, place) = (microBatch - microBatches.lowerBound)
        .quotientAndRemainder(dividingBy: unit)
      let entry = stages.count * turn + 2 * place
      for (step, stage) in stages.enumerated() {
        let back = 2 * stages.count - 2 - step
        lists.add(Pass(stage, .forward, microBatch), slot: 2 * (entry + step))
        lists.add(Pass(stage, .backward, microBatch), slot: 2 * (entry + back) + 1)
      }
    }
  }
}

extension Facts {
  static let hanayo = Facts(
    title: "Hanayo (reconstruction)", placement: .wave, stagesPerRank: 2,
    choosesStagesPerRank: true, stagesPerRankMultiple: 2, isReconstruction: true,
    parameterCopies: 1, splitsBackward: false,
    ranksRule: "at least 1 rank", microBatchesRule: "at least 1 micro-batch",
    bubble: "2(p − 1)·max(F, B) with the times of one stage, if p divides m: with F = B "
      + "it is 1/v of 1F1B's",
    activationPeak: "v·p on every rank, each of 1/v of a rank's size, if m ≥ 2p and p divides m",
    source: "Liu et al., Hanayo, 2023 (arXiv 2308.15762); reconstructed from its text")

  static let bitPipe = Facts(
    title: "BitPipe (reconstruction)", placement: .bidirectionalV, stagesPerRank: 4,
    choosesStagesPerRank: false, isReconstruction: true, parameterCopies: 2, splitsBackward: false,
    ranksRule: "an even number of ranks", microBatchesRule: "an even number of micro-batches",
    bubble: "(p − 2)·max(F, B) with the times of one stage, if p divides m: with B = 2F a ratio of "
      + "(p − 2)/(3m + p − 2), as published",
    activationPeak: "2p on every rank, each of half a rank's size, if m ≥ 2p and p divides m",
    source: "Wu et al., BitPipe, 2024 (arXiv 2410.19367); reconstructed from its text")
}
