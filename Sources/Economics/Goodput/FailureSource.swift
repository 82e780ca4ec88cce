import Statistics

/// One kind of failure that interrupts a run, how often it strikes and what it costs.
///
///     let gpu = FailureSource(
///       name: "gpu", perNodeDay: 1.8e-3, detection: 120, restart: 480, repair: 86_400)
///     gpu.meanTimeToFailure(nodes: 2_048) / 3_600      // 6.5 hours
///
/// Times to failure follow Weibull's law: the chance of a job to be alive at an age t is
/// exp(-(t / scale)^shape). At shape 1 that is the exponential law, whose hazard is constant. Below
/// 1 the hazard falls with the time since the job (re)started, which is infant mortality.
public struct FailureSource: Sendable, Equatable {
  /// What fails.
  public var name: String
  /// One over the mean time to failure, for each node of the job, in 1/day.
  ///
  /// It is the mean from the start of a job until this source strikes, if no other does before. With
  /// a hazard that falls with age every failure of another source, and every restart, begins the
  /// time of high hazard anew, so that the source strikes more often than that; put all of infant
  /// mortality into one source.
  public var perNodeDay: Double
  /// Shape of Weibull's law: 1 is exponential, below 1 the hazard falls with the job's age.
  public var shape: Double
  /// Nodes of the jobs in which the rate was observed.
  ///
  /// A job of that many has the mean time to failure 1 / (nodes · rate). With another number of
  /// nodes it is scaled as the first of so many failures, by (nodes / observed)^(-1 / shape); for
  /// the exponential law it does not matter. 1: the rate is that of a job on a single node.
  public var observedNodes: Int
  /// Seconds from the failure until it is known and the job is taken down.
  public var detection: Double
  /// Seconds to start the job again: load, initialize, catch up to where the checkpoint was.
  public var restart: Double
  /// Seconds the failed node is out for; 0 for failures that leave it in the job.
  public var repair: Double

  /// A kind of failure; without a shape, exponential.
  public init(
    name: String, perNodeDay: Double, shape: Double = 1, observedNodes: Int = 1,
    detection: Double, restart: Double, repair: Double = 0
  ) {
    self.name = name
    self.perNodeDay = perNodeDay
    self.shape = shape
    self.observedNodes = observedNodes
    self.detection = detection
    self.restart = restart
    self.repair = repair
  }

  /// Whether the hazard does not change with the job's age.
  public var isExponential: Bool { shape == 1 }

  /// Mean seconds from the start of a job on so many nodes until the first failure of this kind.
  public func meanTimeToFailure(nodes: Double) -> Double {
    let observed = Double(observedNodes)
    let mean = 86_400 / (observed * perNodeDay)
    return mean * Elementary.power(nodes / observed, -1 / shape)
  }

  /// Seconds at which a job on so many nodes is alive with a chance of 1/e.
  func scale(nodes: Double) -> Double {
    meanTimeToFailure(nodes: nodes) / Elementary.gamma(1 + 1 / shape)
  }
}
