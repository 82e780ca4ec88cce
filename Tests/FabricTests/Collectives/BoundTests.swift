import Fabric
import Hardware
import Quantities
import Testing

/// No time is below what bytes and rates allow, and more bytes or less bandwidth take no less time.
@Suite struct BoundTests {
  /// Bytes through ports by counting, for groups of whole sound nodes: what the library's bound
  /// must come to at least, and what no time may be below.
  private func least(_ way: Way, gpus: Int, bytes: Double, nodes: Int) -> Double {
    let others = Double(gpus - 1) / Double(gpus)
    // Each GPU has 200 GB/s of NVLink and, with other nodes, a NIC of 50 GB/s.
    let port = nodes > 1 ? 250e9 : 200e9
    let perNode = Double(gpus / nodes) * 50e9
    let between = Double(nodes - 1) / Double(nodes)
    switch (way.kind, way.algorithm) {
    case (.allReduce, .inSwitch): return max(bytes / port, nodes > 1 ? bytes / perNode : 0)
    case (.allReduce, _): return 2 * max(bytes * others / port, bytes * between / perNode)
    case (.allGather, _), (.reduceScatter, _):
      return max(bytes * others / port, bytes * between / perNode)
    case (.allToAll, _):
      return max(bytes * others / port, bytes * between / 50e9)
    case (.broadcast, _): return max(bytes / port, nodes > 1 ? bytes / perNode : 0)
    case (.send, _): return nodes > 1 ? bytes / 50e9 : bytes / 200e9
    }
  }

  @Test(arguments: Way.all, [8, 24])
  func neverBelow(way: Way, gpus: Int) throws {
    for topology in [Topology.singleSwitch, .multiPlaneFatTree] {
      let graph = SampleNetwork.graph(gpus: gpus, topology: topology)
      for bytes in [1, 3e9] {
        let members = way.kind == .send ? [0, gpus - 8] : Array(0..<gpus)
        if members[0] == members[1] { continue }
        let time = try way.collective(among: members, bytes: bytes).time(on: graph)
        let nodes = way.kind == .send ? 2 : gpus / 8
        let bound = least(way, gpus: gpus, bytes: bytes, nodes: nodes)
        #expect(time.time.seconds >= bound * (1 - 1e-9))
        #expect(time.lowerBound <= time.time)
        #expect(time.lowerBound.seconds >= bound * (1 - 1e-9) - 1e-12, "\(topology.rawValue)")
        #expect(time.loads.allSatisfy { $0.busyRatio > 0 && $0.busyRatio <= 1 + 1e-9 })
      }
    }
  }

  /// Groups of any shape on clusters with faults: the library refuses what is below its bound, so
  /// it is enough that none is refused.
  @Test(arguments: 0..<5)
  func randomGroups(seed: Int) throws {
    var draws = Draws(seed: seed + 99)
    let topology = draws.one(of: [Topology.multiRailFatTree, .multiPlaneFatTree, .fatTree])
    let cluster = Cluster(
      node: SampleNetwork.node(), nodes: 6, topology: topology, oversubscription: 2,
      faults: [.nic(nic: draws.below(48), share: 0.25), .nvlink(gpu: 3, share: 0.1)])
    var members = (0..<48).filter { _ in draws.below(3) > 0 }
    if draws.below(2) == 0 { members.reverse() }
    for way in Way.all {
      let bytes = Double(1 + draws.below(1_000_000_000))
      let time = try way.collective(among: members, bytes: bytes).time(on: LinkGraph(cluster))
      #expect(time.lowerBound > .zero && time.lowerBound <= time.time)
    }
  }

  @Test(arguments: Way.all)
  func monotone(way: Way) throws {
    var before = Time.zero
    let graph = SampleNetwork.graph(gpus: 20)
    for bytes in [1.0, 1e6, 1e6 + 1e4, 1e12] {
      let time = try way.collective(among: Array(0..<20), bytes: bytes).time(on: graph).time
      #expect(time > before)
      before = time
    }
    let base = try way.collective(among: Array(0..<20), bytes: 1e9).time(on: graph).time
    for faster in [
      SampleNetwork.graph(gpus: 20, nvlink: 400e9), SampleNetwork.graph(gpus: 20, nic: 100e9),
      SampleNetwork.graph(gpus: 20, nvlink: 220e9, nic: 60e9),
    ] {
      let time = try way.collective(among: Array(0..<20), bytes: 1e9).time(on: faster).time
      #expect(time <= base + Time(picoseconds: 2))
    }
  }

  /// Summed in switches between planes, owners' relays and all members' own parts are counted: of 6
  /// GPUs 3 apart in three nodes each sends its buffer once, and 2 GB of each lane are relayed.
  @Test func switchesSumOverUnlikeIndices() throws {
    let graph = SampleNetwork.graph(gpus: 16, topology: .multiPlaneFatTree)
    let sum = Collective(
      .allReduce, among: (0..<6).map { $0 * 3 }, bytes: Bytes(1e9), algorithm: .inSwitch)
    let time = try sum.time(on: graph)
    func total(_ kind: LinkKind) -> Double {
      time.loads.first { $0.kind == kind }?.total.value ?? 0
    }
    #expect(total(.nvlinkOut) >= 6e9)
    #expect(abs(total(.nvlinkOut) - total(.nvlinkIn)) <= 1e-9 * total(.nvlinkOut))
    #expect(time.lowerBound <= time.time)
  }

  /// Every byte that leaves a port arrives at one.
  @Test(arguments: Way.all)
  func bytesAreConserved(way: Way) throws {
    let graph = SampleNetwork.graph(gpus: 44)
    let time = try way.collective(among: Array(0..<44), bytes: 1e9).time(on: graph)
    func total(_ kind: LinkKind) -> Double {
      time.loads.first { $0.kind == kind }?.total.value ?? 0
    }
    #expect(abs(total(.nvlinkOut) - total(.nvlinkIn)) <= 1e-9 * total(.nvlinkOut))
    #expect(abs(total(.nicOut) - total(.nicIn)) <= 1e-9 * total(.nicOut))
    #expect(total(.nicOut) > 0)
  }
}
