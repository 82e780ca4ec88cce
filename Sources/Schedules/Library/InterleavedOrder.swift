/// The order all interleaved schedules share: micro-batches travel in groups. A rank runs a whole
/// group through its first stage, then the same group through its next; stages lie in a loop.
///
///     let order = InterleavedOrder(ranks: 2, microBatches: 4, stagesPerRank: 2, group: 2)
///     order.forward(rank: 1, 2)     // 3F0: the third forward of rank 1
///     order.backward(rank: 1, 0, .backward)    // 3B0
struct InterleavedOrder {
  let ranks: Int
  let stagesPerRank: Int
  /// Micro-batches of a group; the last one may be shorter.
  let group: Int
  /// The forwards of a rank in order; backwards use it with the rounds reversed.
  private let turns: [Turn]

  /// One pass of a rank: which micro-batch, on its which time round the loop of ranks.
  private struct Turn {
    var round: Int
    var microBatch: Int
  }

  init(ranks: Int, microBatches: Int, stagesPerRank: Int, group: Int) {
    self.ranks = ranks
    self.stagesPerRank = stagesPerRank
    self.group = group
    turns = stride(from: 0, to: microBatches, by: group).flatMap { first in
      (0..<stagesPerRank).flatMap { round in
        (first..<min(first + group, microBatches)).map { Turn(round: round, microBatch: $0) }
      }
    }
  }

  /// The order of a schedule as it is asked for, its shape and group size checked.
  init(
    _ schedule: BuiltIn, ranks: Int, microBatches: Int, stagesPerRank: Int, groupSize: Int?,
    lastMayBeShort: Bool = false
  ) throws(ScheduleError) {
    try schedule.check(
      ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank, Demands())
    let group = try Self.checkedGroupSize(
      groupSize, schedule, ranks: ranks, microBatches: microBatches,
      lastMayBeShort: lastMayBeShort)
    self.init(
      ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank, group: group)
  }

  /// Forwards of a rank, and backwards.
  var count: Int { turns.count }

  /// The rank that holds each stage.
  var rankOfStage: [Int] { (0..<(ranks * stagesPerRank)).map { $0 % ranks } }

  /// The forward a rank runs as its `index`th.
  func forward(rank: Int, _ index: Int) -> Pass {
    Pass(turns[index].round * ranks + rank, .forward, turns[index].microBatch)
  }

  /// The pass of `kind` that belongs to the `index`th backward of a rank.
  func backward(rank: Int, _ index: Int, _ kind: PassKind) -> Pass {
    let round = stagesPerRank - 1 - turns[index].round
    return Pass(round * ranks + rank, kind, turns[index].microBatch)
  }

  /// The group size asked for if it is allowed, or the default.
  ///
  /// The default is the smallest at or above the ranks whose last group is whole or no shorter than
  /// the ranks. So it is what Megatron-LM and PyTorch take wherever they accept the shape: the
  /// ranks where they divide the micro-batches, or m/⌊m/p⌋ if that is whole. All micro-batches in
  /// one group are always allowed, so the searches end; fewer than the ranks are one group.
  ///
  /// - Parameter lastMayBeShort: Whether a last group shorter than the ranks runs too.
  private static func checkedGroupSize(
    _ size: Int?, _ schedule: BuiltIn, ranks: Int, microBatches: Int, lastMayBeShort: Bool
  ) throws(ScheduleError) -> Int {
    let sizes = min(ranks, microBatches)...microBatches
    func isLong(_ group: Int) -> Bool {
      microBatches % group == 0 || microBatches % group >= ranks
    }
    guard let size else { return sizes.first(where: isLong) ?? microBatches }
    if sizes.contains(size), lastMayBeShort || isLong(size) { return size }
    let allowed = sizes.lazy.filter { lastMayBeShort || isLong($0) }
    let nearest = [allowed.last { $0 < size }, allowed.first { $0 > size }]
    throw .groupSize(
      schedule, groupSize: size, ranks: ranks, microBatches: microBatches,
      nearest: nearest.compactMap(\.self))
  }
}
