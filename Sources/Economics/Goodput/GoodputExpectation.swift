import Statistics

extension GoodputRun {
  /// Expected seconds on the clock, exactly; nil where no closed form holds.
  ///
  /// It holds for hazards that are constant, nodes that are never short, and neither lemons nor
  /// stragglers. Daly's complete form, for several sources and failed starts: a segment of length s
  /// takes (e^(s / MTTI) - 1) · (MTTI + recovery), with the mean time `recovery` from a failure
  /// until the job runs, further failures in it included.
  public var expectedWall: Double? {
    let sources = reliability.sources
    guard sources.allSatisfy({ $0.isExponential || $0.perNodeDay == 0 }), neverWaits,
      reliability.lemons == nil, reliability.stragglers == nil
    else { return nil }
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
    let life = JobLife(sources, nodes: Double(nodes))
    let segment = interval + reliability.checkpointWrite
    guard !life.neverEnds else { return interval / segment }
    guard neverWaits, reliability.lemons == nil, reliability.stragglers == nil,
      reliability.startFailure == 0, let mean = life.mean
    else { return nil }
    let rate = sources.reduce(0) { $0 + $1.perNodeDay }
    let restart = sources.reduce(0) { $0 + $1.perNodeDay / rate * $1.restart }
    let down = sources.reduce(0) { $0 + $1.perNodeDay / rate * held($1) }
    let downtime =
      life.hazard > 0 ? Elementary.exponentialLessOne(life.hazard * down) / life.hazard : down
    return interval * life.checkpoints(restart: restart, segment: segment) / (downtime + mean)
  }

  /// Whether the job never waits for a repaired node.
  private var neverWaits: Bool {
    reliability.spares == nil || reliability.sources.allSatisfy { $0.repair == 0 }
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
