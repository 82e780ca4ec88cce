import Fabric
import Hardware
import Quantities
import Testing

/// Routes by hand: the links crossed between two GPUs of a topology.
private let routes: [(Topology, Int, Int, Int, [String])] = [
  (.singleSwitch, 8, 0, 1, ["nvlink_out 0", "nvlink_in 1"]),
  (.singleSwitch, 8, 0, 63, ["nic_out 0", "nic_in 63"]),
  // Leaf 0 has nodes 0 to 3.
  (.fatTree, 8, 3, 31, ["nic_out 3", "nic_in 31"]),
  (.fatTree, 8, 3, 32, ["nic_out 3", "leaf_up 0", "leaf_down 1", "nic_in 32"]),
  // Pod 0 has nodes 0 to 127.
  (.fatTree3, 256, 0, 1_023, ["nic_out 0", "leaf_up 0", "leaf_down 31", "nic_in 1023"]),
  (
    .fatTree3, 256, 0, 1_024,
    ["nic_out 0", "leaf_up 0", "pod_up 0", "pod_down 1", "leaf_down 32", "nic_in 1024"]
  ),
  // Rails: the same index is the same leaf for 32 nodes, another index is another leaf.
  (.multiRailFatTree, 64, 2, 8 * 31 + 2, ["nic_out 2", "nic_in 250"]),
  (.multiRailFatTree, 64, 2, 8 * 32 + 2, ["nic_out 2", "leaf_up 2", "leaf_down 10", "nic_in 258"]),
  (.multiRailFatTree, 64, 2, 9, ["nic_out 2", "leaf_up 2", "leaf_down 1", "nic_in 9"]),
  // Planes: another index only over NVLink at the receiving node.
  (.multiPlaneFatTree, 64, 2, 10, ["nic_out 2", "nic_in 10"]),
  (
    .multiPlaneFatTree, 64, 2, 9,
    ["nic_out 2", "nic_in 10", "nvlink_out 10", "nvlink_in 9"]
  ),
  (
    .multiPlaneFatTree, 64, 2, 257,
    ["nic_out 2", "leaf_up 2", "leaf_down 10", "nic_in 258", "nvlink_out 258", "nvlink_in 257"]
  ),
]

@Test(arguments: routes)
func routeByHand(
  _ topology: Topology, _ nodes: Int, _ source: Int, _ target: Int, _ names: [String]
) {
  let graph = LinkGraph(roundCluster(topology, nodes: nodes))
  #expect(graph.names(source, target) == names)
}

/// The network of a cluster as links.
@Suite struct LinkGraphTests {
  /// Latencies of Table 5, and NVLink's again where a message is forwarded.
  @Test func latencyIsOfTheHop() {
    func microseconds(_ topology: Topology, _ nodes: Int, _ target: Int) -> Double {
      let graph = LinkGraph(roundCluster(topology, nodes: nodes))
      return (graph.route(from: 0, to: target).latency.seconds * 1e8).rounded() / 100
    }
    #expect(microseconds(.fatTree, 8, 1) == 3.33)
    #expect(microseconds(.fatTree, 8, 8) == 2.8)
    #expect(microseconds(.fatTree, 8, 32) == 3.7)
    #expect(microseconds(.fatTree3, 256, 1_024) == 4.6)
    #expect(microseconds(.multiPlaneFatTree, 8, 9) == 2.8 + 3.33)
    var ethernet = roundCluster(.fatTree)
    ethernet.network = .roce
    #expect(LinkGraph(ethernet).route(from: 0, to: 8).latency == Time(seconds: 3.6e-6))
    #expect(LinkGraph(ethernet).route(from: 0, to: 32).latency == Time(seconds: 5.6e-6))
  }

  /// No route takes longer than the cluster says its longest way does.
  @Test(arguments: Topology.allCases, [8, 200, 256, 257, 600])
  func theFarthestHopIsTheLongest(topology: Topology, nodes: Int) {
    guard nodes <= topology.maximumNodes(nics: 8) else { return }
    let graph = LinkGraph(roundCluster(topology, nodes: nodes))
    let ways = stride(from: 8, to: graph.cluster.gpus, by: 8).map {
      graph.route(from: 0, to: $0).latency
    }
    let longest = graph.cluster.latency.value
    #expect(ways.allSatisfy { $0 <= longest })
    // Only in a small cluster no pair is that far apart.
    if nodes >= 200 { #expect(ways.max() == longest) }
  }

  /// Forwarded, every topology sends as planes must: to the same index, then over NVLink.
  @Test(arguments: Topology.allCases)
  func forwardedRoutesStayOnTheirIndex(topology: Topology) {
    let graph = LinkGraph(roundCluster(topology))
    let names = graph.names(2, 9, forwarded: true)
    #expect(names == ["nic_out 2", "nic_in 10", "nvlink_out 10", "nvlink_in 9"])
    #expect(graph.names(2, 10, forwarded: true) == ["nic_out 2", "nic_in 10"])
    #expect(graph.names(2, 1, forwarded: true) == ["nvlink_out 2", "nvlink_in 1"])
  }

  /// Of every pair of 64 GPUs: links exist and carry something, each goes on where the last ended,
  /// none is crossed twice, and the way back is as long.
  @Test(arguments: Topology.allCases, [8, 4, 16])
  func everyPairHasASoundRoute(topology: Topology, nics: Int) {
    let graph = LinkGraph(roundCluster(topology, nics: nics))
    let next: [LinkKind: [LinkKind]] = [
      .nvlinkOut: [.nvlinkIn], .nicOut: [.nicIn, .leafUp], .leafUp: [.leafDown, .podUp],
      .podUp: [.podDown], .podDown: [.leafDown], .leafDown: [.nicIn], .nicIn: [.nvlinkOut],
    ]
    // One expectation for all pairs: thousands of them would take seconds.
    var unsound: [String] = []
    for source in 0..<64 {
      for target in 0..<64 {
        let route = graph.route(from: source, to: target)
        let kinds = route.links.map { graph.links[$0].kind }
        let back = graph.route(from: target, to: source)
        let isSound =
          source == target
          ? kinds.isEmpty
          : kinds.first == (source / 8 == target / 8 ? .nvlinkOut : .nicOut)
            && (kinds.last == .nvlinkIn || kinds.last == .nicIn)
            && zip(kinds, kinds.dropFirst()).allSatisfy { next[$0]?.contains($1) == true }
            && route.links.allSatisfy { graph.links[$0].rate > .zero }
            && Set(route.links).count == route.links.count
            && graph.disconnection(from: source, to: target) == nil
            && back.links.count == route.links.count && back.latency == route.latency
        if !isSound { unsound.append("\(source) to \(target)") }
      }
    }
    #expect(unsound.isEmpty)
  }

  /// Trunks carry their working up-links, even those of a leaf that is not full.
  @Test func trunkRates() {
    func rates(_ cluster: Cluster, _ kind: LinkKind) -> [Double] {
      LinkGraph(cluster).links.filter { $0.kind == kind }.map(\.rate.value)
    }
    // 9 nodes: 3 leaves, the last with one node.
    #expect(rates(roundCluster(.fatTree, nodes: 9), .leafUp) == [1_280, 1_280, 1_280])
    #expect(
      rates(roundCluster(.fatTree, nodes: 9, oversubscription: 2), .leafDown) == [640, 640, 640])
    #expect(
      rates(roundCluster(.fatTree, faults: [.uplinks(leaf: 1, share: 0.75)]), .leafUp)
        == [1_280, 960])
    // 33 leaves: a pod of 32 and one of 1.
    #expect(rates(roundCluster(.fatTree3, nodes: 129), .podUp) == [32 * 1_280, 1_280])
    // 16 NICs for 8 GPUs: leaves of one index have 2 switches, of nodes filled in order one.
    #expect(rates(roundCluster(.fatTree, nodes: 4, nics: 16), .leafUp) == [1_280, 1_280])
    #expect(
      rates(roundCluster(.multiRailFatTree, nodes: 4, nics: 16), .leafUp)
        == [Double](repeating: 2_560, count: 8))
    #expect(rates(roundCluster(.multiPlaneFatTree), .leafUp).isEmpty)
  }

  /// GPUs 2 i and 2 i + 1 share NIC i where there are half as many.
  @Test func neighboursShareANIC() {
    let graph = LinkGraph(roundCluster(.fatTree, nics: 4))
    #expect(graph.link(.nicOut, of: 10) == graph.link(.nicOut, of: 11))
    #expect(graph.link(.nicIn, of: 11) != graph.link(.nicIn, of: 12))
    #expect(graph.links[graph.link(.nicOut, of: 11)].owner == 5)
    #expect(graph.rate(of: .nicOut, gpu: 11) == Bandwidth(40))
    #expect(Port.nicIn.rate(of: graph.cluster.node) == Bandwidth(20))
    // 64 GPUs have 32 NICs, a leaf's fill.
    #expect(graph.leaf(of: 63) == 0)
    let planes = LinkGraph(roundCluster(.multiPlaneFatTree, nics: 4))

    #expect(planes.names(2, 11) == ["nic_out 1", "nic_in 5"])
  }

  /// With twice as many NICs as GPUs each GPU's two are one trunk, of which half may be dead.
  @Test func severalNICsAreATrunk() {
    let graph = LinkGraph(
      roundCluster(.fatTree, nics: 16, faults: [.nic(nic: 7, share: 0)]))
    #expect(graph.rate(of: .nicOut, gpu: 2) == Bandwidth(80))
    #expect(graph.rate(of: .nicOut, gpu: 3) == Bandwidth(40))
    #expect(graph.disconnection() == nil)
    #expect(Port.nicOut.rate(of: graph.cluster.node) == Bandwidth(80))
  }

  /// NVL72: 72 GPUs reach each other over NVLink alone.
  @Test func aScaleUpDomainIsOneNode() {
    let node = HardwareCatalogue.node(named: "gb200-nvl72")!
    let graph = LinkGraph(Cluster(node: node, nodes: 4, topology: .multiPlaneFatTree))
    #expect(node.nics == 72)
    #expect(graph.names(0, 71) == ["nvlink_out 0", "nvlink_in 71"])
    #expect(graph.names(0, 72) == ["nic_out 0", "nic_in 72"])
    #expect(graph.layout.planes == 72)
  }
}

/// Faults and what they cut off.
@Suite struct ClusterFaultTests {
  @Test func faultsScaleWhatTheyName() {
    let graph = LinkGraph(
      roundCluster(
        .fatTree, faults: [.nic(nic: 12, share: 0.5), .nvlink(gpu: 5, share: 0.25)]))
    #expect(graph.rate(of: .nicOut, gpu: 12) == Bandwidth(20))
    #expect(graph.rate(of: .nicIn, gpu: 12) == Bandwidth(20))
    #expect(graph.rate(of: .nvlinkIn, gpu: 5) == Bandwidth(40))
    #expect(graph.rate(of: .nvlinkOut, gpu: 12) == Bandwidth(160))
    #expect(
      graph.links.filter { $0.rate != Bandwidth(160) }.count(where: { $0.kind == .nvlinkIn }) == 1)
    #expect(!graph.cluster.isUniform)
    let slow = roundCluster(.fatTree, faults: [.slowGPU(gpu: 17, speed: 0.9)])
    #expect(slow.speed(ofGPU: 17) == 0.9 && slow.speed(ofGPU: 16) == 1)
    #expect(LinkGraph(slow).links == LinkGraph(roundCluster(.fatTree)).links)
  }

  /// A dead link is told with the first pair it parts.
  @Test(arguments: [
    (
      Topology.fatTree, ClusterFault.nic(nic: 3, share: 0),
      "GPU 3 cannot reach GPU 8: NIC 3 is dead"
    ),
    (
      .fatTree, .nvlink(gpu: 5, share: 0),
      "GPU 5 cannot reach GPU 0: the NVLink port of GPU 5 is dead"
    ),
    (
      .fatTree, .uplinks(leaf: 1, share: 0),
      "GPU 32 cannot reach GPU 0: no up-link of leaf 1 works"
    ),
    (
      .multiPlaneFatTree, .nic(nic: 9, share: 0), "GPU 9 cannot reach GPU 0: NIC 9 is dead"
    ),
  ])
  func aDeadLinkCutsOff(topology: Topology, fault: ClusterFault, sentence: String) throws {
    let graph = LinkGraph(roundCluster(topology, faults: [fault]))
    let found = try #require(graph.disconnection())
    let rest = "; give it a share above 0, or a cluster without what it cuts off"
    #expect(found.description == sentence + rest)
  }

  /// What no pair needs may be dead: NICs of a lone node.
  @Test func aDeadLinkThatNobodyNeeds() {
    let graph = LinkGraph(roundCluster(.fatTree, nodes: 1, faults: [.nic(nic: 3, share: 0)]))
    #expect(graph.disconnection() == nil)
  }

  /// The search over dead links finds what trying all pairs finds.
  @Test(arguments: Topology.allCases, [4, 8])
  func deadLinksAreFoundAsByAllPairs(topology: Topology, nics: Int) {
    let faults: [ClusterFault] = [
      .nvlink(gpu: 11, share: 0), .nic(nic: 0, share: 0), .nic(nic: 8 * nics - 1, share: 0),
      .uplinks(leaf: 0, share: 0), .uplinks(leaf: 1, share: 0),
    ]
    for fault in faults {
      let graph = LinkGraph(roundCluster(topology, nics: nics, faults: [fault]))
      var isParted = false
      for source in 0..<64 where !isParted {
        isParted = (0..<64).contains { graph.disconnection(from: source, to: $0) != nil }
      }
      #expect((graph.disconnection() != nil) == isParted, "\(fault)")
    }
  }
}
