extension Schedule {
  /// ZB-V by its fixed rule: two stages on each rank, placed in a V, and each backward split. Every
  /// rank holds as many activations as the first does in 1F1B, and if F, I and W are alike no rank
  /// waits between its first action and its last.
  ///
  ///     try Schedule.zeroBubbleV(ranks: 1, microBatches: 2).actions[0]
  ///     // 0F0, 1F0, 1I0, 1W0, 0F1, 0I0, 0W0, 1F1, 1I1, 1W1, 0I1, 0W1
  ///
  /// Rank `r` holds stages `r` and `2p − 1 − r`. The rule is for at least 2p − 1 micro-batches; with
  /// fewer, the list of 2p − 1 runs without the others.
  ///
  /// Source: Qi et al. 2023, Zero Bubble Pipeline Parallelism, arXiv 2401.10241, in the fixed order
  /// of PyTorch's ScheduleZBVZeroBubble.
  ///
  /// - Throws: `ScheduleError` below one rank or micro-batch, or above the size limits.
  public static func zeroBubbleV(
    ranks: Int, microBatches: Int
  ) throws(ScheduleError) -> Schedule {
    let builtIn = BuiltIn.zeroBubbleV
    try builtIn.check(ranks: ranks, microBatches: microBatches, Demands())
    let actions = (0..<ranks).map { rank in
      zeroBubbleVList(rank: rank, ranks: ranks, microBatches: microBatches)
    }
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches, actions: actions,
      rankOfStage: Array(0..<ranks) + (0..<ranks).reversed())
  }

  /// The list of one rank: in each phase the same passes are run so many times, every time for the
  /// next micro-batch.
  private static func zeroBubbleVList(rank: Int, ranks: Int, microBatches: Int) -> [Action] {
    let (down, up) = (rank, 2 * ranks - 1 - rank)
    // This rank and those after it, and the micro-batches the rule is for.
    let later = ranks - rank
    let ruled = max(microBatches, 2 * ranks - 1)
    var list: [Action] = []
    list.reserveCapacity(6 * microBatches)
    func run(_ times: Int, _ passes: (kind: PassKind, stage: Int, first: Int)...) {
      // Nothing is left to run after as many times as there are micro-batches.
      for time in 0..<min(times, microBatches) {
        for (kind, stage, first) in passes where first + time < microBatches {
          list.append(.single(Pass(stage, kind, first + time)))
        }
      }
    }
    // Forwards down, and then those that come back up between them.
    run(2 * later - 1, (.forward, down, 0))
    run(rank, (.forward, up, 0), (.forward, down, 2 * later - 1))
    run(later, (.forward, up, rank), (.inputBackward, up, 0), (.weightBackward, up, 0))
    // The steady part.
    run(
      ruled - ranks,
      (.forward, down, 2 * ranks - 1 - rank), (.inputBackward, down, 0),
      (.weightBackward, down, 0), (.forward, up, ranks), (.inputBackward, up, later),
      (.weightBackward, up, later))
    // The last I, and the W that were put off.
    run(rank, (.inputBackward, down, ruled - ranks), (.inputBackward, up, ruled - rank))
    run(later, (.inputBackward, down, ruled - later), (.weightBackward, down, ruled - ranks))
    run(rank, (.weightBackward, up, ruled - rank))
    run(rank, (.weightBackward, down, ruled - rank))
    return list
  }
}

extension Facts {
  static let zeroBubbleV = Facts(
    title: "ZB-V", placement: .vShape, stagesPerRank: 2, choosesStagesPerRank: false,
    parameterCopies: 1, splitsBackward: true,
    ranksRule: "at least 1 rank", microBatchesRule: "at least 1 micro-batch",
    bubble: "(p − 1)·max(I, 2(I − W)) with the times of one stage, if W ≤ F ≤ I and m ≥ 2p",
    activationPeak: "2p on every rank, each of half a rank's size, at most 2m",
    source: "Qi et al., Zero Bubble Pipeline Parallelism, 2023 (arXiv 2401.10241); the fixed order "
      + "of PyTorch, ScheduleZBVZeroBubble")
}
