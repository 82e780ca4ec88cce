import Hardware
import Quantities

/// The GPUs of a group's nodes and the links their messages cross, coloured by what surrounds them.
struct Surroundings {
  /// The first member of each colour, and how many have it.
  private(set) var sources: [(gpu: Int, size: Int)] = []
  /// Colour of each link.
  let linkColours: [UInt64]
  /// Whether a link is a port of the group's nodes, or a trunk above them.
  let isLinkKnown: [Bool]

  /// A leaf or pod that does not hold the whole group does not hold its first GPU or not its last,
  /// so the ways to these show the trunks above a GPU; where both share a rail with it, the ways to
  /// those beside them, which are on others, show its leaf's.
  init(of members: [Int], on graph: LinkGraph) {
    let size = max(1, graph.cluster.node.gpus)
    let linkCount = graph.links.count
    var isMember = [Bool](repeating: false, count: graph.cluster.gpus)
    var isNodeUsed = [Bool](repeating: false, count: graph.cluster.nodes)
    for member in members {
      isMember[member] = true
      isNodeUsed[member / size] = true
    }
    // After the links come a place for each node and one for each index in a node: GPUs that share
    // one treat each other alike.
    var colours = graph.linkColours
    colours += (0..<graph.cluster.nodes).map { _ in mixed(1, 1) }
    colours += (0..<size).map { _ in mixed(2, 2) }
    let sorted = members.sorted()
    let trunks = Trunks(graph)
    let ends = [sorted[0], sorted[sorted.count - 1], sorted[1], sorted[sorted.count - 2]]
    var table = FlowTable()
    var gpus: [Int] = []
    for node in isNodeUsed.indices where isNodeUsed[node] {
      for gpu in node * size..<(node + 1) * size {
        var places = [linkCount + node, linkCount + isNodeUsed.count + gpu % size]
        for port in Port.allCases { places.append(graph.link(port, of: gpu)) }
        let bare = places.count
        for (index, end) in ends.enumerated() where isMember[gpu] && end / size != node {
          if index > 1, places.count > bare { continue }
          for link in graph.route(from: gpu, to: end).links {
            guard let back = trunks.back[link], !places.contains(link) else { continue }
            places += [link, back]
          }
        }
        table.append(places.map { LinkUse(link: $0) }, bytes: 0)
        gpus.append(gpu)
      }
    }
    let colouring = Colouring(
      starts: table.starts, uses: table.uses,
      things: gpus.map { isMember[$0] ? mixed(3, 3) : mixed(4, 4) }, links: colours)
    linkColours = Array(colouring.links[..<linkCount])
    var isKnown = [Bool](repeating: false, count: linkCount)
    for use in table.uses where use.link < linkCount { isKnown[Int(use.link)] = true }
    isLinkKnown = isKnown

    var found: [UInt64: Int] = [:]
    for (thing, gpu) in gpus.enumerated() where isMember[gpu] {
      if let index = found[colouring.things[thing]] {
        sources[index].size += 1
      } else {
        found[colouring.things[thing]] = sources.count
        sources.append((gpu, 1))
      }
    }
  }
}

/// Trunks with their ways back.
private struct Trunks {
  /// The link down to the leaf or pod that each link leads up from.
  private(set) var back: [Int: Int] = [:]

  init(_ graph: LinkGraph) {
    for (up, down) in [(LinkKind.leafUp, LinkKind.leafDown), (.podUp, .podDown)] {
      var downOf: [Int: Int] = [:]
      for (link, its) in graph.links.enumerated() where its.kind == down {
        downOf[its.owner] = link
      }
      for (link, its) in graph.links.enumerated() where its.kind == up {
        back[link] = downOf[its.owner]
      }
    }
  }
}
