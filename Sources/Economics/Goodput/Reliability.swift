/// How a cluster fails and how a run is brought back: everything that lies between the time of
/// useful work and the time on the clock.
///
///     var reliability = Reliability(
///       sources: [FailureSource(name: "node", perNodeDay: 0.004, detection: 120, restart: 480)],
///       checkpointWrite: 20)
///     reliability.interval = .every(600)
public struct Reliability: Sendable, Equatable {
  /// What fails; sources strike independently.
  public var sources: [FailureSource]
  /// Seconds the job stands still while a checkpoint is written.
  public var checkpointWrite: Double
  /// How much work lies between two checkpoints.
  public var interval: CheckpointInterval
  /// Nodes beside those of the job that can take the place of a failed one; nil: never short.
  ///
  /// When more nodes are out than that, the job waits for the first repaired ones.
  public var spares: Int?
  /// Seconds to bring in another node in place of a failed one.
  public var swap: Double
  /// Nodes of the job that fail more often than others, if any.
  public var lemons: Lemons?
  /// Nodes that are slow for a while, if any.
  public var stragglers: Stragglers?
  /// Chance of a restart to fail at its end, in which case it is done once more.
  public var startFailure: Double

  /// A reliability; what is left out does not occur, and nodes are never short.
  public init(
    sources: [FailureSource], checkpointWrite: Double, interval: CheckpointInterval = .optimum,
    spares: Int? = nil, swap: Double = 0, lemons: Lemons? = nil, stragglers: Stragglers? = nil,
    startFailure: Double = 0
  ) {
    self.sources = sources
    self.checkpointWrite = checkpointWrite
    self.interval = interval
    self.spares = spares
    self.swap = swap
    self.lemons = lemons
    self.stragglers = stragglers
    self.startFailure = startFailure
  }

  /// Failures a day for each node of the job, of the sources whose hazard is constant.
  var exponentialPerNodeDay: Double {
    sources.reduce(0) { $0 + ($1.isExponential ? $1.perNodeDay : 0) }
  }

  /// Nodes of average health that would fail as often as the job's nodes, lemons included.
  func weightedNodes(_ nodes: Int) -> Double {
    guard let lemons else { return Double(nodes) }
    return Double(nodes) + Double(lemons.nodes) * (lemons.factor - 1)
  }
}

/// How much work lies between two checkpoints.
public enum CheckpointInterval: Sendable, Equatable {
  /// What costs the least time, once writes and lost work are weighed.
  case optimum
  /// So many seconds of useful work.
  case every(Double)
}

/// Nodes of the job that fail more often than the others ("lemons").
public struct Lemons: Sendable, Equatable {
  /// How many of the job's nodes at the start.
  public var nodes: Int
  /// How many times as often as another node one of them fails.
  public var factor: Double
  /// Failures after which one is taken out for good and an average node takes its place; nil: never.
  public var strikes: Int?

  /// So many lemons, that fail `factor` times as often.
  public init(nodes: Int, factor: Double, strikes: Int? = nil) {
    self.nodes = nodes
    self.factor = factor
    self.strikes = strikes
  }
}

/// Nodes that are slow for a while.
///
/// Synchronous training runs at the pace of the slowest node, so that the whole job is slow while
/// any node is, its checkpoint writes included. Episodes begin by chance and last an exponential
/// time.
public struct Stragglers: Sendable, Equatable {
  /// Episodes a day that begin on a node which is not slow.
  public var episodesPerNodeDay: Double
  /// Mean seconds of an episode.
  public var duration: Double
  /// How many times as long everything takes meanwhile, 1 or more.
  public var slowdown: Double

  /// Episodes of slowness.
  public init(episodesPerNodeDay: Double, duration: Double, slowdown: Double) {
    self.episodesPerNodeDay = episodesPerNodeDay
    self.duration = duration
    self.slowdown = slowdown
  }

  /// Share of time in which a node is slow.
  var slowShare: Double {
    let load = episodesPerNodeDay / 86_400 * duration
    return load / (1 + load)
  }
}
