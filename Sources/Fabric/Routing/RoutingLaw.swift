import Statistics

/// What a layer's gate brings to an expert-parallel group in the long run, and what some number of
/// tokens brings.
///
///     let law = RoutingLaw(gate, .zipf(1.2), layer: 3, seed: 1)
///     law.loads.imbalance                            // of infinitely many tokens
///     law.loads(tokens: 64 * 4096, group: 0).imbalance
///
/// The law is estimated from a sample of tokens; what symmetry makes alike is averaged, so under
/// `uniform` no sampling error looks like imbalance. The loads of T tokens lie off the law by the
/// deviation of a smaller sample of S tokens, scaled by the root of S/T: variances and
/// covariances are those of T tokens, and every sum and bound of `RoutingLoads` holds.
public struct RoutingLaw: Sendable {
  /// The gate.
  public let gate: ExpertGate
  /// Loads of infinitely many tokens.
  public let loads: RoutingLoads

  private let popularity: [Double]
  private let placement: ExpertPlacement?
  private let isBalanced: Bool
  private let layer: Int
  private let seed: UInt64

  /// Tokens the law is estimated from: each expert's rows are then known to 4 % of themselves at
  /// 256 experts and 8 a token.
  public static let sampledTokens = 16_384
  /// Tokens whose deviation from the law stands for that of more.
  static let noiseTokens = 4_096

  /// The law of a layer.
  ///
  /// - Parameter placement: where the experts stand; equal, consecutive parts of them without one.
  ///   Its ranks must be the gate's.
  public init(
    _ gate: ExpertGate, _ distribution: RoutingDistribution, layer: Int, seed: UInt64,
    placement: ExpertPlacement? = nil
  ) {
    self.init(
      gate,
      popularity: distribution.popularity(
        experts: gate.experts, ranks: gate.ranks, layer: layer, seed: seed),
      isBalanced: distribution == .balanced, layer: layer, seed: seed, placement: placement)
  }

  private init(
    _ gate: ExpertGate, popularity: [Double], isBalanced: Bool, layer: Int, seed: UInt64,
    placement: ExpertPlacement?
  ) {
    self.gate = gate
    self.popularity = popularity
    self.placement = placement
    self.isBalanced = isBalanced
    self.layer = layer
    self.seed = seed
    var random = QuickStream(
      seed: seed, component: "gate", index: UInt64(truncatingIfNeeded: layer))
    let sample = RoutingTally.sample(
      gate, popularity: popularity, placement: placement, tokens: Self.sampledTokens, &random)
    if placement == nil, popularity.allSatisfy({ $0 == popularity[0] }) {
      loads = sample.leveled
    } else if placement == nil {
      loads = RoutingSymmetry(gate, popularity: popularity).averaged(sample)
    } else {
      loads = sample
    }
  }

  /// The same layer with its experts placed otherwise.
  public func placed(by placement: ExpertPlacement) -> RoutingLaw {
    RoutingLaw(
      gate, popularity: popularity, isBalanced: isBalanced, layer: layer, seed: seed,
      placement: placement)
  }

  /// Loads of `tokens` tokens (all of a group's in a micro-batch) of expert-parallel group `group`.
  ///
  /// - Parameter index: which of the group's batches of tokens, where several are drawn.
  public func loads(tokens: Double, group: Int, index: Int = 0) -> RoutingLoads {
    guard !isBalanced, tokens >= 1, tokens.isFinite else { return loads }
    let place =
      UInt64(truncatingIfNeeded: layer) << 44 ^ UInt64(truncatingIfNeeded: group) << 22
      ^ UInt64(truncatingIfNeeded: index)
    var random = QuickStream(seed: seed, component: "tokens", index: place)
    let drawn = min(Double(Self.noiseTokens), tokens.rounded())
    let sample = RoutingTally.sample(
      gate, popularity: popularity, placement: placement, tokens: Int(drawn), &random)
    return loads.moved(towards: sample, by: (drawn / tokens).squareRoot())
  }
}

/// Counts where sampled tokens go.
struct RoutingTally {
  private var loads: RoutingLoads
  private var rankStamp: [Int32]
  private var nodeStamp: [Int32]
  /// Ranks of expert `e`'s replicas stand from `firstReplica[e]` to `firstReplica[e + 1]`.
  private let replicaRank: [Int32]
  private let firstReplica: [Int32]
  private let nodeOfRank: [Int32]

  private init(_ gate: ExpertGate, experts: Int, placement: ExpertPlacement?) {
    let ranks = max(1, min(gate.ranks, experts))
    let nodes = max(1, min(gate.nodes, ranks))
    func zeros(_ count: Int) -> [Double] { [Double](repeating: 0, count: count) }
    loads = RoutingLoads(
      nodeVisits: zeros(nodes), rankVisits: zeros(ranks), rankRows: zeros(ranks),
      expertRows: zeros(experts))
    rankStamp = [Int32](repeating: -1, count: ranks)
    nodeStamp = [Int32](repeating: -1, count: nodes)
    nodeOfRank = (0..<ranks).map { Int32($0 * nodes / ranks) }
    if let placement {
      var first: [Int32] = [0]
      var rank: [Int32] = []
      for slots in placement.replicas.prefix(experts) {
        rank += slots.map { Int32($0 * ranks / placement.slots.count) }
        first.append(Int32(rank.count))
      }
      replicaRank = rank
      firstReplica = first
    } else {
      replicaRank = (0..<experts).map { Int32($0 * ranks / experts) }
      firstReplica = (0...experts).map { Int32($0) }
    }
  }

  /// Mean loads of `tokens` sampled tokens.
  static func sample(
    _ gate: ExpertGate, popularity: [Double], placement: ExpertPlacement?, tokens: Int,
    _ random: inout QuickStream
  ) -> RoutingLoads {
    var sampler = GateSampler(gate, popularity: popularity)
    var tally = RoutingTally(gate, experts: popularity.count, placement: placement)
    for token in 0..<tokens {
      sampler.draw(&random)
      for expert in sampler.chosen { tally.count(Int(expert), of: token) }
    }
    return tally.loads.divided(by: Double(tokens))
  }

  /// A row of `token` for `expert`; rows go to an expert's replicas in turn.
  private mutating func count(_ expert: Int, of token: Int) {
    loads.expertRows[expert] += 1
    let first = Int(firstReplica[expert])
    let replicas = Int(firstReplica[expert + 1]) - first
    let rank = Int(replicaRank[replicas == 1 ? first : first + token % replicas])
    loads.rankRows[rank] += 1
    guard rankStamp[rank] != Int32(token) else { return }
    rankStamp[rank] = Int32(token)
    loads.rankVisits[rank] += 1
    let node = Int(nodeOfRank[rank])
    guard nodeStamp[node] != Int32(token) else { return }
    nodeStamp[node] = Int32(token)
    loads.nodeVisits[node] += 1
  }
}

extension RoutingLoads {
  fileprivate func divided(by tokens: Double) -> RoutingLoads {
    RoutingLoads(
      nodeVisits: nodeVisits.map { $0 / tokens }, rankVisits: rankVisits.map { $0 / tokens },
      rankRows: rankRows.map { $0 / tokens }, expertRows: expertRows.map { $0 / tokens })
  }
}
