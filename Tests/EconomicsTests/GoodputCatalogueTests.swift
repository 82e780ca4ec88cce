import Economics
import Quantities
import Testing

@Suite struct GoodputCatalogueTests {
  /// The causes add up to 419 interruptions in 54 days.
  @Test func llama3AddsUp() throws {
    let entry = try #require(ReliabilityCatalogue.entry(named: "llama-3-h100"))
    let nodes = try #require(entry.nodes)
    let interruptions = entry.sources.reduce(0) { $0 + $1.perNodeDay.value } * 54 * Double(nodes)
    #expect(abs(interruptions - 419) < 1e-9)
    #expect(entry.sources.map(\.name) == ["gpu", "hbm", "software", "host", "network"])
  }

  /// A prediction: with the assumed ten minutes of recovery and writes of 20 s, 89 % of a run of 54
  /// days is useful, where more than 90 % was published. The simulation is at its exact mean.
  @Test func llama3IsPredicted() throws {
    let entry = try #require(ReliabilityCatalogue.entry(named: "llama-3-h100"))
    let run = try GoodputRun(
      productive: 54 * 86_400, nodes: 2_048, reliability: entry.reliability)
    let summary = GoodputSummary(samples(run, 200))
    let expected = try #require(run.expectedWall)
    #expect(agrees(summary.wall, expected))
    let restart = 0.8544 * 600 + 0.1456 * 540
    let meta = GoodputForms.metaRatio(
      interval: run.interval, write: 20, restart: restart,
      meanTimeToInterruption: 54 * 86_400.0 / 419)
    #expect(abs(run.productive / expected - meta) < 0.004)
  }

  /// Every entry can be run, and every guess says that it is one.
  @Test(arguments: ReliabilityCatalogue.entries)
  func entriesCanBeRun(entry: ReliabilityCatalogue.Entry) throws {
    let run = try GoodputRun(
      productive: 10 * 86_400, nodes: entry.nodes ?? 128, reliability: entry.reliability)
    let sample = run.simulate(seed: 1, index: 0)
    #expect(sample.isFinished && sample.failureCount > 0)
    for source in entry.sources {
      #expect(source.detection.status == .assumed && source.restart.status == .assumed)
      #expect(source.perNodeDay.status != .assumed && !source.perNodeDay.source.isEmpty)
    }
    #expect(ReliabilityCatalogue.entry(named: entry.name) == entry)
  }

  @Test func unknownNamesAreNone() {
    #expect(ReliabilityCatalogue.entry(named: "rsc-3") == nil)
  }
}

@Suite struct GoodputProblemTests {
  /// All problems at once, a sentence each.
  @Test func everythingWrongIsSaid() throws {
    let reliability = Reliability(
      sources: [
        FailureSource(
          name: "gpu", perNodeDay: -1, shape: 0, observedNodes: 0, detection: -1, restart: .nan,
          repair: .infinity)
      ],
      checkpointWrite: -1, interval: .every(0), spares: 9, swap: -1,
      lemons: Lemons(nodes: 10, factor: 0.5, strikes: 0),
      stragglers: Stragglers(episodesPerNodeDay: -1, duration: 0, slowdown: 0.9),
      startFailure: 1.5)
    let error = #expect(throws: GoodputError.self) {
      try GoodputRun(productive: -1, nodes: 8, reliability: reliability, patience: 0)
    }
    let sentences = try #require(error).problems.map(\.description)
    #expect(sentences.count == 19)
    #expect(
      sentences.contains("spares are 9, but the job has only 8 nodes; write 8 or fewer"))
    #expect(
      sentences.contains(
        "chance of a failed start is 1.5: it must be a number from 0 to 0.999; write one of these"
      ))
    #expect(
      sentences.contains(
        "of gpu, restart (s) is nan: it must be a number from 0 to 100000000000; write one of these"
      ))
    #expect(
      throws: GoodputError(problems: [.tooManySources(count: 101, most: 100)])
    ) {
      try GoodputRun(
        productive: 1, nodes: 1,
        reliability: Reliability(
          sources: [FailureSource](
            repeating: FailureSource(name: "a", perNodeDay: 1, detection: 0, restart: 0),
            count: 101), checkpointWrite: 1))
    }
  }

  /// The ends of all bounds neither trap nor hang.
  @Test(arguments: [0.2, 1, 20], [1e-3, 1e11])
  func endsOfBoundsAreSafe(shape: Double, time: Double) throws {
    for (rate, nodes) in [(1e6, 10_000_000), (1e-300, 1)] {
      for interval in [CheckpointInterval.optimum, .every(1e-3), .every(1e11)] {
        let reliability = Reliability(
          sources: [
            FailureSource(
              name: "a", perNodeDay: rate, shape: shape, detection: time, restart: time,
              repair: time)
          ],
          checkpointWrite: time, interval: interval, spares: 0, swap: time,
          lemons: Lemons(nodes: 1, factor: 1e6, strikes: 1),
          stragglers: Stragglers(episodesPerNodeDay: 1, duration: time, slowdown: 1e6),
          startFailure: 0.999)
        let run = try GoodputRun(productive: time, nodes: nodes, reliability: reliability)
        let sample = run.simulate(seed: 1, index: 0)
        #expect(sample.wall.isFinite && sample.effectiveTimeRatio <= 1)
        #expect(run.interval > 0)
      }
    }
  }
}
