import Statistics

/// One run as it happened to go: where its time on the clock went.
///
/// All times are in seconds; the parts add up to `wall`, to rounding.
public struct GoodputSample: Sendable, Equatable {
  /// Time on the clock, from the first step to the end of the last checkpoint.
  public var wall = 0.0
  /// Useful work that was kept.
  public var productive = 0.0
  /// Checkpoint writes that were finished.
  public var checkpoints = 0.0
  /// Work, and writes cut short, since the last checkpoint before each failure.
  public var lostWork = 0.0
  /// Time until failures were known.
  public var detection = 0.0
  /// Time to start again, once for each attempt to.
  public var restarts = 0.0
  /// Time to bring in other nodes, and to wait for repaired ones.
  public var waiting = 0.0
  /// Time that slow nodes added.
  public var slowdown = 0.0
  /// Failures of each source, in the order of the sources.
  public var failures: [Int] = []
  /// Restarts that failed of themselves.
  public var failedStarts = 0
  /// The most nodes that were out for repair at once, which is how many spares were in use.
  public var mostNodesOut = 0
  /// Lemons that were taken out for good.
  public var lemonsRemoved = 0
  /// Whether all work was done; otherwise the run was given up at its limit of time, or after so
  /// many failures that its parts are what was seen, stretched to the limit or to the end of the
  /// work.
  public var isFinished = false

  /// A run before its first second.
  public init() {}

  /// Failures of all sources.
  public var failureCount: Int { failures.reduce(0, +) }
  /// Useful work over time on the clock; 0 for a run without time.
  public var effectiveTimeRatio: Double { wall > 0 ? productive / wall : 0 }
  /// The parts together, which is `wall` but for rounding.
  public var sumOfParts: Double {
    productive + checkpoints + lostWork + detection + restarts + waiting + slowdown
  }
}

extension GoodputSample {
  /// Lets all parts last so many times as long; failures stay those that were seen.
  mutating func stretch(by factor: Double) {
    wall *= factor
    productive *= factor
    checkpoints *= factor
    lostWork *= factor
    detection *= factor
    restarts *= factor
    waiting *= factor
    slowdown *= factor
  }
}

/// What many samples of a run have in common.
///
/// The same samples in the same order give the same figures, whichever threads made them.
public struct GoodputSummary: Sendable, Equatable {
  /// A figure over all samples.
  public struct Figure: Sendable, Equatable {
    /// Mean.
    public var mean: Double
    /// How far the mean may be off by chance, one standard deviation.
    public var standardError: Double
    /// What 5, 50 and 95 of 100 samples do not exceed.
    public var p5, p50, p95: Double

    /// The figure over some values; all zero where there are none.
    public init(_ values: [Double]) {
      let count = Double(values.count)
      let mean = count > 0 ? values.reduce(0, +) / count : 0
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let sorted = values.sorted()
      self.mean = mean
      standardError = count > 1 ? (squares / (count - 1) / count).squareRoot() : 0
      (p5, p50, p95) = (quantile(sorted, 0.05), quantile(sorted, 0.5), quantile(sorted, 0.95))
    }
  }

  /// How many samples.
  public var samples: Int
  /// How many were given up; then wall is a lower bound.
  public var unfinished: Int
  /// Time on the clock (s).
  public var wall: Figure
  /// Useful work over time on the clock.
  public var effectiveTimeRatio: Figure
  /// Failures of all sources.
  public var failures: Figure
  /// Mean of each part (s), and of the rest.
  public var meanParts: GoodputSample
  /// Mean failures of each source, in the order of the sources.
  public var meanFailures: [Double]
  /// The most nodes out at once, as 99 of 100 samples do not exceed.
  public var mostNodesOut99: Int

  /// The summary of samples of one run.
  public init(_ samples: [GoodputSample]) {
    self.samples = samples.count
    unfinished = samples.reduce(0) { $0 + ($1.isFinished ? 0 : 1) }
    wall = Figure(samples.map(\.wall))
    effectiveTimeRatio = Figure(samples.map(\.effectiveTimeRatio))
    failures = Figure(samples.map { Double($0.failureCount) })
    let count = Double(max(1, samples.count))
    func mean(_ part: KeyPath<GoodputSample, Double>) -> Double {
      samples.reduce(0) { $0 + $1[keyPath: part] } / count
    }
    var parts = GoodputSample()
    parts.wall = wall.mean
    parts.productive = mean(\.productive)
    parts.checkpoints = mean(\.checkpoints)
    parts.lostWork = mean(\.lostWork)
    parts.detection = mean(\.detection)
    parts.restarts = mean(\.restarts)
    parts.waiting = mean(\.waiting)
    parts.slowdown = mean(\.slowdown)
    parts.isFinished = unfinished == 0
    meanParts = parts
    let sources = samples.map(\.failures.count).max() ?? 0
    meanFailures = (0..<sources).map { source in
      samples.reduce(0.0) {
        $0 + ($1.failures.indices.contains(source) ? Double($1.failures[source]) : 0)
      } / count
    }
    let out = samples.map(\.mostNodesOut).sorted()
    mostNodesOut99 = out.isEmpty ? 0 : out[min(out.count - 1, out.count * 99 / 100)]
  }
}
