import Quantities

/// Who exchanges how much with whom where a group doubles step by step.
///
/// In a group of a power of two, rank r exchanges with r XOR d: half of the buffer with its
/// neighbour, half of that two ranks on, and so forth, so that little goes far. In any other group
/// r sends to r + d, as far as half the group first (Träff, arXiv 2410.14234): ceil(log2 N) steps
/// that move N - 1 of N parts as well.
struct Doublings {
  /// Distances and N-ths of the buffer, in the order of a reduce-scatter.
  let rounds: [(distance: Int, parts: Int)]
  private let count: Int
  private var isPowerOfTwo: Bool { count & (count - 1) == 0 }

  init(_ count: Int) {
    self.count = count
    var rounds: [(Int, Int)] = []
    if count & (count - 1) == 0 {
      for step in 0..<doublings(count) { rounds.append((1 << step, count >> (step + 1))) }
    } else {
      var left = count
      while left > 1 {
        let next = (left + 1) / 2
        rounds.append((next, left - next))
        left = next
      }
    }
    self.rounds = rounds
  }

  /// Whom `rank` sends to in a reduce-scatter; the way back is the all-gather's.
  func partner(of rank: Int, _ distance: Int) -> Int {
    isPowerOfTwo ? rank ^ distance : (rank + distance) % count
  }

  /// What each rank sends in each round where the ranks' parts of the buffer are not equal: the
  /// sizes of the parts it has summed for others.
  func sizes(_ parts: [Int]) -> [[Int]] {
    var before = [0]
    for part in parts + parts { before.append(before[before.count - 1] + part) }
    return rounds.map { distance, width in
      guard isPowerOfTwo else {
        return (0..<count).map { before[$0 + distance + width] - before[$0 + distance] }
      }
      var sums = [Int](repeating: 0, count: 2 * distance)
      for rank in 0..<count { sums[rank % (2 * distance)] += parts[rank] }
      return (0..<count).map { sums[partner(of: $0, distance) % (2 * distance)] }
    }
  }
}

extension StepBuilder {
  /// Recursive halving, doubling, or one after the other: each step waits for the one before.
  mutating func addDoublings() throws(CollectiveError) {
    let plan = Doublings(count)
    if collective.kind != .allGather {
      for round in plan.rounds { try addRound(round, of: plan, isGather: false) }
    }
    if collective.kind != .reduceScatter {
      for round in plan.rounds.reversed() { try addRound(round, of: plan, isGather: true) }
    }
  }

  /// One step: every rank sends at the same time, each message at its own rate.
  private mutating func addRound(
    _ round: (distance: Int, parts: Int), of plan: Doublings, isGather: Bool
  ) throws(CollectiveError) {
    var flows = FlowTable()
    var latency = 0.0
    let bytes = collective.bytes.value * Double(round.parts) / Double(count)
    for rank in 0..<count {
      let source = collective.members[rank]
      let target = collective.members[plan.partner(of: rank, round.distance)]
      let hop = try isGather ? send(from: target, to: source) : send(from: source, to: target)
      latency = max(latency, hop)
      try endFlow(bytes: bytes, in: &flows)
    }
    steps.append(CollectiveStep(latency: Time(seconds: latency), flows: flows))
  }
}
