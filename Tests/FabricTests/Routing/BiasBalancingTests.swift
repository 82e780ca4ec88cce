import Fabric
import Testing

@Suite struct BiasBalancingTests {
  static let gate = ExpertGate(
    experts: 32, perToken: 4, ranks: 8, nodes: 2, groups: 4, groupsPerToken: 2)

  /// A hot rank is levelled to about what a sample of like experts shows.
  @Test func biasesLevelSkewedLoads() {
    let process = BiasBalancing(
      Self.gate, .hotRank(4), steps: 30, speed: 0.015, tokens: 1024, layer: 0, seed: 1)
    #expect(process.imbalance.count == 31)
    #expect(process.imbalance[0] > 2)
    let end = process.imbalance.suffix(5).reduce(0, +) / 5
    #expect(end < 1.2)
    #expect(process.biases.min() ?? 0 < 0)
  }

  /// Each step moves a bias by the speed or leaves it.
  @Test func biasesMoveByTheSpeed() {
    let process = BiasBalancing(
      Self.gate, .zipf(1), steps: 3, speed: 0.25, tokens: 512, layer: 0, seed: 2)
    for bias in process.biases {
      #expect(abs(bias) <= 0.75 && (bias * 4) == (bias * 4).rounded())
    }
    #expect(
      process
        == BiasBalancing(
          Self.gate, .zipf(1), steps: 3, speed: 0.25, tokens: 512, layer: 0, seed: 2))
  }

  /// Without biases the process starts from the loads of the law: the same order of scores.
  @Test func theFirstStepShowsTheLaw() {
    let gate = ExpertGate(
      experts: 32, perToken: 4, ranks: 8, nodes: 2, groups: 1, groupsPerToken: 1)
    let process = BiasBalancing(gate, .zipf(1), steps: 0, layer: 0, seed: 1)
    let law = RoutingLaw(gate, .zipf(1), layer: 0, seed: 1).loads
    #expect(abs(process.imbalance[0] - law.imbalance) < 0.1)
    #expect(abs(process.expertImbalance[0] - law.expertImbalance) < 0.3)
  }
}
