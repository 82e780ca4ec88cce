/// How a rank runs the forward and the backward of an overlapped pair.
public enum PairOrder: String, Sendable, CaseIterable {
  /// Together: the communication of each behind the computation of the other.
  case overlapped
  /// The forward, then the backward: nothing hides.
  case serial
}

extension Schedule {
  /// The same lists with each overlapped pair as its forward and then its backward, which says what
  /// overlap alone is worth.
  ///
  ///     try Schedule.dualPipe(ranks: 2, microBatches: 4).withSerialPairs.actions[0]
  ///     // 0F0, 3F2, 0F1, 3B2, 3F3, 0B0, 3B3, 0I1, 0W1
  ///
  /// It runs wherever the pairs do: a pair waits for what both of its halves need, and here each
  /// half waits for its own needs alone. So it takes no longer than pairs of F + B do.
  ///
  /// - Complexity: O(passes).
  public var withSerialPairs: Schedule {
    var serial = self
    serial.actions = actions.map { list in
      list.flatMap { action -> [Action] in
        switch action {
        case .single: [action]
        case .overlapped(let forward, let backward): [.single(forward), .single(backward)]
        }
      }
    }
    return serial
  }
}
