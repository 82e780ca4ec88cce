public import Quantities

/// Many flows in flat arrays: the links of each, its payload, and how many it stands for.
public struct FlowTable: Sendable, Equatable {
  /// Links of all flows, one flow after the other.
  public private(set) var uses: [LinkUse] = []
  /// Where each flow's links begin in `uses`, and the end.
  public private(set) var starts: [Int] = [0]
  /// Payload of each, in bytes.
  public private(set) var bytes: [Double] = []
  /// Flows that each stands for.
  public private(set) var counts: [Int] = []

  /// No flows.
  public init() {}

  /// The classes of a pattern.
  public init(_ pattern: TrafficPattern) {
    for one in pattern.classes {
      append(one.path, bytes: one.bytes.value, count: one.count)
    }
  }

  /// How many flows are in the table.
  public var count: Int { bytes.count }

  /// The links of a flow.
  public func path(_ flow: Int) -> ArraySlice<LinkUse> { uses[starts[flow]..<starts[flow + 1]] }

  /// Adds a flow.
  public mutating func append(_ path: some Collection<LinkUse>, bytes: Double, count: Int = 1) {
    uses.append(contentsOf: path)
    starts.append(uses.count)
    self.bytes.append(bytes)
    counts.append(count)
  }

  /// Makes room for flows.
  public mutating func reserve(flows: Int, uses: Int) {
    self.uses.reserveCapacity(uses)
    starts.reserveCapacity(flows + 1)
    bytes.reserveCapacity(flows)
    counts.reserveCapacity(flows)
  }
}

/// A part of a collective: flows that start together after a latency, once all earlier parts have
/// ended.
public struct CollectiveStep: Sendable, Equatable {
  /// Time before the first byte arrives.
  public var latency: Time
  /// The flows.
  public var flows: FlowTable
  /// Links that stand for several alike; empty where each stands for itself.
  public var orbits: [LinkOrbit] = []
  /// Share of the fluid rate that the algorithm reaches.
  public var efficiency = 1.0

  /// A step of flows.
  public init(latency: Time, flows: FlowTable, orbits: [LinkOrbit] = [], efficiency: Double = 1) {
    self.latency = latency
    self.flows = flows
    self.orbits = orbits
    self.efficiency = efficiency
  }

  /// A step of a pattern's classes.
  public init(_ pattern: TrafficPattern) {
    self.init(latency: pattern.latency, flows: FlowTable(pattern), orbits: pattern.orbits)
  }

  /// The step as classes.
  public var pattern: TrafficPattern {
    let classes = (0..<flows.count).map { flow in
      TrafficClass(
        path: Array(flows.path(flow)), bytes: Bytes(flows.bytes[flow]), count: flows.counts[flow])
    }
    return TrafficPattern(latency: latency, classes: classes, orbits: orbits)
  }
}
