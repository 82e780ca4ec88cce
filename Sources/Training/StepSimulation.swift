public import Hardware
public import Models

/// Everything one step depends on, and the walk from it to a result.
public struct StepSimulation: Sendable {
  /// The model.
  public var model: Architecture
  /// The cluster.
  public var cluster: Cluster
  /// What kernels achieve on the cluster's GPU.
  public var rates: KernelRates
  /// The plan.
  public var plan: Plan

  /// A simulation of one step.
  public init(model: Architecture, cluster: Cluster, rates: KernelRates, plan: Plan) {
    self.model = model
    self.cluster = cluster
    self.rates = rates
    self.plan = plan
  }

  /// Simulates the step.
  ///
  /// - Throws: `StepError`.
  public func run() throws(StepError) -> StepResult { throw .notBuilt }
}

/// Why a step cannot be simulated.
public enum StepError: Error, Sendable {
  /// Temporary.
  case notBuilt
}
