public import Hardware
public import Quantities

/// What kind of link a flow crosses, each one direction of it.
public enum LinkKind: String, Sendable, CaseIterable {
  /// From a GPU to its node's NVLink switch.
  case nvlinkOut = "nvlink_out"
  /// From the NVLink switch to a GPU.
  case nvlinkIn = "nvlink_in"
  /// From a NIC to its leaf switch.
  case nicOut = "nic_out"
  /// From the leaf switch to a NIC.
  case nicIn = "nic_in"
  /// All up-links of a leaf switch together.
  case leafUp = "leaf_up"
  /// All down-links from the spine to a leaf switch together.
  case leafDown = "leaf_down"
  /// All links from a pod's spine to the core together.
  case podUp = "pod_up"
  /// All links from the core to a pod's spine together.
  case podDown = "pod_down"
}

/// One link of a cluster's network in one direction, or a trunk of parallel ones.
public struct FabricLink: Sendable, Equatable {
  /// What it joins.
  public var kind: LinkKind
  /// Index of the GPU, NIC, leaf or pod it belongs to, over the whole cluster.
  public var owner: Int
  /// Payload rate in this direction, faults included.
  public var rate: Bandwidth
}

/// The way of a message through the network.
public struct Route: Sendable, Equatable {
  /// Links in the order they are crossed.
  public var links: [Int]
  /// Time before its first byte arrives.
  public var latency: Time
}

/// A cluster's network as links that flows share.
///
/// Parallel links between the same switches are one trunk: adaptive routing spreads a flow over
/// them evenly.
public struct LinkGraph: Sendable {
  /// The cluster.
  public let cluster: Cluster
  /// All links.
  public let links: [FabricLink]

  /// The links of a cluster.
  public init(_ cluster: Cluster) {
    self.cluster = cluster
    let node = cluster.node
    links = (0..<cluster.gpus).flatMap { gpu in
      [
        FabricLink(kind: .nvlinkOut, owner: gpu, rate: node.nvlink.achieved.value),
        FabricLink(kind: .nvlinkIn, owner: gpu, rate: node.nvlink.achieved.value),
        FabricLink(kind: .nicOut, owner: gpu, rate: node.nic.achieved.value),
        FabricLink(kind: .nicIn, owner: gpu, rate: node.nic.achieved.value),
      ]
    }
  }

  /// The link of a GPU's port; GPUs that share a NIC share its links.
  public func link(_ port: Port, of gpu: Int) -> Int { gpu * 4 + port.rawValue }

  /// The way from one GPU to another.
  public func route(from source: Int, to target: Int) -> Route {
    let size = cluster.node.gpus
    guard source / size != target / size else {
      return Route(
        links: [link(.nvlinkOut, of: source), link(.nvlinkIn, of: target)],
        latency: Cluster.nvlinkLatency.value)
    }
    return Route(
      links: [link(.nicOut, of: source), link(.nicIn, of: target)],
      latency: cluster.topology.latency.value)
  }
}
