import Hardware
import Quantities

/// Messages between pairs of GPUs that move at the same time, each at its own rate: all-to-all, and
/// a single message.
///
/// All start at once and the longest way's latency passes before; what each message costs its
/// sender to begin is left out.
struct Messages {
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
    let way = Way(members, on: graph, isForwarded: isForwarded)
    var links: [LinkUse] = []
    try checkUses(way)
    step.flows.reserve(flows: count, uses: count * (isForwarded ? 4 : 2))
    for source in members {
      for target in members where target != source {
        step.latency = max(step.latency, try way.find(from: source, to: target, &links))
        step.flows.append(links, bytes: payload)
      }
    }
    return step
  }

  /// Refuses ways through a list that cross too many links together; a generated network's are of
  /// 8 links at most.
  private func checkUses(_ way: Way) throws(CollectiveError) {
    guard graph.cluster.links != nil else { return }
    var uses = 0
    var links: [LinkUse] = []
    for source in collective.members {
      for target in collective.members where target != source {
        _ = try way.find(from: source, to: target, &links)
        uses += links.count
        guard uses <= Collective.mostUses else { throw .tooManyUses(most: Collective.mostUses) }
      }
    }
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
          return try foldedFromAll()
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

  /// Every message laid out, and those that turn out to be alike folded.
  private func foldedFromAll() throws(CollectiveError) -> CollectiveStep {
    let (flows, most) = (collective.pairs, Collective.mostFlows)
    guard flows <= most else { throw .tooManyFlows(flows: flows, most: most) }
    return CollectiveStep.folded([try expanded()], on: graph)[0]
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
