public import Quantities

/// A network written out link by link.
///
///     LinkList(
///       name: "ring.csv", gpus: 2, places: ["gpu0", "gpu1"],
///       links: [ListedLink(from: 0, to: 1, rate: Bandwidth(50e9), latency: .zero)])
///
/// Invariant: places 0 to `gpus` - 1 are the GPUs in order, rates are above 0, and both ends of a
/// link are places.
public struct LinkList: Sendable, Equatable {
  /// The file it was read from.
  public var name: String
  /// GPUs, which are the first places.
  public var gpus: Int
  /// Names of GPUs, NICs and switches.
  public var places: [String]
  /// Links, each one direction.
  public var links: [ListedLink]

  /// A list of links between places.
  public init(name: String, gpus: Int, places: [String], links: [ListedLink]) {
    self.name = name
    self.gpus = gpus
    self.places = places
    self.links = links
  }
}

/// One direction of a listed link, or of several parallel ones together.
public struct ListedLink: Sendable, Equatable, BitwiseCopyable {
  /// Index of the place it leaves.
  public var from: Int32
  /// Index of the place it reaches.
  public var to: Int32
  /// Payload rate of all parallel links together.
  public var rate: Bandwidth
  /// Time a first byte takes over it.
  public var latency: Time

  /// A link between two places.
  public init(from: Int, to: Int, rate: Bandwidth, latency: Time) {
    self.from = Int32(from)
    self.to = Int32(to)
    self.rate = rate
    self.latency = latency
  }
}
