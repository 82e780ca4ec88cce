import Statistics

/// How far a token's experts are spread over the ranks and nodes of an expert-parallel group.
///
/// Under balanced routing every expert is as likely as any other; how many distinct ranks and
/// nodes a token visits still depends on the gate. V3's gate over 8 nodes, at most 4 of them for a
/// token, visits 3.97 nodes and 7.48 ranks.
public struct RoutingSpread: Sendable, Equatable {
  /// Mean distinct nodes a token visits, its own included.
  public var nodesPerToken: Double
  /// Mean distinct ranks a token visits, its own included.
  public var ranksPerToken: Double

  /// What the gate needs to know.
  public struct Gate: Sendable, Equatable {
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
  }

  /// Tokens the gate is sampled with: one sequence of V3's.
  static let sampledTokens = 4096

  /// Samples the gate on independent standard normal scores: groups rank by the sum of their two
  /// best experts (arXiv 2412.19437, section 2.1.2), then the best experts of the allowed groups
  /// win.
  public init(sampling gate: Gate, seed: UInt64) {
    guard gate.ranks > 1 else {
      nodesPerToken = 1
      ranksPerToken = 1
      return
    }
    var random = RandomStream(seed: seed, component: "gate", index: 0)
    var sampler = GateSampler(gate)
    var nodes = 0
    var ranks = 0
    for _ in 0..<Self.sampledTokens {
      sampler.draw(&random)
      nodes += sampler.distinct(of: gate.nodes)
      ranks += sampler.distinct(of: gate.ranks)
    }
    nodesPerToken = Double(nodes) / Double(Self.sampledTokens)
    ranksPerToken = Double(ranks) / Double(Self.sampledTokens)
  }
}

/// Draws the experts of one token after another, in buffers used again.
private struct GateSampler {
  private let gate: RoutingSpread.Gate
  private var scores: [Double]
  private var groupScores: [Double]
  private var allowed: [Bool]
  private var chosen: [Int] = []
  private var seen: [Int]
  private var stamp = 0

  init(_ gate: RoutingSpread.Gate) {
    self.gate = gate
    scores = [Double](repeating: 0, count: gate.experts)
    groupScores = [Double](repeating: 0, count: gate.groups)
    allowed = [Bool](repeating: true, count: gate.groups)
    seen = [Int](repeating: 0, count: gate.ranks)
  }

  /// Draws fresh scores and picks the token's experts.
  mutating func draw(_ random: inout RandomStream) {
    for expert in scores.indices { scores[expert] = random.normal() }
    let size = gate.experts / gate.groups
    if gate.groupsPerToken < gate.groups {
      for group in groupScores.indices {
        var best = -Double.infinity
        var second = -Double.infinity
        for score in scores[group * size..<(group + 1) * size] {
          if score > best {
            second = best
            best = score
          } else if score > second {
            second = score
          }
        }
        groupScores[group] = best + second
        allowed[group] = false
      }
      for _ in 0..<gate.groupsPerToken {
        var top = -1
        for group in groupScores.indices
        where !allowed[group] && (top < 0 || groupScores[group] > groupScores[top]) { top = group }
        allowed[top] = true
      }
    }
    pickExperts(groupSize: size)
  }

  /// How many of `parts` equal, consecutive parts of the experts hold a chosen one.
  mutating func distinct(of parts: Int) -> Int {
    stamp += 1
    var count = 0
    for expert in chosen {
      let part = expert * parts / gate.experts
      if seen[part] != stamp {
        seen[part] = stamp
        count += 1
      }
    }
    return count
  }

  /// Keeps the best experts of the allowed groups, by insertion into a short sorted list.
  private mutating func pickExperts(groupSize: Int) {
    chosen.removeAll(keepingCapacity: true)
    for group in 0..<gate.groups where allowed[group] {
      for expert in group * groupSize..<(group + 1) * groupSize {
        let isFull = chosen.count == gate.perToken
        if isFull, let last = chosen.last, scores[expert] <= scores[last] { continue }
        if isFull { chosen.removeLast() }
        var place = chosen.count
        while place > 0, scores[chosen[place - 1]] < scores[expert] { place -= 1 }
        chosen.insert(expert, at: place)
      }
    }
  }
}
