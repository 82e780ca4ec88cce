import Hardware
import Quantities

extension ScenarioReader {
  /// Reads the cluster: a node of the catalogue with some of its numbers replaced, how many of
  /// them, and what joins them.
  mutating func readCluster() {
    keys.require("cluster.node", example: "node: h800")
    let names = HardwareCatalogue.nodes.map(\.name)
    let name = keys.name("cluster.node", kind: .node, among: names)
    let topologies = Topology.allCases.map(\.rawValue)
    let fabric = keys.name(
      "cluster.fabric", kind: .fabric, among: topologies,
      default: Topology.multiRailFatTree.rawValue)
    keys.require("cluster.nodes", example: "nodes: 256")
    let nodes = keys.whole("cluster.nodes", in: KeyReader.gpuCounts, default: nil)
    node = replacingNumbers(of: name.flatMap(HardwareCatalogue.node(named:)))
    guard let node, let nodes, let topology = fabric.flatMap(Topology.init) else { return }
    let gpus = nodes * node.gpus
    guard nodes == 1 || gpus <= topology.maximumGPUs else {
      let larger = Topology.allCases.first { $0.maximumGPUs >= gpus }
      keys.report(
        .tooManyGPUs(
          key: "cluster.nodes", value: nodes, gpus: gpus, fabric: topology.rawValue,
          most: topology.maximumGPUs, larger: larger?.rawValue),
        amid: ["cluster.nodes", "cluster.fabric", "cluster.gpus_per_node"])
      return
    }
    cluster = Cluster(node: node, nodes: nodes, topology: topology)
  }

  /// The node with the numbers the scenario gives in place of the catalogue's; each is read even
  /// where there is no node, so that its problems are found.
  private mutating func replacingNumbers(of node: Node?) -> Node? {
    let gpus = keys.whole("cluster.gpus_per_node", in: KeyReader.gpuCounts, default: node?.gpus)
    // Slower than this a step would take months; faster or larger is a slip of the unit.
    let nvlink = keys.amount("cluster.nvlink", .bandwidth, in: 1e8...1e15)
    let nic = keys.amount("cluster.nic", .bandwidth, in: 1e8...1e15)
    let memory = keys.amount("cluster.memory", .data, in: 1e9...1e15)
    let bandwidth = keys.amount("cluster.memory_bandwidth", .bandwidth, in: 1e9...1e15)
    guard var node, let gpus else { return nil }
    node.gpus = gpus
    node.nics = gpus
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
}
