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
  /// Links that stand for several alike; empty where each stands for itself.
  public var orbits: [LinkOrbit]

  /// A pattern of flows.
  public init(latency: Time, classes: [TrafficClass], orbits: [LinkOrbit] = []) {
    self.latency = latency
    self.classes = classes
    self.orbits = orbits
  }
}

/// A link that stands for `size` links that carry the same.
public struct LinkOrbit: Sendable, Equatable {
  /// Index of the link, the first of the orbit.
  public var link: Int
  /// How many links it stands for, itself included.
  public var size: Int

  /// An orbit of `size` links.
  public init(link: Int, size: Int) {
    self.link = link
    self.size = size
  }
}
