public import Hardware
public import Quantities

/// A cluster's network as links that flows share.
///
///     let graph = LinkGraph(cluster)                        // 2 nodes of 8 GPUs, fat-tree
///     graph.route(from: 0, to: 1).links.map(graph.name)     // ["nvlink_out 0", "nvlink_in 1"]
///     graph.route(from: 0, to: 9).links.map(graph.name)     // ["nic_out 0", "nic_in 9"]
///
/// Parallel links between the same switches are one trunk: adaptive routing spreads a flow over
/// them evenly. Faults are in the links' rates.
public struct LinkGraph: Sendable {
  /// The cluster.
  public let cluster: Cluster
  /// All links.
  public let links: [FabricLink]
  /// The switches, as nodes and topology give them.
  public let layout: FabricLayout
  /// Ways through a list of links, where the cluster has one.
  let listed: ShortestPaths?

  /// Latency inside a node, and of each hop between nodes.
  private let latencies: (nvlink: Time, sameLeaf: Time, crossLeaf: Time, crossPod: Time)
  /// Indices of the first link of each kind of owner.
  private let firstNIC: Int
  private let firstLeaf: Int
  private let firstPod: Int

  /// The links of a cluster.
  ///
  /// - Complexity: O(GPUs); with a list of links O(GPUs x links).
  public init(_ cluster: Cluster) {
    self.cluster = cluster
    layout = FabricLayout(cluster)
    let kind = cluster.network
    latencies = (
      Cluster.nvlinkLatency.value, kind.latency(.sameLeaf).value, kind.latency(.crossLeaf).value,
      kind.latency(.crossPod).value
    )
    firstNIC = 2 * cluster.gpus
    firstLeaf = firstNIC + 2 * layout.ports
    firstPod = firstLeaf + (layout.hasSpine ? 2 * layout.leaves : 0)
    if let list = cluster.links {
      listed = ShortestPaths(list)
      links = list.links.indices.map {
        FabricLink(kind: .listed, owner: $0, rate: list.links[$0].rate)
      }
    } else {
      listed = nil
      links = LinkRates(cluster, layout).links
    }
  }

  /// The link of a GPU's port; GPUs that share a NIC share its links. In a list, where ports have
  /// no names, the first link that leaves or reaches the GPU, by the name of its other end.
  public func link(_ port: Port, of gpu: Int) -> Int {
    if let listed { return listed.anyLink(of: gpu, inward: port == .nvlinkIn || port == .nicIn) }
    switch port {
    case .nvlinkOut: return 2 * gpu
    case .nvlinkIn: return 2 * gpu + 1
    case .nicOut: return firstNIC + 2 * layout.port(ofGPU: gpu)
    case .nicIn: return firstNIC + 2 * layout.port(ofGPU: gpu) + 1
    }
  }

  /// Whether a link joins two switches; in a list, any two places other than GPUs.
  func isTrunk(_ link: Int) -> Bool {
    switch links[link].kind {
    case .nvlinkOut, .nvlinkIn, .nicOut, .nicIn: false
    case .leafUp, .leafDown, .podUp, .podDown: true
    case .listed:
      cluster.links.map { $0.links[link].from >= $0.gpus && $0.links[link].to >= $0.gpus } ?? false
    }
  }

  /// Links of a list that leave or reach a GPU; none where links have kinds.
  func listedLinks(of gpu: Int, inward isInward: Bool) -> ArraySlice<Int32> {
    listed?.links(of: gpu, inward: isInward) ?? []
  }

  /// Payload rate of the link of a GPU's port, faults included.
  public func rate(of port: Port, gpu: Int) -> Bandwidth { links[link(port, of: gpu)].rate }

  /// The leaf switch a GPU's NIC hangs on.
  public func leaf(of gpu: Int) -> Int { layout.leaf(ofGPU: gpu) }

  /// The trunk from a leaf to the spine, nil where no spine joins leaves.
  public func leafUp(_ leaf: Int) -> Int? { layout.hasSpine ? firstLeaf + 2 * leaf : nil }

  /// The trunk from a pod to the core, nil where there is none.
  public func podUp(_ pod: Int) -> Int? { layout.hasCore ? firstPod + 2 * pod : nil }

  /// The way from one GPU to another; of no links to itself.
  ///
  /// - Parameter forwarded: whether a message to another node goes to the GPU of the sender's index
  ///   there, which forwards it over NVLink, as DeepEP does. Between planes there is no other way.
  public func route(from source: Int, to target: Int, forwarded: Bool = false) -> Route {
    var links: [Int] = []
    let latency = appendRoute(from: source, to: target, forwarded: forwarded, to: &links)
    return Route(links: links, latency: latency)
  }

  /// Appends the links of a route to a list, and returns the route's latency; `Time.max` and no
  /// links where a list of links has no way.
  public func appendRoute(
    from source: Int, to target: Int, forwarded: Bool = false, to links: inout [Int]
  ) -> Time {
    guard source != target else { return .zero }
    if let listed { return listed.appendRoute(from: source, to: target, to: &links) }
    let size = layout.gpusPerNode
    if source / size == target / size {
      links.append(2 * source)
      links.append(2 * target + 1)
      return latencies.nvlink
    }
    let port = layout.port(ofGPU: source)
    var arrival = layout.port(ofGPU: target)
    let isForeign =
      layout.topology == .multiPlaneFatTree
      && port % layout.portsPerNode != arrival % layout.portsPerNode
    let relay = target / size * size + source % size
    let isRelayed = (forwarded || isForeign) && relay != target
    if isRelayed { arrival = layout.port(ofGPU: relay) }
    let hop = appendNetwork(from: port, to: arrival, to: &links)
    guard isRelayed else { return hop }
    links.append(2 * relay)
    links.append(2 * target + 1)
    return hop + latencies.nvlink
  }

  /// Appends the links between two ports of different nodes.
  private func appendNetwork(from port: Int, to arrival: Int, to links: inout [Int]) -> Time {
    links.append(firstNIC + 2 * port)
    defer { links.append(firstNIC + 2 * arrival + 1) }
    let leaf = layout.leaf(ofPort: port)
    let last = layout.leaf(ofPort: arrival)
    guard leaf != last else { return latencies.sameLeaf }
    links.append(firstLeaf + 2 * leaf)
    defer { links.append(firstLeaf + 2 * last + 1) }
    guard layout.hasCore else { return latencies.crossLeaf }
    let pod = layout.pod(ofLeaf: leaf)
    let lastPod = layout.pod(ofLeaf: last)
    guard pod != lastPod else { return latencies.crossLeaf }
    links.append(firstPod + 2 * pod)
    links.append(firstPod + 2 * lastPod + 1)
    return latencies.crossPod
  }

  /// What a link is called: its kind and owner, or the places a listed one joins.
  ///
  ///     graph.name(of: graph.link(.nicOut, of: 3))     // nic_out 3
  public func name(of link: Int) -> String {
    if let list = cluster.links {
      let listed = list.links[link]
      return "\(list.places[Int(listed.from)]) to \(list.places[Int(listed.to)])"
    }
    return "\(links[link].kind.rawValue) \(links[link].owner)"
  }
}

/// The rates of a generated network's links, faults included.
private struct LinkRates {
  private(set) var links: [FabricLink] = []

  init(_ cluster: Cluster, _ layout: FabricLayout) {
    let nvlink = cluster.node.nvlink.achieved.value
    let nic = cluster.node.nic.achieved.value
    var nvlinkShare = [Double](repeating: 1, count: cluster.gpus)
    var nicShare = [Double](repeating: Double(layout.nicsPerPort), count: layout.ports)
    var leafShare = [Double](repeating: 1, count: layout.leaves)
    for fault in cluster.faults {
      switch fault {
      case .slowGPU: break
      case .nvlink(let gpu, let share):
        if nvlinkShare.indices.contains(gpu) { nvlinkShare[gpu] = share }
      case .nic(let index, let share):
        guard index >= 0, index < layout.endpointLinks else { break }
        nicShare[layout.port(ofNIC: index)] -= 1 - share
      case .uplinks(let leaf, let share):
        if leafShare.indices.contains(leaf) { leafShare[leaf] = share }
      }
    }
    for gpu in 0..<cluster.gpus {
      add(.nvlinkOut, .nvlinkIn, owner: gpu, nvlink * nvlinkShare[gpu])
    }
    for port in 0..<layout.ports {
      // Shares of the NICs of one port may add up to a hair less than nothing.
      add(.nicOut, .nicIn, owner: layout.firstNIC(ofPort: port), nic * max(0, nicShare[port]))
    }
    let trunk = nic * layout.uplinksPerLeaf
    for leaf in 0..<(layout.hasSpine ? layout.leaves : 0) {
      add(.leafUp, .leafDown, owner: leaf, trunk * leafShare[leaf])
    }
    for pod in 0..<(layout.hasCore ? layout.pods : 0) {
      add(.podUp, .podDown, owner: pod, trunk * Double(layout.leaves(ofPod: pod).count))
    }
  }

  private mutating func add(_ out: LinkKind, _ back: LinkKind, owner: Int, _ rate: Bandwidth) {
    links.append(FabricLink(kind: out, owner: owner, rate: rate))
    links.append(FabricLink(kind: back, owner: owner, rate: rate))
  }
}
