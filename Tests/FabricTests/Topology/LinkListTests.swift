import Fabric
import Hardware
import Quantities
import Testing

/// Networks written out link by link.
@Suite struct LinkListTests {
  /// A list of links in both directions; places behind the GPUs are numbered as they come.
  private func list(
    gpus: Int, _ rows: [(String, String, Double)], latency: Time = Time(seconds: 1e-6)
  ) -> LinkList {
    var places = (0..<gpus).map { "gpu\($0)" }
    var links: [ListedLink] = []
    func index(_ name: String) -> Int {
      if let found = places.firstIndex(of: name) { return found }
      places.append(name)
      return places.count - 1
    }
    for (from, to, rate) in rows {
      let ends = (index(from), index(to))
      for (a, b) in [ends, (ends.1, ends.0)] {
        links.append(ListedLink(from: a, to: b, rate: Bandwidth(rate), latency: latency))
      }
    }
    return LinkList(name: "list.csv", gpus: gpus, places: places, links: links)
  }

  private func graph(_ list: LinkList) -> LinkGraph {
    LinkGraph(roundCluster(.fatTree, nodes: 1, gpus: list.gpus, links: list))
  }

  /// In a ring of five the way is the shorter one, over GPUs.
  @Test func aRingGoesTheShortWay() {
    let ring = graph(list(gpus: 5, (0..<5).map { ("gpu\($0)", "gpu\(($0 + 1) % 5)", 10) }))
    #expect(ring.names(0, 2) == ["gpu0 to gpu1", "gpu1 to gpu2"])
    #expect(ring.names(0, 3) == ["gpu0 to gpu4", "gpu4 to gpu3"])
    #expect(ring.route(from: 0, to: 3).latency == Time(seconds: 2e-6))
    #expect(ring.names(3, 3).isEmpty)
    #expect(!ring.cluster.isUniform && ring.disconnection() == nil)
  }

  /// Equally short ways are taken in turn, by source and target, and always the same for a pair.
  @Test func equalWaysAreTakenInTurn() {
    var rows = (0..<4).map { ("gpu\($0)", $0 < 2 ? "leaf0" : "leaf1", 10.0) }
    for spine in 0..<2 {
      rows.append(("leaf0", "spine\(spine)", 10))
      rows.append(("leaf1", "spine\(spine)", 10))
    }
    let graph = graph(list(gpus: 4, rows))
    #expect(graph.names(0, 2)[1] == "leaf0 to spine0")
    #expect(graph.names(0, 3)[1] == "leaf0 to spine1")
    #expect(graph.names(1, 2)[1] == "leaf0 to spine1")
    #expect(graph.names(2, 0)[1] == "leaf1 to spine0")
  }

  /// Two islands are told with a pair, and asking for the way between them does not trap.
  @Test func islandsAreTold() throws {
    let graph = graph(list(gpus: 4, [("gpu0", "gpu1", 1), ("gpu2", "gpu3", 1)]))
    #expect(graph.route(from: 0, to: 3).links.isEmpty)
    let found = try #require(graph.disconnection())
    #expect(
      found.description
        == "GPU 0 cannot reach GPU 2: no chain of links leads there; add one to the list")
    #expect(graph.disconnection(from: 2, to: 3) == nil)
  }

  /// Of random networks: routes go on where the last link ended, and are as short as Floyd and
  /// Warshall find.
  @Test(arguments: 1...12)
  func routesAreShortest(seed: Int) {
    var state = UInt64(seed)
    func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let size = 6 + random(20)
    var list = LinkList(
      name: "random.csv", gpus: 6, places: (0..<size).map { "p\($0)" }, links: [])
    var hops = (0..<size).map { row in (0..<size).map { $0 == row ? 0 : 1_000 } }
    for _ in 0..<(2 * size) {
      let (from, to) = (random(size), random(size))
      guard from != to, hops[from][to] > 1 else { continue }
      hops[from][to] = 1
      list.links.append(
        ListedLink(from: from, to: to, rate: Bandwidth(1), latency: Time(seconds: 1e-6)))
    }
    for middle in 0..<size {
      for from in 0..<size {
        for to in 0..<size {
          hops[from][to] = min(hops[from][to], hops[from][middle] + hops[middle][to])
        }
      }
    }
    let graph = graph(list)
    for source in 0..<6 {
      for target in 0..<6 where target != source {
        let route = graph.route(from: source, to: target)
        #expect(route.links.count == hops[source][target] % 1_000)
        #expect((route.latency == .max) == (hops[source][target] >= 1_000))
        var place = source
        for link in route.links {
          #expect(list.links[link].from == place)
          place = Int(list.links[link].to)
        }
        #expect(place == target || route.links.isEmpty)
        let isCutOff = graph.disconnection(from: source, to: target) != nil
        #expect(isCutOff == (hops[source][target] >= 1_000))
      }
    }
    let isWhole = (0..<6).allSatisfy { source in (0..<6).allSatisfy { hops[source][$0] < 1_000 } }
    #expect((graph.disconnection() == nil) == isWhole)
  }

  /// Of ways with equally many links that whose narrowest link is widest is taken by all, and of
  /// equally wide ones the one with the lowest latency.
  @Test func theWidestWayIsTaken() {
    var rows: [(String, String, Double)] = []
    for gpu in 0..<4 {
      rows.append(("gpu\(gpu)", "leaf0", 44))
      rows.append(("gpu\(gpu)", "nvswitch0", gpu == 3 ? 20 : 155))
      rows.append(("gpu\(gpu)", "aleaf", 155))
    }
    var list = list(gpus: 4, rows)
    let slow = list.places.firstIndex(of: "aleaf").map(Int32.init)
    for (index, link) in list.links.enumerated() where link.from == slow || link.to == slow {
      list.links[index].latency = Time(seconds: 2e-6)
    }
    let graph = graph(list)
    for (source, target) in [(0, 1), (1, 0), (0, 2), (2, 1)] {
      #expect(graph.names(source, target)[0] == "gpu\(source) to nvswitch0")
    }
    for other in 0..<3 { #expect(graph.names(other, 3)[0] == "gpu\(other) to aleaf") }
  }

  /// The order of the rows, and with it the numbers of places and links, changes no flow's end.
  @Test(arguments: 1...3)
  func theOrderOfRowsIsOfNoMatter(seed: Int) {
    var rows: [(String, String, Double)] = []
    for gpu in 0..<16 {
      rows.append(("gpu\(gpu)", "nvswitch\(gpu / 8)", 160))
      rows.append(("gpu\(gpu)", "leaf\(gpu % 4)", 40))
    }
    for leaf in 0..<4 {
      for spine in 0..<3 { rows.append(("leaf\(leaf)", "spine\(spine)", spine == 1 ? 25 : 60)) }
    }
    let ends = finishTimes(graph(list(gpus: 16, rows)))
    var draws = Draws(seed: seed)
    for last in stride(from: rows.count - 1, to: 0, by: -1) {
      rows.swapAt(last, draws.below(last + 1))
      if draws.below(2) == 0 { rows[last] = (rows[last].1, rows[last].0, rows[last].2) }
    }
    for (end, other) in zip(ends, finishTimes(graph(list(gpus: 16, rows)))) {
      #expect(abs(end - other) <= 1e-9 * end)
    }
  }

  /// Around a GPU of a list all its links are one cut: an all-to-all's (N - 1) / N of the buffer
  /// over the two links it has.
  @Test func aListHasABound() throws {
    var rows: [(String, String, Double)] = []
    for gpu in 0..<8 {
      rows.append(("gpu\(gpu)", "leaf0", 30e9))
      rows.append(("gpu\(gpu)", "leaf1", 10e9))
    }
    let graph = graph(list(gpus: 8, rows))
    let all = Collective(.allToAll, among: Array(0..<8), bytes: Bytes(8e9))
    let time = try all.time(on: graph)
    #expect(abs(time.lowerBound.seconds - 7.0 / 40) < 1e-9)
    // All take the wider leaf.
    #expect(abs((time.time - time.latency).seconds - 7.0 / 30) < 1e-9)
    for kind in CollectiveKind.allCases {
      for algorithm in kind.algorithms {
        let one = Collective(kind, among: Array(0..<8), bytes: Bytes(8e9), algorithm: algorithm)
        let time = try one.time(on: graph)
        #expect(time.lowerBound > .zero && time.lowerBound <= time.time, "\(algorithm.rawValue)")
      }
    }
  }

  /// A fat tree of 40 GPUs on two leaves, generated and written out: an all-to-all ends at the same
  /// time in both, flow by flow, also where the leaves are oversubscribed.
  @Test(arguments: [1.0, 4.0])
  func aListEqualsTheTopologyItWritesOut(oversubscription: Double) throws {
    var rows: [(String, String, Double)] = []
    for gpu in 0..<40 {
      rows.append(("gpu\(gpu)", "nvswitch\(gpu / 8)", 160))
      rows.append(("gpu\(gpu)", "nic\(gpu)", 40))
      rows.append(("nic\(gpu)", "leaf\(gpu / 32)", 40))
    }
    for leaf in 0..<2 { rows.append(("leaf\(leaf)", "spine0", 32 * 40 / oversubscription)) }
    let listed = graph(list(gpus: 40, rows))
    let generated = LinkGraph(
      roundCluster(.fatTree, nodes: 5, oversubscription: oversubscription))
    let ends = finishTimes(generated)
    #expect(ends.count == 40 * 39 && Set(ends).count > 1)
    #expect(finishTimes(listed) == ends)
  }

  /// When each flow of an all-to-all of 1,000 bytes a pair ends, source by source.
  private func finishTimes(_ graph: LinkGraph) -> [Double] {
    let gpus = graph.cluster.gpus
    var set = FlowSet(capacities: graph.links.map(\.rate))
    for source in 0..<gpus {
      for target in 0..<gpus where target != source {
        set.add(
          graph.route(from: source, to: target).links, bytes: Bytes(1_000), start: 0)
      }
    }
    return set.solved().finish
  }
}
