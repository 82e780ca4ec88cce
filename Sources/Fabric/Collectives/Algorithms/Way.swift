import Hardware
import Quantities

/// Finds the links of messages.
struct Way {
  private let graph: LinkGraph
  private let isForwarded: Bool
  private let size: Int
  private var isMember: [Bool]

  init(_ members: [Int], on graph: LinkGraph, isForwarded: Bool = false) {
    self.graph = graph
    self.isForwarded = isForwarded
    size = max(1, graph.cluster.node.gpus)
    isMember = [Bool](repeating: false, count: graph.cluster.gpus)
    for member in members { isMember[member] = true }
  }

  /// Puts the links from one GPU to another into `links`, and returns the way's latency. A GPU
  /// outside the group forwards nothing.
  func find(
    from source: Int, to target: Int, _ links: inout [LinkUse]
  ) throws(CollectiveError) -> Time {
    links.removeAll(keepingCapacity: true)
    let relay = target / size * size + source % size
    if isForwarded, source / size != target / size, relay != target, isMember[relay] {
      let hop = try append(from: source, to: relay, &links)
      return hop + (try append(from: relay, to: target, &links))
    }
    return try append(from: source, to: target, &links)
  }

  private func append(
    from source: Int, to target: Int, _ links: inout [LinkUse]
  ) throws(CollectiveError) -> Time {
    let route = graph.route(from: source, to: target)
    guard !route.links.isEmpty else {
      throw .disconnected(Disconnection(source: source, target: target, link: nil))
    }
    for link in route.links {
      guard graph.links[link].rate > .zero else {
        throw .disconnected(Disconnection(source: source, target: target, link: graph.links[link]))
      }
      links.append(LinkUse(link: link))
    }
    return route.latency
  }
}
