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
  static let noiseTokens = 1_024

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
        experts: gate.experts, perToken: gate.perToken, ranks: gate.ranks, layer: layer, seed: seed),
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
