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
      ZeroBubbleVRank.list(rank: rank, ranks: ranks, microBatches: microBatches)
    }
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches, actions: actions,
      rankOfStage: Array(0..<ranks) + (0..<ranks).reversed())
  }
}

/// The list of one rank of ZB-V while it is written.
private struct ZeroBubbleVRank {
  /// One of the two stages, and its next micro-batch for each kind of pass.
  struct Leg {
    let stage: Int
    var nextForward = 0
    var nextInputBackward = 0
    var nextWeightBackward = 0
  }

  private let microBatches: Int
  private var list: [Action] = []

  private mutating func append(_ kind: PassKind, _ stage: Int, _ next: inout Int) {
    // Micro-batches beyond those asked for leave no trace.
    if next < microBatches { list.append(.single(Pass(stage, kind, next))) }
    next += 1
  }

  private mutating func forward(_ leg: inout Leg) {
    append(.forward, leg.stage, &leg.nextForward)
  }

  private mutating func inputBackward(_ leg: inout Leg) {
    append(.inputBackward, leg.stage, &leg.nextInputBackward)
  }

  private mutating func weightBackward(_ leg: inout Leg) {
    append(.weightBackward, leg.stage, &leg.nextWeightBackward)
  }

  static func list(rank: Int, ranks: Int, microBatches: Int) -> [Action] {
    var one = ZeroBubbleVRank(microBatches: microBatches)
    one.list.reserveCapacity(6 * microBatches)
    var down = Leg(stage: rank)
    var up = Leg(stage: 2 * ranks - 1 - rank)
    one.fill(&down, &up, rank: rank, ranks: ranks)
    one.drain(&down, &up, rank: rank, ranks: ranks, written: max(microBatches, 2 * ranks - 1))
    return one.list
  }

  /// The warm-up: forwards down, then what comes back up between them.
  private mutating func fill(_ down: inout Leg, _ up: inout Leg, rank: Int, ranks: Int) {
    for _ in 0..<(2 * (ranks - rank) - 1) { forward(&down) }
    for _ in 0..<rank {
      forward(&up)
      forward(&down)
    }
    for _ in 0..<(ranks - rank) {
      forward(&up)
      inputBackward(&up)
      weightBackward(&up)
    }
  }

  /// The steady part, and what is left when the forwards run out.
  private mutating func drain(
    _ down: inout Leg, _ up: inout Leg, rank: Int, ranks: Int, written: Int
  ) {
    while up.nextForward < down.nextForward || down.nextForward < written {
      if down.nextForward < written { forward(&down) }
      inputBackward(&down)
      weightBackward(&down)
      forward(&up)
      inputBackward(&up)
      weightBackward(&up)
    }
    for _ in 0..<rank {
      inputBackward(&down)
      inputBackward(&up)
    }
    for _ in 0..<(ranks - rank) {
      inputBackward(&down)
      weightBackward(&down)
    }
    while up.nextWeightBackward < written { weightBackward(&up) }
    while down.nextWeightBackward < written { weightBackward(&down) }
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
