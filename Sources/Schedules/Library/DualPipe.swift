extension Schedule {
  /// DualPipe: micro-batches enter at both ends at once, and where two meet on a rank the forward
  /// of one and the backward of the other run as an overlapped pair, which hides the communication
  /// of each behind the computation of the other.
  ///
  ///     try Schedule.dualPipe(ranks: 2, microBatches: 4).actions[0]
  ///     // 0F0, 3F2, 0F1, 3B2, (3F3;0B0)OVERLAP_F_B, 3B3, 0I1, 0W1
  ///
  /// Half of the micro-batches go each way. Direction 0 uses stages `0 ..< p` and the first half;
  /// direction 1 uses stages `p ..< 2p`, which are the same parts of the model on the ranks in
  /// reverse, and the second half. So every part has two copies, whose gradients are summed.
  ///
  /// Source: DeepSeek-V3 technical report, arXiv 2412.19437, and its released code.
  ///
  /// - Throws: `ScheduleError` unless ranks and micro-batches are even and there are at least twice
  ///   as many micro-batches as ranks, or above the size limits.
  public static func dualPipe(ranks: Int, microBatches: Int) throws(ScheduleError) -> Schedule {
    let builtIn = BuiltIn.dualPipe
    try builtIn.check(
      ranks: ranks, microBatches: microBatches,
      Demands(ranksMultiple: 2, microBatchesMultiple: 2, fewestMicroBatches: { 2 * $0 }))
    let half = microBatches / 2
    let actions = (0..<ranks).map { rank in
      let down = DualPipeRank.Direction(stage: rank, firstMicroBatch: 0)
      let up = DualPipeRank.Direction(stage: 2 * ranks - 1 - rank, firstMicroBatch: half)
      let startsDown = rank < ranks / 2
      return DualPipeRank.list(
        depth: min(rank, ranks - 1 - rank), innermost: ranks / 2 - 1, microBatches: half,
        near: startsDown ? down : up, far: startsDown ? up : down)
    }
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches, actions: actions,
      rankOfStage: Array(0..<ranks) + (0..<ranks).reversed(),
      modelStage: Array(0..<ranks) + Array(0..<ranks))
  }

  /// DualPipeV: DualPipe cut in half. The first `p` ranks of a DualPipe of `2p` ranks keep their
  /// lists, and the direction that came from the other half comes back from rank `p − 1` in place
  /// of it, so one copy of the parameters is enough.
  ///
  ///     try Schedule.dualPipeV(ranks: 1, microBatches: 2).actions[0]
  ///     // 0F0, 1F0, 0F1, 1B0, (1F1;0B0)OVERLAP_F_B, 1B1, 0I1, 0W1
  ///
  /// Rank `r` holds stages `r` and `2p − 1 − r`, and every micro-batch visits all `2p` stages.
  ///
  /// Source: the released code of DualPipe, after the cut-in-half idea of Sea AI Lab.
  ///
  /// - Throws: `ScheduleError` with less than twice as many micro-batches as ranks, or above the
  ///   size limits.
  public static func dualPipeV(ranks: Int, microBatches: Int) throws(ScheduleError) -> Schedule {
    let builtIn = BuiltIn.dualPipeV
    try builtIn.check(
      ranks: ranks, microBatches: microBatches, Demands(fewestMicroBatches: { 2 * $0 }))
    let actions = (0..<ranks).map { rank in
      DualPipeRank.list(
        depth: rank, innermost: ranks - 1, microBatches: microBatches,
        near: .init(stage: rank, firstMicroBatch: 0),
        far: .init(stage: 2 * ranks - 1 - rank, firstMicroBatch: 0))
    }
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches, actions: actions,
      rankOfStage: Array(0..<ranks) + (0..<ranks).reversed())
  }
}

/// The list of one rank of DualPipe or DualPipeV while it is written.
///
/// `near` is the direction whose first stage is the closer to this rank, `far` the other. Each
/// direction takes its micro-batches in order, and W are run in the order they were put off.
private struct DualPipeRank {
  /// One direction on this rank: its stage, and how far it has come.
  struct Direction {
    let stage: Int
    var nextForward: Int
    var nextBackward: Int

    init(stage: Int, firstMicroBatch: Int) {
      self.stage = stage
      nextForward = firstMicroBatch
      nextBackward = firstMicroBatch
    }
  }

  private var near: Direction
  private var far: Direction
  private var list: [Action] = []
  /// W put off, oldest first, and how many of them have run since.
  private var weights: [Pass] = []
  private var weightsDone = 0

  private init(near: Direction, far: Direction) {
    self.near = near
    self.far = far
  }

  /// The eight steps.
  ///
  /// - Parameters:
  ///   - depth: Ranks between this one and its end of the pipeline.
  ///   - innermost: Depth of the rank where the directions meet first.
  ///   - microBatches: Micro-batches of each direction.
  static func list(
    depth: Int, innermost: Int, microBatches: Int, near: Direction, far: Direction
  ) -> [Action] {
    var rank = DualPipeRank(near: near, far: far)
    let inner = innermost - depth  // ranks between this one and the meeting point
    let outer = depth + 1  // this rank and those between it and its end
    let pairs = microBatches - 2 * inner - outer
    rank.list.reserveCapacity(4 * microBatches)

    // 1. Forwards of the near direction, until the first of the far one can be here.
    for _ in 0..<(2 * inner) { rank.forward(\.near) }
    // 2. Forwards of both directions.
    for _ in 0..<outer {
      rank.forward(\.near)
      rank.forward(\.far)
    }
    // 3. Backwards of the far direction, split so that the next rank waits only for I.
    for _ in 0..<inner {
      rank.inputBackward(\.far)
      rank.weightBackward()
      rank.forward(\.far)
    }
    // 4. The steady part: overlapped pairs, each direction's forward with the other's backward.
    for pair in 0..<pairs {
      if inner == 0, pair == 0 {
        // Nothing is there yet to overlap with where the directions meet first.
        rank.forward(\.near)
        rank.backward(\.far)
      } else {
        rank.overlap(\.near, \.far)
      }
      rank.overlap(\.far, \.near)
    }
    // 5. The near direction has no forwards left.
    for _ in 0..<inner {
      rank.backward(\.far)
      rank.overlap(\.far, \.near)
    }
    // 6. Backwards of both; the later half is split, its W kept for the end.
    for turn in 0..<(2 * outer) {
      let direction = turn.isMultiple(of: 2) ? \DualPipeRank.far : \DualPipeRank.near
      if turn < outer { rank.backward(direction) } else { rank.inputBackward(direction) }
    }
    // 7. The last I of the near direction, each wait filled with a W.
    for _ in 0..<inner {
      rank.weightBackward()
      rank.inputBackward(\.near)
    }
    // 8. The W that are left.
    for _ in 0..<outer { rank.weightBackward() }
    return rank.list
  }

  private typealias Way = WritableKeyPath<DualPipeRank, Direction>

  private mutating func nextForward(_ way: Way) -> Pass {
    defer { self[keyPath: way].nextForward += 1 }
    return Pass(self[keyPath: way].stage, .forward, self[keyPath: way].nextForward)
  }

  private mutating func nextBackward(_ way: Way, _ kind: PassKind) -> Pass {
    defer { self[keyPath: way].nextBackward += 1 }
    return Pass(self[keyPath: way].stage, kind, self[keyPath: way].nextBackward)
  }

  private mutating func forward(_ way: Way) { list.append(.single(nextForward(way))) }

  private mutating func backward(_ way: Way) { list.append(.single(nextBackward(way, .backward))) }

  private mutating func overlap(_ forward: Way, _ backward: Way) {
    let pass = nextForward(forward)
    list.append(.overlapped(forward: pass, backward: nextBackward(backward, .backward)))
  }

  private mutating func inputBackward(_ way: Way) {
    var pass = nextBackward(way, .inputBackward)
    list.append(.single(pass))
    pass.kind = .weightBackward
    weights.append(pass)
  }

  private mutating func weightBackward() {
    list.append(.single(weights[weightsDone]))
    weightsDone += 1
  }
}

extension Facts {
  static let dualPipe = Facts(
    title: "DualPipe", placement: .bidirectional, stagesPerRank: 2, choosesStagesPerRank: false,
    hasPairs: true, parameterCopies: 2, splitsBackward: true,
    ranksRule: "an even number of ranks",
    microBatchesRule: "an even number of micro-batches, at least twice the ranks",
    bubble: "(p/2 − 1)(FB + B − 3W) as published, exact if I = F ≥ W and max(F, B) ≤ FB ≤ F + B; "
      + "with P = p/2, (P − 1)[max(F, I) + FB − B + max(I − W, 0)] "
      + "− min(F, (P − 1)·max(I − F, 0)) on the innermost ranks",
    activationPeak: "p + 1 on every rank",
    source: "DeepSeek-V3 technical report, 2024 (arXiv 2412.19437); deepseek-ai/DualPipe")

  static let dualPipeV = Facts(
    title: "DualPipeV", placement: .vShape, stagesPerRank: 2, choosesStagesPerRank: false,
    hasPairs: true, parameterCopies: 1, splitsBackward: true,
    ranksRule: "at least 1 rank",
    microBatchesRule: "at least twice as many micro-batches as ranks",
    bubble: "(p − 1)(FB + B − 3W) with the times of one stage, exact if I = F ≥ W and "
      + "max(F, B) ≤ FB ≤ F + B",
    activationPeak: "2p + 1 on every rank, each of half a rank's size",
    source: "deepseek-ai/DualPipe, 2025, after the cut-in-half schedule of Sea AI Lab")
}
