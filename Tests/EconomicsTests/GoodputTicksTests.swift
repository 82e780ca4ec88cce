import Economics
import Statistics
import Testing

/// The same run second by second: slow, but nothing in it is clever.
private struct TickedRun {
  var nodes = 10
  var perSecond = 1.0 / 15_000
  var (detection, swap, restart, repair) = (60, 40, 200, 3_000)
  var (work, interval, write) = (6_000, 600, 30)
  var spares = 1

  enum Phase { case train, detect, wait, swap, restart }

  /// Seconds of detection, restarts, waiting and work lost, and the clock.
  func play(_ stream: inout QuickStream) -> [Double] {
    var (clock, kept, lost) = (0, 0, 0)
    var (detecting, waiting, restarting) = (0, 0, 0)
    var backs: [Int] = []
    /// What the job does, how much of it is left, and seconds since the last checkpoint.
    var (phase, left, since) = (Phase.train, 0, 0)
    let chance = UInt64(perSecond * Double(nodes) * 0x1p64)
    while true {
      clock += 1
      if phase == .wait {
        backs.removeAll { $0 < clock }
        guard backs.count <= spares else {
          waiting += 1
          continue
        }
        (phase, left) = (.swap, swap)
      }
      switch phase {
      case .detect:
        detecting += 1
        left -= 1
        if left == 0 { phase = .wait }
      case .swap:
        waiting += 1
        left -= 1
        if left == 0 { (phase, left) = (.restart, restart) }
      case .restart:
        restarting += 1
        left -= 1
        if left == 0 { (phase, since) = (.train, 0) }
      case .wait, .train:
        since += 1
        if since == interval + write {
          kept += interval
          since = 0
          if kept == work {
            return [detecting, restarting, waiting, lost, clock].map(Double.init)
          }
        }
      }
      if stream.next() < chance {
        if phase == .train { lost += since }
        (phase, left, since) = (.detect, detection, 0)
        backs.append(clock + repair)
      }
    }
  }
}

@Suite struct GoodputTicksTests {
  /// Every part of a run with one spare, against seconds counted one by one.
  @Test func partsAreThoseOfTicks() throws {
    let ticked = TickedRun()
    let run = try GoodputRun(
      productive: 6_000, nodes: 10,
      reliability: Reliability(
        sources: [
          FailureSource(
            name: "a", perNodeDay: 86_400 / 15_000.0, detection: 60, restart: 200, repair: 3_000)
        ],
        checkpointWrite: 30, interval: .every(600), spares: 1, swap: 40))
    let count = 100
    var stream = QuickStream(seed: 1, component: "ticks", index: 0)
    let ticks = (0..<count).map { _ in ticked.play(&stream) }
    let all = samples(run, 3_000)
    let events = [\GoodputSample.detection, \.restarts, \.waiting, \.lostWork, \.wall]
    for (place, part) in events.enumerated() {
      let counted = GoodputSummary.Spread(ticks.map { $0[place] })
      let played = GoodputSummary.Spread(all.map { $0[keyPath: part] })
      let error =
        (counted.standardError * counted.standardError
        + played.standardError * played.standardError).squareRoot()
      // A failure falls on the end of a second, half of one late; some eight in a run.
      #expect(abs(counted.mean - played.mean) < 3 * error + 8)
      #expect(counted.mean > 100)
    }
  }
}
