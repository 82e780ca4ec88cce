public import Quantities

/// Nodes of one kind, joined by a network.
public struct Cluster: Sendable, Equatable {
  /// The node.
  public var node: Node
  /// How many nodes.
  public var nodes: Int
  /// The network between them.
  public var topology: Topology
  /// Down-links over up-links of each leaf switch: 1 is full bisection, 2 leaves half of it.
  public var oversubscription = 1.0
  /// What works below its rate; none in a sound cluster.
  public var faults: [ClusterFault] = []
  /// What the network speaks, which decides its latencies.
  public var network = NetworkKind.infiniband
  /// Links that replace those of nodes and topology; nil where these are taken.
  public var links: LinkList?

  /// A cluster of `nodes` like nodes.
  public init(
    node: Node, nodes: Int, topology: Topology, oversubscription: Double = 1,
    faults: [ClusterFault] = [], network: NetworkKind = .infiniband, links: LinkList? = nil
  ) {
    self.node = node
    self.nodes = nodes
    self.topology = topology
    self.oversubscription = oversubscription
    self.faults = faults
    self.network = network
    self.links = links
  }

  /// All GPUs.
  public var gpus: Int { nodes * node.gpus }

  /// Whether every GPU and every node sees the same network: no faults, no list of links.
  public var isUniform: Bool { faults.isEmpty && links == nil }

  /// The longest way between two nodes: that of the topology, and over a core where rails have more
  /// leaves than the 64 that a spine joins.
  public var farthestHop: NetworkHop {
    let rails = topology == .multiRailFatTree ? (nodes + 31) / 32 * node.nics : 0
    return rails > 64 ? .crossPod : topology.farthestHop
  }

  /// Latency of a small message over the longest way between two nodes.
  public var latency: Fact<Time> { network.latency(farthestHop) }

  /// Speed of a GPU's kernels beside a sound one's, 1 unless a fault slows it.
  public func speed(ofGPU gpu: Int) -> Double {
    for case .slowGPU(gpu, let speed) in faults { return speed }
    return 1
  }

  /// End-to-end latency of a small message inside a node.
  public static let nvlinkLatency = Fact(
    Time(seconds: 3.33e-6), .measured, "arXiv 2505.09343, Table 5, NVLink")
}

/// Something in a cluster that works below its rate.
public enum ClusterFault: Sendable, Equatable {
  /// A GPU whose kernels run at `speed` of the others', above 0 and at most 1.
  case slowGPU(gpu: Int, speed: Double)
  /// A GPU's NVLink port that carries `share` of its rate in both directions.
  case nvlink(gpu: Int, share: Double)
  /// A NIC that carries `share` of its rate in both directions; 0 is dead. NICs count from 0 over
  /// the whole cluster, node by node.
  case nic(nic: Int, share: Double)
  /// A leaf switch of which `share` of the up-links work, both directions; 0 cuts it off. Leaves
  /// count from 0 in the order in which nodes fill them.
  case uplinks(leaf: Int, share: Double)
}
