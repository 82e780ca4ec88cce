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
  /// A link of a list.
  case listed
}

/// One link of a cluster's network in one direction, or a trunk of parallel ones.
public struct FabricLink: Sendable, Equatable {
  /// What it joins.
  public var kind: LinkKind
  /// Index of the GPU, NIC, leaf or pod it belongs to, over the whole cluster; the first NIC of
  /// several that are one trunk; the link's place in a list.
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
