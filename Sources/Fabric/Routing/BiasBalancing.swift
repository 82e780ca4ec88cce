import Statistics

/// V3's balancing without an auxiliary loss, step by step (arXiv 2412.19437, section 2.1.2).
///
/// A token's affinity to an expert is the sigmoid of its score, the score being the logarithm of the
/// expert's popularity (1 on average) plus a Gumbel number; experts and groups are selected by
/// affinity plus the expert's bias. After each step an expert with more rows than the mean loses
/// `speed` of bias and one with fewer gains it. Bias and speed are on the scale of affinities, 0 to
/// 1, as in V3, whose speed is 0.001.
///
///     let process = BiasBalancing(gate, .zipf(1.2), steps: 400, layer: 3, seed: 1)
///     process.imbalance                    // falls from 7 towards that of a sample of like experts
public struct BiasBalancing: Sendable, Equatable {
  /// Rows of the busiest rank over the mean: before the first change of biases, and after each.
  public private(set) var imbalance: [Double] = []
  /// The same of the busiest expert.
  public private(set) var expertImbalance: [Double] = []
  /// Bias of each expert at the end.
  public private(set) var biases: [Double]

  /// Speed of V3 for its first 14.3 trillion tokens (section 4.2).
  public static let speed = 0.001
  /// Tokens sampled in each step, which leaves an imbalance of their own.
  public static let tokensOfStep = 4096

  /// Runs the process from biases of zero, `tokens` of them sampled in each step.
  public init(
    _ gate: ExpertGate, _ distribution: RoutingDistribution, steps: Int, speed: Double = speed,
    tokens: Int = tokensOfStep, layer: Int, seed: UInt64
  ) {
    let popularity = distribution.popularity(
      experts: gate.experts, perToken: gate.perToken, ranks: gate.ranks, layer: layer, seed: seed)
    biases = [Double](repeating: 0, count: popularity.count)
    var random = QuickStream(
      seed: seed, component: "balancing", index: UInt64(truncatingIfNeeded: layer))
    var gating = BiasedGate(gate, popularity: popularity)
    let ranks = max(1, min(gate.ranks, popularity.count))
    for step in 0...max(0, steps) {
      let rows = gating.rows(tokens: tokens, biases: biases, &random)
      var ofRanks = [Double](repeating: 0, count: ranks)
      for (expert, count) in rows.enumerated() { ofRanks[expert * ranks / rows.count] += count }
      imbalance.append(RoutingLoads.largestOverMean(ofRanks))
      expertImbalance.append(RoutingLoads.largestOverMean(rows))
      guard step < steps else { break }
      let mean = rows.reduce(0, +) / Double(rows.count)
      for expert in biases.indices where rows[expert] != mean {
        biases[expert] += rows[expert] > mean ? -speed : speed
      }
    }
  }
}

/// The gate with a bias for each expert, every score drawn.
struct BiasedGate {
  private let popularity: [Double]
  private let groups: Int
  private let allowedGroups: Int
  private let perToken: Int
  private let size: Int
  private var scores: [Double]
  private var groupScores: [Double]
  private var bestScores: [Double]
  private var bestExperts: [Int]

  init(_ gate: ExpertGate, popularity: [Double]) {
    self.popularity = popularity
    let isLimited = gate.isLimited && popularity.count.isMultiple(of: gate.groups)
    groups = isLimited ? gate.groups : 1
    allowedGroups = isLimited ? max(1, gate.groupsPerToken) : 1
    size = popularity.count / groups
    perToken = max(1, min(gate.perToken, allowedGroups * size))
    scores = popularity
    groupScores = [Double](repeating: 0, count: groups)
    bestScores = [Double](repeating: 0, count: perToken)
    bestExperts = [Int](repeating: 0, count: perToken)
  }

  /// Rows each expert gets of `tokens` tokens.
  mutating func rows(
    tokens: Int, biases: [Double], _ random: inout QuickStream
  ) -> [Double] {
    var rows = [Double](repeating: 0, count: popularity.count)
    for _ in 0..<tokens {
      // sigmoid(log w - log E) = w / (w + E), with E exponential, so -log E is a Gumbel number.
      for expert in popularity.indices {
        let weight = popularity[expert]
        scores[expert] = weight / (weight + random.exponential()) + biases[expert]
      }
      select()
      for expert in bestExperts { rows[expert] += 1 }
    }
    return rows
  }

  /// The best experts of the allowed groups, into `bestExperts`.
  private mutating func select() {
    for place in bestScores.indices { bestScores[place] = -.infinity }
    if groups == 1 { return take(0) }
    for group in 0..<groups {
      var best = -Double.infinity
      var second = best
      for expert in group * size..<(group + 1) * size {
        let score = scores[expert]
        if score > best {
          second = best
          best = score
        } else if score > second {
          second = score
        }
      }
      groupScores[group] = size > 1 ? best + second : best
    }
    for _ in 0..<allowedGroups {
      var top = 0
      for group in 1..<groups where groupScores[group] > groupScores[top] { top = group }
      groupScores[top] = -.infinity
      take(top)
    }
  }

  /// Puts a group's experts among the best so far, by insertion.
  private mutating func take(_ group: Int) {
    let last = perToken - 1
    for expert in group * size..<(group + 1) * size where scores[expert] > bestScores[last] {
      var place = last
      while place > 0, bestScores[place - 1] < scores[expert] {
        bestScores[place] = bestScores[place - 1]
        bestExperts[place] = bestExperts[place - 1]
        place -= 1
      }
      bestScores[place] = scores[expert]
      bestExperts[place] = expert
    }
  }
}
