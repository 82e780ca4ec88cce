/// What a gate brings to the nodes, ranks and experts of one expert-parallel group, for a token.
///
/// Every source rank's tokens follow the same law, so one set of numbers holds for all of them.
/// Invariants: `rankRows` and `expertRows` sum to the experts a token visits; a rank's visits are
/// at most 1, and at most its rows; a node's are at most 1.
public struct RoutingLoads: Sendable, Equatable {
  /// Share of the group's tokens that visit each node at least once.
  public var nodeVisits: [Double]
  /// Share of the group's tokens that visit each rank at least once.
  public var rankVisits: [Double]
  /// Expert rows a token brings to each rank, on average.
  public var rankRows: [Double]
  /// Expert rows a token brings to each routed expert, on average.
  public var expertRows: [Double]

  /// Mean distinct nodes a token visits.
  public var nodesPerToken: Double { nodeVisits.reduce(0, +) }
  /// Mean distinct ranks a token visits.
  public var ranksPerToken: Double { rankVisits.reduce(0, +) }
  /// Rows of the busiest rank over the mean: 1 where all are alike.
  public var imbalance: Double { Self.largestOverMean(rankRows) }
  /// Rows of the busiest expert over the mean.
  public var expertImbalance: Double { Self.largestOverMean(expertRows) }

  init(nodeVisits: [Double], rankVisits: [Double], rankRows: [Double], expertRows: [Double]) {
    self.nodeVisits = nodeVisits
    self.rankVisits = rankVisits
    self.rankRows = rankRows
    self.expertRows = expertRows
  }

  /// The loads with every node, rank and expert at the mean of its kind.
  var leveled: RoutingLoads {
    func level(_ values: [Double]) -> [Double] {
      [Double](
        repeating: values.reduce(0, +) / Double(max(values.count, 1)), count: values.count)
    }
    return RoutingLoads(
      nodeVisits: level(nodeVisits), rankVisits: level(rankVisits), rankRows: level(rankRows),
      expertRows: level(expertRows))
  }

  /// A point between two loads: `self` at weight 0, `other` at 1.
  func moved(towards other: RoutingLoads, by weight: Double) -> RoutingLoads {
    func mix(_ a: [Double], _ b: [Double]) -> [Double] {
      zip(a, b).map { $0 + ($1 - $0) * weight }
    }
    return RoutingLoads(
      nodeVisits: mix(nodeVisits, other.nodeVisits), rankVisits: mix(rankVisits, other.rankVisits),
      rankRows: mix(rankRows, other.rankRows), expertRows: mix(expertRows, other.expertRows))
  }

  /// Sampled loads with rows that are known: ranks have what their experts bring them, and visits
  /// change in the same proportion as rows, within their bounds.
  func corrected(to expertRows: [Double], placement: ExpertPlacement?) -> RoutingLoads {
    let ranks = rankRows.count
    let nodes = nodeVisits.count
    var rows = [Double](repeating: 0, count: ranks)
    for (expert, value) in expertRows.enumerated() {
      if let placement, expert < placement.replicas.count {
        let replicas = placement.replicas[expert]
        for slot in replicas {
          rows[slot * ranks / placement.slots.count] += value / Double(replicas.count)
        }
      } else {
        rows[expert * ranks / expertRows.count] += value
      }
    }
    var result = self
    result.expertRows = expertRows
    result.rankRows = rows
    var known = [Double](repeating: 0, count: nodes)
    var (sampled, least, most) = (known, known, known)
    for rank in 0..<ranks {
      let share = rankRows[rank] > 0 ? rankVisits[rank] / rankRows[rank] : 1
      let visits = min(1, rows[rank] * share)
      result.rankVisits[rank] = visits
      let node = rank * nodes / ranks
      known[node] += rows[rank]
      sampled[node] += rankRows[rank]
      least[node] = max(least[node], visits)
      most[node] += visits
    }
    for node in 0..<nodes {
      let share = sampled[node] > 0 ? nodeVisits[node] / sampled[node] : 1
      result.nodeVisits[node] = min(1, most[node], max(least[node], known[node] * share))
    }
    return result
  }

  static func largestOverMean(_ values: [Double]) -> Double {
    let sum = values.reduce(0, +)
    guard sum > 0, let largest = values.max() else { return 1 }
    return largest * Double(values.count) / sum
  }
}
