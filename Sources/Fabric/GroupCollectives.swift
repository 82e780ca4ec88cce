public import Hardware
public import Quantities

/// GPUs that communicate together: how many, and how many of them share a node.
public struct Group: Sendable, Equatable {
  /// Members.
  public var size: Int
  /// Members in each node they touch.
  public var perNode: Int

  /// Nodes the members are spread over.
  public var nodes: Int { (size + perNode - 1) / perNode }

  /// Members `stride` GPUs apart, starting at a node's first GPU.
  public init(size: Int, stride: Int, gpusPerNode: Int) {
    self.size = size
    perNode = min(size, max(1, gpusPerNode / max(stride, 1)))
  }
}

extension Transfer {
  /// One GPU's part of an all-gather or a reduce-scatter of `total` bytes (the whole tensor).
  ///
  /// Hierarchical: within the node over NVLink, (p-1)/p of the tensor; between nodes each of the
  /// node's p members moves its 1/p of the tensor over its own NIC, (n-1)/n of it. Both levels run
  /// cut-through, so the slower one decides. Latency is one hop for each doubling of the group.
  public static func gather(_ total: Bytes, over group: Group, topology: Topology) -> Transfer {
    guard group.size > 1, total > .zero else { return .none }
    let p = Double(group.perNode)
    let n = Double(group.nodes)
    let local = total * ((p - 1) / p)
    let remote = total * ((n - 1) / n / p)
    let hops = (nvlink: doublings(group.perNode), network: doublings(group.nodes))
    let latency =
      Double(hops.nvlink) * Cluster.nvlinkLatency.value.seconds
      + Double(hops.network) * topology.latency.value.seconds
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
  public static func allReduce(_ total: Bytes, over group: Group, topology: Topology) -> Transfer {
    var transfer = gather(total, over: group, topology: topology)
    transfer.latency += transfer.latency
    for index in transfer.flows.indices {
      transfer.flows[index].bytes += transfer.flows[index].bytes
    }
    return transfer
  }

  /// How often a group of one doubles until it has `count` members.
  private static func doublings(_ count: Int) -> Int {
    count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
  }
}
