import Fabric
import Hardware
import Quantities
import Testing

/// Times that follow from the algorithms by pencil, NVLink at 200 GB/s and NICs at 50 GB/s.
@Suite struct ClosedFormTests {
  private func expect(
    _ collective: Collective, on graph: LinkGraph, takes seconds: Double, latency: Double
  ) throws {
    let time = try collective.time(on: graph)
    #expect(abs(time.latency.seconds - latency) < 1e-11, "\(time.latency.seconds)")
    let transfer = (time.time - time.latency).seconds
    #expect(abs(transfer - seconds) < 1e-9 * seconds + 2e-12, "\(transfer), not \(seconds)")
  }

  /// 1 MB for each ordered pair: N - 8 of a GPU's messages leave by its NIC, 20 us each.
  @Test(arguments: [16, 64, 128, 256, 512])
  func directAllToAll(gpus: Int) throws {
    let graph = SampleNetwork.graph(gpus: gpus)
    let collective = Collective(
      .allToAll, among: Array(0..<gpus), bytes: Bytes(Double(gpus) * 1e6), algorithm: .direct)
    try expect(
      collective, on: graph, takes: Double(gpus - 8) * 20e-6,
      latency: SampleNetwork.latencies(graph).network)
  }

  /// In one node 7 MB leave each NVLink port.
  @Test func allToAllInANode() throws {
    let graph = SampleNetwork.graph(gpus: 8)
    let collective = Collective(.allToAll, among: Array(0..<8), bytes: Bytes(8e6))
    try expect(
      collective, on: graph, takes: 35e-6, latency: SampleNetwork.latencies(graph).nvlink)
  }

  /// Cut-through forwarding adds a hop's latency and no time on the wire, while NVLink is faster.
  @Test(arguments: [64, 128])
  func twoHopAllToAll(gpus: Int) throws {
    let graph = SampleNetwork.graph(gpus: gpus)
    let collective = Collective(
      .allToAll, among: Array(0..<gpus), bytes: Bytes(Double(gpus) * 1e6), algorithm: .twoHop)
    // The way from one end of the cluster to the other stays on the rail.
    let hop = graph.route(from: 0, to: gpus - 8).latency.seconds
    try expect(
      collective, on: graph, takes: Double(gpus - 8) * 20e-6,
      latency: hop + SampleNetwork.latencies(graph).nvlink)
  }

  /// One ring over 64 GPUs: 126 steps of 1 GB / 64 over the one NIC it leaves each node by.
  @Test func oneRing() throws {
    let graph = SampleNetwork.graph(gpus: 64)
    let hop = SampleNetwork.latencies(graph)
    let collective = Collective(
      .allReduce, among: Array(0..<64), bytes: Bytes(1e9), algorithm: .ring, channels: 1)
    // Of the ring's 64 hops 56 stay in their node; a part takes 126 steps.
    let around = 56 * hop.nvlink + 8 * graph.route(from: 0, to: 8).latency.seconds
    try expect(collective, on: graph, takes: 39.375e-3, latency: around * 126 / 64)
  }

  /// Eight rings: each GPU passes 2 x 63/64 of the buffer on, 7/8 of it over NVLink and 1/8 over
  /// its NIC, which is faster.
  @Test func eightRings() throws {
    let graph = SampleNetwork.graph(gpus: 64)
    let time = try Collective(
      .allReduce, among: Array(0..<64), bytes: Bytes(1e9), algorithm: .ring
    ).time(on: graph)
    let passed = 2e9 * 63 / 64
    #expect(abs((time.time - time.latency).seconds / (passed * 7 / 8 / 200e9) - 1) < 1e-9)
    let nic = try #require(time.loads.first { $0.kind == .nicOut })
    #expect(abs(nic.bytes.value / (passed / 8) - 1) < 1e-12)
    #expect(time.bottleneck.kind == .nvlinkOut)
  }

  /// A broadcast's chain: the buffer once through each port but the root's way in.
  @Test func broadcastInANode() throws {
    let graph = SampleNetwork.graph(gpus: 8)
    let nvlink = SampleNetwork.latencies(graph).nvlink
    let collective = Collective(
      .broadcast, among: Array(0..<8), bytes: Bytes(1e9), algorithm: .ring)
    try expect(collective, on: graph, takes: 5e-3, latency: 7 * nvlink)
    let total = try collective.time(on: graph).loads.map(\.total.value)
    #expect(total.allSatisfy { abs($0 - 7e9) < 1 })
  }

  /// Doubling in a node: 1/2, 1/4 and 1/8 of the buffer one after the other, and back.
  @Test func halvingDoublingInANode() throws {
    let graph = SampleNetwork.graph(gpus: 8)
    let nvlink = SampleNetwork.latencies(graph).nvlink
    let collective = Collective(
      .allReduce, among: Array(0..<8), bytes: Bytes(1e9), algorithm: .halvingDoubling)
    try expect(collective, on: graph, takes: 2 * 7.0 / 8 * 1e9 / 200e9, latency: 6 * nvlink)
  }

  /// What switches sum passes each port once each way.
  @Test func inSwitch() throws {
    let graph = SampleNetwork.graph(gpus: 64)
    let time = try Collective(
      .allReduce, among: Array(0..<64), bytes: Bytes(1e9), algorithm: .inSwitch
    ).time(on: graph)
    #expect(abs((time.time - time.latency).seconds - 5e-3) < 1e-11)
    for load in time.loads {
      switch load.kind {
      case .nvlinkOut, .nvlinkIn: #expect(abs(load.bytes.value - 1e9) < 1)
      case .nicOut, .nicIn: #expect(abs(load.bytes.value - 1e9 / 8) < 1)
      default: break
      }
    }
  }

  /// A message has a NIC or an NVLink port of its own.
  @Test func message() throws {
    let graph = SampleNetwork.graph(gpus: 16)
    let hop = SampleNetwork.latencies(graph)
    let near = Collective(.send, among: [3, 5], bytes: Bytes(1e9))
    try expect(near, on: graph, takes: 5e-3, latency: hop.nvlink)
    let far = Collective(.send, among: [3, 11], bytes: Bytes(1e9))
    try expect(
      far, on: graph, takes: 20e-3, latency: graph.route(from: 3, to: 11).latency.seconds)
  }

  /// nccl-tests' factors.
  @Test func busFactors() {
    #expect(CollectiveKind.allReduce.busFactor(8) == 1.75)
    #expect(CollectiveKind.allGather.busFactor(8) == 0.875)
    #expect(CollectiveKind.reduceScatter.busFactor(4) == 0.75)
    #expect(CollectiveKind.allToAll.busFactor(64) == 63.0 / 64)
    #expect(CollectiveKind.broadcast.busFactor(64) == 1)
    #expect(CollectiveKind.send.busFactor(2) == 1)
  }
}
