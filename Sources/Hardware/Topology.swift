public import Quantities

/// The network between nodes.
public enum Topology: String, Sendable, CaseIterable {
  /// Each GPU's NIC lives in a two-layer fat tree of its own (the V3 cluster).
  case multiPlaneFatTree = "multi-plane-fat-tree"
  /// NICs of the same index share leaves, joined by one spine; a core above it where the spine
  /// has no port left.
  case multiRailFatTree = "multi-rail-fat-tree"
  /// Two layers of 64-port switches.
  case fatTree = "fat-tree"
  /// Three layers of 64-port switches.
  case fatTree3 = "fat-tree-3"
  /// Every NIC on one switch.
  case singleSwitch = "single-switch"

  /// Most nodes of `nics` NICs that the topology joins with 64-port switches: k = 64 ports give
  /// 64 NICs one switch, k²/2 two layers (in each plane) and k³/4 three (arXiv 2505.09343,
  /// Table 3). Rails fill leaves by 32 nodes at a time.
  ///
  ///     Topology.multiPlaneFatTree.maximumNodes(nics: 8)     // 2048, 16,384 NICs
  public func maximumNodes(nics: Int) -> Int {
    let nics = max(1, nics)
    switch self {
    case .multiPlaneFatTree: return 2_048
    case .multiRailFatTree: return 32 * (2_048 / nics)
    case .fatTree: return 2_048 / nics
    case .fatTree3: return 65_536 / nics
    case .singleSwitch: return 64 / nics
    }
  }

  /// Most GPUs the topology joins in nodes of 8 GPUs with 8 NICs.
  public var maximumGPUs: Int { maximumNodes(nics: 8) * 8 }

  /// The longest way between two nodes of a large cluster.
  public var farthestHop: NetworkHop {
    switch self {
    case .singleSwitch: .sameLeaf
    case .multiPlaneFatTree, .multiRailFatTree, .fatTree: .crossLeaf
    case .fatTree3: .crossPod
    }
  }

  /// End-to-end latency of a small message over the longest way, on InfiniBand.
  public var latency: Fact<Time> { NetworkKind.infiniband.latency(farthestHop) }
}

/// How far apart two NICs are in a network, by the switches between them.
public enum NetworkHop: String, Sendable, CaseIterable {
  /// On one leaf switch.
  case sameLeaf = "same_leaf"
  /// Over a spine.
  case crossLeaf = "cross_leaf"
  /// Over spine and core.
  case crossPod = "cross_pod"
}

/// What the NICs and switches between nodes speak.
public enum NetworkKind: String, Sendable, CaseIterable {
  /// InfiniBand.
  case infiniband
  /// RDMA over Ethernet.
  case roce

  /// End-to-end latency of a small message (64 B, from CPU to CPU; arXiv 2505.09343, Table 5).
  /// The third layer is not in the table: what the second adds is added again.
  public func latency(_ hop: NetworkHop) -> Fact<Time> {
    let name = self == .infiniband ? "InfiniBand" : "RoCE"
    let source = "arXiv 2505.09343, Table 5, \(name)"
    let near = self == .infiniband ? 2.8e-6 : 3.6e-6
    let far = self == .infiniband ? 3.7e-6 : 5.6e-6
    switch hop {
    case .sameLeaf: return Fact(Time(seconds: near), .measured, "\(source), same leaf")
    case .crossLeaf: return Fact(Time(seconds: far), .measured, "\(source), cross leaf")
    case .crossPod:
      let more = self == .infiniband ? "0.9 us" : "2.0 us"
      return Fact(
        Time(seconds: far + (far - near)), .assumed,
        "\(source), cross leaf, and the same \(more) again for the third layer")
    }
  }
}
