import Fabric
import Quantities
import Testing

@Suite struct PriorityTests {
  @Test func whoIsServedLaterWaitsAndGoesOn() {
    // 1 MB of priority 0 takes all of 1 GB/s for 1 ms; the other MB then takes the next.
    var network = FlowNetwork(capacities: [Bandwidth(1e9)])
    var ends: [UInt32: Time] = [:]
    let low = network.start(
      [LinkUse(link: 0)], bytes: Bytes(1e6), tag: 1, priority: 3, at: .zero)
    let high = network.start([LinkUse(link: 0)], bytes: Bytes(1e6), tag: 0, at: .zero)
    network.settle(at: .zero) { ends[$0] = $1 }
    #expect(ends == [high: Time(seconds: 1e-3)])
    let holds1 = network.isStalled(low)
    #expect(holds1)
    let holds2 = !network.ends(low, at: .max)
    #expect(holds2)
    network.finish(high)
    network.settle(at: Time(seconds: 1e-3)) { ends[$0] = $1 }
    #expect(ends[low] == Time(seconds: 2e-3))
    let holds3 = !network.isStalled(low)
    #expect(holds3)
  }

  @Test func anUrgentFlowStopsOthersAndTakesBackTheirEnds() {
    var network = FlowNetwork(capacities: [Bandwidth(1e9)])
    var ends: [UInt32: Time] = [:]
    let slow = network.start(
      [LinkUse(link: 0)], bytes: Bytes(1e6), tag: 0, priority: 1, at: .zero)
    network.settle(at: .zero) { ends[$0] = $1 }
    #expect(ends[slow] == Time(seconds: 1e-3))
    let half = Time(seconds: 0.5e-3)
    let urgent = network.start([LinkUse(link: 0)], bytes: Bytes(2e6), tag: 1, at: half)
    network.settle(at: half) { ends[$0] = $1 }
    let holds4 = !network.ends(slow, at: Time(seconds: 1e-3))
    #expect(holds4)
    let done = Time(seconds: 2.5e-3)
    #expect(ends[urgent] == done)
    network.finish(urgent)
    network.settle(at: done) { ends[$0] = $1 }
    #expect(ends[slow] == Time(seconds: 3e-3))
  }

  /// What the first priority cannot use because it is held back elsewhere, the second takes.
  @Test func laterPrioritiesShareWhatIsLeft() {
    var network = FlowNetwork(capacities: [Bandwidth(1e9), Bandwidth(0.25e9)])
    let first = network.start(
      [LinkUse(link: 0), LinkUse(link: 1)], bytes: Bytes(1e6), tag: 0, at: .zero)
    let second = (0..<3).map { _ in
      network.start([LinkUse(link: 0)], bytes: Bytes(1e6), tag: 1, priority: 1, at: .zero)
    }
    network.settle(at: .zero) { _, _ in }
    let rates = ([first] + second).map { network.rate(of: $0).value }
    #expect(rates[0] == 0.25e9)
    for rate in rates { #expect(abs(rate - 0.25e9) < 1) }
  }

  @Test func overADeadLinkAFlowIsStalled() {
    var network = FlowNetwork(capacities: [Bandwidth(0), Bandwidth(1e9)])
    var reported = 0
    let dead = network.start(
      [LinkUse(link: 0), LinkUse(link: 1)], bytes: Bytes(1), tag: 0, at: .zero)
    let alive = network.start([LinkUse(link: 1)], bytes: Bytes(1e6), tag: 1, at: .zero)
    network.settle(at: .zero) { slot, finish in
      reported += 1
      #expect(slot == alive)
      #expect(finish == Time(seconds: 1e-3))
    }
    #expect(reported == 1)
    let holds5 = network.isStalled(dead)
    #expect(holds5)
    let holds6 = !network.isStalled(alive)
    #expect(holds6)
  }

  /// Paths of one to 300 uses come and go; the slots and their memory are used again.
  @Test func pathsOfAnyLength() {
    let links = 256
    var network = FlowNetwork(
      capacities: [Bandwidth](repeating: Bandwidth(1e9), count: links))
    var draws = Draws(seed: 3)
    var now = Time.zero
    var highest: UInt32 = 0
    for _ in 0..<200 {
      let length = [1, 2, 3, 17, 256, 300][draws.below(6)]
      let path = (0..<length).map { LinkUse(link: $0 % links, share: 0.5) }
      let slot = network.start(path, bytes: Bytes(1e3), tag: 0, at: now)
      highest = max(highest, slot)
      var end = Time.max
      network.settle(at: now) { end = $1 }
      // A path that comes back to a link loads it twice.
      let seconds = 1e3 / (length > links ? 1e9 : 2e9)
      #expect(end == now + Time(seconds: seconds))
      now = end
      network.finish(slot)
      network.settle(at: now) { _, _ in Issue.record("nothing is left to end") }
    }
    #expect(highest == 0)
  }
}
