import Fabric
import Quantities
import Testing

/// Rates after each change of a random network, against the definition.
@Suite struct FairSharesTests {
  /// A network under random starts and ends, with what it should know.
  private struct Trial {
    var capacities: [Double]
    var active: [(slot: UInt32, flow: SlowFlow)] = []
    var ends: [(time: Time, slot: UInt32)] = []
    var now = Time.zero
    var draws: Draws
    let priorities: Int
    let shares: Bool

    init(seed: Int, links: Int, priorities: Int, shares: Bool) {
      draws = Draws(seed: seed)
      capacities = []
      self.priorities = priorities
      self.shares = shares
      for _ in 0..<links {
        // Few different values, so that links tie; now and then a dead one.
        capacities.append(draws.below(20) == 0 ? 0 : Double(1 + draws.below(4)) * 1e9)
      }
    }

    mutating func randomFlow() -> SlowFlow {
      var path: [LinkUse] = []
      let length = draws.below(12) == 0 ? capacities.count : 1 + draws.below(4)
      let first = draws.below(capacities.count)
      for step in 0..<length {
        let share = shares ? [0.25, 1, 1, 3][draws.below(4)] : 1
        path.append(LinkUse(link: (first + step * 3) % capacities.count, share: share))
      }
      return SlowFlow(path: path, priority: UInt8(draws.below(priorities)))
    }

    /// One instant: everything that ends, and a few starts.
    mutating func step(_ network: inout FlowNetwork) {
      let next = ends.map(\.time).filter { $0 > now }.min()
      let isStart = next == nil || draws.below(2) == 0
      let soon = now + Time(picoseconds: Int64(1 + draws.below(1_000_000_000)))
      now = isStart ? min(next ?? .max, soon) : next ?? soon
      for end in ends where end.time == now && network.ends(end.slot, at: now) {
        network.finish(end.slot)
        active.removeAll { $0.slot == end.slot }
      }
      ends.removeAll { $0.time <= now }
      if isStart {
        for _ in 0...draws.below(3) {
          let flow = randomFlow()
          let bytes = Bytes(Double(1 + draws.below(1000)) * 1e3)
          let slot = network.start(
            flow.path, bytes: bytes, tag: 0, priority: flow.priority, at: now)
          active.append((slot, flow))
        }
      }
      network.settle(at: now) { slot, time in ends.append((time, slot)) }
    }
  }

  @Test(arguments: 1...16, [(1, false), (1, true), (3, true)])
  func ratesAreThoseOfTheDefinition(seed: Int, kind: (priorities: Int, shares: Bool)) {
    var trial = Trial(
      seed: seed, links: 4 + seed % 13, priorities: kind.priorities, shares: kind.shares)
    var network = FlowNetwork(capacities: trial.capacities.map { Bandwidth($0) })
    for _ in 0..<50 {
      trial.step(&network)
      let wanted = slowRates(trial.capacities, trial.active.map(\.flow))
      var wrong: [String] = []
      for (flow, rate) in zip(trial.active, wanted) {
        let got = network.rate(of: flow.slot).value
        if abs(got - rate) > 1e-10 * rate + 1e-3 { wrong.append("\(got) for \(rate)") }
        if network.isStalled(flow.slot) != (got == 0) { wrong.append("stalled at \(got)") }
      }
      #expect(wrong == [])
      #expect(offences(trial, network) == [])
    }
  }

  /// No link above its capacity, and each flow of the first priority on a full link where none is
  /// faster.
  private func offences(_ trial: Trial, _ network: borrowing FlowNetwork) -> [String] {
    var offences: [String] = []
    var used = [Double](repeating: 0, count: trial.capacities.count)
    var fastest = used
    for (slot, flow) in trial.active {
      let rate = network.rate(of: slot).value
      for use in flow.path { used[Int(use.link)] += rate * use.share }
      guard flow.priority == 0 else { continue }
      for use in flow.path { fastest[Int(use.link)] = max(fastest[Int(use.link)], rate) }
    }
    for (use, capacity) in zip(used, trial.capacities) where use > capacity * (1 + 1e-12) {
      offences.append("\(use) on a link of \(capacity)")
    }
    for (slot, flow) in trial.active where flow.priority == 0 {
      let rate = network.rate(of: slot).value
      let isHeldBack = flow.path.contains { use in
        let link = Int(use.link)
        return used[link] >= trial.capacities[link] * (1 - 1e-12)
          && fastest[link] <= rate * (1 + 1e-11)
      }
      if !isHeldBack { offences.append("no bottleneck at \(rate)") }
    }
    return offences
  }
}
