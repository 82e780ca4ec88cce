import Fabric
import Hardware
import Quantities
import Testing

/// Seconds a pattern takes on the links of a graph, its latency aside.
private func makespan(_ pattern: TrafficPattern, _ graph: LinkGraph) -> Double {
  var set = FlowSet(capacities: graph.links.map(\.rate))
  for one in pattern.classes { set.add(one.path, bytes: one.bytes, start: 0) }
  return set.solved().finish.max() ?? 0
}

@Suite struct ExpertExchangeTests {
  static func loads(
    ranks: Int, perNode: Int, _ distribution: RoutingDistribution = .zipf(0.8)
  ) -> RoutingLoads {
    let nodes = max(1, ranks / perNode)
    let gate = ExpertGate(
      experts: ranks * 2, perToken: min(8, ranks), ranks: ranks, nodes: nodes, groups: nodes,
      groupsPerToken: min(4, nodes))
    return RoutingLaw(gate, distribution, layer: 0, seed: 1).loads(tokens: 2048, group: 0)
  }

  static func graph(gpus: Int, perNode: Int) throws -> LinkGraph {
    var node = try #require(HardwareCatalogue.node(named: "h800"))
    node.gpus = perNode
    node.nics = perNode
    return LinkGraph(
      Cluster(node: node, nodes: gpus / perNode, topology: .multiPlaneFatTree))
  }

  @Test(arguments: [(8, 8), (16, 8), (12, 4), (4, 1)])
  func asMuchArrivesAsLeaves(ranks: Int, perNode: Int) {
    let traffic = ExpertTraffic(
      Self.loads(ranks: ranks, perNode: perNode), tokens: 4096, rowBytes: Bytes(7392))
    for one in [traffic, traffic.reversed] {
      let nic = (one.total(.nicOut).value, one.total(.nicIn).value)
      let nvlink = (one.total(.nvlinkOut).value, one.total(.nvlinkIn).value)
      #expect(abs(nic.0 - nic.1) <= 1e-9 * nic.0)
      #expect(abs(nvlink.0 - nvlink.1) <= 1e-9 * nvlink.0)
    }
    #expect((traffic.total(.nicOut) > .zero) == (ranks > perNode))
    #expect((traffic.total(.nvlinkOut) > .zero) == (perNode > 1))
    #expect(traffic.reversed.members[0][.nicOut] == traffic.members[0][.nicIn])
  }

  /// Port bytes against every pair of members counted one by one.
  @Test func portBytesAreThoseOfThePairs() throws {
    let loads = Self.loads(ranks: 16, perNode: 4)
    let graph = try Self.graph(gpus: 16, perNode: 4)
    let traffic = ExpertTraffic(loads, tokens: 1000, rowBytes: Bytes(100))
    var bytes = [Double](repeating: 0, count: 64)
    for source in 0..<16 {
      for node in 0..<4 {
        let relay = node * 4 + source % 4
        if relay != source {
          bytes[graph.link(.nicOut, of: source)] += 1e5 * loads.nodeVisits[node]
          bytes[graph.link(.nicIn, of: relay)] += 1e5 * loads.nodeVisits[node]
        }
        for target in node * 4..<node * 4 + 4 where target != relay {
          bytes[graph.link(.nvlinkOut, of: relay)] += 1e5 * loads.rankVisits[target]
          bytes[graph.link(.nvlinkIn, of: target)] += 1e5 * loads.rankVisits[target]
        }
      }
    }
    for rank in 0..<16 {
      for port in Port.allCases {
        let counted = bytes[graph.link(port, of: rank)]
        #expect(abs(traffic.members[rank][port].value - counted) <= 1e-9 * counted)
      }
    }
  }

  @Test(arguments: [
    (8, 8, RoutingDistribution.balanced), (32, 8, .balanced), (8, 8, .zipf(1)),
    (16, 8, .hotExpert(50)), (12, 4, .hotRank(4)),
  ])
  func foldedEqualsExpanded(
    ranks: Int, perNode: Int, distribution: RoutingDistribution
  ) throws {
    let graph = try Self.graph(gpus: ranks, perNode: perNode)
    let loads = Self.loads(ranks: ranks, perNode: perNode, distribution)
    for kind in [ExpertExchange.Kind.cachedDispatch, .combine] {
      let exchange = ExpertExchange(kind, loads, tokens: 512, rowBytes: Bytes(7392))
      let gpus = Array(0..<ranks)
      let folded = exchange.pattern(on: graph, gpus: gpus)
      let expanded = exchange.pattern(on: graph, gpus: gpus, expanded: true)
      #expect(folded.classes.count == 1)
      #expect(expanded.classes.count <= ranks * (ranks - 1))
      let time = makespan(folded, graph)
      #expect(abs(makespan(expanded, graph) - time) <= 1e-9 * time + 2e-12)
      let alone = exchange.seconds(
        on: graph.cluster.node, latency: graph.cluster.latency.value)
      #expect(abs(folded.latency.seconds + time - alone) <= 1e-9 * alone + 2e-12)
    }
  }

  /// 256 GPUs: 65,280 pairs.
  @Test func foldedEqualsExpandedAt256GPUs() throws {
    let graph = try Self.graph(gpus: 256, perNode: 8)
    let exchange = ExpertExchange(
      .combine, Self.loads(ranks: 256, perNode: 8, .dirichlet(0.5)), tokens: 64,
      rowBytes: Bytes(14336))
    let time = makespan(exchange.pattern(on: graph, gpus: Array(0..<256)), graph)
    let expanded = exchange.pattern(on: graph, gpus: Array(0..<256), expanded: true)
    // The busiest link decides: no pair ends later (the solver's own equality has tests of its own).
    var load = [Double](repeating: 0, count: graph.links.count)
    for one in expanded.classes { for use in one.path { load[Int(use.link)] += use.share } }
    let busiest = zip(load, graph.links).map { $0 / $1.rate.value }.max() ?? 0
    #expect(abs(busiest - time) <= 1e-9 * time + 2e-12)
  }

  @Test func oneRankOrNoTokensIsNothing() throws {
    let node = try #require(HardwareCatalogue.node(named: "h800"))
    let one = RoutingLaw(
      ExpertGate(experts: 8, perToken: 2, ranks: 1, nodes: 1, groups: 1, groupsPerToken: 1),
      .uniform, layer: 0, seed: 1
    ).loads
    let alone = ExpertExchange(.dispatch, one, tokens: 100, rowBytes: Bytes(100))
    #expect(alone.isEmpty && alone.seconds(on: node, latency: .zero) == 0)
    #expect(alone.transfer(latency: .zero).isEmpty)
    let none = ExpertExchange(
      .dispatch, Self.loads(ranks: 8, perNode: 8), tokens: 0, rowBytes: Bytes(100))
    #expect(none.isEmpty)
  }

  /// A new layout is counted and exchanged first.
  @Test func overheadsAddUp() {
    let loads = Self.loads(ranks: 8, perNode: 8)
    func overhead(_ kind: ExpertExchange.Kind) -> Double {
      ExpertExchange(kind, loads, tokens: 1, rowBytes: Bytes(1)).overhead.seconds
    }
    #expect(abs(overhead(.dispatch) - overhead(.combine) - 147e-6) < 1e-12)
    #expect(overhead(.cachedDispatch) == overhead(.combine))
  }
}
