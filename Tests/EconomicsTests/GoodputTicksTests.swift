import Economics
import Testing

/// Knuth's linear congruential numbers (MMIX), quick without optimization.
private struct PlainStream {
  var state: UInt64 = 1

  mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-53
  }
}

/// The same run second by second: slow, but nothing in it is clever.
private struct TickedRun {
  let nodes = 10.0
  let perSecond = 1 / 15_000.0
  let detection = 60
  let swap = 40
  let restart = 200
  let repair = 3_000
  let work = 6_000.0
  let interval = 600.0
  let write = 30.0
  let spares = 1
  /// A lemon fails so many times as often; it is out while repaired, and back at the next start.
  var lemonFactor = 1.0
  /// Chances a second of a node to become slow, and to be slow no more; a slow job takes twice.
  var slowBegins = 0.0
  let slowEnds = 1 / 400.0

  enum Phase { case train, detect, wait, swap, restart }

  /// Seconds of detection, restarts, waiting, work lost and slowness, and the clock.
  func play(_ stream: inout PlainStream) -> [Double] {
    var (clock, kept, lost, slowness) = (0, 0.0, 0.0, 0.0)
    var (detecting, waiting, restarting) = (0, 0, 0)
    var backs: [Int] = []
    /// What the job does, how much of it is left, and work since the last checkpoint.
    var (phase, left, since) = (Phase.train, 0, 0.0)
    var (lemonIn, lemonBack, slow) = (true, 0, 0.0)
    for _ in 0..<Int(nodes) where stream.uniform() * (slowBegins + slowEnds) < slowBegins {
      slow += 1
    }
    while true {
      clock += 1
      if slowBegins > 0 {
        let drawn = stream.uniform()
        let begins = (nodes - slow) * slowBegins
        if drawn < begins { slow += 1 } else if drawn < begins + slow * slowEnds { slow -= 1 }
      }
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
        if left == 0 {
          (phase, left) = (.restart, restart)
          if lemonBack <= clock { lemonIn = true }
        }
      case .restart:
        restarting += 1
        left -= 1
        if left == 0 { (phase, since) = (.train, 0) }
      case .wait, .train:
        since += slow > 0 ? 0.5 : 1
        slowness += slow > 0 ? 0.5 : 0
        if since >= interval + write {
          kept += interval
          since = 0
          if kept == work {
            return [Double(detecting), Double(restarting), Double(waiting), lost, slowness]
              + [Double(clock)]
          }
        }
      }
      let weight = nodes + (lemonIn ? lemonFactor - 1 : 0)
      let drawn = stream.uniform()
      guard drawn < perSecond * weight else { continue }
      if phase == .train { lost += since }
      (phase, left, since) = (.detect, detection, 0)
      backs.append(clock + repair)
      if lemonIn, drawn < perSecond * lemonFactor {
        (lemonIn, lemonBack) = (false, backs.last ?? 0)
      }
    }
  }
}

@Suite struct GoodputTicksTests {
  /// Every part of a run with one spare, against seconds counted one by one; then with a lemon, and
  /// with slow nodes.
  @Test(arguments: [(1.0, 0.0), (30.0, 0.0), (1.0, 1 / 10_000.0)])
  func partsAreThoseOfTicks(lemonFactor: Double, slowBegins: Double) throws {
    let ticked = TickedRun(lemonFactor: lemonFactor, slowBegins: slowBegins)
    let run = try GoodputRun(
      productive: 6_000, nodes: 10,
      reliability: Reliability(
        sources: [
          FailureSource(
            name: "a", perNodeDay: 86_400 / 15_000.0, detection: 60, restart: 200, repair: 3_000)
        ],
        checkpointWrite: 30, interval: .every(600), spares: 1, swap: 40,
        lemons: Lemons(nodes: 1, factor: lemonFactor),
        stragglers: Stragglers(
          episodesPerNodeDay: slowBegins * 86_400, duration: 400, slowdown: 2)))
    var stream = PlainStream()
    let ticks = (0..<ticksRuns).map { _ in ticked.play(&stream) }
    let all = samples(run, 2_000)
    let events = [
      \GoodputSample.detection, \.restarts, \.waiting, \.lostWork, \.slowdown, \.wall,
    ]
    for (place, part) in events.enumerated() {
      let counted = GoodputSummary.Figure(ticks.map { $0[place] })
      let played = GoodputSummary.Figure(all.map { $0[keyPath: part] })
      let error =
        (counted.standardError * counted.standardError
        + played.standardError * played.standardError).squareRoot()
      // A failure falls on the end of a second, half of one late; some ten in a run.
      #expect(abs(counted.mean - played.mean) < 3 * error + 10)
      #expect(counted.mean > 100 || (part == \.slowdown && slowBegins == 0))
    }
  }
}

private let ticksRuns = 40
