import Fabric
import Quantities
import Testing

/// A flow of a test case: when it enters, what it crosses, how much it moves.
private struct CaseFlow {
  var start = 0.0
  var path: [LinkUse]
  var bytes: Double

  init(_ links: [Int], _ bytes: Double, start: Double = 0) {
    path = links.map { LinkUse(link: $0) }
    self.bytes = bytes
    self.start = start
  }
}

/// Finish times of all flows, and what the links carried.
private func solve(_ capacities: [Double], _ flows: [CaseFlow]) -> (
  finish: [Double], carried: [Double]
) {
  var network = FlowNetwork(capacities: capacities.map { Bandwidth($0) })
  var pending = flows.indices.sorted { flows[$0].start < flows[$1].start }[...]
  var finish = [Double](repeating: -1, count: flows.count)
  var ends: [(time: Time, slot: UInt32)] = []
  while !(pending.isEmpty && ends.isEmpty) {
    let nextStart = pending.first.map { Time(seconds: flows[$0].start) } ?? .max
    let now = min(nextStart, ends.map(\.time).min() ?? .max)
    for end in ends where end.time == now && network.ends(end.slot, at: now) {
      finish[Int(network.tag(of: end.slot))] = now.seconds
      network.finish(end.slot)
    }
    ends.removeAll { $0.time == now || !network.ends($0.slot, at: $0.time) }
    while let first = pending.first, Time(seconds: flows[first].start) == now {
      network.start(
        flows[first].path, bytes: Bytes(flows[first].bytes), tag: UInt32(first), at: now)
      pending.removeFirst()
    }
    network.settle(at: now) { slot, time in ends.append((time, slot)) }
  }
  return (finish, network.carriedBytes.map(\.value))
}

@Suite struct FlowNetworkTests {
  @Test func oneFlowTakesBytesOverCapacity() {
    #expect(abs(solve([1e9], [CaseFlow([0], 1e6)]).finish[0] - 1e-3) < 1e-12)
  }

  @Test func twoFlowsShareAndTheLongerOneSpeedsUp() {
    // Both at 0.5 GB/s until the first MB is through at 2 ms; the other MB then takes 1 ms.
    let finish = solve([1e9], [CaseFlow([0], 1e6), CaseFlow([0], 2e6)]).finish
    #expect(abs(finish[0] - 2e-3) < 1e-11)
    #expect(abs(finish[1] - 3e-3) < 1e-11)
  }

  @Test func parkingLotGivesTheLongFlowItsFairShareOnTheTightestLink() {
    // The long flow shares link 0 (1 GB/s) with one flow and link 1 (3 GB/s) with another: it gets
    // 0.5 GB/s, so the flow on link 1 gets 2.5 GB/s.
    let finish = solve(
      [1e9, 3e9], [CaseFlow([0, 1], 1e6), CaseFlow([0], 1e6), CaseFlow([1], 2.5e6)]
    ).finish
    #expect(abs(finish[2] - 1e-3) < 1e-11)
    #expect(abs(finish[0] - 2e-3) < 1e-11)
    #expect(abs(finish[1] - 2e-3) < 1e-11)
  }

  @Test func aClassCrossingALinkTwiceLoadsItTwice() {
    var flow = CaseFlow([0], 1e6)
    flow.path = [LinkUse(link: 0, share: 2)]
    let (finish, carried) = solve([1e9], [flow])
    #expect(abs(finish[0] - 2e-3) < 1e-11)
    #expect(abs(carried[0] - 2e6) < 1e-3)
  }

  /// Every ordered pair of N GPUs, 8 a node, moves 1 MB: (N - 8) MB leave each 50 GB/s NIC, so the
  /// last flow ends at (N - 8) x 20 us.
  @Test(arguments: [16, 32])
  func pairwiseAllToAllIsBoundByTheNIC(gpus: Int) {
    var flows: [CaseFlow] = []
    for a in 0..<gpus {
      for b in 0..<gpus where a != b {
        let sameNode = a / 8 == b / 8
        flows.append(
          CaseFlow(sameNode ? [4 * a, 4 * b + 1] : [4 * a + 2, 4 * b + 3], 1e6))
      }
    }
    let capacities = (0..<gpus).flatMap { _ in [200e9, 200e9, 50e9, 50e9] }
    let finish = solve(capacities, flows).finish
    #expect(abs((finish.max() ?? 0) - Double(gpus - 8) * 20e-6) < 1e-9 * 1e-3)
  }

  @Test func foldedClassesEqualThePairsTheyStandFor() {
    // The same all-to-all as two classes at one GPU's ports.
    let gpus = 64.0
    let folded = solve(
      [200e9, 200e9, 50e9, 50e9],
      [CaseFlow([0, 1], 7e6), CaseFlow([2, 3], (gpus - 8) * 1e6)]
    ).finish
    #expect(abs(folded[0] - 35e-6) < 1e-12)
    #expect(abs(folded[1] - 56 * 20e-6) < 1e-12)
  }

  /// Random flows on random links: what is moved arrives on every link, and names do not matter.
  @Test(arguments: 1...20)
  func bytesAreConservedAndOrderDoesNotMatter(seed: Int) {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let capacities = (0..<8).map { _ in Double(1 + next(100)) * 1e9 }
    let flows = (0..<40).map { _ in
      let first = next(8)
      return CaseFlow(
        [first, (first + 1 + next(7)) % 8], Double(1 + next(1000)) * 1e5,
        start: Double(next(50)) * 1e-5)
    }
    let (finish, carried) = solve(capacities, flows)
    var expected = [Double](repeating: 0, count: 8)
    for flow in flows { for use in flow.path { expected[Int(use.link)] += flow.bytes } }
    for (got, wanted) in zip(carried, expected) {
      #expect(abs(got - wanted) <= 1e-9 * wanted + 1)
    }
    for (flow, end) in zip(flows, finish) {
      let fastest = flow.path.map { capacities[Int($0.link)] }.min() ?? 0
      #expect(end - flow.start >= flow.bytes / fastest - 1e-11)
    }
    let reversed = solve(
      capacities.reversed(),
      flows.reversed().map { flow in
        var renamed = flow
        renamed.path = flow.path.map { LinkUse(link: 7 - Int($0.link)) }
        return renamed
      }
    ).finish.reversed()
    for (a, b) in zip(finish, reversed) { #expect(abs(a - b) < 1e-9 * a + 5e-12) }
  }
}
