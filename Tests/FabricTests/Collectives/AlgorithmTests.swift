import Fabric
import Hardware
import Quantities
import Testing

/// What each algorithm moves through each port, and which one is chosen.
@Suite struct AlgorithmTests {
  private let buffer = 1e9

  private func load(
    _ kind: LinkKind, _ way: Way, gpus: Int, topology: Topology = .multiRailFatTree
  ) throws -> Double {
    let graph = SampleNetwork.graph(gpus: gpus, topology: topology)
    let time = try way.collective(among: Array(0..<gpus), bytes: buffer).time(on: graph)
    return time.loads.first { $0.kind == kind }?.bytes.value ?? 0
  }

  /// Bytes on the busiest NVLink port and NIC for each byte of the buffer, of an all-reduce among
  /// 8 nodes of 8.
  private static let shares: [(algorithm: CollectiveAlgorithm, nvlink: Double, nic: Double)] = {
    let around: Double = 2 * 63 / 64
    let between: Double = 2 * 7 / 64
    return [
      // 7 of 8 rings go over a GPU's NVLink port and one over its NIC.
      (.ring, around * 7 / 8, around / 8),
      // Up and down 7 of 8 chains; a node sends to parent and two children in one tree, to its
      // parent in the other: 4 halves of an eighth.
      (.tree, 1.75, 0.25),
      // Neighbours first: 7/8 in the node, 7/64 between nodes, twice.
      (.halvingDoubling, 1.75, between),
      (.hierarchical, 1.75, between),
      (.inSwitch, 1, 0.125),
    ]
  }()

  @Test(arguments: shares)
  func allReduce(algorithm: CollectiveAlgorithm, nvlink: Double, nic: Double) throws {
    let way = Way(kind: .allReduce, algorithm: algorithm)
    #expect(abs(try load(.nvlinkOut, way, gpus: 64) - nvlink * buffer) < 1)
    #expect(abs(try load(.nvlinkIn, way, gpus: 64) - nvlink * buffer) < 1)
    #expect(abs(try load(.nicOut, way, gpus: 64) - nic * buffer) < 1)
    #expect(abs(try load(.nicIn, way, gpus: 64) - nic * buffer) < 1)
  }

  /// A gather moves half of what an all-reduce does, and a scatter is a gather backwards.
  @Test(arguments: [CollectiveAlgorithm.ring, .halvingDoubling, .hierarchical])
  func halfOfAllReduce(algorithm: CollectiveAlgorithm) throws {
    for kind in [LinkKind.nvlinkOut, .nicOut] {
      let whole = try load(kind, Way(kind: .allReduce, algorithm: algorithm), gpus: 32)
      let gather = try load(kind, Way(kind: .allGather, algorithm: algorithm), gpus: 32)
      let scatter = try load(kind, Way(kind: .reduceScatter, algorithm: algorithm), gpus: 32)
      #expect(abs(gather - whole / 2) < 1)
      #expect(abs(scatter - whole / 2) < 1)
    }
  }

  /// An all-to-all's NICs carry what goes to other nodes, directly or by two hops.
  @Test func allToAll() throws {
    for algorithm in [CollectiveAlgorithm.direct, .twoHop] {
      let way = Way(kind: .allToAll, algorithm: algorithm)
      #expect(abs(try load(.nicOut, way, gpus: 64) - buffer * 56 / 64) < 1)
    }
    let direct = Way(kind: .allToAll, algorithm: .direct)
    #expect(abs(try load(.nvlinkOut, direct, gpus: 64) - buffer * 7 / 64) < 1)
    // Forwarded: all but what goes to the sender's own index, of which none is in the node.
    let twoHop = Way(kind: .allToAll, algorithm: .twoHop)
    #expect(abs(try load(.nvlinkOut, twoHop, gpus: 64) - buffer * 56 / 64) < 1)
  }

  /// With few bytes few steps win, with many the ring's full rate.
  @Test func choiceBySize() throws {
    let graph = SampleNetwork.graph(gpus: 64)
    func chosen(_ bytes: Double) throws -> CollectiveAlgorithm? {
      try Collective(.allReduce, among: Array(0..<64), bytes: Bytes(bytes)).time(on: graph)
        .algorithm
    }
    #expect(try chosen(1e3) == .tree)
    #expect(try chosen(1e10) == .ring)
  }

  /// No candidate is faster than the choice.
  @Test(arguments: CollectiveKind.allCases, [2, 24, 64])
  func theChoiceIsTheFastest(kind: CollectiveKind, gpus: Int) throws {
    for topology in [Topology.multiRailFatTree, .multiPlaneFatTree] {
      let graph = SampleNetwork.graph(gpus: gpus, topology: topology)
      for bytes in [1.0, 1e5, 1e7, 1e10] {
        var one = Collective(kind, among: Array(0..<gpus), bytes: Bytes(bytes))
        let best = try one.time(on: graph).time
        for algorithm in kind.candidates {
          one.algorithm = algorithm
          #expect(try one.time(on: graph).time >= best, "\(algorithm.rawValue)")
        }
      }
    }
  }

  /// Each kind is chosen among algorithms that do it, and in-switch summing is never a surprise.
  @Test(arguments: CollectiveKind.allCases)
  func candidates(kind: CollectiveKind) {
    #expect(!kind.candidates.isEmpty)
    #expect(kind.candidates.allSatisfy(kind.algorithms.contains))
    #expect(!kind.candidates.contains(.inSwitch))
  }

  /// A ring passes every GPU once and comes back on the rail it left on, so that it crosses leaves
  /// of rails only to close after an odd number of nodes.
  @Test func ringsStayOnTheirRails() throws {
    let ring = Way(kind: .allReduce, algorithm: .ring)
    for topology in [Topology.multiRailFatTree, .multiPlaneFatTree] {
      let share = try load(.nvlinkOut, ring, gpus: 32, topology: topology) / buffer
      #expect(abs(share - 2.0 * 31 / 32 * 7 / 8) < 1e-9, "\(topology.rawValue)")
    }
  }

  /// Latency: 2 (N - 1) steps of a ring, twice the branch of a tree, 2 log2 N doublings.
  @Test func latencies() throws {
    let graph = SampleNetwork.graph(gpus: 8)
    let hop = SampleNetwork.latencies(graph).nvlink
    func latency(_ algorithm: CollectiveAlgorithm) throws -> Double {
      try Collective(
        .allReduce, among: Array(0..<8), bytes: Bytes(8), algorithm: algorithm
      ).time(on: graph).latency.seconds / hop
    }
    #expect(abs(try latency(.ring) - 14) < 1e-9)
    #expect(abs(try latency(.tree) - 14) < 1e-9)
    #expect(abs(try latency(.halvingDoubling) - 6) < 1e-9)
    #expect(abs(try latency(.hierarchical) - 6) < 1e-9)
    #expect(abs(try latency(.inSwitch) - 2) < 1e-9)
  }

  /// The hierarchical algorithm is what a training step moves for the same group: bytes of each
  /// port and latency.
  @Test(arguments: [(8, 1), (64, 1), (16, 8), (8, 16), (32, 2), (16, 4), (24, 1)])
  func agreesWithTheStep(size: Int, stride: Int) throws {
    let topology = Topology.fatTree
    let graph = SampleNetwork.graph(gpus: size * stride, topology: topology)
    let group = Group(count: size, stride: stride, gpusPerNode: 8)
    let members = (0..<size).map { $0 * stride }
    let gather = Transfer.gather(Bytes(buffer), over: group, latency: topology.latency.value)
    let sum = Transfer.allReduce(Bytes(buffer), over: group, latency: topology.latency.value)
    for (kind, transfer) in [
      (CollectiveKind.allGather, gather), (.reduceScatter, gather), (.allReduce, sum),
    ] {
      let time = try Way(kind: kind, algorithm: .hierarchical).collective(
        among: members, bytes: buffer
      ).time(on: graph)
      for (port, link) in [(Port.nvlinkOut, LinkKind.nvlinkOut), (.nicIn, .nicIn)] {
        let bytes = time.loads.first { $0.kind == link }?.bytes.value ?? 0
        #expect(abs(bytes - transfer.bytes(through: port).value) < 1, "\(kind.rawValue)")
      }
      // The step takes every hop between nodes for the longest one of a large cluster.
      let longest = SampleNetwork.latencies(graph).network
      if size * stride <= 8 || longest == topology.latency.value.seconds {
        #expect(abs(time.latency.seconds - transfer.latency.seconds) < 1e-11)
      } else {
        #expect(time.latency < transfer.latency)
      }
    }
  }
}
