import Hardware
import Quantities

extension StepBuilder {
  /// Over NVLink inside nodes and over NICs between them, in as many lanes as the fullest node has
  /// members: each node has an owner for each lane, which sums the node's part of it, exchanges it
  /// with the other nodes' owners, and hands it out.
  ///
  /// Inside a node everyone sends to the owner and gets from it directly; owners double step by
  /// step. In an all-reduce each node sums an equal part, else as much as its members hold. All is
  /// pipelined, so a lane is one flow; the latency is one hop for each doubling of
  /// node and nodes, once or, for an all-reduce, twice.
  mutating func addLanes() throws(CollectiveError) {
    var flows = FlowTable()
    let lanes = layout.fullest
    // Each lane crosses the ports of all members.
    guard lanes <= Collective.mostUses / count else {
      throw .tooManyUses(most: Collective.mostUses)
    }
    let isReducing = collective.kind != .allGather
    let isGathering = collective.kind != .reduceScatter
    let between = Doublings(layout.nodes.count)
    let parts = layout.nodes.map { isReducing && isGathering ? 1 : $0.count }
    let sizes = between.sizes(parts)
    let whole = Double(parts.reduce(0, +))
    var hop = (node: 0.0, network: 0.0)
    for lane in 0..<lanes {
      let owners = layout.nodes.map { $0[lane % $0.count] }
      for (node, owner) in zip(layout.nodes, owners) {
        for member in node where member != owner {
          if isReducing { hop.node = max(hop.node, try send(from: member, to: owner)) }
          if isGathering { hop.node = max(hop.node, try send(from: owner, to: member)) }
        }
      }
      for (round, size) in zip(between.rounds, sizes) {
        for node in owners.indices {
          let part = Double(size[node]) / whole
          let target = owners[between.partner(of: node, round.distance)]
          if isReducing {
            hop.network = max(hop.network, try send(from: owners[node], to: target, part))
          }
          if isGathering {
            hop.network = max(hop.network, try send(from: target, to: owners[node], part))
          }
        }
      }
      try endFlow(bytes: collective.bytes.value / Double(lanes), in: &flows)
    }
    let once =
      Double(doublings(lanes)) * hop.node + Double(between.rounds.count) * hop.network
    let latency = Time(seconds: isReducing && isGathering ? 2 * once : once)
    steps.append(CollectiveStep(latency: latency, flows: flows))
  }

  /// An all-reduce summed by the switches: in a node each GPU sends its buffer to the NVLink switch
  /// and gets the sum back (NVLink SHARP); between nodes each lane's owner sends its part to the
  /// network's switches and gets the sum back (InfiniBand SHARP), once over each trunk.
  ///
  /// The latency is a way up and down inside the node and, between nodes, one through the network;
  /// both are assumed to be those of messages.
  mutating func addSwitchLanes() throws(CollectiveError) {
    var flows = FlowTable()
    let lanes = layout.fullest
    var hop = (node: 0.0, network: 0.0)
    for lane in 0..<lanes {
      let owners = layout.nodes.map { $0[lane % $0.count] }
      for node in layout.nodes where node.count > 1 {
        // A way from each member to the next has every member's port once in each direction.
        for (source, target) in zip(node, node.dropFirst() + node.prefix(1)) {
          hop.node = max(hop.node, try send(from: source, to: target))
        }
      }
      var trunks: Set<Int> = []
      for (source, target) in zip(owners, owners.dropFirst() + owners.prefix(1)) {
        hop.network = max(hop.network, try addOnce(from: source, to: target, &trunks))
      }
      try endFlow(bytes: collective.bytes.value / Double(lanes), in: &flows)
    }
    let latency = Time(seconds: 2 * hop.node + hop.network)
    steps.append(CollectiveStep(latency: latency, flows: flows))
  }

  /// Adds a way between nodes; a lane goes but once over links between switches, which `trunks`
  /// holds.
  private mutating func addOnce(
    from source: Int, to target: Int, _ trunks: inout Set<Int>
  ) throws(CollectiveError) -> Double {
    guard source != target else { return 0 }
    let route = graph.route(from: source, to: target)
    for link in route.links {
      guard graph.links[link].rate > .zero else {
        throw .disconnected(Disconnection(source: source, target: target, link: graph.links[link]))
      }
      if graph.isTrunk(link), !trunks.insert(link).inserted { continue }
      add(1, on: Int32(link))
    }
    return route.latency.seconds
  }
}
