/// How far a token's experts are spread over the ranks and nodes of an expert-parallel group.
///
/// Under balanced routing every expert is as likely as any other; how many distinct ranks and
/// nodes a token visits still depends on the gate. V3's gate over 8 nodes, at most 4 of them for a
/// token, visits 3.97 nodes and 7.49 ranks.
public struct RoutingSpread: Sendable, Equatable {
  /// Mean distinct nodes a token visits, its own included.
  public var nodesPerToken: Double
  /// Mean distinct ranks a token visits, its own included.
  public var ranksPerToken: Double

  /// What the gate needs to know.
  public typealias Gate = ExpertGate

  /// Samples the gate on scores that are alike for all experts.
  public init(sampling gate: ExpertGate, seed: UInt64) {
    self.init(RoutingLaw(gate, .balanced, layer: 0, seed: seed).loads)
  }

  /// The spread of a group's loads.
  public init(_ loads: RoutingLoads) {
    nodesPerToken = loads.nodesPerToken
    ranksPerToken = loads.ranksPerToken
  }
}
