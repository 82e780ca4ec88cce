import Statistics

/// Why a run has no closed form, in one sentence.
public enum ClosedFormLimit: Sendable, Equatable, CustomStringConvertible {
  /// A hazard changes with the job's age.
  case aging(source: String, shape: Double)
  /// Nodes may be short.
  case spares(Int)
  /// Some nodes fail more often than others.
  case lemons(Int)
  /// Some nodes are slow at times.
  case stragglers

  /// The sentence.
  public var description: String {
    switch self {
    case .aging(let source, let shape):
      "the hazard of \(source) changes with the job's age (shape \(shape))"
    case .spares(let count): "nodes may be short with \(count) spares"
    case .lemons(let count): "\(count) nodes fail more often than the others"
    case .stragglers: "nodes are slow at times"
    }
  }
}

extension GoodputRun {
  /// What keeps the expected time from having a closed form; empty where it has one.
  public var closedFormLimits: [ClosedFormLimit] {
    var limits: [ClosedFormLimit] = []
    for source in reliability.sources where !source.isExponential && source.perNodeDay > 0 {
      limits.append(.aging(source: source.name, shape: source.shape))
    }
    return limits + endlessLimits
  }

  /// What keeps an endless run from being a row of lives.
  private var endlessLimits: [ClosedFormLimit] {
    var limits: [ClosedFormLimit] = []
    let isRepaired = reliability.sources.contains { $0.perNodeDay > 0 && $0.repair > 0 }
    if let spares = reliability.spares, isRepaired { limits.append(.spares(spares)) }
    if let lemons = reliability.lemons, lemons.nodes > 0, lemons.factor > 1 {
      limits.append(.lemons(lemons.nodes))
    }
    if let slow = reliability.stragglers, slow.episodesPerNodeDay > 0, slow.slowdown > 1 {
      limits.append(.stragglers)
    }
    return limits
  }

  /// Meta's effective-time ratio to first order, `GoodputForms.metaRatio`, with the mean downtime of
  /// the sources: what is commonly quoted, to be compared with the simulation.
  ///
  /// Spares, lemons, stragglers and failed starts are not in it.
  public var firstOrderRatio: Double {
    let rate = reliability.sources.reduce(0) { $0 + $1.perNodeDay }
    guard rate > 0 else { return interval / segments.segment }
    let down = reliability.sources.reduce(0) {
      $0 + $1.perNodeDay / rate * (held($1) + $1.restart)
    }
    let life = JobLife(reliability.sources, nodes: Double(nodes))
    guard let mean = life.mean else { return 0 }
    return GoodputForms.metaRatio(
      interval: interval, write: reliability.checkpointWrite, restart: down,
      meanTimeToInterruption: mean)
  }

  /// Expected seconds on the clock, exactly; nil where there are `closedFormLimits`.
  ///
  /// Daly's complete form, for several sources and failed starts: a segment of length s takes
  /// (e^(s / MTTI) - 1) · (MTTI + recovery), with the mean time `recovery` from a failure until the
  /// job runs, further failures in it included.
  public var expectedWall: Double? {
    guard closedFormLimits.isEmpty else { return nil }
    let rate = reliability.exponentialPerNodeDay
    let work = segments
    guard rate > 0 else { return work.length }
    let mtti = 86_400 / (rate * Double(nodes))
    func grown(_ length: Double) -> Double { Elementary.exponentialLessOne(length / mtti) }
    let lengths = (work.count - 1) * grown(work.segment) + grown(work.lastWork + work.write)
    return lengths * (mtti + recovery(mtti, rate))
  }

  /// Useful work over time on the clock of an endless run, by renewal-reward; nil where it does not
  /// hold: with short nodes, lemons, stragglers or failed starts.
  ///
  /// Exact for hazards of any shape where all sources take the same detection and restart, else with
  /// their means. Work saved in a life over its mean length and the downtime before it, in which
  /// sources of constant hazard may strike.
  ///
  /// - Complexity: an integral and a sum, about 50 µs where a hazard changes with age.
  public var endlessRatio: Double? {
    let sources = reliability.sources
    guard endlessLimits.isEmpty else { return nil }
    let life = JobLife(sources, nodes: Double(nodes))
    let segment = segments.segment
    guard !life.neverEnds else { return interval / segment }
    guard reliability.startFailure == 0, let mean = life.mean else { return nil }
    let rate = sources.reduce(0) { $0 + $1.perNodeDay }
    let restart = sources.reduce(0) { $0 + $1.perNodeDay / rate * $1.restart }
    let down = sources.reduce(0) { $0 + $1.perNodeDay / rate * held($1) }
    let downtime =
      life.hazard > 0 ? Elementary.exponentialLessOne(life.hazard * down) / life.hazard : down
    return interval * life.checkpoints(restart: restart, segment: segment) / (downtime + mean)
  }

  /// Seconds from a failure until the restart begins.
  private func held(_ source: FailureSource) -> Double {
    source.detection + (source.repair > 0 ? reliability.swap : 0)
  }

  /// Mean seconds from a failure until the job runs, further failures in it included.
  private func recovery(_ mtti: Double, _ rate: Double) -> Double {
    let failed = reliability.startFailure
    var success = 0.0
    var time = 0.0
    for source in reliability.sources where source.perNodeDay > 0 {
      let share = source.perNodeDay / rate
      let held = Elementary.exponential(-self.held(source) / mtti)
      let start = Elementary.exponential(-source.restart / mtti)
      // A start that fails of itself is made once more; the row of starts is geometric.
      let starts = 1 / (1 - failed * start)
      success += share * held * (1 - failed) * start * starts
      time += share * mtti * (1 - held + held * (1 - start) * starts)
    }
    return time / success
  }
}
