import Economics
import Testing

/// A run of exponential failures with the given MTTI, on a single node.
func exponentialRun(
  mtti: Double, detection: Double = 0, restart: Double, write: Double, interval: Double,
  segments: Double
) throws -> GoodputRun {
  try GoodputRun(
    productive: interval * segments, nodes: 1,
    reliability: Reliability(
      sources: [
        FailureSource(
          name: "any", perNodeDay: 86_400 / mtti, detection: detection, restart: restart)
      ],
      checkpointWrite: write, interval: .every(interval)))
}

func samples(_ run: GoodputRun, _ count: UInt64, seed: UInt64 = 1) -> [GoodputSample] {
  (0..<count).map { run.simulate(seed: seed, index: $0) }
}

/// Whether a mean is within three standard errors of what it should be.
func agrees(_ spread: GoodputSummary.Figure, _ expected: Double) -> Bool {
  abs(spread.mean - expected) <= 3 * spread.standardError + 1e-9 * abs(expected)
}

@Suite struct GoodputRunTests {
  /// Daly's complete form at points good and bad. At the last three Meta's first-order ratio is off
  /// by 0.03 and more.
  @Test(arguments: [
    (11_124.0, 600.0, 20.0, 667.0, 100.0), (3_600, 300, 60, 600, 60),
    (3_600, 1_800, 300, 1_200, 30), (1_800, 1_500, 300, 800, 12), (600, 600, 600, 600, 6),
  ])
  func meanIsDalys(
    mtti: Double, restart: Double, write: Double, interval: Double, segments: Double
  ) throws {
    let run = try exponentialRun(
      mtti: mtti, restart: restart, write: write, interval: interval, segments: segments)
    let daly = GoodputForms.dalyWall(
      productive: interval * segments, interval: interval, write: write, restart: restart,
      meanTimeToInterruption: mtti)
    let expected = try #require(run.expectedWall)
    #expect(abs(expected / daly - 1) < 1e-12)
    #expect(abs(try #require(run.endlessRatio) * daly / (interval * segments) - 1) < 1e-12)
    let summary = GoodputSummary(samples(run, 400))
    #expect(summary.unfinished == 0)
    #expect(agrees(summary.wall, daly))
    // Detection is downtime like a restart.
    let split = try exponentialRun(
      mtti: mtti, detection: restart / 3, restart: restart * 2 / 3, write: write,
      interval: interval, segments: segments)
    #expect(abs(try #require(split.expectedWall) / daly - 1) < 1e-12)
    #expect(agrees(GoodputSummary(samples(split, 400, seed: 2)).wall, daly))
  }

  /// Several sources with costs of their own, swaps, failed starts and a last segment that is
  /// shorter: the exact mean, and each source as often as its rate says.
  @Test func meanOfSeveralSources() throws {
    let run = try GoodputRun(
      productive: 100_000, nodes: 10,
      reliability: Reliability(
        sources: [
          FailureSource(name: "a", perNodeDay: 2, detection: 60, restart: 300, repair: 5_000),
          FailureSource(name: "b", perNodeDay: 1, detection: 900, restart: 100),
          FailureSource(name: "never", perNodeDay: 0, detection: 900, restart: 100),
        ],
        checkpointWrite: 30, interval: .every(700), swap: 45, startFailure: 0.3))
    let summary = GoodputSummary(samples(run, 1_000))
    #expect(agrees(summary.wall, try #require(run.expectedWall)))
    #expect(summary.meanFailures[2] == 0)
    let share = summary.meanFailures[0] / summary.failures.mean
    #expect(abs(share - 2 / 3.0) < 0.01)
    #expect(abs(summary.failures.mean / (summary.wall.mean / 2_880) - 1) < 0.02)
  }

  @Test func withoutFailuresTheTimeIsExact() throws {
    let reliability = Reliability(
      sources: [FailureSource(name: "never", perNodeDay: 0, detection: 1, restart: 1)],
      checkpointWrite: 20, interval: .every(600))
    let sample = try GoodputRun(productive: 6_100, nodes: 8, reliability: reliability)
      .simulate(seed: 1, index: 0)
    #expect(sample.wall == 6_100 + 11 * 20)
    #expect(sample.productive == 6_100)
    #expect(sample.checkpoints == 220)
    #expect(sample.failureCount == 0 && sample.isFinished)
    let best = try GoodputRun(
      productive: 6_100, nodes: 8,
      reliability: Reliability(sources: [], checkpointWrite: 20))
    #expect(best.intervalRule == .atEnd)
    #expect(best.simulate(seed: 1, index: 0).wall == 6_120)
    #expect(best.expectedWall == 6_120)
  }

  /// Everything at once: the clock, kept on its own, is the sum of the parts.
  @Test func partsAddUp() throws {
    for sample in samples(try GoodputRun.busy(), 200) {
      #expect(abs(sample.sumOfParts / sample.wall - 1) < 1e-11)
      #expect(abs(sample.productive - 200_000) < 1e-6 && sample.isFinished)
      let parts = [
        sample.checkpoints, sample.lostWork, sample.detection, sample.restarts, sample.waiting,
        sample.slowdown,
      ]
      #expect(parts.allSatisfy { $0 > 0 })
      #expect(sample.failures.allSatisfy { $0 > 0 })
    }
  }

  /// A sample depends on seed and index alone.
  @Test func samplesAreTheSameOnAnyThread() async throws {
    let run = try GoodputRun.busy()
    let inOrder = samples(run, 40)
    let inTasks = await withTaskGroup(of: (Int, GoodputSample).self) { group in
      for index in (0..<40).reversed() {
        group.addTask { (index, run.simulate(seed: 1, index: UInt64(index))) }
      }
      var all = [GoodputSample](repeating: GoodputSample(), count: 40)
      for await (index, sample) in group { all[index] = sample }
      return all
    }
    #expect(inOrder == inTasks)
    #expect(GoodputSummary(inOrder) == GoodputSummary(inTasks))
    #expect(Set(inOrder.map(\.wall)).count == 40)
    #expect(samples(run, 1, seed: 2) != samples(run, 1, seed: 1))
  }

  /// A job that lives ten seconds and restarts for ten minutes gets nowhere, and says so soon.
  @Test func whatMakesNoProgressIsGivenUp() throws {
    let run = try exponentialRun(mtti: 10, restart: 600, write: 20, interval: 600, segments: 10)
    #expect(run.expectedFailures > 1e6)
    let sample = run.simulate(seed: 1, index: 0)
    #expect(!sample.isFinished && sample.productive == 0)
    #expect(sample.failureCount == 1_000 && abs(sample.wall / run.limit - 1) < 1e-12)
    #expect(abs(sample.sumOfParts / sample.wall - 1) < 1e-9)
    #expect(GoodputSummary([sample]).unfinished == 1)
    // Progress, but too slow.
    let slow = try exponentialRun(mtti: 150, restart: 600, write: 20, interval: 200, segments: 100)
    let late = slow.simulate(seed: 1, index: 0)
    #expect(!late.isFinished && late.wall >= slow.limit && late.productive < 20_000)
    // Too many failures to play them all, none of which costs much: where it would have ended.
    let restless = try exponentialRun(
      mtti: 10, restart: 1, write: 0.5, interval: 5, segments: 4_000_000)
    let cut = restless.simulate(seed: 1, index: 0)
    #expect(!cut.isFinished && abs(cut.productive / 2e7 - 1) < 1e-12)
    #expect(abs(cut.wall / (try #require(restless.expectedWall)) - 1) < 0.1)
    // Starts that nearly always fail.
    var reliability = Reliability(
      sources: [FailureSource(name: "a", perNodeDay: 1_000, detection: 0, restart: 1e9)],
      checkpointWrite: 1, startFailure: 0.999)
    reliability.interval = .every(10)
    let stuck = try GoodputRun(productive: 1e5, nodes: 10, reliability: reliability)
    #expect(!stuck.simulate(seed: 1, index: 0).isFinished)
  }

  /// What keeps a run from having a closed form is said, and nothing is where none is.
  @Test func limitsOfTheClosedFormAreSaid() throws {
    let busy = try GoodputRun.busy()
    #expect(busy.expectedWall == nil && busy.endlessRatio == nil)
    #expect(
      busy.closedFormLimits.map(\.description) == [
        "the hazard of b changes with the job's age (shape 0.6)",
        "nodes may be short with 2 spares", "3 nodes fail more often than the others",
        "nodes are slow at times",
      ])
    let plain = try exponentialRun(
      mtti: 11_124, restart: 600, write: 20, interval: 667, segments: 100)
    #expect(plain.closedFormLimits.isEmpty)
    // The worked example of `metaRatio`.
    #expect(abs(plain.firstOrderRatio - (1 - 933.5 / 11_124) / (1 + 20 / 667.0)) < 1e-12)
  }

  /// Each cost alone makes the run longer.
  @Test func costsMakeItLonger() throws {
    func wall(
      rate: Double = 1, detection: Double = 100, restart: Double = 300, write: Double = 20,
      failed: Double = 0.1
    ) throws -> Double {
      let run = try GoodputRun(
        productive: 1e6, nodes: 10,
        reliability: Reliability(
          sources: [
            FailureSource(name: "a", perNodeDay: rate, detection: detection, restart: restart)
          ], checkpointWrite: write, startFailure: failed))
      return try #require(run.expectedWall)
    }
    let base = try wall()
    #expect(try wall(rate: 1.1) > base)
    #expect(try wall(detection: 110) > base)
    #expect(try wall(restart: 310) > base)
    #expect(try wall(write: 21) > base)
    #expect(try wall(failed: 0.11) > base)
  }
}

extension GoodputRun {
  /// A run in which everything happens.
  static func busy() throws -> GoodputRun {
    try GoodputRun(
      productive: 200_000, nodes: 20,
      reliability: Reliability(
        sources: [
          FailureSource(name: "a", perNodeDay: 1, detection: 60, restart: 300, repair: 9_000),
          FailureSource(
            name: "b", perNodeDay: 1, shape: 0.6, observedNodes: 20, detection: 30, restart: 100),
          FailureSource(name: "c", perNodeDay: 0.7, detection: 0, restart: 100, repair: 20_000),
        ],
        checkpointWrite: 30, spares: 2, swap: 45,
        lemons: Lemons(nodes: 3, factor: 5, strikes: 4),
        stragglers: Stragglers(episodesPerNodeDay: 2, duration: 900, slowdown: 1.5),
        startFailure: 0.1))
  }
}
