import Fabric
import Testing

/// Loads with experts in other places than in order.
@Suite struct PlacedLawTests {
  static let gate = ExpertGate(
    experts: 64, perToken: 4, ranks: 16, nodes: 4, groups: 4, groupsPerToken: 2)

  static func placement(_ law: RoutingLaw, redundant: Int) throws -> ExpertPlacement {
    try ExpertPlacement(
      loads: law.loads.expertRows, slots: 64 + redundant, groups: 4, nodes: 4, gpus: 16)
  }

  /// 16 experts a node and no or 4 replicas on its 4 GPUs: each GPU can have exactly its part.
  @Test(arguments: [0, 16], [RoutingDistribution.balanced, .uniform])
  func experts(redundant: Int, alike: RoutingDistribution) throws {
    let law = RoutingLaw(Self.gate, alike, layer: 3, seed: 1)
    let placed = law.placed(by: try Self.placement(law, redundant: redundant))
    #expect(placed.loads.imbalance < 1 + 1e-12)
    #expect(placed.loads.expertRows == law.loads.expertRows)
    #expect(placed.loads.expertImbalance == 1)
    var before = Double.infinity
    for tokens in [1e3, 1e5, 1e7, 1e9] {
      let imbalance = placed.loads(tokens: tokens, group: 0).imbalance
      #expect(imbalance < 1 + 3.5 / (tokens * 4 / 16).squareRoot())
      #expect(alike == .balanced || imbalance < before)
      before = imbalance
    }
    // Nodes and ranks are visited alike too.
    for visits in [placed.loads.nodeVisits, placed.loads.rankVisits] {
      #expect(visits.allSatisfy { abs($0 / visits[0] - 1) < 1e-12 })
    }
    #expect(abs(placed.loads.nodesPerToken - law.loads.nodesPerToken) < 0.02)
  }

  /// Ranks have what their slots bring: the expert's rows over its replicas.
  @Test(arguments: [0, 32])
  func aHotRankPlacedHasThePlacementsRatio(redundant: Int) throws {
    let law = RoutingLaw(Self.gate, .hotRank(2), layer: 0, seed: 1)
    let placement = try Self.placement(law, redundant: redundant)
    var rows = [Double](repeating: 0, count: 16)
    for (slot, expert) in placement.slots.enumerated() {
      rows[slot / (placement.slots.count / 16)] +=
        law.loads.expertRows[expert] / Double(placement.replicas[expert].count)
    }
    let ratio = (rows.max() ?? 0) / (rows.reduce(0, +) / 16)
    let placed = law.placed(by: placement)
    #expect(abs(placed.loads.imbalance - ratio) < 1e-12)
    #expect(abs(placed.loads(tokens: 1e15, group: 0).imbalance - ratio) < 1e-5)
    #expect(ratio < law.loads.imbalance)
    #expect(placed.placed(by: placement).loads == placed.loads)
  }

  /// Loads of many groups lie about the law: their mean is off by no more than chance.
  @Test(arguments: [RoutingDistribution.uniform, .zipf(0.8)])
  func tokensAreUnbiased(distribution: RoutingDistribution) throws {
    let law = RoutingLaw(Self.gate, distribution, layer: 0, seed: 1)
    let placed = law.placed(by: try Self.placement(law, redundant: 16))
    let groups = 24
    var mean = [Double](repeating: 0, count: 16)
    for group in 0..<groups {
      for (rank, rows) in placed.loads(tokens: 1e4, group: group).rankRows.enumerated() {
        mean[rank] += rows / Double(groups)
      }
    }
    for (rank, rows) in placed.loads.rankRows.enumerated() {
      // Known to the error of 24 x 10^4 tokens, and a third of that of the law's 16,384.
      #expect(abs(mean[rank] / rows - 1) < 4.5 * (1 / rows).squareRoot() * 0.0045)
    }
  }

  @Test(arguments: [RoutingDistribution.uniform, .zipf(1.2), .hotExpert(1e6), .hotRank(4)])
  func sumsAndBoundsHold(distribution: RoutingDistribution) throws {
    let law = RoutingLaw(Self.gate, distribution, layer: 0, seed: 3)
    let placed = law.placed(by: try Self.placement(law, redundant: 32))
    for tokens in [0.0, 1, 7, 1e6] { check(placed.loads(tokens: tokens, group: 1)) }
  }

  private func check(_ loads: RoutingLoads) {
    #expect(abs(loads.rankRows.reduce(0, +) - 4) < 1e-9)
    #expect(abs(loads.expertRows.reduce(0, +) - 4) < 1e-9)
    for rank in 0..<16 {
      #expect(loads.rankVisits[rank] <= min(1, loads.rankRows[rank]) + 1e-12)
    }
    for node in 0..<4 {
      let visits = loads.rankVisits[node * 4..<node * 4 + 4]
      #expect(loads.nodeVisits[node] <= min(1, visits.reduce(0, +)) + 1e-12)
      #expect(loads.nodeVisits[node] >= (visits.max() ?? 0) - 1e-12)
    }
  }

  /// Experts get exactly what was counted under a limit of groups too, in order and placed, and
  /// tokens lie about it.
  @Test func countsAreKeptExactly() throws {
    let tokens = (0..<64).map { Double(1 + $0 * $0 % 97) }
    let counts = try RoutingCounts(source: "c", rows: [.init(layer: nil, tokens: tokens)])
    let law = RoutingLaw(Self.gate, .counts(counts), layer: 0, seed: 1)
    let sum = tokens.reduce(0, +)
    for expert in 0..<64 {
      #expect(abs(law.loads.expertRows[expert] - 4 * tokens[expert] / sum) < 1e-12)
    }
    let ofRanks = (0..<16).map { tokens[$0 * 4..<$0 * 4 + 4].reduce(0, +) }
    let busiest = (ofRanks.max() ?? 0) * 16 / sum
    #expect(abs(law.loads.imbalance - busiest) < 1e-9)
    #expect(abs(law.loads(tokens: 1e30, group: 0).imbalance - busiest) < 1e-9)
    #expect(law.loads(tokens: 1e5, group: 0).expertRows != law.loads.expertRows)
    for count in [0.0, 1, 7, 1e6] { check(law.loads(tokens: count, group: 0)) }
    let placed = law.placed(by: try Self.placement(law, redundant: 16))
    #expect(placed.loads.expertRows == law.loads.expertRows)
    check(placed.loads)
    check(placed.loads(tokens: 1e4, group: 2))
    var mean = [Double](repeating: 0, count: 16)
    for group in 0..<24 {
      for (rank, rows) in law.loads(tokens: 1e4, group: group).rankRows.enumerated() {
        mean[rank] += rows / 24
      }
    }
    for (rank, rows) in law.loads.rankRows.enumerated() {
      #expect(abs(mean[rank] / rows - 1) < 4.5 * (1 / rows).squareRoot() * 0.0045)
    }
  }

  /// An expert has a row of a token at most; the rest share what is left.
  @Test func noExpertGetsMoreThanEveryToken() throws {
    let counts = try RoutingCounts(
      source: "c",
      rows: [.init(layer: nil, tokens: [1000, 1, 1, 2] + [Double](repeating: 0, count: 60))])
    var gate = Self.gate
    gate.groupsPerToken = 4
    let law = RoutingLaw(gate, .counts(counts), layer: 0, seed: 1)
    #expect(law.loads.expertRows.prefix(4).allSatisfy { abs($0 - 1) < 1e-12 })
    check(law.loads)
    gate.perToken = 2
    let rows = RoutingLaw(gate, .counts(counts), layer: 0, seed: 1).loads.expertRows
    #expect(zip(rows, [1, 0.25, 0.25, 0.5]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  /// Equal counts are uniform routing.
  @Test func equalCountsAreUniform() throws {
    let counts = try RoutingCounts(
      source: "c", rows: [.init(layer: nil, tokens: [Double](repeating: 5, count: 64))])
    let counted = RoutingLaw(Self.gate, .counts(counts), layer: 0, seed: 1).loads
    let uniform = RoutingLaw(Self.gate, .uniform, layer: 0, seed: 1).loads
    #expect(zip(counted.rankVisits, uniform.rankVisits).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(counted.imbalance < 1 + 1e-9)
  }
}
