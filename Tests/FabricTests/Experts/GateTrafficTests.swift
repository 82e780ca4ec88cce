import Fabric
import Hardware
import Quantities
import Testing

/// What a gate's loads put on the ports of an expert-parallel group.
@Suite struct GateTrafficTests {
  static func gate(limit: Int) -> ExpertGate {
    ExpertGate(
      experts: 256, perToken: 8, ranks: 64, nodes: 8, groups: 8, groupsPerToken: limit)
  }

  static func transfer(
    _ kind: ExpertExchange.Kind, _ loads: RoutingLoads, tokens: Double, rowBytes: Double
  ) -> Transfer {
    ExpertExchange(kind, loads, tokens: tokens, rowBytes: Bytes(rowBytes))
      .transfer(latency: Time(seconds: 3.7e-6))
  }

  /// 4,096 tokens of V3 at EP64: 3.97 nodes a token of which 7/8 are remote, rows of 7,392 bytes
  /// out (FP8 and scales) and 14,336 back.
  @Test func v3DispatchMovesWhatTheGateSpreads() {
    let loads = RoutingLaw(Self.gate(limit: 4), .balanced, layer: 0, seed: 1).loads
    let dispatch = Self.transfer(.dispatch, loads, tokens: 4096, rowBytes: 7392)
    let combine = Self.transfer(.combine, loads, tokens: 4096, rowBytes: 14336)
    let remote = 4096 * loads.nodesPerToken * 7 / 8
    #expect(abs(dispatch.bytes(through: .nicOut).value - remote * 7392) < 1)
    #expect(abs(combine.bytes(through: .nicOut).value - remote * 14336) < 1)
    // Over NVLink: every rank but the one a row arrives at, 7/8 of ranks a node for each node.
    let nvlink = 4096 * loads.ranksPerToken * 7 / 8 * 7392
    #expect(abs(dispatch.bytes(through: .nvlinkIn).value - nvlink) < 1)
  }

  @Test func insideANodeNothingTouchesTheNIC() {
    let gate = ExpertGate(
      experts: 64, perToken: 6, ranks: 8, nodes: 1, groups: 1, groupsPerToken: 1)
    let loads = RoutingLaw(gate, .balanced, layer: 0, seed: 1).loads
    // 6 of 64 experts over 8 ranks of 8: 8 (1 - C(56, 6) / C(64, 6)) distinct ranks.
    #expect(loads.nodesPerToken == 1)
    let miss = (51...56).reduce(1.0) { $0 * Double($1) } / (59...64).reduce(1.0) { $0 * Double($1) }
    #expect(abs(loads.ranksPerToken - 8 * (1 - miss)) < 0.05)
    let dispatch = Self.transfer(.dispatch, loads, tokens: 1000, rowBytes: 100)
    #expect(dispatch.bytes(through: .nicOut) == .zero)
    let local = 1000 * loads.ranksPerToken * 7 / 8 * 100
    #expect(abs(dispatch.bytes(through: .nvlinkOut).value - local) < 1e-6)
  }

  @Test func aTighterNodeLimitSendsLess() {
    let nodes = [1, 2, 4, 8].map {
      RoutingLaw(Self.gate(limit: $0), .balanced, layer: 0, seed: 1).loads.nodesPerToken
    }
    #expect(nodes[0] == 1)
    #expect(nodes == nodes.sorted())
    // No limit: a node has none of 8 experts of 256 with probability C(224, 8) / C(256, 8).
    let miss = (0..<8).reduce(1.0) { $0 * Double(224 - $1) / Double(256 - $1) }
    #expect(abs(nodes[3] - 8 * (1 - miss)) < 0.02)
  }

  /// A limit takes the place of the model's own, be it tighter or wider.
  @Test func aLimitOfNodesReplacesTheModels() {
    let v3 = Self.gate(limit: 4)
    #expect(v3.limited(toNodes: nil) == v3)
    #expect(v3.limited(toNodes: 4) == v3)
    #expect(v3.limited(toNodes: 8) == Self.gate(limit: 8))
    #expect(v3.limited(toNodes: 6) == Self.gate(limit: 6))
    #expect(v3.limited(toNodes: .max) == Self.gate(limit: 8))
    let many = ExpertGate(
      experts: 256, perToken: 8, ranks: 16, nodes: 2, groups: 8, groupsPerToken: 4)
    #expect(
      many.limited(toNodes: 1)
        == ExpertGate(
          experts: 256, perToken: 8, ranks: 16, nodes: 2, groups: 2, groupsPerToken: 1))
  }
}
