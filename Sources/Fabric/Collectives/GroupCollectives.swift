import Hardware
public import Quantities

/// GPUs that communicate together: how many, and over how many nodes they are spread.
public struct Group: Sendable, Equatable {
  /// Members.
  public var size: Int
  /// Nodes they stand on.
  public var nodes: Int

  /// Members in a node, on average where they are spread unevenly.
  public var perNode: Double { Double(size) / Double(nodes) }

  /// `count` members from each of the GPUs `starts` on, `stride` GPUs apart.
  public init(starts: [Int] = [0], count: Int, stride: Int, gpusPerNode: Int) {
    size = count * starts.count
    var seen: [Int] = []
    for start in starts {
      for member in 0..<count {
        let node = (start + member * stride) / gpusPerNode
        // Members ascend, so a node met before is the last one, or one of another start's.
        if seen.last != node, starts.count == 1 || !seen.contains(node) { seen.append(node) }
      }
    }
    nodes = max(seen.count, 1)
  }

  /// Of the groups of `size` neighbours that `gpus` GPUs form, one that is spread over the most
  /// nodes.
  public static func neighbours(_ size: Int, among gpus: Int, gpusPerNode: Int) -> Group {
    var worst = Group(count: size, stride: 1, gpusPerNode: gpusPerNode)
    // The pattern of groups over nodes repeats after as many groups as a node has GPUs.
    for group in 0..<min(gpus / max(size, 1), gpusPerNode) {
      let other = Group(starts: [group * size], count: size, stride: 1, gpusPerNode: gpusPerNode)
      if other.nodes > worst.nodes { worst = other }
    }
    return worst
  }
}

extension Transfer {
  /// One GPU's part of an all-gather or a reduce-scatter of `total` bytes (the whole tensor).
  ///
  /// Hierarchical: within the node over NVLink, (p-1)/p of the tensor; between nodes each of the
  /// node's p members moves its 1/p of the tensor over its own NIC, (n-1)/n of it. Both levels run
  /// cut-through, so the slower one decides. Latency is one hop for each doubling of the group.
  public static func gather(_ total: Bytes, over group: Group, latency network: Time) -> Transfer {
    guard group.size > 1, total > .zero else { return .none }
    let p = group.perNode
    let n = Double(group.nodes)
    let local = total * ((p - 1) / p)
    let remote = total * ((n - 1) / n / p)
    let hops = (nvlink: doublings(Int(group.perNode.rounded(.up))), network: doublings(group.nodes))
    let latency =
      Double(hops.nvlink) * Cluster.nvlinkLatency.value.seconds
      + Double(hops.network) * network.seconds
    var uses: [PortUse] = []
    if remote > .zero {
      uses = [PortUse(port: .nicOut), PortUse(port: .nicIn)]
      if local > .zero {
        uses.append(PortUse(port: .nvlinkOut, share: local / remote))
        uses.append(PortUse(port: .nvlinkIn, share: local / remote))
      }
    } else {
      uses = [PortUse(port: .nvlinkOut), PortUse(port: .nvlinkIn)]
    }
    let payload = remote > .zero ? remote : local
    return Transfer(
      latency: Time(seconds: latency), flows: [TransferFlow(bytes: payload, uses: uses)])
  }

  /// One GPU's part of an all-reduce: a reduce-scatter and an all-gather one after the other.
  public static func allReduce(_ total: Bytes, over group: Group, latency network: Time) -> Transfer
  {
    var transfer = gather(total, over: group, latency: network)
    transfer.latency += transfer.latency
    for index in transfer.flows.indices {
      transfer.flows[index].bytes += transfer.flows[index].bytes
    }
    return transfer
  }
}

/// How often a group of one doubles until it has `count` members.
func doublings(_ count: Int) -> Int {
  count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
}
