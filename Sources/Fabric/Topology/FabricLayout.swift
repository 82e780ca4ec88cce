public import Hardware

/// Which switches a cluster's network has, and which of them each NIC hangs on.
///
///     let layout = FabricLayout(.fatTree, nodes: 256, gpus: 8, nics: 8)
///     layout.switches              // 96: 64 leaves and 32 spines
///     layout.interSwitchLinks      // 2048
///     layout.leaf(ofGPU: 32)       // 1
///
/// Switches have 64 ports. A leaf has 32 down-links, and as many up-links divided by the
/// oversubscription, all of them cabled even where it is not full. Every network is built for the
/// nodes it joins: with one leaf there is no spine, with one pod no core.
///
/// A node's NICs form ports: with as many NICs as GPUs or fewer a port is a NIC, which neighbouring
/// GPUs share; with more, each GPU's NICs are one port, a trunk.
public struct FabricLayout: Sendable, Equatable {
  /// The network.
  public let topology: Topology
  /// Nodes.
  public let nodes: Int
  /// GPUs of a node.
  public let gpusPerNode: Int
  /// NICs of a node.
  public let nicsPerNode: Int
  /// Down-links over up-links of a leaf.
  public let oversubscription: Double

  /// Ports of a switch.
  public static let radix = 64
  /// Down-links of a leaf, and leaves of a pod.
  static let half = 32

  /// The layout of `nodes` nodes with `gpus` GPUs and `nics` NICs each.
  public init(
    _ topology: Topology, nodes: Int, gpus: Int, nics: Int, oversubscription: Double = 1
  ) {
    self.topology = topology
    self.nodes = max(1, nodes)
    gpusPerNode = max(1, gpus)
    nicsPerNode = max(1, nics)
    self.oversubscription = oversubscription >= 1 ? oversubscription : 1
  }

  /// The layout of a cluster.
  public init(_ cluster: Cluster) {
    self.init(
      cluster.topology, nodes: cluster.nodes, gpus: cluster.node.gpus, nics: cluster.node.nics,
      oversubscription: cluster.oversubscription)
  }

  /// The largest network of a topology, of nodes with 8 GPUs and 8 NICs; the sizes of
  /// arXiv 2505.09343, Table 3.
  public static func largest(_ topology: Topology) -> FabricLayout {
    FabricLayout(topology, nodes: topology.maximumNodes(nics: 8), gpus: 8, nics: 8)
  }

  /// Ports of a node: GPUs or NICs, whichever are fewer.
  public var portsPerNode: Int { min(gpusPerNode, nicsPerNode) }

  /// NICs that are one port.
  public var nicsPerPort: Int { max(1, nicsPerNode / portsPerNode) }

  /// Ports of the cluster.
  public var ports: Int { nodes * portsPerNode }

  /// The port a GPU sends through: GPU i of a node has port i x ports / GPUs of it.
  public func port(ofGPU gpu: Int) -> Int {
    gpu / gpusPerNode * portsPerNode + gpu % gpusPerNode * portsPerNode / gpusPerNode
  }

  /// The first GPU of a port.
  public func firstGPU(ofPort port: Int) -> Int {
    let index = port % portsPerNode
    return port / portsPerNode * gpusPerNode
      + (index * gpusPerNode + portsPerNode - 1) / portsPerNode
  }

  /// The first NIC of a port; NICs count node by node.
  public func firstNIC(ofPort port: Int) -> Int {
    port / portsPerNode * nicsPerNode + port % portsPerNode * nicsPerPort
  }

  /// The port a NIC belongs to; NICs count node by node.
  public func port(ofNIC nic: Int) -> Int {
    nic / nicsPerNode * portsPerNode
      + min(nic % nicsPerNode / nicsPerPort, portsPerNode - 1)
  }
}

extension FabricLayout {
  /// Whether leaves take NICs of one index of 32 nodes, and not the NICs in node order.
  private var hasRails: Bool {
    topology == .multiRailFatTree || topology == .multiPlaneFatTree
  }

  /// Networks that no switch joins.
  public var planes: Int { topology == .multiPlaneFatTree ? portsPerNode : 1 }

  /// Ports on a full leaf.
  private var portsPerLeaf: Int {
    switch topology {
    case .singleSwitch: ports
    case .multiRailFatTree, .multiPlaneFatTree: Self.half
    case .fatTree, .fatTree3: max(1, Self.half / nicsPerPort)
    }
  }

  /// Switches that stand together as one leaf: those of the several NICs of a port where each NIC
  /// index has its own.
  private var switchesPerLeaf: Int { hasRails ? nicsPerPort : 1 }

  /// Leaf switches. With rails and planes leaf `g * ports + i` has port i of nodes 32 g to
  /// 32 g + 31; elsewhere ports fill leaves in node order.
  public var leaves: Int {
    hasRails
      ? (nodes + Self.half - 1) / Self.half * portsPerNode
      : (ports + portsPerLeaf - 1) / portsPerLeaf
  }

  /// The leaf of a port.
  public func leaf(ofPort port: Int) -> Int {
    guard hasRails else { return port / portsPerLeaf }
    return port / portsPerNode / Self.half * portsPerNode + port % portsPerNode
  }

  /// The leaf of a GPU's port.
  public func leaf(ofGPU gpu: Int) -> Int { leaf(ofPort: port(ofGPU: gpu)) }

  /// The first port of a leaf.
  public func firstPort(ofLeaf leaf: Int) -> Int {
    guard hasRails else { return leaf * portsPerLeaf }
    return leaf / portsPerNode * Self.half * portsPerNode + leaf % portsPerNode
  }

  /// The plane a leaf stands in.
  public func plane(ofLeaf leaf: Int) -> Int { leaf % planes }

  /// Whether leaves are joined by a spine.
  public var hasSpine: Bool { topology != .singleSwitch && leaves > planes }

  /// Whether pods of 32 leaves are joined by a core: in three layers where there is more than one
  /// pod, in rails where their leaves are more than the 64 a spine joins.
  public var hasCore: Bool {
    switch topology {
    case .fatTree3: leaves > Self.half
    case .multiRailFatTree: leaves * switchesPerLeaf > Self.radix
    case .multiPlaneFatTree, .fatTree, .singleSwitch: false
    }
  }

  /// Layers of switches.
  public var layers: Int { hasCore ? 3 : (hasSpine ? 2 : 1) }

  /// Leaves of a pod.
  private var leavesPerPod: Int { hasCore ? max(1, Self.half / switchesPerLeaf) : leaves }

  /// Parts of the network that only a core joins; 1 without one.
  public var pods: Int { (leaves + leavesPerPod - 1) / leavesPerPod }

  /// The pod of a leaf.
  public func pod(ofLeaf leaf: Int) -> Int { leaf / leavesPerPod }

  /// The leaves of a pod.
  public func leaves(ofPod pod: Int) -> Range<Int> {
    pod * leavesPerPod..<min((pod + 1) * leavesPerPod, leaves)
  }

  /// Links of NIC rate that a leaf has upwards, each direction; a fraction where the
  /// oversubscription does not divide 32.
  public var uplinksPerLeaf: Double {
    Double(Self.half * switchesPerLeaf) / oversubscription
  }

  /// Cables a leaf has upwards.
  private var cablesPerLeaf: Int { Int(uplinksPerLeaf.rounded(.up)) }
}

extension FabricLayout {
  /// Cables between NICs and leaves.
  public var endpointLinks: Int { nodes * nicsPerNode }

  /// Cables between switches.
  public var interSwitchLinks: Int { hasSpine ? leaves * cablesPerLeaf * (hasCore ? 2 : 1) : 0 }

  /// Switches of all layers.
  public var switches: Int { leaves * switchesPerLeaf + spines + cores }

  /// Switches above the leaves: with all ports down where they are the top, with half of them
  /// where a core stands above.
  public var spines: Int {
    guard hasSpine else { return 0 }
    guard hasCore else { return planes * filled(leaves / planes * cablesPerLeaf, by: Self.radix) }
    return (0..<pods).reduce(0) {
      $0 + filled(leaves(ofPod: $1).count * cablesPerLeaf, by: Self.half)
    }
  }

  /// Switches above the spines.
  public var cores: Int { hasCore ? filled(leaves * cablesPerLeaf, by: Self.radix) : 0 }

  private func filled(_ cables: Int, by ports: Int) -> Int { (cables + ports - 1) / ports }
}
