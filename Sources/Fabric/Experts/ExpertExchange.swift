public import Hardware
public import Quantities

/// A dispatch or combine of a whole expert-parallel group, as one operation.
///
///     let exchange = ExpertExchange(.dispatch, loads, tokens: 4096, rowBytes: Bytes(7392))
///     exchange.seconds(on: node, latency: cluster.latency.value)
///
/// Tokens are sent in the order they stand in, so every destination's part progresses with the
/// whole: the exchange is a single flow over all members' ports, and ends when the busiest of them
/// is done.
public struct ExpertExchange: Sendable, Equatable {
  /// Which way rows go, and whether the group knows how many.
  public enum Kind: Sendable, Equatable {
    /// Tokens to experts; their layout is counted and the counts exchanged first.
    case dispatch
    /// Tokens to experts with a layout known from before.
    case cachedDispatch
    /// Results back to tokens.
    case combine
  }

  /// What it is.
  public let kind: Kind
  /// Bytes through its members' ports.
  public let traffic: ExpertTraffic
  let loads: RoutingLoads
  let payload: Double

  /// The exchange of members with `tokens` tokens each, in rows of `rowBytes`.
  public init(_ kind: Kind, _ loads: RoutingLoads, tokens: Double, rowBytes: Bytes) {
    self.kind = kind
    self.loads = loads
    payload = tokens * rowBytes.value
    let dispatched = ExpertTraffic(loads, tokens: tokens, rowBytes: rowBytes)
    traffic = kind == .combine ? dispatched.reversed : dispatched
  }

  /// A dispatched token of DeepEP: FP8 values with an FP32 scale for each 128 of them.
  public static func dispatchedRow(_ hidden: Int) -> Bytes {
    Bytes(Double(hidden) + 4 * Double((hidden + 127) / 128))
  }

  /// A combined token: BF16 values.
  public static func combinedRow(_ hidden: Int) -> Bytes { Bytes(2 * Double(hidden)) }

  /// Whether no byte moves: one rank, or no tokens.
  public var isEmpty: Bool { Port.allCases.allSatisfy { traffic.largest($0) <= .zero } }

  /// Time before the first byte is on its way: launch and known counts, for a new layout also
  /// counting and exchanging the counts.
  public var overhead: Time {
    let launch = ExchangeRates.launch.value
    guard kind == .dispatch else { return launch }
    return launch + ExchangeRates.layoutLatency.value + ExchangeRates.notifyLatency.value
  }

  /// Latency of the wire the last rows cross.
  ///
  /// - Parameter latency: of the network between nodes.
  public func wire(_ latency: Time) -> Time {
    traffic.nodes > 1 ? latency : Cluster.nvlinkLatency.value
  }

  /// Seconds the exchange takes on a sound cluster of such nodes with no other traffic.
  public func seconds(on node: Node, latency: Time) -> Double {
    guard !isEmpty else { return 0 }
    var rates = ExchangeRates(node)
    rates.launch = overhead
    return rates.seconds(traffic, wire: wire(latency))
  }

  /// Bandwidth as DeepEP's tests report it: a member's logical bytes over the time.
  public func logicalBandwidth(seconds: Double) -> Bandwidth {
    Bandwidth(seconds > 0 ? traffic.logicalBytes.value / seconds : 0)
  }

  /// What a byte on a port costs, as bytes sent directly.
  public func cost(_ port: Port) -> Double { ExchangeRates.cost(port, nodes: traffic.nodes) }

  /// The exchange folded to the mean member's ports, which are every member's where all are alike.
  public func transfer(latency: Time) -> Transfer {
    let members = Double(max(traffic.members.count, 1))
    let ports: [Port] = [.nicOut, .nicIn, .nvlinkOut, .nvlinkIn]
    let means = ports.map { (port: $0, bytes: traffic.total($0) / members) }
      .filter { $0.bytes > .zero }
    guard let first = means.first else { return .none }
    return Transfer(
      latency: overhead + wire(latency),
      flows: [
        TransferFlow(
          bytes: first.bytes,
          uses: means.map {
            PortUse(port: $0.port, share: $0.bytes / first.bytes, cost: cost($0.port))
          })
      ])
  }
}

extension ExpertExchange {
  /// The exchange as flows on a cluster's links, relays and trunks included.
  ///
  /// Folded it is one flow of payload 1 over every link it loads, each with its bytes as share.
  /// Expanded it is a flow for each ordered pair of members, which carries what the one sends the
  /// other over NVLink and, of what it sends the other's node over the NIC, a part in proportion; it
  /// too has payload 1, so that all progress alike and the last ends when the folded flow does.
  ///
  /// - Parameter gpus: the members' GPUs in the order of ranks.
  public func pattern(on graph: LinkGraph, gpus: [Int], expanded: Bool = false) -> TrafficPattern {
    let relays = Relays(gpus, nodes: traffic.nodes, perNode: graph.cluster.node.gpus)
    let latency = overhead + wire(graph.cluster.latency.value)
    guard gpus.count == traffic.members.count, !isEmpty else {
      return TrafficPattern(latency: latency, classes: [])
    }
    guard expanded else {
      let uses = uses(on: graph, gpus: gpus)
      return TrafficPattern(latency: latency, classes: [TrafficClass(path: uses, bytes: Bytes(1))])
    }
    var classes: [TrafficClass] = []
    var load = LinkLoads(graph.links.count)
    for source in gpus.indices {
      for node in 0..<traffic.nodes {
        let relay = relays.relay(of: source, in: node)
        let members = relays.members(of: node)
        let visits = members.reduce(0) { $0 + loads.rankVisits[$1] }
        let way = source == relay ? [] : route(graph, gpus[source], gpus[relay])
        let remote = payload * loads.nodeVisits[node]
        for target in members where target != source {
          if visits > 0 { load.add(remote * loads.rankVisits[target] / visits, on: way) }
          if target != relay {
            load.add(
              payload * loads.rankVisits[target] * cost(.nvlinkOut),
              on: route(graph, gpus[relay], gpus[target]))
          }
          guard !load.isEmpty else { continue }
          classes.append(TrafficClass(path: load.uses, bytes: Bytes(1)))
          load.clear()
        }
      }
    }
    return TrafficPattern(latency: latency, classes: classes)
  }

  /// Every link the whole exchange loads, its bytes as share; what a relay forwards counts as the
  /// time it takes.
  ///
  /// - Complexity: O(members x (nodes + members of a node)).
  public func uses(on graph: LinkGraph, gpus: [Int]) -> [LinkUse] {
    let relays = Relays(gpus, nodes: traffic.nodes, perNode: graph.cluster.node.gpus)
    var load = LinkLoads(graph.links.count)
    // Members whose rows each one forwards, itself included.
    var relayed = [Double](repeating: 0, count: gpus.count)
    for source in gpus.indices {
      for node in 0..<traffic.nodes {
        let relay = relays.relay(of: source, in: node)
        relayed[relay] += 1
        guard relay != source else { continue }
        load.add(payload * loads.nodeVisits[node], on: route(graph, gpus[source], gpus[relay]))
      }
    }
    for node in 0..<traffic.nodes {
      let members = relays.members(of: node)
      for relay in members {
        for target in members where target != relay {
          load.add(
            payload * relayed[relay] * loads.rankVisits[target] * cost(.nvlinkOut),
            on: route(graph, gpus[relay], gpus[target]))
        }
      }
    }
    return load.uses
  }

  /// Links of a hop of a row, in the direction rows go.
  private func route(_ graph: LinkGraph, _ source: Int, _ target: Int) -> [Int] {
    let isBack = kind == .combine
    return graph.route(from: isBack ? target : source, to: isBack ? source : target).links
  }
}

/// Which member takes a member's rows in at each node.
private struct Relays {
  private let first: [Int]
  private let place: [Int]
  private let node: [Int]

  init(_ gpus: [Int], nodes: Int, perNode: Int) {
    node = gpus.indices.map { $0 * nodes / max(gpus.count, 1) }
    var first = [Int](repeating: gpus.count, count: nodes + 1)
    for rank in gpus.indices.reversed() { first[node[rank]] = rank }
    self.first = first
    place = gpus.indices.map { $0 - first[$0 * nodes / max(gpus.count, 1)] }
  }

  func members(of node: Int) -> Range<Int> { first[node]..<first[node + 1] }

  /// The member of the same index in `target`; the source itself in its own node.
  func relay(of source: Int, in target: Int) -> Int {
    guard node[source] != target else { return source }
    let members = members(of: target)
    return members.lowerBound + place[source] % max(members.count, 1)
  }
}
