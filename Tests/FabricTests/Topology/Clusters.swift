import Fabric
import Hardware
import Quantities

/// A cluster of round numbers: NVLink carries 160 and a NIC 40 bytes per second.
func roundCluster(
  _ topology: Topology, nodes: Int = 8, gpus: Int = 8, nics: Int? = nil,
  oversubscription: Double = 1, faults: [ClusterFault] = [], links: LinkList? = nil
) -> Cluster {
  var node = HardwareCatalogue.nodes[0]
  node.gpus = gpus
  node.nics = nics ?? gpus
  node.nvlink.achieved.value = Bandwidth(160)
  node.nic.achieved.value = Bandwidth(40)
  return Cluster(
    node: node, nodes: nodes, topology: topology, oversubscription: oversubscription,
    faults: faults, links: links)
}

extension LinkGraph {
  /// The route as names of links.
  func names(_ source: Int, _ target: Int, forwarded: Bool = false) -> [String] {
    route(from: source, to: target, forwarded: forwarded).links.map(name)
  }
}
