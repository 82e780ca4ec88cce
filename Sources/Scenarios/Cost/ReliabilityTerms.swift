import Economics

/// How the cluster fails, with the place of each number among the inputs.
public struct ReliabilityTerms: Sendable, Equatable {
  /// One kind of failure.
  struct Source: Sendable, Equatable {
    var name: String
    /// Events a node and day; or the share of `rate` that it makes up.
    var rate: InputReference?
    var shareOfRate = 1.0
    var shape: InputReference?
    /// Nodes of the job the rate was observed in; nil for as many as this one has.
    var observedNodes: Int?
    var detection: InputReference
    var restart: InputReference
    /// How long a node is out; nil of failures that leave it in the job.
    var repair: InputReference?
  }

  /// Where the rates come from, as a scenario names it.
  public internal(set) var name = "none"
  var sources: [Source] = []
  /// Rate of all sources together, where they are a preset's.
  var rate: InputReference?
  var checkpointWrite: InputReference?
  /// Useful work between two checkpoints; nil for the optimum.
  var checkpointInterval: InputReference?
  /// Spare nodes; nil: never short.
  public internal(set) var spares: Int?
  var swap: InputReference?
  var startFailure: InputReference?
  var lemons: (nodes: Int, factor: InputReference, strikes: Int?)?
  var stragglers: (rate: InputReference, duration: InputReference, slowdown: InputReference)?

  /// The reliability of a job on so many nodes, with the given value for each input.
  ///
  /// A rate is that of nodes in a job of `observedNodes`, or of this job: its mean time to failure is
  /// 1 / (nodes x rate), whatever the shape.
  func reliability(_ values: [Double], nodes: Int) -> Reliability {
    Reliability(
      sources: sources.map { source in
        let rate = source.rate.map { values[$0] } ?? rate.map { values[$0] } ?? 0
        return FailureSource(
          name: source.name, perNodeDay: rate * source.shareOfRate,
          shape: source.shape.map { values[$0] } ?? 1,
          observedNodes: source.observedNodes ?? nodes, detection: values[source.detection],
          restart: values[source.restart], repair: source.repair.map { values[$0] } ?? 0)
      },
      checkpointWrite: checkpointWrite.map { values[$0] } ?? 0,
      interval: checkpointInterval.map { .every(values[$0]) } ?? .optimum,
      spares: spares.map { min($0, nodes) },
      swap: swap.map { values[$0] } ?? 0,
      lemons: lemons.map {
        Lemons(nodes: $0.nodes, factor: values[$0.factor], strikes: $0.strikes)
      },
      stragglers: stragglers.map {
        Stragglers(
          episodesPerNodeDay: values[$0.rate], duration: values[$0.duration],
          slowdown: values[$0.slowdown])
      }, startFailure: startFailure.map { values[$0] } ?? 0)
  }

  /// Equal where everything is.
  public static func == (a: ReliabilityTerms, b: ReliabilityTerms) -> Bool {
    a.name == b.name && a.sources == b.sources && a.rate == b.rate
      && a.checkpointWrite == b.checkpointWrite && a.checkpointInterval == b.checkpointInterval
      && a.spares == b.spares && a.swap == b.swap && a.startFailure == b.startFailure
      && a.lemons?.nodes == b.lemons?.nodes && a.lemons?.factor == b.lemons?.factor
      && a.lemons?.strikes == b.lemons?.strikes && a.stragglers?.rate == b.stragglers?.rate
      && a.stragglers?.duration == b.stragglers?.duration
      && a.stragglers?.slowdown == b.stragglers?.slowdown
  }
}
