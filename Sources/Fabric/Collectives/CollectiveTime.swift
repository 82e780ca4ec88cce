import Hardware
public import Quantities

/// What the links of one kind carry in a collective.
public struct KindLoad: Sendable, Equatable {
  /// The kind.
  public var kind: LinkKind
  /// The busiest link of the kind, the first where several are.
  public var link: Int
  /// Bytes it carries.
  public var bytes: Bytes
  /// Its rate.
  public var rate: Bandwidth
  /// Bytes on all links of the kind.
  public var total: Bytes
  /// Share of the collective's time in which the busiest link would carry its bytes at full rate.
  public var busyRatio: Double
}

/// How long a collective takes on a network of its own, and what it loads.
public struct CollectiveTime: Sendable, Equatable {
  /// From the start to the last byte's arrival.
  public var time: Time
  /// The part of it in which no bytes move: the latencies of all steps.
  public var latency: Time
  /// Loads of each kind of link that carries something, in the order of kinds.
  public var loads: [KindLoad]
  /// The busiest of the loads.
  public var bottleneck: KindLoad
  /// Flows that were simulated.
  public var flows: Int
  /// How it was done; nil where a traffic pattern was given.
  public var algorithm: CollectiveAlgorithm?
  /// Least time that bytes over the bandwidth of ports, nodes and group allow.
  public var lowerBound = Time.zero

  /// The time of a traffic pattern, such as a dispatch's.
  ///
  /// - Throws: `CollectiveError.tooLong`, or a fault of the simulation.
  public init(_ pattern: TrafficPattern, on graph: LinkGraph) throws(CollectiveError) {
    try self.init([CollectiveStep(pattern)], on: graph)
    lowerBound = Time(seconds: loads.map { $0.bytes / $0.rate }.max() ?? 0)
    try checkAgainstBound()
  }

  /// The time of a dispatch or combine among `gpus`, in the order of their ranks.
  ///
  /// Loads count payload; NVLink that relays is busier than that (`ExchangeRates`).
  /// - Throws: as the others.
  public init(
    _ exchange: ExpertExchange, among gpus: [Int], on graph: LinkGraph, expanded: Bool = false
  ) throws(CollectiveError) {
    let flows = expanded ? gpus.count * (gpus.count - 1) : 1
    guard flows <= Collective.mostFlows else {
      throw .tooManyFlows(flows: flows, most: Collective.mostFlows)
    }
    var uses = 0
    for source in graph.cluster.isUniform ? [] : gpus {
      for target in gpus where target != source {
        if let found = graph.disconnection(from: source, to: target, forwarded: true) {
          throw .disconnected(found)
        }
        guard graph.cluster.links != nil else { continue }
        uses += graph.route(from: source, to: target).links.count
        guard uses <= Collective.mostUses else { throw .tooManyUses(most: Collective.mostUses) }
      }
    }
    try self.init(exchange.pattern(on: graph, gpus: gpus, expanded: expanded), on: graph)
    for index in loads.indices where [.nvlinkOut, .nvlinkIn].contains(loads[index].kind) {
      loads[index].bytes = loads[index].bytes / exchange.cost(.nvlinkOut)
      loads[index].total = loads[index].total / exchange.cost(.nvlinkOut)
    }
  }

  /// The time of steps that follow each other.
  ///
  /// - Throws: `CollectiveError.tooLong`, or a fault of the simulation.
  public init(_ steps: [CollectiveStep], on graph: LinkGraph) throws(CollectiveError) {
    var seconds = 0.0
    var latency = Time.zero
    for step in steps {
      latency += step.latency
      seconds += step.flows.drainSeconds(on: graph) / step.efficiency
    }
    time = latency + Time(seconds: seconds)
    guard time < .max else { throw .tooLong }
    self.latency = latency
    flows = steps.reduce(0) { $0 + $1.flows.count }
    loads = LinkSums(steps, on: graph).loads(in: time)
    guard let busiest = loads.max(by: { $0.busyRatio * (1 + 1e-9) < $1.busyRatio }) else {
      throw .badSize(bytes: 0)
    }
    bottleneck = busiest
  }

  /// Buffer size over time, as nccl-tests' algbw.
  public func algorithmBandwidth(_ size: Bytes) -> Bandwidth {
    Bandwidth(time > .zero ? size.value / time.seconds : 0)
  }

  /// Refuses a time that bytes and rates do not allow.
  func checkAgainstBound() throws(CollectiveError) {
    // Flows' ends are rounded to picoseconds.
    let rounding = Time(picoseconds: 4)
    if time + rounding < Time(seconds: lowerBound.seconds * (1 - 1e-9)) {
      throw .belowBound(time: time, bound: lowerBound)
    }
    for load in loads {
      let least = Time(seconds: load.bytes / load.rate * (1 - 1e-9))
      guard time - latency + rounding < least else { continue }
      throw .aboveRate(
        link: FabricLink(kind: load.kind, owner: load.link, rate: load.rate),
        ratio: load.bytes / load.rate / (time - latency).seconds)
    }
  }
}

extension CollectiveTime {
  /// Refuses loads in which ports send other bytes than ports take in: every message leaves and
  /// enters as many NVLink ports, and as many NICs. In a list links have no kinds.
  func checkBalance() throws(CollectiveError) {
    func total(_ kind: LinkKind) -> Bytes {
      loads.first { $0.kind == kind }?.total ?? .zero
    }
    for (out, back) in [(LinkKind.nvlinkOut, LinkKind.nvlinkIn), (.nicOut, .nicIn)] {
      let (sent, taken) = (total(out), total(back))
      guard abs(sent.value - taken.value) > 1e-6 * max(sent.value, taken.value) else { continue }
      throw .unbalanced(sent: out, bytes: sent, taken: taken)
    }
  }
}

/// Bytes on each link, summed over steps.
private struct LinkSums {
  private let graph: LinkGraph
  private var bytes: [Double]
  private var size: [Int]

  init(_ steps: [CollectiveStep], on graph: LinkGraph) {
    self.graph = graph
    bytes = [Double](repeating: 0, count: graph.links.count)
    size = [Int](repeating: 1, count: graph.links.count)
    for step in steps {
      for orbit in step.orbits { size[orbit.link] = orbit.size }
      for flow in 0..<step.flows.count {
        for use in step.flows.path(flow) {
          bytes[Int(use.link)] += step.flows.bytes[flow] * use.share
        }
      }
    }
  }

  func loads(in time: Time) -> [KindLoad] {
    var busiest = [Int?](repeating: nil, count: LinkKind.allCases.count)
    var total = [Double](repeating: 0, count: busiest.count)
    for link in bytes.indices where bytes[link] > 0 {
      let kind = LinkKind.allCases.firstIndex(of: graph.links[link].kind) ?? 0
      total[kind] += bytes[link] * Double(size[link])
      // Sums of the same bytes in another order may differ in their last digits.
      if let other = busiest[kind], ratio(link) <= ratio(other) * (1 + 1e-9) { continue }
      busiest[kind] = link
    }
    return zip(busiest, total).compactMap { link, total in
      guard let link else { return nil }
      return KindLoad(
        kind: graph.links[link].kind, link: link, bytes: Bytes(bytes[link]),
        rate: graph.links[link].rate, total: Bytes(total),
        busyRatio: time > .zero ? ratio(link) / time.seconds : 0)
    }
  }

  private func ratio(_ link: Int) -> Double { bytes[link] / graph.links[link].rate.value }
}

extension FlowTable {
  /// Seconds until the last of the flows has ended, all starting at once.
  func drainSeconds(on graph: LinkGraph) -> Double {
    // Only the links that are crossed, so that a few flows on a large network stay few.
    var place = [Int32](repeating: -1, count: graph.links.count)
    var rates: [Bandwidth] = []
    for use in uses where place[Int(use.link)] < 0 {
      place[Int(use.link)] = Int32(rates.count)
      rates.append(graph.links[Int(use.link)].rate)
    }
    var set = FlowSet(capacities: rates)
    set.reserve(flows: count, uses: uses.count)
    for flow in 0..<count {
      set.add(
        path(flow).lazy.map { LinkUse(link: Int(place[Int($0.link)]), share: $0.share) },
        bytes: Bytes(bytes[flow]), start: 0)
    }
    return set.solved().finish.max() ?? 0
  }
}
