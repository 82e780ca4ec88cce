/// Bytes on the links of a network, added up route by route.
public struct LinkLoads {
  private var bytes: [Double]
  private var touched: [Int] = []
  private var route: [Int] = []

  /// No bytes on a network of so many links.
  public init(_ links: Int) { bytes = [Double](repeating: 0, count: links) }

  /// Adds bytes on each of some links.
  public mutating func add(_ amount: Double, on links: [Int]) {
    guard amount > 0 else { return }
    for link in links {
      if bytes[link] == 0 { touched.append(link) }
      bytes[link] += amount
    }
  }

  /// Adds bytes on the route from one GPU to another.
  public mutating func add(
    _ amount: Double, from source: Int, to target: Int, on graph: LinkGraph
  ) {
    route.removeAll(keepingCapacity: true)
    _ = graph.appendRoute(from: source, to: target, to: &route)
    add(amount, on: route)
  }

  /// Whether nothing was added.
  public var isEmpty: Bool { touched.isEmpty }

  /// Takes all bytes off.
  public mutating func clear() {
    for link in touched { bytes[link] = 0 }
    touched.removeAll(keepingCapacity: true)
  }

  /// Each loaded link with its bytes as share, the lowest index first.
  public var uses: [LinkUse] { touched.sorted().map { LinkUse(link: $0, share: bytes[$0]) } }
}
