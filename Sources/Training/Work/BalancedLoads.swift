import Fabric

/// What balanced routing brings to an expert-parallel group. The gate has to be sampled for it, so
/// steps of one gate and seed share it.
///
///     simulation.balanced = other.balancedLoads()    // sampled again only where gates differ
public struct BalancedLoads: Sendable {
  let gate: ExpertGate
  let seed: UInt64
  let loads: RoutingLoads
}

extension StepSimulation {
  /// Loads of the step's experts under balanced routing: those known already, where they are of its
  /// gate and seed. Nil without expert parallelism.
  public func balancedLoads() -> BalancedLoads? {
    guard let gate else { return nil }
    if let balanced, balanced.gate == gate, balanced.seed == plan.seed { return balanced }
    let law = RoutingLaw(gate, .balanced, layer: 0, seed: plan.seed)
    return BalancedLoads(gate: gate, seed: plan.seed, loads: law.loads)
  }
}
