import Fabric
import Hardware
import Quantities
import Testing

@Suite struct TransferTests {
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
