import Hardware
import Quantities

/// Messages between pairs of GPUs that move at the same time, each at its own rate: all-to-all, and
/// a single message.
///
/// All start at once and the longest way's latency passes before; what each message costs its
/// sender to begin is left out.
struct Exchange {
  private let collective: Collective
  private let graph: LinkGraph
  /// Whether a message to another node takes the NIC of its index there (rail-aligned), and NVLink
  /// from there on; cut-through, so it is one flow over both.
  private let isForwarded: Bool
  /// Payload of each message.
  private let payload: Double

  init(_ collective: Collective, on graph: LinkGraph, isForwarded: Bool) {
    self.collective = collective
    self.graph = graph
    self.isForwarded = isForwarded
    let parts = collective.kind == .allToAll ? Double(collective.members.count) : 1
    payload = collective.bytes.value / parts
  }

  /// Every message as a flow of its own.
  func expanded() throws(CollectiveError) -> CollectiveStep {
    let members = collective.members
    guard collective.kind == .allToAll else {
      return try messages([(members[0], members[members.count - 1])])
    }
    var step = CollectiveStep(latency: .zero, flows: FlowTable())
    let count = members.count * (members.count - 1)
    step.flows.reserve(flows: count, uses: count * (isForwarded ? 4 : 2))
    let way = Way(members, on: graph, isForwarded: isForwarded)
    var links: [LinkUse] = []
    for source in members {
      for target in members where target != source {
        step.latency = max(step.latency, try way.find(from: source, to: target, &links))
        step.flows.append(links, bytes: payload)
      }
    }
    return step
  }

  /// Messages folded into classes.
  ///
  /// GPUs are coloured by their ports and by whom they share node, leaf, pod and index with. From
  /// one GPU of each colour its messages are counted by the colours of the links they cross.
  /// - Complexity: O(GPUs x colours). Where a message crosses links that are no one's port or
  ///   trunk, every message is looked at.
  func folded() throws(CollectiveError) -> CollectiveStep {
    guard collective.kind == .allToAll else { return try expanded() }
    let surroundings = Surroundings(of: collective.members, on: graph)
    let orbits = LinkOrbits(colours: surroundings.linkColours, isUsed: surroundings.isLinkKnown)
    var step = CollectiveStep(latency: .zero, flows: FlowTable(), orbits: orbits.all)
    let way = Way(collective.members, on: graph, isForwarded: isForwarded)
    var shares = OrbitShares(orbits)
    var links: [LinkUse] = []
    for (source, size) in surroundings.sources {
      var classOf: [UInt64: Int] = [:]
      var classes: [(links: [LinkUse], count: Int)] = []
      for target in collective.members where target != source {
        step.latency = max(step.latency, try way.find(from: source, to: target, &links))
        guard links.allSatisfy({ surroundings.isLinkKnown[Int($0.link)] }) else {
          return CollectiveStep.folded([try self.expanded()], on: graph)[0]
        }
        let key = links.reduce(0) { mixed($0, UInt64(orbits.orbit[Int($1.link)])) }
        if let index = classOf[key] {
          classes[index].count += 1
        } else {
          classOf[key] = classes.count
          classes.append((links, 1))
        }
      }
      for (links, count) in classes {
        for use in links { shares.add(use.share, on: Int(use.link), of: orbits) }
        let path = shares.path(standingFor: size * count, of: orbits)
        step.flows.append(path, bytes: payload, count: size * count)
      }
    }
    return step
  }

  private func messages(
    _ pairs: [(source: Int, target: Int)]
  ) throws(CollectiveError) -> CollectiveStep {
    var step = CollectiveStep(latency: .zero, flows: FlowTable())
    let way = Way(collective.members, on: graph, isForwarded: isForwarded)
    var links: [LinkUse] = []
    for (source, target) in pairs {
      step.latency = max(step.latency, try way.find(from: source, to: target, &links))
      step.flows.append(links, bytes: payload)
    }
    return step
  }
}

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
      throw .disconnected(source: source, target: target, link: nil)
    }
    for link in route.links {
      guard graph.links[link].rate > .zero else {
        throw .disconnected(source: source, target: target, link: graph.links[link])
      }
      links.append(LinkUse(link: link))
    }
    return route.latency
  }
}

/// The GPUs of a group's nodes and the links their messages cross, coloured by what surrounds them.
struct Surroundings {
  /// The first member of each colour, and how many have it.
  private(set) var sources: [(gpu: Int, size: Int)] = []
  /// Colour of each link.
  let linkColours: [UInt64]
  /// Whether a link is a port of the group's nodes, or a trunk above them.
  let isLinkKnown: [Bool]

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
    let ends = (members.min() ?? 0, members.max() ?? 0)
    var table = FlowTable()
    var gpus: [Int] = []
    for node in isNodeUsed.indices where isNodeUsed[node] {
      for gpu in node * size..<(node + 1) * size {
        var places = [linkCount + node, linkCount + isNodeUsed.count + gpu % size]
        for port in Port.allCases { places.append(graph.link(port, of: gpu)) }
        for end in [ends.0, ends.1] where isMember[gpu] && end / size != node {
          for trunk in Self.trunks(of: gpu, towards: end, on: graph)
          where !places.contains(trunk) { places.append(trunk) }
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

  /// The trunks that lead from and to a GPU's leaf and pod. A leaf or pod that does not hold the
  /// whole group does not hold its first GPU or not its last, so the ways to these show all.
  private static func trunks(of gpu: Int, towards end: Int, on graph: LinkGraph) -> [Int] {
    var trunks: [Int] = []
    for link in graph.route(from: gpu, to: end).links {
      let kind = graph.links[link].kind
      if kind == .leafUp || kind == .podUp { trunks.append(link) }
    }
    for link in graph.route(from: end, to: gpu).links {
      let kind = graph.links[link].kind
      if kind == .leafDown || kind == .podDown { trunks.append(link) }
    }
    return trunks
  }
}
