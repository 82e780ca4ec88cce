import Economics
import Testing

/// Nodes that are short, bad or slow, and hazards that change with age.
@Suite struct GoodputNodesTests {
  /// With failures that cost nothing but a repair the job waits as Erlang's B formula says, of the
  /// mean repair alone: one source repairs in half a day, one in a day and a half.
  @Test(arguments: [(0, 0.4), (2, 1.5), (5, 4.0)])
  func shortNodesAreErlangs(spares: Int, load: Double) throws {
    let run = try GoodputRun(
      productive: 400 * 86_400, nodes: 100,
      reliability: Reliability(
        sources: [
          FailureSource(
            name: "a", perNodeDay: load / 200, detection: 0, restart: 0, repair: 43_200),
          FailureSource(
            name: "b", perNodeDay: load / 200, detection: 0, restart: 0, repair: 129_600),
        ],
        checkpointWrite: 0, spares: spares))
    let all = samples(run, 40)
    let waiting = GoodputSummary.Figure(all.map { $0.waiting / $0.wall })
    // The first days, in which all nodes are there, are 1 in 400.
    let expected = GoodputForms.erlangLoss(servers: spares + 1, load: load)
    #expect(abs(waiting.mean - expected) < 3 * waiting.standardError + expected / 400)
    #expect(all.allSatisfy { $0.mostNodesOut == spares + 1 })
  }

  @Test func moreSparesWaitLess() throws {
    var last = Double.infinity
    for spares in [0, 1, 2, 4, 8, 16] {
      let reliability = Reliability(
        sources: [
          FailureSource(name: "a", perNodeDay: 0.04, detection: 60, restart: 300, repair: 86_400)
        ],
        checkpointWrite: 20, spares: spares, swap: 60)
      let run = try GoodputRun(productive: 30 * 86_400, nodes: 100, reliability: reliability)
      let waiting = GoodputSummary(samples(run, 50)).meanParts.waiting
      #expect(waiting < last)
      last = waiting
    }
    // At last nobody waits but for the swaps, of some 120 failures.
    #expect(last < 150 * 60 && last > 90 * 60)
  }

  /// n - l + l·f nodes' worth of failures.
  @Test func lemonsFailMoreOften() throws {
    let run = try GoodputRun(
      productive: 50 * 86_400, nodes: 100,
      reliability: Reliability(
        sources: [FailureSource(name: "a", perNodeDay: 0.02, detection: 0, restart: 0)],
        checkpointWrite: 0, lemons: Lemons(nodes: 5, factor: 11)))
    let all = samples(run, 200)
    let rate = GoodputSummary.Figure(all.map { Double($0.failureCount) / $0.wall })
    #expect(agrees(rate, 0.02 / 86_400 * (95 + 5 * 11)))
    #expect(all.allSatisfy { $0.lemonsRemoved == 0 })
  }

  /// Taken out after k strikes each: k failures of each lemon, in a time of l·k / (f·r) of lemon's
  /// life in which l·k / f average failures are missing.
  @Test func lemonsAreTakenOut() throws {
    let (lemons, factor, strikes, rate, days) = (5.0, 20.0, 3.0, 0.02, 100.0)
    let run = try GoodputRun(
      productive: days * 86_400, nodes: 100,
      reliability: Reliability(
        sources: [FailureSource(name: "a", perNodeDay: rate, detection: 0, restart: 0)],
        checkpointWrite: 0, lemons: Lemons(nodes: 5, factor: 20, strikes: 3)))
    let all = samples(run, 200)
    #expect(all.allSatisfy { $0.lemonsRemoved == 5 })
    let expected = 100 * rate * days + lemons * strikes * (1 - 1 / factor)
    // Work lost to a failure is half a second at most of an interval of one.
    #expect(agrees(GoodputSummary(all).failures, expected))
  }

  /// A node is slow for εd / (1 + εd) of the time, the job while any node is.
  @Test(arguments: [(1, 24.0, 1_800.0), (3, 12, 3_600), (10, 5, 900)])
  func slowNodesSlowTheJob(nodes: Int, episodes: Double, duration: Double) throws {
    let stragglers = Stragglers(
      episodesPerNodeDay: episodes, duration: duration, slowdown: 1.6)
    let run = try GoodputRun(
      productive: 20 * 86_400, nodes: nodes,
      reliability: Reliability(sources: [], checkpointWrite: 0, stragglers: stragglers))
    var allFast = 1.0
    for _ in 0..<nodes { allFast /= 1 + episodes * duration / 86_400 }
    let pace = allFast + (1 - allFast) / 1.6
    let all = samples(run, 100)
    // Work is a fixed time here and the clock is drawn: its mean nears work / pace in long runs.
    let wall = GoodputSummary(all).wall
    #expect(abs(wall.mean - 20 * 86_400 / pace) < 3 * wall.standardError + 600)
    #expect(all.allSatisfy { abs($0.wall - $0.productive - $0.slowdown) < 1e-3 })
  }

  /// With too many changes to follow, the mean pace.
  @Test func manySlowNodesAreAveraged() throws {
    let run = try GoodputRun(
      productive: 1e6, nodes: 100_000,
      reliability: Reliability(
        sources: [], checkpointWrite: 0,
        stragglers: Stragglers(episodesPerNodeDay: 10, duration: 1, slowdown: 2)))
    let wall = run.simulate(seed: 1, index: 0).wall
    // 100,000 · 10 / 86,400 nodes are slow on average: one of 106,000 moments has none.
    #expect(abs(wall / 2e6 - 1) < 1e-5)
  }

  /// Hazards of infant mortality and of wear, alone and with a constant one beside them: what
  /// renewal-reward gives by integration.
  @Test(arguments: [
    (0.5, 0.0), (0.7, 0), (1.5, 0), (3, 0), (0.7, 3),
  ])
  func hazardsThatChangeAreRenewal(shape: Double, constant: Double) throws {
    let run = try GoodputRun(
      productive: 500 * 11_000, nodes: 64,
      reliability: Reliability(
        sources: [
          FailureSource(
            name: "aging", perNodeDay: 8.0 / 64, shape: shape, observedNodes: 64, detection: 120,
            restart: 480),
          FailureSource(
            name: "constant", perNodeDay: constant / 64, detection: 120, restart: 480),
        ],
        checkpointWrite: 60, interval: .every(900)))
    let expected = try #require(run.endlessRatio)
    #expect(run.expectedWall == nil)
    let wall = GoodputSummary(samples(run, 60)).wall
    // The run begins without a restart, and ends at a checkpoint: half an hour of 1,500.
    #expect(abs(wall.mean - run.productive / expected) < 3 * wall.standardError + 1_800)
  }

  /// The first of n lives: for the exponential law MTTI = 1 / (n·r), and a rate observed in jobs of
  /// n nodes holds in such a job whatever the shape.
  @Test func lawsScaleWithNodes() {
    var source = FailureSource(name: "a", perNodeDay: 0.004, detection: 0, restart: 0)
    #expect(abs(source.meanTimeToFailure(nodes: 2_048) - 86_400 / (2_048 * 0.004)) < 1e-6)
    source.shape = 0.5
    source.observedNodes = 2_048
    #expect(abs(source.meanTimeToFailure(nodes: 2_048) - 86_400 / (2_048 * 0.004)) < 1e-6)
    // Twice the nodes fail four times as soon at a shape of 1/2.
    #expect(abs(source.meanTimeToFailure(nodes: 4_096) - 86_400 / (2_048 * 0.016)) < 1e-6)
  }

  /// The interval found is better than its neighbours, by the ratio of an endless run.
  @Test(arguments: [0.6, 1.0, 2.0])
  func optimumIsBest(shape: Double) throws {
    func run(_ interval: CheckpointInterval) throws -> GoodputRun {
      try GoodputRun(
        productive: 1e7, nodes: 64,
        reliability: Reliability(
          sources: [
            FailureSource(
              name: "a", perNodeDay: 8.0 / 64, shape: shape, observedNodes: 64, detection: 120,
              restart: 480)
          ], checkpointWrite: 60, interval: interval))
    }
    let best = try run(.optimum)
    #expect(best.intervalRule == (shape == 1 ? .daly : .renewal))
    let ratio = try #require(best.endlessRatio)
    for factor in [0.5, 0.8, 1.25, 2] {
      #expect(try #require(try run(.every(best.interval * factor)).endlessRatio) < ratio)
    }
    #expect(try run(.every(900)).intervalRule == .given)
  }
}
