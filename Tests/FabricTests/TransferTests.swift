import Fabric
import Hardware
import Quantities
import Testing

@Suite struct TransferTests {
  /// 4,096 tokens of V3 at EP64: 3.97 nodes a token of which 7/8 are remote, rows of 7,392 bytes
  /// out (FP8 and scales) and 14,336 back.
  @Test func v3DispatchMovesWhatTheGateSpreads() {
    let spread = RoutingSpread(
      sampling: .init(
        experts: 256, perToken: 8, ranks: 64, nodes: 8, groups: 8, groupsPerToken: 4), seed: 1)
    #expect(abs(spread.nodesPerToken - 3.97) < 0.02)
    #expect(abs(spread.ranksPerToken - 7.48) < 0.03)
    let transfers = ExpertTransfers(
      tokens: 4096, rowBytes: (dispatch: Bytes(7392), combine: Bytes(14336)), spread: spread,
      group: Group(count: 64, stride: 1, gpusPerNode: 8), latency: Time(seconds: 3.7e-6))
    let remote = 4096 * spread.nodesPerToken * 7 / 8
    #expect(abs(transfers.dispatch.bytes(through: .nicOut).value - remote * 7392) < 1)
    #expect(abs(transfers.combine.bytes(through: .nicOut).value - remote * 14336) < 1)
    // Over NVLink: every rank but the one a row arrives at, 7/8 of ranks a node for each node.
    let nvlink = 4096 * spread.ranksPerToken * 7 / 8 * 7392
    #expect(abs(transfers.dispatch.bytes(through: .nvlinkIn).value - nvlink) < 1)
  }

  @Test func insideANodeNothingTouchesTheNIC() {
    let spread = RoutingSpread(
      sampling: .init(
        experts: 64, perToken: 6, ranks: 8, nodes: 1, groups: 1, groupsPerToken: 1), seed: 1)
    // 6 of 64 experts over 8 ranks of 8: 8 (1 - C(56, 6) / C(64, 6)) distinct ranks.
    #expect(spread.nodesPerToken == 1)
    let miss = (51...56).reduce(1.0) { $0 * Double($1) } / (59...64).reduce(1.0) { $0 * Double($1) }
    #expect(abs(spread.ranksPerToken - 8 * (1 - miss)) < 0.05)
    let transfers = ExpertTransfers(
      tokens: 1000, rowBytes: (dispatch: Bytes(100), combine: Bytes(200)), spread: spread,
      group: Group(count: 8, stride: 1, gpusPerNode: 8), latency: Time(seconds: 3.7e-6))
    #expect(transfers.dispatch.bytes(through: .nicOut) == .zero)
    let local = 1000 * spread.ranksPerToken * 7 / 8 * 100
    #expect(abs(transfers.dispatch.bytes(through: .nvlinkOut).value - local) < 1e-6)
  }

  @Test func aTighterNodeLimitSendsLess() {
    func nodes(_ limit: Int) -> Double {
      RoutingSpread(
        sampling: .init(
          experts: 256, perToken: 8, ranks: 64, nodes: 8, groups: 8, groupsPerToken: limit),
        seed: 1
      ).nodesPerToken
    }
    #expect(nodes(1) == 1)
    #expect(nodes(2) < nodes(4))
    #expect(nodes(4) < nodes(8))
  }

  @Test func sameSeedSameSpread() {
    let gate = RoutingSpread.Gate(
      experts: 128, perToken: 8, ranks: 16, nodes: 2, groups: 1, groupsPerToken: 1)
    #expect(RoutingSpread(sampling: gate, seed: 5) == RoutingSpread(sampling: gate, seed: 5))
    #expect(RoutingSpread(sampling: gate, seed: 5) != RoutingSpread(sampling: gate, seed: 6))
  }

  /// All-gather of B bytes: (p-1)/p B over NVLink; (n-1)/n B/p over each NIC.
  @Test(arguments: [(8, 1), (16, 1), (128, 1), (2, 64), (16, 4)])
  func gatherMovesTheTextbookShares(size: Int, stride: Int) {
    let group = Group(count: size, stride: stride, gpusPerNode: 8)
    let transfer = Transfer.gather(Bytes(1e9), over: group, latency: Time(seconds: 3.7e-6))
    let p = group.perNode
    let n = Double(group.nodes)
    #expect(p * n == Double(size))
    #expect(abs(transfer.bytes(through: .nvlinkOut).value - 1e9 * (p - 1) / p) < 1)
    #expect(abs(transfer.bytes(through: .nicOut).value - 1e9 * (n - 1) / n / p) < 1)
    let twice = Transfer.allReduce(Bytes(1e9), over: group, latency: Time(seconds: 3.7e-6))
    #expect(twice.bytes(through: .nicIn) == transfer.bytes(through: .nicIn) * 2)
  }

  @Test func nothingToMoveIsNoTransfer() {
    let alone = Group(count: 1, stride: 1, gpusPerNode: 8)
    #expect(Transfer.gather(Bytes(1e9), over: alone, latency: Time(seconds: 3.7e-6)).isEmpty)
  }

  /// Groups stand where their GPUs do: over a node's edge, unevenly, or in two blocks.
  @Test func groupsCountTheNodesOfTheirMembers() {
    #expect(Group(starts: [6], count: 6, stride: 1, gpusPerNode: 8).nodes == 2)
    #expect(Group(count: 12, stride: 1, gpusPerNode: 8).perNode == 6)
    #expect(Group(starts: [0, 28], count: 4, stride: 1, gpusPerNode: 8).nodes == 2)
    #expect(Group(starts: [0, 4], count: 4, stride: 1, gpusPerNode: 8).nodes == 1)
    #expect(Group(count: 4, stride: 64, gpusPerNode: 8).nodes == 4)
    // 64 GPUs of 72 a node: the second group crosses into the next node.
    #expect(Group.neighbours(64, among: 128, gpusPerNode: 72).nodes == 2)
    #expect(Group.neighbours(8, among: 128, gpusPerNode: 8).nodes == 1)
  }
}
