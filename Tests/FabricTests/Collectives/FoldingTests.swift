import Fabric
import Hardware
import Quantities
import Testing

/// Folded collectives take as long and load as much as expanded ones.
@Suite struct FoldingTests {
  private func expectEqual(
    _ collective: Collective, on graph: LinkGraph, _ note: Comment
  ) throws {
    let folded = try collective.time(on: graph)
    let expanded = try collective.time(on: graph, expanded: true)
    func agree(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * abs(b) }
    // Ends are rounded to picoseconds, each on its own.
    let difference = abs(folded.time.seconds - expanded.time.seconds)
    #expect(difference <= 1e-9 * expanded.time.seconds + 4e-12, note)
    #expect(folded.latency == expanded.latency, note)
    #expect(folded.flows <= expanded.flows, note)
    #expect(folded.loads.map(\.kind) == expanded.loads.map(\.kind), note)
    for (one, other) in zip(folded.loads, expanded.loads) {
      #expect(agree(one.bytes.value, other.bytes.value), note)
      #expect(agree(one.total.value, other.total.value), note)
      #expect(agree(one.busyRatio, other.busyRatio), note)
    }
    #expect(folded.bottleneck.link == expanded.bottleneck.link, note)
  }

  @Test(arguments: Way.all, [2, 7, 12])
  func soundNetwork(way: Way, gpus: Int) throws {
    for topology in Topology.allCases where gpus <= topology.maximumGPUs {
      try expectEqual(
        way.collective(among: Array(0..<gpus), bytes: 1e8),
        on: SampleNetwork.graph(gpus: gpus, topology: topology), "\(topology.rawValue)")
    }
  }

  /// 128 GPUs over 4 leaves of half the up-links, one of them with a slow NIC, one not full.
  @Test(arguments: [100])
  func oversubscribedAllToAll(gpus: Int) throws {
    let cluster = Cluster(
      node: SampleNetwork.node(), nodes: 16, topology: .fatTree, oversubscription: 2,
      faults: [.nic(nic: 77, share: 0.5)])
    try expectEqual(
      Collective(.allToAll, among: Array(0..<gpus), bytes: Bytes(1e8), algorithm: .direct),
      on: LinkGraph(cluster), "\(gpus) GPUs")
  }

  /// Rates, leaves and groups that are not alike: a slow NIC, slow NVLink and half a leaf's
  /// up-links, nodes that are not filled, GPUs that lie apart, in any order.
  @Test(arguments: 0..<6)
  func brokenSymmetry(seed: Int) throws {
    var draws = Draws(seed: seed)
    let topology = draws.one(of: Topology.allCases)
    let size = draws.one(of: [1, 2, 8])
    let nodes = min(1 + draws.below(40 / size), topology.maximumGPUs / size)
    var faults: [ClusterFault] = []
    if draws.below(3) > 0 { faults.append(.nic(nic: draws.below(nodes * size), share: 0.5)) }
    if draws.below(3) == 0 { faults.append(.nvlink(gpu: draws.below(nodes * size), share: 0.25)) }
    if draws.below(3) == 0 { faults.append(.uplinks(leaf: 0, share: 0.5)) }
    let cluster = Cluster(
      node: SampleNetwork.node(gpus: size), nodes: nodes, topology: topology,
      oversubscription: draws.one(of: [1, 2, 4]), faults: faults)
    let stride = draws.one(of: [1, 1, 2, 3, 8])
    var members = Array(Swift.stride(from: draws.below(3), to: cluster.gpus, by: stride))
    if draws.below(4) == 0 { members.reverse() }
    if members.count < 2 { members = [0, cluster.gpus - 1] }
    guard members[0] != members[1] else { return }
    for way in Way.all {
      try expectEqual(
        way.collective(among: members, bytes: 1e8), on: LinkGraph(cluster),
        "\(way.testDescription), \(topology.rawValue), \(nodes) x \(size), stride \(stride)")
    }
  }

  /// GPUs that share a NIC.
  @Test(arguments: Way.all)
  func sharedNICs(way: Way) throws {
    let cluster = Cluster(
      node: SampleNetwork.node(nics: 4), nodes: 3, topology: .multiRailFatTree)
    try expectEqual(
      way.collective(among: Array(0..<24), bytes: 1e8), on: LinkGraph(cluster), "4 NICs")
  }

  /// A sound all-to-all of any size is two classes, in and between nodes, and three by two hops.
  @Test func foldsToAHandful() throws {
    let graph = SampleNetwork.graph(gpus: 128, topology: .singleSwitch)
    let all = Array(0..<128)
    let direct = Collective(.allToAll, among: all, bytes: Bytes(1e9), algorithm: .direct)
    #expect(try direct.time(on: graph).flows == 2)
    #expect(try direct.time(on: graph, expanded: true).flows == 128 * 127)
    let twoHop = Collective(.allToAll, among: all, bytes: Bytes(1e9), algorithm: .twoHop)
    #expect(try twoHop.time(on: graph).flows == 3)
  }

  /// Leaves, pods and planes add a few classes to a large sound all-to-all, whatever its size.
  @Test(arguments: [Topology.multiPlaneFatTree, .multiRailFatTree, .fatTree, .fatTree3])
  func foldsLargeNetworks(topology: Topology) throws {
    for gpus in [64, 1024] {
      let graph = SampleNetwork.graph(gpus: gpus, topology: topology)
      for algorithm in [CollectiveAlgorithm.direct, .twoHop] {
        let collective = Collective(
          .allToAll, among: Array(0..<gpus), bytes: Bytes(1e9), algorithm: algorithm)
        #expect(try collective.time(on: graph).flows <= 8)
      }
    }
  }

  /// A pattern's classes count every flow of the expanded one.
  @Test func classesCountFlows() throws {
    let graph = SampleNetwork.graph(gpus: 40)
    let collective = Collective(.allToAll, among: Array(0..<37), bytes: Bytes(1e9))
    let step = try #require(try collective.steps(by: .twoHop, on: graph).first)
    #expect(step.pattern.classes.reduce(0) { $0 + $1.count } == 37 * 36)
    #expect(CollectiveStep(step.pattern) == step)
  }
}
