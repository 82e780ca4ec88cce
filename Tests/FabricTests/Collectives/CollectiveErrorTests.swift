import Fabric
import Hardware
import Quantities
import Testing

/// What has no time gets a sentence with value, rule and remedy.
@Suite struct CollectiveErrorTests {
  private func error(_ collective: Collective, gpus: Int = 16, expanded: Bool = false) throws
    -> CollectiveError
  {
    let graph = SampleNetwork.graph(gpus: gpus)
    return try #require(throws: CollectiveError.self) {
      try collective.time(on: graph, expanded: expanded)
    }
  }

  @Test func groups() throws {
    let alone = try error(Collective(.allReduce, among: [3], bytes: Bytes(1)))
    #expect(alone == .tooFew(count: 1))
    #expect(alone.description.contains("at least 2 GPUs"))
    #expect(try error(Collective(.allReduce, among: [], bytes: Bytes(1))) == .tooFew(count: 0))
    let far = try error(Collective(.allReduce, among: [0, 16], bytes: Bytes(1)))
    #expect(far == .noSuchGPU(gpu: 16, gpus: 16))
    #expect(far.description.contains("GPUs 0 to 15"))
    let twice = try error(Collective(.allToAll, among: [0, 5, 5], bytes: Bytes(1)))
    #expect(twice == .repeatedGPU(gpu: 5))
    #expect(twice.description.contains("GPU 5 stands twice"))
    #expect(
      try error(Collective(.allToAll, among: [-1, 5], bytes: Bytes(1)))
        == .noSuchGPU(gpu: -1, gpus: 16))
  }

  @Test(arguments: [0, -5, Double.nan, .infinity])
  func sizes(bytes: Double) throws {
    let found = try error(Collective(.broadcast, among: [0, 1], bytes: Bytes(bytes)))
    #expect(found.description.contains("more than 0 bytes"))
  }

  @Test func algorithms() throws {
    let found = try error(
      Collective(.allToAll, among: [0, 1], bytes: Bytes(1), algorithm: .tree))
    #expect(found == .wrongAlgorithm(kind: .allToAll, algorithm: .tree))
    #expect(found.description == "tree does no all-to-all; it is done by direct, two-hop")
    let channels = try error(
      Collective(.allReduce, among: [0, 1], bytes: Bytes(1), channels: 3))
    #expect(channels == .badChannels(count: 3, most: 2))
    #expect(channels.description.contains("1 to 2 channels"))
  }

  /// Beyond what can be counted in picoseconds.
  @Test func tooLong() throws {
    let found = try error(Collective(.broadcast, among: [0, 1], bytes: Bytes(1e20)))
    #expect(found == .tooLong)
    #expect(found.description.contains("106"))
    #expect(
      try error(Collective(.broadcast, among: [0, 1], bytes: Bytes(1e308))) == .tooLong)
  }

  @Test func tooManyFlows() throws {
    let found = try error(
      Collective(.allToAll, among: Array(0..<3000), bytes: Bytes(1e9)), gpus: 3000,
      expanded: true)
    #expect(found == .tooManyFlows(flows: 3000 * 2999, most: Collective.mostFlows))
    #expect(found.description.contains("leave the flows folded"))
  }

  /// Sentences of what a sound program never says.
  @Test func faultsOfFathom() {
    let graph = SampleNetwork.graph(gpus: 8)
    let link = graph.links[graph.link(.nicOut, of: 4)]
    for error in [
      CollectiveError.belowBound(time: .zero, bound: Time(picoseconds: 5)),
      .aboveRate(link: link, ratio: 1.5),
    ] {
      #expect(error.description.contains("please report it"))
    }
    let cut = CollectiveError.disconnected(
      Disconnection(source: 1, target: 2, link: link))
    #expect(cut.description.contains("GPU 1 cannot reach GPU 2: NIC 4 is dead"))
    let none = CollectiveError.disconnected(
      Disconnection(source: 1, target: 2, link: nil))
    #expect(none.description.contains("no chain of links leads there"))
  }
}
