import Fabric
import Statistics
import Testing

@Suite struct RoutingLawTests {
  static let v3 = ExpertGate(
    experts: 256, perToken: 8, ranks: 64, nodes: 8, groups: 8, groupsPerToken: 4)

  static func small(perToken: Int = 4, ranks: Int = 8, groups: Int = 1, limit: Int = 1)
    -> ExpertGate
  {
    ExpertGate(
      experts: 32, perToken: perToken, ranks: ranks, nodes: 2, groups: groups,
      groupsPerToken: limit)
  }

  @Test func v3sGateVisitsTheKnownNodesAndRanks() {
    let loads = RoutingLaw(Self.v3, .balanced, layer: 0, seed: 1).loads
    #expect(abs(loads.nodesPerToken - 3.97) < 0.01)
    #expect(abs(loads.ranksPerToken - 7.48) < 0.02)
    #expect(loads.imbalance == 1)
    #expect(loads.expertImbalance == 1)
  }

  /// One expert a token: chosen exactly in proportion to popularity.
  @Test func withOneExpertATokenLoadsArePopularity() {
    let gate = Self.small(perToken: 1)
    let distribution = RoutingDistribution.hotExpert(8)
    let loads = RoutingLaw(gate, distribution, layer: 2, seed: 1).loads
    let popularity = distribution.popularity(
      experts: 32, perToken: 1, ranks: 8, layer: 2, seed: 1)
    let sum = popularity.reduce(0, +)
    for expert in 0..<32 {
      // 8/39 of 16,384 tokens are known to 0.0032; symmetry makes the others far better.
      #expect(abs(loads.expertRows[expert] - popularity[expert] / sum) < 0.013)
    }
  }

  /// Against brute force: scores of all experts drawn and sorted, groups by their two best.
  @Test(arguments: [(1, 1), (4, 2)])
  func theSamplerAgreesWithScoresDrawnOneByOne(groups: Int, limit: Int) {
    let gate = Self.small(groups: groups, limit: limit)
    let distribution = RoutingDistribution.zipf(1)
    let loads = RoutingLaw(gate, distribution, layer: 1, seed: 7).loads
    let popularity = distribution.popularity(
      experts: 32, perToken: 4, ranks: 8, layer: 1, seed: 7)
    var random = Lehmer(state: 99)
    var rows = [Double](repeating: 0, count: 32)
    var ranks = 0.0
    let tokens = 4_000
    for _ in 0..<tokens {
      let chosen = bruteForce(gate, popularity, &random)
      for expert in chosen { rows[expert] += 1 / Double(tokens) }
      ranks += Double(Set(chosen.map { $0 / 4 }).count) / Double(tokens)
    }
    for (got, wanted) in zip(loads.expertRows, rows) {
      let deviation = (wanted * (1 - wanted) * (1 / 4_000 + 1 / 16_384)).squareRoot()
      #expect(abs(got - wanted) < 4.5 * deviation + 1e-4)
    }
    #expect(abs(loads.ranksPerToken - ranks) < 0.06)
  }

  @Test(arguments: [
    RoutingDistribution.uniform, .zipf(1.2), .dirichlet(0.3), .hotExpert(1e6), .hotRank(4),
  ])
  func sumsAndBoundsHoldForAnyNumberOfTokens(distribution: RoutingDistribution) {
    let law = RoutingLaw(
      Self.small(groups: 4, limit: 2), distribution, layer: 0, seed: 3)
    for tokens in [0.0, 1, 7, 1e6] {
      let loads = law.loads(tokens: tokens, group: 1)
      #expect(abs(loads.rankRows.reduce(0, +) - 4) < 1e-9)
      #expect(abs(loads.expertRows.reduce(0, +) - 4) < 1e-9)
      for rank in 0..<8 {
        #expect(loads.rankVisits[rank] <= min(1, loads.rankRows[rank]) + 1e-12)
        let held = loads.expertRows[rank * 4..<rank * 4 + 4].reduce(0, +)
        #expect(abs(held - loads.rankRows[rank]) < 1e-9)
      }
      for node in 0..<2 {
        let visits = loads.rankVisits[node * 4..<node * 4 + 4]
        #expect(loads.nodeVisits[node] <= min(1, visits.reduce(0, +)) + 1e-12)
        #expect(loads.nodeVisits[node] >= (visits.max() ?? 0) - 1e-12)
      }
    }
  }

  /// Uniform: the law shows no imbalance; an expert's rows of T tokens vary as p (1 - p) / T.
  @Test func uniformLoadsVaryWithTheNumberOfTokens() {
    let law = RoutingLaw(Self.small(), .uniform, layer: 0, seed: 1)
    #expect(law.loads.imbalance == 1)
    for tokens in [1000.0, 100_000] {
      var squares = 0.0
      for group in 0..<8 {
        for rows in law.loads(tokens: tokens, group: group).expertRows {
          squares += (rows - 0.125) * (rows - 0.125)
        }
      }
      let ratio = squares / (8 * 32) / (0.125 * 0.875 / tokens)
      #expect(abs(ratio - 1) < 0.3)
    }
  }

  /// What symmetry makes alike is equal: the 7 other ranks under a hot rank, in two kinds (the hot
  /// rank's node and the other).
  @Test func aHotRankLeavesTheOthersAlike() {
    let loads = RoutingLaw(Self.small(), .hotRank(4), layer: 0, seed: 1).loads
    let hot = loads.rankRows.firstIndex(of: loads.rankRows.max() ?? 0) ?? 0
    let node = hot / 4
    let others = (0..<4).map { $0 + 4 * (1 - node) }
    #expect(others.allSatisfy { loads.rankRows[$0] == loads.rankRows[others[0]] })
    #expect(loads.imbalance > 2)
  }

  @Test func sameSeedSameLoadsAndEachGroupItsOwn() {
    let a = RoutingLaw(Self.small(), .zipf(1), layer: 4, seed: 5)
    let b = RoutingLaw(Self.small(), .zipf(1), layer: 4, seed: 5)
    #expect(a.loads == b.loads)
    #expect(a.loads(tokens: 5000, group: 0) == b.loads(tokens: 5000, group: 0))
    #expect(a.loads(tokens: 5000, group: 0) != a.loads(tokens: 5000, group: 1))
    #expect(a.loads != RoutingLaw(Self.small(), .zipf(1), layer: 4, seed: 6).loads)
  }

  /// Impossible gates end too: more experts a token than there are, groups that do not divide.
  @Test func oddGatesEnd() {
    let tooMany = ExpertGate(
      experts: 4, perToken: 9, ranks: 8, nodes: 4, groups: 2, groupsPerToken: 1)
    #expect(RoutingLaw(tooMany, .uniform, layer: 0, seed: 1).loads.expertRows.count == 4)
    let uneven = ExpertGate(
      experts: 30, perToken: 3, ranks: 7, nodes: 4, groups: 8, groupsPerToken: 2)
    let loads = RoutingLaw(uneven, .zipf(10), layer: 0, seed: 1).loads
    #expect(abs(loads.rankRows.reduce(0, +) - 3) < 1e-9)
    #expect(abs(loads.nodesPerToken) <= 4)
  }
}

/// A plain generator, other than the one under test.
struct Lehmer {
  var state: UInt64
  mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (Double(state >> 11) + 0.5) * 0x1p-53
  }
}

/// The gate by its definition: a token's experts, every score drawn. The score of expert i is
/// -log(-log(u) / w); -log u / w orders the other way round, and sums as products.
private func bruteForce(
  _ gate: ExpertGate, _ popularity: [Double], _ random: inout Lehmer
) -> [Int] {
  let times = popularity.map { -Elementary.logarithm(random.uniform()) / $0 }
  let size = gate.experts / gate.groups
  let groups = (0..<gate.groups).sorted { a, b in
    func product(_ group: Int) -> Double {
      times[group * size..<(group + 1) * size].sorted().prefix(2).reduce(1, *)
    }
    return product(a) < product(b)
  }
  let allowed = groups.prefix(gate.groupsPerToken).flatMap { $0 * size..<($0 + 1) * size }
  return Array(allowed.sorted { times[$0] < times[$1] }.prefix(gate.perToken))
}
