import Fabric
import Hardware
import Quantities

extension ScenarioReader {
  /// Reads the cluster: a node of the catalogue with some of its numbers replaced, how many of
  /// them, and what joins them.
  mutating func readCluster() {
    device = readDevice()
    // Where a device is wrong, it is not known whether it has a node of its own.
    if device?.node == nil, device != nil || !keys.has("cluster.device") {
      keys.require("cluster.node", example: "node: h800")
    }
    let names = HardwareCatalogue.nodes.map(\.name)
    let name = keys.name("cluster.node", kind: .node, among: names)
    let topologies = Topology.allCases.map(\.rawValue)
    let fabric = keys.name(
      "cluster.fabric", kind: .fabric, among: topologies,
      default: Topology.multiRailFatTree.rawValue)
    let kinds = NetworkKind.allCases.map(\.rawValue)
    let network = keys.name(
      "cluster.network", kind: .network, among: kinds, default: NetworkKind.infiniband.rawValue)
    keys.require("cluster.nodes", example: "nodes: 256")
    let nodes = keys.whole("cluster.nodes", in: KeyReader.gpuCounts, default: nil)
    var found =
      keys.has("cluster.node") ? name.flatMap(HardwareCatalogue.node(named:)) : device?.node
    if let device { found?.gpu = device.gpu }
    node = replacingNumbers(of: found)
    let oversubscription = readOversubscription(of: fabric)
    let before = keys.problems.count
    let links = readLinks(gpus: nodes.flatMap { nodes in node.map { nodes * $0.gpus } })
    if let node, let nodes, let topology = fabric.flatMap(Topology.init),
      let network = network.flatMap(NetworkKind.init), let oversubscription,
      keys.problems.count == before,
      links != nil || checkSize(node, nodes: nodes, topology: topology)
    {
      cluster = Cluster(
        node: node, nodes: nodes, topology: topology, oversubscription: oversubscription,
        network: network, links: links)
      checkUplinks()
    }
    readFaults()
  }

  /// The device file that takes the place of the node's GPU; nil where there is none, or where it is
  /// reported.
  private mutating func readDevice() -> Device? {
    let path = "cluster.device"
    guard let word = keys.word(path) else { return nil }
    guard let file = existingFile(word, besides: keys.document.file) else {
      keys.report(.calibration(.noDeviceFile(value: shortened(word))), at: path)
      return nil
    }
    do {
      return try DeviceFile.load(path: file)
    } catch {
      keys.report(error.problems)
      return nil
    }
  }

  /// Whether the topology joins so many nodes.
  private mutating func checkSize(_ node: Node, nodes: Int, topology: Topology) -> Bool {
    func most(_ topology: Topology) -> Int {
      let mostNodes = max(1, topology.maximumNodes(nics: node.nics))
      return min(mostNodes, KeyReader.gpuCounts.upperBound / node.gpus) * node.gpus
    }
    let gpus = nodes * node.gpus
    guard nodes > 1, gpus > most(topology) else { return true }
    let larger = Topology.allCases.first { most($0) >= gpus }
    keys.report(
      .tooManyGPUs(
        key: "cluster.nodes", value: nodes, gpus: gpus, fabric: topology.rawValue,
        most: most(topology), larger: larger?.rawValue),
      amid: [
        "cluster.nodes", "cluster.fabric", "cluster.gpus_per_node", "cluster.nics_per_node",
      ])
    return false
  }

  /// Down-links over up-links; nil where it is reported.
  private mutating func readOversubscription(of fabric: String?) -> Double? {
    let path = "cluster.oversubscription"
    guard keys.has(path) else { return 1 }
    // A leaf of 32 down-links has at least one up-link.
    guard let ratio = keys.number(path, in: 1...32) else { return nil }
    guard fabric == Topology.singleSwitch.rawValue else { return ratio }
    keys.report(
      .noUplinks(
        key: path, value: keys.quoted(path), fabric: Topology.singleSwitch.rawValue),
      amid: [path, "cluster.fabric"])
    return nil
  }

  /// Reports an oversubscription of leaves that no spine joins.
  private mutating func checkUplinks() {
    let path = "cluster.oversubscription"
    guard let cluster, cluster.links == nil, keys.has(path), !FabricLayout(cluster).hasSpine else {
      return
    }
    keys.report(
      .noUplinks(key: path, value: keys.quoted(path), fabric: cluster.topology.rawValue),
      amid: [path, "cluster.fabric", "cluster.nodes"])
  }

  /// The list of links that takes the place of nodes and fabric; nil where there is none, or where
  /// it is reported.
  ///
  /// - Parameter gpus: GPUs of the cluster; nil where they are not known.
  private mutating func readLinks(gpus: Int?) -> LinkList? {
    let path = "cluster.links"
    guard keys.has(path) else { return nil }
    for key in ["fabric", "network", "oversubscription", "nics_per_node", "nvlink", "nic"]
    where keys.has("cluster.\(key)") {
      keys.report(.besidesLinks(key: "cluster.\(key)"), at: "cluster.\(key)")
    }
    guard let word = keys.word(path) else { return nil }
    guard let file = existingFile(word, besides: keys.document.file) else {
      keys.report(.noLinkFile(key: path, value: shortened(word)), at: path)
      return nil
    }
    guard let gpus, KeyReader.gpuCounts.contains(gpus) else { return nil }
    do {
      return try loadLinkList(path: file, gpus: gpus)
    } catch {
      keys.report(error.problems)
      return nil
    }
  }

  /// The node with the numbers the scenario gives in place of the catalogue's; each is read even
  /// where there is no node, so that its problems are found.
  private mutating func replacingNumbers(of node: Node?) -> Node? {
    let gpus = keys.whole("cluster.gpus_per_node", in: KeyReader.gpuCounts, default: node?.gpus)
    let nics = readNICs(gpus: gpus)
    // Slower than this a step would take months; faster or larger is a slip of the unit.
    let nvlink = keys.amount("cluster.nvlink", .bandwidth, in: 1e8...1e15)
    let nic = keys.amount("cluster.nic", .bandwidth, in: 1e8...1e15)
    let memory = keys.amount("cluster.memory", .data, in: 1e9...1e15)
    let bandwidth = keys.amount("cluster.memory_bandwidth", .bandwidth, in: 1e9...1e15)
    guard var node, let gpus, let nics else { return nil }
    node.gpus = gpus
    node.nics = nics
    if let nvlink {
      node.nvlink = node.nvlink.scaled(
        toPeak: Bandwidth(nvlink), source: "cluster.nvlink of the scenario")
    }
    if let nic {
      node.nic = node.nic.scaled(toPeak: Bandwidth(nic), source: "cluster.nic of the scenario")
    }
    if let memory {
      node.gpu.memory = Fact(Bytes(memory), .stated, "cluster.memory of the scenario")
    }
    if let bandwidth {
      node.gpu.memoryBandwidth = Fact(
        Bandwidth(bandwidth), .stated, "cluster.memory_bandwidth of the scenario")
    }
    return node
  }

  /// NICs of a node, as many as GPUs unless the scenario says otherwise.
  private mutating func readNICs(gpus: Int?) -> Int? {
    let path = "cluster.nics_per_node"
    guard let nics = keys.whole(path, in: KeyReader.gpuCounts, default: gpus) else { return nil }
    guard let gpus else { return nil }
    func isEven(_ nics: Int) -> Bool {
      gpus.isMultiple(of: nics) || nics.isMultiple(of: gpus) && nics / gpus <= 32
    }
    guard !isEven(nics) else { return nics }
    let below = stride(from: min(nics, 32 * gpus), to: 0, by: -1).first(where: isEven)
    let above = nics > 32 * gpus ? nil : (nics...32 * gpus).first(where: isEven)
    keys.report(
      .unevenNICs(
        key: path, value: nics, gpus: gpus, nearest: [below, above].compactMap(\.self)),
      amid: [path, "cluster.gpus_per_node"])
    return nil
  }
}
