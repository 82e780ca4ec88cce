import Statistics

/// A run of useful work on nodes that fail, ready to be played through.
///
///     let run = try GoodputRun(productive: 54 * 86_400, nodes: 2_048, reliability: reliability)
///     let samples = (0..<1_000).map { run.simulate(seed: 1, index: $0) }
///     GoodputSummary(samples).effectiveTimeRatio.p50           // 0.89
///
/// Each sample depends on the seed and its index alone, so that samples may be made on any number
/// of threads in any order.
public struct GoodputRun: Sendable {
  /// Where the work between two checkpoints comes from.
  public enum IntervalRule: String, Sendable {
    /// It was given.
    case given
    /// Daly's exact optimum: hazards are constant.
    case daly = "Daly's optimum"
    /// The greatest share of a job's life that is saved, by renewal-reward: hazards change with age.
    case renewal = "renewal optimum"
    /// Nothing fails, so that the end is the only checkpoint.
    case atEnd = "at the end alone"
  }

  /// Seconds of useful work.
  public let productive: Double
  /// Nodes of the job.
  public let nodes: Int
  /// How they fail.
  public let reliability: Reliability
  /// Seconds of useful work between two checkpoints.
  public let interval: Double
  /// Where the interval comes from.
  public let intervalRule: IntervalRule
  /// Seconds on the clock after which a run is given up as one that does not finish.
  public let limit: Double
  /// About how many failures the run meets.
  public let expectedFailures: Double

  /// A run of `productive` seconds of useful work on `nodes` nodes, given up after `patience` times
  /// the time it takes without failures, and time for ten times as many of the longest outages.
  ///
  /// A checkpoint is written after each interval of work and at the end. An interval looked for is
  /// no shorter than a second, and no longer than the run.
  ///
  /// - Complexity: some microseconds; where a hazard changes with age and the interval is looked for,
  ///   a millisecond: look once and give the interval to runs that differ little.
  /// - Throws: all problems of the description at once.
  public init(
    productive: Double, nodes: Int, reliability: Reliability, patience: Double = 100
  ) throws(GoodputError) {
    let problems = GoodputChecks(
      productive: productive, nodes: nodes, patience: patience, reliability
    ).problems
    guard problems.isEmpty else { throw GoodputError(problems: problems) }
    self.productive = productive
    self.nodes = nodes
    self.reliability = reliability
    let life = JobLife(reliability.sources, nodes: reliability.weightedNodes(nodes))
    let restart = Self.meanRestart(reliability)
    (interval, intervalRule) = Self.interval(productive, reliability, life, restart)
    let segments = WorkSegments(
      productive: productive, interval: interval, write: reliability.checkpointWrite)
    limit = segments.length * patience + Self.longestOutage(reliability) * 10 * patience
    expectedFailures =
      life.neverEnds
      ? 0
      : segments.count / life.checkpoints(restart: restart, segment: segments.segment)
        / (1 - reliability.startFailure)
  }

  /// The work between checkpoints.
  var segments: WorkSegments {
    WorkSegments(productive: productive, interval: interval, write: reliability.checkpointWrite)
  }

  /// The run with failures, drawn from the streams of `seed` and `index`.
  ///
  /// - Complexity: O(failures), of which there are at most four million.
  public func simulate(seed: UInt64, index: UInt64) -> GoodputSample {
    var loop = GoodputLoop(self, seed: seed, index: index)
    return loop.run()
  }

  /// Failures after which a sample is given up: a thousand where the run would meet more than a
  /// million on average, for then it makes hardly any progress.
  public var mostFailures: Int { expectedFailures < 1e6 ? 4_000_000 : 1_000 }

  /// The longest that one failure can hold up the job, unless others strike meanwhile.
  private static func longestOutage(_ reliability: Reliability) -> Double {
    reliability.sources.map { $0.detection + $0.restart + $0.repair + reliability.swap }.max() ?? 0
  }

  /// Restart seconds, weighed by how often each source strikes.
  private static func meanRestart(_ reliability: Reliability) -> Double {
    let rate = reliability.sources.reduce(0) { $0 + $1.perNodeDay }
    guard rate > 0 else { return 0 }
    return reliability.sources.reduce(0) { $0 + $1.perNodeDay / rate * $1.restart }
  }

  private static func interval(
    _ productive: Double, _ reliability: Reliability, _ life: JobLife, _ restart: Double
  ) -> (Double, IntervalRule) {
    if case .every(let seconds) = reliability.interval { return (seconds, .given) }
    guard !life.neverEnds else { return (productive, .atEnd) }
    let least = min(1, productive)
    let write = reliability.checkpointWrite
    guard write > 0 else { return (least, life.laws.isEmpty ? .daly : .renewal) }
    if life.laws.isEmpty {
      let mtti = 1 / life.hazard
      // Beyond the range of the root finder the first order is exact to rounding.
      let best =
        (try? GoodputForms.dalyInterval(write: write, meanTimeToInterruption: mtti))
        ?? GoodputForms.youngInterval(write: write, meanTimeToInterruption: mtti)
      return (min(max(best, least), productive), .daly)
    }
    guard least < productive else { return (productive, .renewal) }
    let best = life.bestInterval(restart: restart, write: write, from: least, to: productive)
    return (best, .renewal)
  }
}
