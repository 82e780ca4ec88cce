public import Quantities

/// Flows of one kind in a collective: equal paths up to symmetry, equal payloads.
public struct TrafficClass: Sendable, Equatable {
  /// Links, and bytes on each for each byte of one flow's payload. Where the class stands for
  /// several flows, a share counts every one of them that crosses the link.
  public var path: [LinkUse]
  /// Payload of one flow.
  public var bytes: Bytes
  /// Flows the class stands for; 1 where it is expanded.
  public var count: Int

  /// A class of `count` flows of `bytes` each.
  public init(path: [LinkUse], bytes: Bytes, count: Int = 1) {
    self.path = path
    self.bytes = bytes
    self.count = count
  }
}

/// What a collective puts on the links of a network: flows that start together, after a latency.
///
/// Folded, a class stands for flows that symmetry makes equal, and its links are those of one
/// representative; expanded, each flow is a class of its own on its own links.
public struct TrafficPattern: Sendable, Equatable {
  /// Time before the first byte moves, and for steps that follow each other.
  public var latency: Time
  /// The flows.
  public var classes: [TrafficClass]

  /// A pattern of flows.
  public init(latency: Time, classes: [TrafficClass]) {
    self.latency = latency
    self.classes = classes
  }
}
