/// What picks a token's experts, and where these stand.
///
/// V3's gate: the groups with the largest sums of their two best scores are allowed, then the best
/// experts of the allowed groups win (arXiv 2412.19437, section 2.1.2).
///
///     ExpertGate(
///       experts: 256, perToken: 8, ranks: 64, nodes: 8, groups: 8, groupsPerToken: 4)
public struct ExpertGate: Sendable, Equatable {
  /// Routed experts.
  public var experts: Int
  /// Experts a token visits.
  public var perToken: Int
  /// Ranks of the expert-parallel group; each holds an equal, consecutive part of the experts.
  public var ranks: Int
  /// Nodes the ranks stand on.
  public var nodes: Int
  /// Groups the gate picks from, and how many of them a token may visit; equal where there is
  /// no limit.
  public var groups: Int
  /// Groups a token may visit.
  public var groupsPerToken: Int

  /// A gate from its numbers.
  public init(
    experts: Int, perToken: Int, ranks: Int, nodes: Int, groups: Int, groupsPerToken: Int
  ) {
    self.experts = experts
    self.perToken = perToken
    self.ranks = ranks
    self.nodes = nodes
    self.groups = groups
    self.groupsPerToken = groupsPerToken
  }

  /// Whether a token may visit only some of the groups.
  var isLimited: Bool { groups > 1 && groupsPerToken < groups }

  /// The gate under a limit of nodes a token, in place of the model's own limit: nodes become the
  /// groups. As many nodes as there are or more is no limit; nil leaves the gate as it is.
  ///
  ///     v3.limited(toNodes: 8)      // on 8 nodes: a token's experts stand anywhere
  public func limited(toNodes limit: Int?) -> ExpertGate {
    guard let limit else { return self }
    var other = self
    other.groups = max(1, nodes)
    other.groupsPerToken = min(max(1, limit), other.groups)
    return other
  }
}
