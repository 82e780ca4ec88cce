import Statistics

/// Counts where sampled tokens go.
struct RoutingTally: ~Copyable {
  private let experts, ranks, nodes: Int
  /// Ranks of expert `e`'s replicas stand from `firstReplica[e]` to `firstReplica[e + 1]`.
  private let replicaRank, firstReplica, nodeOfRank: UnsafeMutablePointer<Int32>
  /// The last token that visited a rank, and a node behind all ranks.
  private let visitor: UnsafeMutablePointer<Int32>
  /// Rows of experts, rows of ranks, visits of ranks, visits of nodes, one after another.
  private let sums: UnsafeMutablePointer<Double>

  private init(_ gate: ExpertGate, experts: Int, placement: ExpertPlacement?) {
    self.experts = experts
    let ranks = max(1, min(gate.ranks, experts))
    let nodes = max(1, min(gate.nodes, ranks))
    self.ranks = ranks
    self.nodes = nodes
    func filled<Values: Collection<Int32>>(_ values: Values) -> UnsafeMutablePointer<Int32> {
      let pointer = UnsafeMutablePointer<Int32>.allocate(capacity: max(values.count, 1))
      for (index, value) in values.enumerated() { (pointer + index).initialize(to: value) }
      return pointer
    }
    visitor = filled(repeatElement(-1, count: ranks + nodes))
    nodeOfRank = filled((0..<ranks).map { Int32($0 * nodes / ranks) })
    var first: [Int32] = [0]
    var rankOf: [Int32] = []
    for expert in 0..<experts {
      if let placement, expert < placement.replicas.count {
        rankOf += placement.replicas[expert].map { Int32($0 * ranks / placement.slots.count) }
      } else {
        rankOf.append(Int32(expert * ranks / experts))
      }
      first.append(Int32(rankOf.count))
    }
    replicaRank = filled(rankOf)
    firstReplica = filled(first)
    sums = .allocate(capacity: experts + 2 * ranks + nodes)
    sums.initialize(repeating: 0, count: experts + 2 * ranks + nodes)
  }

  deinit {
    for pointer in [visitor, nodeOfRank, replicaRank, firstReplica] { pointer.deallocate() }
    sums.deallocate()
  }

  /// Mean loads of `tokens` sampled tokens.
  static func sample(
    _ gate: ExpertGate, popularity: [Double], placement: ExpertPlacement?, tokens: Int,
    _ random: inout QuickStream
  ) -> RoutingLoads {
    var sampler = GateSampler(gate, popularity: popularity)
    let tally = RoutingTally(gate, experts: popularity.count, placement: placement)
    var token = 0
    while token < tokens {
      sampler.draw(&random)
      var place = 0
      while place < sampler.perToken {
        tally.count(Int(sampler.chosen[place]), of: Int32(truncatingIfNeeded: token))
        place &+= 1
      }
      token &+= 1
    }
    return tally.loads(tokens: Double(tokens))
  }

  /// A row of `token` for `expert`; rows go to an expert's replicas in turn.
  @inline(__always)
  private func count(_ expert: Int, of token: Int32) {
    sums[expert] += 1
    let first = firstReplica[expert]
    let replicas = firstReplica[expert &+ 1] &- first
    let rank = Int(replicaRank[Int(replicas == 1 ? first : first &+ token % replicas)])
    sums[experts &+ rank] += 1
    guard visitor[rank] != token else { return }
    visitor[rank] = token
    sums[experts &+ ranks &+ rank] += 1
    let node = Int(nodeOfRank[rank])
    guard visitor[ranks &+ node] != token else { return }
    visitor[ranks &+ node] = token
    sums[experts &+ 2 &* ranks &+ node] += 1
  }

  private func loads(tokens: Double) -> RoutingLoads {
    func means(_ start: Int, _ count: Int) -> [Double] {
      (start..<start + count).map { sums[$0] / tokens }
    }
    return RoutingLoads(
      nodeVisits: means(experts + 2 * ranks, nodes), rankVisits: means(experts + ranks, ranks),
      rankRows: means(experts, ranks), expertRows: means(0, experts))
  }
}
