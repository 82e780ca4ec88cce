import Statistics

/// What a layer's gate brings to an expert-parallel group in the long run, and what some number of
/// tokens brings.
///
///     let law = RoutingLaw(gate, .zipf(1.2), layer: 3, seed: 1)
///     law.loads.imbalance                            // of infinitely many tokens
///     law.loads(tokens: 64 * 4096, group: 0).imbalance
///
/// The law is estimated from a sample of tokens; what symmetry makes alike is averaged, so under
/// `uniform` no sampling error looks like imbalance. A placement changes nothing of what an expert
/// gets: ranks share the rows of their experts, and visits alone are sampled again. Counts already
/// hold what the gate did, so experts get exactly their counted shares. The loads of T tokens lie
/// off the law by the deviation of a smaller sample of S tokens, scaled by the root of S/T:
/// variances and covariances are those of T tokens, and every sum and bound of `RoutingLoads` holds.
public struct RoutingLaw: Sendable {
  /// The gate.
  public let gate: ExpertGate
  /// Loads of infinitely many tokens.
  public let loads: RoutingLoads

  private let basis: Basis
  private let placement: ExpertPlacement?

  /// What a layer's law is drawn from, wherever its experts stand.
  private struct Basis: Sendable {
    var gate: ExpertGate
    var popularity: [Double]
    /// Rows the sampled gate brings to each expert.
    var gateRows: [Double]
    /// Rows of each expert that were counted, if they were.
    var countedRows: [Double]?
    var isBalanced: Bool
    var layer: Int
    var seed: UInt64
  }

  /// Tokens the law is estimated from: each expert's rows are then known to 4 % of themselves at
  /// 256 experts and 8 a token.
  public static let sampledTokens = 16_384
  /// Tokens whose deviation from the law stands for that of more.
  static let noiseTokens = 1_024
  /// Times the popularities behind counts are moved towards the counted rows.
  private static let popularityCorrections = 2

  /// The law of a layer.
  ///
  /// - Parameter placement: where the experts stand; equal, consecutive parts of them without one.
  ///   Its ranks must be the gate's.
  public init(
    _ gate: ExpertGate, _ distribution: RoutingDistribution, layer: Int, seed: UInt64,
    placement: ExpertPlacement? = nil
  ) {
    var basis = Basis(
      gate: gate,
      popularity: distribution.popularity(
        experts: gate.experts, perToken: gate.perToken, ranks: gate.ranks, layer: layer, seed: seed),
      gateRows: [], isBalanced: distribution == .balanced, layer: layer, seed: seed)
    let inOrder: RoutingLoads
    if case .counts(let counts) = distribution {
      inOrder = Self.counted(counts, &basis)
    } else {
      inOrder = Self.sampled(basis)
      basis.gateRows = inOrder.expertRows
    }
    self.init(basis, inOrder: inOrder, placement: placement)
  }

  private init(_ basis: Basis, inOrder: RoutingLoads, placement: ExpertPlacement?) {
    gate = basis.gate
    self.basis = basis
    self.placement = placement
    guard let placement else {
      loads = inOrder
      return
    }
    let corrected = Self.sample(basis, placement: placement)
      .corrected(to: inOrder.expertRows, placement: placement)
    loads = RoutingSymmetry(gate, popularity: basis.countedRows ?? basis.popularity)
      .placed(by: placement, gate).averagedVisits(corrected)
  }

  /// Loads of the sampled gate with experts in order.
  private static func sampled(_ basis: Basis) -> RoutingLoads {
    let sample = sample(basis, placement: nil)
    guard basis.popularity.contains(where: { $0 != basis.popularity[0] }) else {
      return sample.leveled
    }
    return RoutingSymmetry(basis.gate, popularity: basis.popularity).averaged(sample)
  }

  /// Loads with experts in order whose rows are those that were counted. The gate is sampled for
  /// visits alone, under popularities moved until it brings about these rows.
  private static func counted(_ counts: RoutingCounts, _ basis: inout Basis) -> RoutingLoads {
    let raw = Self.sample(basis, placement: nil)
    let rows = RoutingCounts.rows(
      of: counts.tokens(layer: basis.layer), experts: basis.popularity.count,
      perToken: raw.expertRows.reduce(0, +))
    // Experts with equal counts stay alike.
    let symmetry = RoutingSymmetry(basis.gate, popularity: rows)
    var sample = symmetry.averaged(raw)
    for _ in 0..<Self.popularityCorrections {
      for expert in rows.indices where rows[expert] > 0 && sample.expertRows[expert] > 0 {
        basis.popularity[expert] *=
          RoutingCounts.rate(rows[expert]) / RoutingCounts.rate(sample.expertRows[expert])
      }
      basis.popularity = RoutingDistribution.normalized(basis.popularity)
      sample = symmetry.averaged(Self.sample(basis, placement: nil))
    }
    basis.countedRows = rows
    basis.gateRows = sample.expertRows
    return sample.corrected(to: rows, placement: nil)
  }

  /// Loads of the tokens the law is estimated from.
  private static func sample(_ basis: Basis, placement: ExpertPlacement?) -> RoutingLoads {
    var random = QuickStream(
      seed: basis.seed, component: "gate", index: UInt64(truncatingIfNeeded: basis.layer))
    return RoutingTally.sample(
      basis.gate, popularity: basis.popularity, placement: placement, tokens: sampledTokens, &random
    )
  }

  /// The same layer with its experts placed otherwise.
  public func placed(by placement: ExpertPlacement) -> RoutingLaw {
    RoutingLaw(basis, inOrder: loads, placement: placement)
  }

  /// Loads of `tokens` tokens (all of a group's in a micro-batch) of expert-parallel group `group`.
  ///
  /// - Parameter index: which of the group's batches of tokens, where several are drawn.
  public func loads(tokens: Double, group: Int, index: Int = 0) -> RoutingLoads {
    guard !basis.isBalanced, tokens >= 1, tokens.isFinite else { return loads }
    let place =
      UInt64(truncatingIfNeeded: basis.layer) << 44 ^ UInt64(truncatingIfNeeded: group) << 22
      ^ UInt64(truncatingIfNeeded: index)
    var random = QuickStream(seed: basis.seed, component: "tokens", index: place)
    let drawn = min(Double(Self.noiseTokens), tokens.rounded())
    var sample = RoutingTally.sample(
      gate, popularity: basis.popularity, placement: placement, tokens: Int(drawn), &random)
    if let counted = basis.countedRows {
      // An expert's rows lie off the counted ones as those of the sampled gate do off its own.
      let rows = counted.indices.map {
        basis.gateRows[$0] > 0 ? counted[$0] * sample.expertRows[$0] / basis.gateRows[$0] : 0
      }
      sample = sample.corrected(
        to: RoutingCounts.rows(
          of: rows, experts: rows.count, perToken: sample.expertRows.reduce(0, +)),
        placement: placement)
    }
    return loads.moved(towards: sample, by: (drawn / tokens).squareRoot())
  }
}
