extension Schedule {
  /// Interleaved 1F1B: several stages on each rank, placed in a loop, so that the bubble shrinks
  /// by the number of stages per rank while hops between ranks grow by it.
  ///
  ///     try Schedule.interleaved(ranks: 2, microBatches: 2, stagesPerRank: 2).actions[1]
  ///     // 1F0, 1F1, 3F0, 3B0, 3F1, 3B1, 1B0, 1B1
  ///
  /// Micro-batches travel in groups: a rank runs a whole group through its first stage, then the
  /// same group through its next. A last group shorter than the number of ranks can leave
  /// the ranks waiting for one another for ever (7 micro-batches in groups of 5 on 5 ranks do), so
  /// such a group size is refused.
  ///
  /// Source: Narayanan et al. 2021, arXiv 2104.04473; the order of Megatron-LM, which PyTorch
  /// shares where the ranks divide the micro-batches.
  ///
  /// - Parameters:
  ///   - ranks: Ranks of the pipeline.
  ///   - microBatches: Micro-batches of a step, at least as many as ranks.
  ///   - stagesPerRank: Stages on each rank.
  ///   - groupSize: Micro-batches of a group, at least as many as ranks; nil for the smallest size
  ///     whose last group is long enough, which is the number of ranks where that divides the
  ///     micro-batches.
  /// - Throws: `ScheduleError` with the rule that is not met and the nearest allowed value.
  public static func interleaved(
    ranks: Int, microBatches: Int, stagesPerRank: Int = 2, groupSize: Int? = nil
  ) throws(ScheduleError) -> Schedule {
    let builtIn = BuiltIn.interleaved
    try builtIn.check(
      ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank,
      Demands(fewestMicroBatches: { $0 }))
    let group = try checkedGroupSize(groupSize, ranks: ranks, microBatches: microBatches)
    let actions = interleavedActions(
      ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank, group: group)
    return Schedule(
      name: builtIn.rawValue, microBatches: microBatches, actions: actions,
      rankOfStage: (0..<(ranks * stagesPerRank)).map { $0 % ranks })
  }

  /// The lists for a group size that need not be allowed.
  static func interleavedActions(
    ranks: Int, microBatches: Int, stagesPerRank: Int, group: Int
  ) -> [[Action]] {
    let turns = turns(microBatches: microBatches, stagesPerRank: stagesPerRank, group: group)
    return (0..<ranks).map { rank in
      // A forward and a backward hop each cost a slot, hence two for each later rank.
      let warmUp = min(turns.count, (stagesPerRank - 1) * group + 2 * (ranks - 1 - rank))
      var list: [Action] = []
      list.reserveCapacity(2 * turns.count)
      func forward(_ turn: Turn) {
        list.append(.single(Pass(turn.round * ranks + rank, .forward, turn.microBatch)))
      }
      func backward(_ turn: Turn) {
        let round = stagesPerRank - 1 - turn.round
        list.append(.single(Pass(round * ranks + rank, .backward, turn.microBatch)))
      }
      for turn in turns[..<warmUp] { forward(turn) }
      for index in warmUp..<turns.count {
        forward(turns[index])
        backward(turns[index - warmUp])
      }
      for turn in turns[(turns.count - warmUp)...] { backward(turn) }
      return list
    }
  }

  /// One pass of a rank: which micro-batch, on its which time round the loop of ranks.
  private struct Turn {
    var round: Int
    var microBatch: Int
  }

  /// The order in which every rank runs its forwards; backwards use it with the rounds reversed.
  private static func turns(microBatches: Int, stagesPerRank: Int, group: Int) -> [Turn] {
    stride(from: 0, to: microBatches, by: group).flatMap { first in
      (0..<stagesPerRank).flatMap { round in
        (first..<min(first + group, microBatches)).map { Turn(round: round, microBatch: $0) }
      }
    }
  }

  /// `size` where it is allowed, or the smallest allowed one. All micro-batches in one group are
  /// always allowed, so the searches end.
  private static func checkedGroupSize(
    _ size: Int?, ranks: Int, microBatches: Int
  ) throws(ScheduleError) -> Int {
    let allowed = (ranks...microBatches).lazy.filter { group in
      microBatches % group == 0 || microBatches % group >= ranks
    }
    guard let size else { return allowed.first ?? microBatches }
    guard !allowed.contains(size) else { return size }
    let nearest = [allowed.last { $0 < size }, allowed.first { $0 > size }]
    throw .groupSize(
      .interleaved, groupSize: size, ranks: ranks, microBatches: microBatches,
      nearest: nearest.compactMap(\.self))
  }
}

extension Facts {
  static let interleaved = Facts(
    title: "Interleaved 1F1B", placement: .loop, stagesPerRank: 2, choosesStagesPerRank: true,
    choosesGroupSize: true, parameterCopies: 1, splitsBackward: false,
    ranksRule: "at least 1 rank", microBatchesRule: "at least as many micro-batches as ranks",
    bubble: "(p − 1)(F + B) with the times of one stage, so 1/v of 1F1B's",
    activationPeak: "2(p − 1 − r) + (v − 1)g + 1, at most v·m, with groups of g: p if p divides m",
    source: "Narayanan et al., Efficient Large-Scale Language Model Training on GPU Clusters, "
      + "2021 (arXiv 2104.04473); Megatron-LM")
}
