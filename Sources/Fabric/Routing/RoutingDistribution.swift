import Statistics

/// How popular experts are with tokens.
///
/// A token's score of an expert is the logarithm of its popularity plus a number from Gumbel's
/// distribution, independent over tokens and experts. Without groups the best-scored expert is then
/// chosen exactly in proportion to popularity; a sigmoid over the scores, as V3 takes it, leaves
/// their order alone. A token visits an expert once, so what the experts get is flatter than their
/// popularity.
public enum RoutingDistribution: Sendable, Equatable {
  /// Exactly equal loads.
  case balanced
  /// All experts alike; loads differ as those of independent tokens do.
  case uniform
  /// The i-th most popular expert is 1/i^s as popular as the first; which is which is drawn.
  case zipf(Double)
  /// Popularities drawn from Dirichlet's distribution; the smaller alpha, the more they differ.
  case dirichlet(Double)
  /// One expert, drawn, is so many times as popular as the others.
  case hotExpert(Double)
  /// All experts of one rank, drawn, are so many times as popular as the others.
  case hotRank(Double)
  /// Experts get tokens in the proportions that were counted.
  case counts(RoutingCounts)

  /// Popularity below this share of the mean counts as this much, so that each expert has some.
  static let leastPopularity = 1e-9

  /// Popularity of each expert in a layer, 1 on average.
  ///
  /// It belongs to the layer: all its expert-parallel groups see the same.
  ///
  /// - Parameters:
  ///   - perToken: experts a token visits.
  ///   - ranks: ranks that hold equal, consecutive parts of the experts.
  public func popularity(
    experts: Int, perToken: Int, ranks: Int, layer: Int, seed: UInt64
  ) -> [Double] {
    var random = RandomStream(
      seed: seed, component: "popularity", index: UInt64(truncatingIfNeeded: layer))
    var weights = [Double](repeating: 1, count: max(experts, 1))
    switch self {
    case .balanced, .uniform: break
    case .zipf(let exponent):
      for place in weights.indices {
        weights[place] = Elementary.power(Double(place + 1), -exponent)
      }
      for place in weights.indices.dropFirst().reversed() {
        weights.swapAt(place, Int(random.uniform() * Double(place + 1)))
      }
    case .dirichlet(let alpha):
      for expert in weights.indices { weights[expert] = random.gamma(shape: alpha) }
    case .hotExpert(let factor):
      weights[Int(random.uniform() * Double(weights.count))] = factor
    case .hotRank(let factor):
      let ranks = max(1, min(ranks, weights.count))
      let hot = Int(random.uniform() * Double(ranks))
      for expert in weights.indices where expert * ranks / weights.count == hot {
        weights[expert] = factor
      }
    case .counts(let counts):
      weights = Self.popularity(
        of: counts.tokens(layer: layer), experts: weights.count, perToken: perToken)
    }
    return Self.normalized(weights)
  }

  /// Popularities under which experts are chosen in the proportions of `tokens`, nearly; see
  /// `RoutingCounts.rate`. A limit of groups moves the proportions, which `RoutingLaw` undoes.
  private static func popularity(of tokens: [Double], experts: Int, perToken: Int) -> [Double] {
    RoutingCounts.rows(of: tokens, experts: experts, perToken: Double(max(1, perToken)))
      .map { RoutingCounts.rate($0) }
  }

  /// Weights of mean 1, none below the least popularity; equal ones where there is nothing to go by.
  static func normalized(_ weights: [Double]) -> [Double] {
    let mean = weights.reduce(0, +) / Double(weights.count)
    guard mean > 0, mean.isFinite else { return weights.map { _ in 1 } }
    return weights.map { max($0 / mean, leastPopularity) }
  }
}

/// Tokens that experts were given, counted elsewhere.
public struct RoutingCounts: Sendable, Equatable {
  /// One layer's counts.
  public struct Row: Sendable, Equatable {
    /// Index of the layer, or nil where one row serves all layers.
    public var layer: Int?
    /// Tokens of each expert.
    public var tokens: [Double]

    /// Counts of a layer, or of all.
    public init(layer: Int?, tokens: [Double]) {
      self.layer = layer
      self.tokens = tokens
    }
  }

  /// Where the counts come from, as the user wrote it.
  public var source: String
  /// The counts by ascending layer; never empty, equally many experts in each.
  public let rows: [Row]

  /// Counts that have been read.
  ///
  /// - Throws: `RoutingError` where a row is empty, of another length, negative or all zero.
  public init(source: String, rows: [Row]) throws(RoutingError) {
    guard let first = rows.first, !first.tokens.isEmpty else { throw .noCounts }
    for row in rows {
      guard row.tokens.count == first.tokens.count else {
        throw .wrongExperts(
          layer: row.layer, found: row.tokens.count, experts: first.tokens.count)
      }
      if let expert = row.tokens.firstIndex(where: { !($0 >= 0 && $0 <= Self.mostTokens) }) {
        throw .badCount(layer: row.layer, expert: expert, value: row.tokens[expert])
      }
      guard row.tokens.contains(where: { $0 > 0 }) else { throw .allZero(layer: row.layer) }
    }
    self.source = source
    self.rows = rows.sorted { ($0.layer ?? 0) < ($1.layer ?? 0) }
  }

  /// Largest count of an expert.
  public static let mostTokens = 1e15

  /// Counts of a layer: those of the file's last layer up to it, so its own where it has some;
  /// layers before the file's first take that one's.
  public func tokens(layer: Int) -> [Double] {
    (rows.last { ($0.layer ?? 0) <= layer } ?? rows[0]).tokens
  }

  /// Rows a token brings to each expert where `tokens` were counted: in their proportions, no
  /// expert in more than every token.
  ///
  ///     RoutingCounts.rows(of: [6, 1, 1], experts: 3, perToken: 2)    // [1, 0.5, 0.5]
  static func rows(of tokens: [Double], experts: Int, perToken: Double) -> [Double] {
    var rows = (0..<experts).map { $0 < tokens.count ? tokens[$0] : 0 }
    var free = Array(0..<experts)
    var left = min(perToken, Double(experts))
    while !free.isEmpty {
      let sum = free.reduce(0) { $0 + rows[$1] }
      guard sum > 0 else {
        for expert in free { rows[expert] = left / Double(free.count) }
        return rows
      }
      let scale = left / sum
      let full = free.filter { rows[$0] * scale > 1 }
      if full.isEmpty {
        for expert in free { rows[expert] *= scale }
        return rows
      }
      let rest = free.filter { rows[$0] * scale <= 1 }
      for expert in full { rows[expert] = 1 }
      left -= Double(full.count)
      free = rest
    }
    return rows
  }

  /// Popularity, but for a factor, of an expert with so many rows a token.
  ///
  /// A token takes the first k experts of those that arrive at rates w; nearly, all that arrive
  /// by some instant t: expert i with probability 1 - exp(-w_i t), which is solved for w_i.
  static func rate(_ rows: Double) -> Double {
    -Elementary.logarithm(1 - min(0.999_999, rows))
  }

  /// Refuses counts of other experts than a model has, or of layers where it has none.
  ///
  /// - Parameter layers: the model's layers with experts, prediction layers following the last.
  public func check(experts: Int, layers: [Int]) throws(RoutingError) {
    for row in rows where row.tokens.count != experts {
      throw .wrongExperts(layer: row.layer, found: row.tokens.count, experts: experts)
    }
    for row in rows {
      guard let layer = row.layer, !layers.contains(layer) else { continue }
      throw .foreignLayer(layer, first: layers.first ?? 0, last: layers.last ?? 0)
    }
  }
}
