import Hardware
import Quantities

/// Two GPUs that the network does not join, and why.
///
///     graph.disconnection()?.description
///     // "GPU 3 cannot reach GPU 8: NIC 3 is dead; ..."
public struct Disconnection: Error, Equatable {
  /// The GPU that sends.
  public var source: Int
  /// The GPU that should receive.
  public var target: Int
  /// The dead link on the way; nil where a list has no way at all.
  public var link: FabricLink?

  /// What keeps `source` from `target`.
  public init(source: Int, target: Int, link: FabricLink?) {
    self.source = source
    self.target = target
    self.link = link
  }
}

extension Disconnection: CustomStringConvertible {
  /// One sentence naming the pair, the link and the remedy.
  public var description: String {
    let pair = "GPU \(source) cannot reach GPU \(target)"
    guard let link else {
      return "\(pair): no chain of links leads there; add one to the list"
    }
    let dead =
      switch link.kind {
      case .nvlinkOut, .nvlinkIn: "the NVLink port of GPU \(link.owner) is dead"
      case .nicOut, .nicIn: "NIC \(link.owner) is dead"
      case .leafUp, .leafDown: "no up-link of leaf \(link.owner) works"
      case .podUp, .podDown: "no link of pod \(link.owner) to the core works"
      case .listed: "the link on the way carries nothing"
      }
    return "\(pair): \(dead); give it a share above 0, or a cluster without what it cuts off"
  }
}

extension LinkGraph {
  /// Why a message from one GPU would never reach another over its route, nil where it does.
  public func disconnection(
    from source: Int, to target: Int, forwarded: Bool = false
  ) -> Disconnection? {
    var route: [Int] = []
    let latency = appendRoute(from: source, to: target, forwarded: forwarded, to: &route)
    if route.isEmpty, latency == .max {
      return Disconnection(source: source, target: target, link: nil)
    }
    guard let dead = route.first(where: { links[$0].rate <= .zero }) else { return nil }
    return Disconnection(source: source, target: target, link: links[dead])
  }

  /// The first pair of GPUs that the network does not join, nil where all are joined.
  ///
  /// - Complexity: O(links + dead links x GPUs); with a list of links O(links).
  public func disconnection() -> Disconnection? {
    if let list = cluster.links { return list.disconnection() }
    for dead in links where dead.rate <= .zero {
      // A link and its way back die together, and each is on a way of its owner's own GPU.
      let source: Int
      switch dead.kind {
      case .nvlinkOut: source = dead.owner
      case .nicOut: source = layout.firstGPU(ofPort: layout.port(ofNIC: dead.owner))
      case .leafUp: source = layout.firstGPU(ofPort: layout.firstPort(ofLeaf: dead.owner))
      case .podUp:
        let leaf = layout.leaves(ofPod: dead.owner).lowerBound
        source = layout.firstGPU(ofPort: layout.firstPort(ofLeaf: leaf))
      case .nvlinkIn, .nicIn, .leafDown, .podDown, .listed: continue
      }
      for target in 0..<cluster.gpus {
        if let found = disconnection(from: source, to: target) { return found }
      }
    }
    return nil
  }
}
