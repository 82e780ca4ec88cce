public import Quantities

/// Bytes through the four ports of every member of an expert-parallel group, in one dispatch.
///
/// As DeepEP moves them: a token crosses the NIC once for each other node that holds one of its
/// experts, to the GPU of the same index there (the relay), which forwards it over NVLink to each
/// rank of its node that needs it but itself, cut-through. In its own node a token moves over
/// NVLink alone; what stays on its own GPU is free. Combine is the same backwards: `reversed`.
///
/// With T tokens a member, rows of B bytes, R members, m of them on a node, node visits v and rank
/// visits u:
///
///     NIC out of s in node a      T B (sum of v over the other nodes)
///     NIC into (b, i)             T B v_b (R - m_b) / m_b
///     NVLink out of (b, i)        T B (R / m_b) (sum of u over the node's other ranks)
///     NVLink into d               T B u_d R (m_b - 1) / m_b
///
/// Invariant: over all members, as much leaves NICs as enters them, and over each node's members as
/// much leaves over NVLink as enters.
public struct ExpertTraffic: Sendable, Equatable {
  /// Bytes through each port of one member, by `Port.rawValue`.
  public struct Member: Sendable, Equatable {
    var values: [Double]

    /// Bytes through a port.
    public subscript(port: Port) -> Bytes { Bytes(values[port.rawValue]) }
  }

  /// Each member's ports, in the order of ranks.
  public private(set) var members: [Member]
  /// Nodes the members stand on.
  public let nodes: Int

  /// What DeepEP's tests count as a member's bytes: a row for each distinct node a token visits, its
  /// own included, or in a single node for each distinct rank, its own included.
  public let logicalBytes: Bytes

  /// The dispatch of a group whose members have `tokens` tokens each, in rows of `rowBytes`.
  public init(_ loads: RoutingLoads, tokens: Double, rowBytes: Bytes) {
    let ranks = loads.rankVisits.count
    let nodes = max(1, loads.nodeVisits.count)
    self.nodes = nodes
    let payload = tokens * rowBytes.value
    logicalBytes = Bytes(payload * (nodes > 1 ? loads.nodesPerToken : loads.ranksPerToken))
    let nodeOf = (0..<ranks).map { $0 * nodes / max(ranks, 1) }
    var size = [Double](repeating: 0, count: nodes)
    var visits = size
    for rank in 0..<ranks {
      size[nodeOf[rank]] += 1
      visits[nodeOf[rank]] += loads.rankVisits[rank]
    }
    let all = Double(ranks)
    members = (0..<ranks).map { rank in
      let node = nodeOf[rank]
      let m = size[node]
      let elsewhere = loads.nodeVisits.indices.reduce(0) {
        $1 == node ? $0 : $0 + loads.nodeVisits[$1]
      }
      var values = [Double](repeating: 0, count: Port.allCases.count)
      values[Port.nicOut.rawValue] = payload * elsewhere
      values[Port.nicIn.rawValue] = payload * loads.nodeVisits[node] * (all - m) / m
      values[Port.nvlinkOut.rawValue] =
        m > 1 ? payload * all / m * (visits[node] - loads.rankVisits[rank]) : 0
      values[Port.nvlinkIn.rawValue] = payload * loads.rankVisits[rank] * all * (m - 1) / m
      return Member(values: values)
    }
  }

  /// The combine of the same rows: each goes back the way it came.
  public var reversed: ExpertTraffic {
    var other = self
    for rank in members.indices {
      for (out, back) in [(Port.nvlinkOut, Port.nvlinkIn), (.nicOut, .nicIn)] {
        other.members[rank].values.swapAt(out.rawValue, back.rawValue)
      }
    }
    return other
  }

  /// Bytes that leave all members through their ports of one kind, or enter them.
  public func total(_ port: Port) -> Bytes {
    members.reduce(.zero) { $0 + $1[port] }
  }

  /// Bytes through the busiest port of one kind.
  public func largest(_ port: Port) -> Bytes { members.map { $0[port] }.max() ?? .zero }
}
