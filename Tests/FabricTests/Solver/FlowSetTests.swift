import Fabric
import Quantities
import Testing

/// A flow of a problem: when it enters, what it crosses, how much it moves.
private struct SetFlow {
  var path: [LinkUse]
  var bytes: Double
  var start = 0.0
}

private func solve(_ capacities: [Double], _ flows: [SetFlow]) -> FlowSolution {
  var set = FlowSet(capacities: capacities.map { Bandwidth($0) })
  for flow in flows { set.add(flow.path, bytes: Bytes(flow.bytes), start: flow.start) }
  return set.solved()
}

/// Finish times by the definition: rates are solved from nothing at every start and end.
private func slowFinish(_ capacities: [Double], _ flows: [SetFlow]) -> [Double] {
  var finish = flows.map { $0.bytes > 0 && !$0.path.isEmpty ? .infinity : $0.start }
  var left = flows.map(\.bytes)
  var now = 0.0
  while true {
    let running = flows.indices.filter { finish[$0] == .infinity && flows[$0].start <= now }
    let rates = slowRates(capacities, running.map { SlowFlow(path: flows[$0].path) })
    let starts = flows.map(\.start).filter { $0 > now }.min() ?? .infinity
    let ends = zip(running, rates).map { now + left[$0] / $1 }
    let next = min(starts, ends.min() ?? .infinity)
    guard next < .infinity else { return finish }
    for (position, flow) in running.enumerated() {
      left[flow] -= rates[position] * (next - now)
      if ends[position] <= next * (1 + 1e-13) { finish[flow] = ends[position] }
    }
    now = next
  }
}

@Suite struct FlowSetTests {
  private static func problem(_ draws: inout Draws, shares: Bool) -> ([Double], [SetFlow]) {
    let links = 3 + draws.below(8)
    let capacities = (0..<links).map { _ in Double(1 + draws.below(5)) * 1e9 }
    let flows = (0..<25).map { _ in
      let path = (0..<(1 + draws.below(4))).map { _ in
        LinkUse(link: draws.below(links), share: shares ? [0.5, 1, 7][draws.below(3)] : 1)
      }
      // Few different sizes and starts, so that ends tie.
      return SetFlow(
        path: path, bytes: Double(draws.below(5)) * 1e6, start: Double(draws.below(4)) * 1e-3)
    }
    return (capacities, flows)
  }

  @Test(arguments: 1...40)
  func finishTimesAreThoseOfTheDefinition(seed: Int) {
    var draws = Draws(seed: seed)
    let (capacities, flows) = Self.problem(&draws, shares: seed % 2 == 0)
    let got = solve(capacities, flows).finish
    for (flow, (got, wanted)) in zip(flows, zip(got, slowFinish(capacities, flows))) {
      #expect(abs(got - wanted) <= 1e-9 * (wanted - flow.start) + 5e-12)
    }
  }

  @Test(arguments: 1...20)
  func bytesAreConservedAndNoLinkIsFasterThanItsCapacity(seed: Int) {
    var draws = Draws(seed: 100 + seed)
    let (capacities, flows) = Self.problem(&draws, shares: true)
    let solution = solve(capacities, flows)
    let last = solution.finish.max() ?? 0
    for link in capacities.indices {
      let carried = flows.reduce(0) { sum, flow in
        sum + flow.path.filter { $0.link == link }.reduce(0) { $0 + $1.share } * flow.bytes
      }
      #expect(abs(solution.carriedBytes[link].value - carried) <= 1e-12 * carried)
      #expect(carried <= capacities[link] * last * (1 + 1e-9))
    }
  }

  @Test(arguments: 1...20)
  func namesOfLinksAndFlowsDoNotMatter(seed: Int) {
    var draws = Draws(seed: 200 + seed)
    let (capacities, flows) = Self.problem(&draws, shares: true)
    let renamed = flows.reversed().map { flow in
      var flow = flow
      for use in flow.path.indices {
        flow.path[use].link = Int32(capacities.count) - 1 - flow.path[use].link
      }
      return flow
    }
    let a = solve(capacities, flows).finish
    let b = solve(capacities.reversed(), renamed).finish.reversed()
    for (flow, (a, b)) in zip(flows, zip(a, b)) {
      #expect(abs(a - b) <= 1e-9 * (a - flow.start) + 5e-12)
    }
  }

  /// Random sets agree with the same flows in a network, event by event.
  @Test(arguments: 1...20)
  func aSetEqualsTheNetwork(seed: Int) {
    var draws = Draws(seed: 300 + seed)
    let (capacities, flows) = Self.problem(&draws, shares: true)
    var network = FlowNetwork(capacities: capacities.map { Bandwidth($0) })
    var finish = flows.map(\.start)
    var ends = [UInt32: Time]()
    var waiting = flows.indices.filter { flows[$0].bytes > 0 }
    while !waiting.isEmpty || !ends.isEmpty {
      let starts = waiting.map { Time(seconds: flows[$0].start) }
      let now = min(starts.min() ?? .max, ends.values.min() ?? .max)
      for (slot, end) in ends.sorted(by: { $0.key < $1.key }) where end == now {
        let flow = Int(network.tag(of: slot))
        finish[flow] = now.seconds
        network.finish(slot)
        ends[slot] = nil
      }
      for flow in waiting where Time(seconds: flows[flow].start) == now {
        network.start(
          flows[flow].path, bytes: Bytes(flows[flow].bytes), tag: UInt32(flow), at: now)
      }
      waiting.removeAll { Time(seconds: flows[$0].start) == now }
      network.settle(at: now) { ends[$0] = $1 }
    }
    for (flow, (a, b)) in zip(flows, zip(solve(capacities, flows).finish, finish)) {
      #expect(abs(a - b) <= 1e-9 * (a - flow.start) + 5e-12)
    }
  }

  // MARK: Closed forms

  private static let ports = [200e9, 200e9, 50e9, 50e9]

  /// One MB for each ordered pair of GPUs, 8 a node, over NVLink ports or NIC ports.
  private static func pairs(_ gpus: Int) -> [SetFlow] {
    (0..<gpus).flatMap { a in
      (0..<gpus).filter { $0 != a }.map { b in
        let port = a / 8 == b / 8 ? 0 : 2
        return SetFlow(
          path: [LinkUse(link: 4 * a + port), LinkUse(link: 4 * b + port + 1)], bytes: 1e6)
      }
    }
  }

  /// (N - 8) MB leave each 50 GB/s NIC and 7 MB each 200 GB/s NVLink port, all in one solve.
  @Test(arguments: [8, 16, 40, 64])
  func allToAllTakesWhatItsPortsNeed(gpus: Int) {
    let solution = solve((0..<gpus).flatMap { _ in Self.ports }, Self.pairs(gpus))
    let wanted = max(Double(gpus - 8) * 20e-6, 35e-6)
    #expect(abs((solution.finish.max() ?? 0) - wanted) <= 1e-9 * wanted)
    #expect(solution.solves == 1)
  }

  @Test func incastSharesTheLastLink() {
    let flows = (1..<64).map { gpu in
      SetFlow(path: [LinkUse(link: 4 * gpu + 2), LinkUse(link: 3)], bytes: 1e6)
    }
    let finish = solve((0..<64).flatMap { _ in Self.ports }, flows).finish
    for end in finish { #expect(abs(end - 63 * 20e-6) <= 1e-9 * end) }
  }

  /// Cut through: a message crosses NIC and NVLink at once, so the slower one alone counts.
  @Test func twoHopsCutThroughTakeTheSlowerOne() {
    let path = [2, 3, 0, 1].map { LinkUse(link: $0) }
    let finish = solve(Self.ports, [SetFlow(path: path, bytes: 1e6)]).finish
    #expect(abs(finish[0] - 20e-6) < 1e-15)
  }

  // MARK: Folding

  /// A ring of groups that all do the same, and one of them alone with shares for its peers.
  @Test(arguments: 1...20)
  func classesEqualTheFlowsTheyStandFor(seed: Int) {
    var draws = Draws(seed: 400 + seed)
    let count = 3 + draws.below(6)
    let capacities = (0..<3).map { _ in Double(1 + draws.below(9)) * 1e9 }
    // Each GPU sends to those some way behind it in the ring: out of its own port 0, into their
    // port 1, and sometimes through their port 2.
    let steps = (0..<4).map { _ in
      (
        by: 1 + draws.below(count - 1), bytes: Double(1 + draws.below(9)) * 1e6,
        far: draws.below(2) == 0, start: Double(draws.below(3)) * 1e-3
      )
    }
    func flow(_ step: (by: Int, bytes: Double, far: Bool, start: Double), from gpu: Int, in n: Int)
      -> SetFlow
    {
      let to = (gpu + step.by) % n
      let ports = [3 * gpu, 3 * to + 1] + (step.far ? [3 * to + 2] : [])
      return SetFlow(
        path: ports.map { LinkUse(link: $0) }, bytes: step.bytes, start: step.start)
    }
    let all = (0..<count).flatMap { gpu in steps.map { flow($0, from: gpu, in: count) } }
    let expanded = solve((0..<count).flatMap { _ in capacities }, all).finish
    let folded = solve(capacities, steps.map { flow($0, from: 0, in: 1) }).finish
    for (index, end) in expanded.enumerated() {
      #expect(abs(end - folded[index % steps.count]) <= 1e-9 * end)
    }
    // One GPU's port is slower: the flows that stay folded are those of a representative no more.
    var broken = (0..<count).flatMap { _ in capacities }
    broken[0] /= 2
    let after = solve(broken, all).finish
    for (got, wanted) in zip(after, slowFinish(broken, all)) {
      #expect(abs(got - wanted) <= 1e-9 * wanted)
    }
    #expect((after.max() ?? 0) >= (expanded.max() ?? 0) * (1 - 1e-9))
  }

  // MARK: Bandwidth

  /// More capacity never hurts where all flows share one link, or where all are alike; on other
  /// networks a flow may end later, since another one no longer waits for its turn.
  @Test(arguments: 1...10)
  func aFasterLinkEndsEveryFlowSooner(seed: Int) {
    var draws = Draws(seed: 500 + seed)
    let flows = (0..<12).map { _ in
      SetFlow(
        path: [LinkUse(link: 0)], bytes: Double(1 + draws.below(9)) * 1e6,
        start: Double(draws.below(9)) * 1e-3)
    }
    let slow = solve([1e9], flows).finish
    let fast = solve([1e9 * (1.01 + draws.unit())], flows).finish
    for (slow, fast) in zip(slow, fast) { #expect(fast < slow) }
    let pairs = Self.pairs(24)
    let before = solve((0..<24).flatMap { _ in Self.ports }, pairs).finish.max() ?? 0
    let after = solve((0..<24).flatMap { _ in Self.ports.map { $0 * 1.5 } }, pairs).finish
    #expect(abs((after.max() ?? 0) - before / 1.5) <= 1e-9 * before)
  }

  // MARK: Edges

  @Test func whatMovesNothingEndsAsItStarts() {
    let flows = [
      SetFlow(path: [], bytes: 1e6, start: 2e-3),
      SetFlow(path: [LinkUse(link: 0)], bytes: 0, start: 1e-3),
      SetFlow(path: [LinkUse(link: 0)], bytes: 1e6, start: 1e-3),
    ]
    let finish = solve([1e9], flows).finish
    #expect(finish[0] == 2e-3)
    #expect(finish[1] == 1e-3)
    #expect(abs(finish[2] - 2e-3) < 1e-15)
  }

  @Test func overADeadLinkNothingEnds() {
    let flows = [
      SetFlow(path: [LinkUse(link: 0), LinkUse(link: 1)], bytes: 1),
      SetFlow(path: [LinkUse(link: 1)], bytes: 1e6),
    ]
    let finish = solve([0, 1e9], flows).finish
    #expect(finish[0] == .infinity)
    #expect(abs(finish[1] - 1e-3) < 1e-15)
  }

  /// 100 flows of each of 3 sizes, mixed: as many solves as there are sizes.
  @Test func tiesAreOneSolve() {
    let flows = (0..<300).map { index in
      SetFlow(
        path: [LinkUse(link: 0), LinkUse(link: 1)], bytes: Double(1 + index * 7 % 3) / 3 * 1e6)
    }
    let solution = solve([1e9 / 3, 1e9], flows)
    #expect(solution.solves == 3)
  }
}
