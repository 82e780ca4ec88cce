public import Quantities

/// The network between nodes.
public enum Topology: String, Sendable, CaseIterable {
  /// Each GPU's NIC lives in a two-layer fat tree of its own (the V3 cluster).
  case multiPlaneFatTree = "multi-plane-fat-tree"
  /// NICs of the same index share leaves, joined by one spine.
  case multiRailFatTree = "multi-rail-fat-tree"
  /// Two layers of 64-port switches.
  case fatTree = "fat-tree"
  /// Three layers of 64-port switches.
  case fatTree3 = "fat-tree-3"
  /// Every NIC on one switch.
  case singleSwitch = "single-switch"

  /// Most GPUs the topology joins with 64-port switches (k = 64: k²/2 a plane, k³/4 for three
  /// layers; arXiv 2505.09343, Table 3). A plane serves one GPU of each 8-GPU node.
  public var maximumGPUs: Int {
    switch self {
    case .multiPlaneFatTree, .multiRailFatTree: 16_384
    case .fatTree: 2_048
    case .fatTree3: 65_536
    case .singleSwitch: 64
    }
  }

  /// End-to-end latency of a small message between nodes (InfiniBand, 64 B, arXiv 2505.09343,
  /// Table 5; the third layer adds what the second did, which is assumed).
  public var latency: Fact<Time> {
    let source = "arXiv 2505.09343, Table 5, InfiniBand"
    switch self {
    case .singleSwitch:
      return Fact(Time(seconds: 2.8e-6), .measured, "\(source), same leaf")
    case .multiPlaneFatTree, .multiRailFatTree, .fatTree:
      return Fact(Time(seconds: 3.7e-6), .measured, "\(source), cross leaf")
    case .fatTree3:
      return Fact(
        Time(seconds: 4.6e-6), .assumed,
        "\(source), cross leaf, and the same 0.9 us again for the third layer")
    }
  }
}

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

  /// A cluster of `nodes` like nodes.
  public init(
    node: Node, nodes: Int, topology: Topology, oversubscription: Double = 1,
    faults: [ClusterFault] = []
  ) {
    self.node = node
    self.nodes = nodes
    self.topology = topology
    self.oversubscription = oversubscription
    self.faults = faults
  }

  /// All GPUs.
  public var gpus: Int { nodes * node.gpus }

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
  /// count from 0 as `LinkGraph` does.
  case uplinks(leaf: Int, share: Double)
}
