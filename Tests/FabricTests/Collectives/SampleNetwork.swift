import Fabric
import Hardware
import Quantities
import Testing

/// Networks with round rates: NVLink 200 GB/s, NICs 50 GB/s.
enum SampleNetwork {
  /// A node of `gpus` GPUs.
  static func node(
    gpus: Int = 8, nics: Int? = nil, nvlink: Double = 200e9, nic: Double = 50e9
  ) -> Node {
    var node = HardwareCatalogue.nodes[0]
    node.gpus = gpus
    node.nics = nics ?? gpus
    node.nvlink.achieved.value = Bandwidth(nvlink)
    node.nic.achieved.value = Bandwidth(nic)
    return node
  }

  /// The network of as many sound nodes as `gpus` GPUs need.
  static func graph(
    gpus: Int, topology: Topology = .multiRailFatTree, nvlink: Double = 200e9, nic: Double = 50e9
  ) -> LinkGraph {
    let node = node(nvlink: nvlink, nic: nic)
    return LinkGraph(Cluster(node: node, nodes: (gpus + 7) / 8, topology: topology))
  }

  /// Latency of a hop over NVLink, and of the longest between nodes, in seconds.
  static func latencies(_ graph: LinkGraph) -> (nvlink: Double, network: Double) {
    let last = graph.cluster.gpus - 1
    return (
      graph.route(from: 0, to: 1).latency.seconds, graph.route(from: 0, to: last).latency.seconds
    )
  }
}

/// Each kind with each of its algorithms.
struct Way: Sendable, CustomTestStringConvertible {
  var kind: CollectiveKind
  var algorithm: CollectiveAlgorithm

  static let all = CollectiveKind.allCases.flatMap { kind in
    kind.algorithms.map { Way(kind: kind, algorithm: $0) }
  }

  var testDescription: String { "\(kind.rawValue) by \(algorithm.rawValue)" }

  func collective(among members: [Int], bytes: Double) -> Collective {
    Collective(kind, among: members, bytes: Bytes(bytes), algorithm: algorithm)
  }
}
