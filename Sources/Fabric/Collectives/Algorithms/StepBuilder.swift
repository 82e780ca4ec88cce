import Hardware
import Quantities

/// The members of a group by node.
struct GroupLayout {
  /// Members of each node, in the order of their ranks; nodes in the order of their first.
  private(set) var nodes: [[Int]] = []

  init(_ members: [Int], gpusPerNode: Int) {
    var index: [Int: Int] = [:]
    for member in members {
      let node = member / max(1, gpusPerNode)
      if let known = index[node] {
        nodes[known].append(member)
      } else {
        index[node] = nodes.count
        nodes.append([member])
      }
    }
  }

  /// Members of the fullest node.
  var fullest: Int { nodes.map(\.count).max() ?? 0 }
}

/// Lays out a collective's messages step by step.
///
/// Messages that wait for each other, as those of a ring do, run at one rate: they are one flow
/// that crosses the links of all of them, each link by its share of the flow's payload.
struct StepBuilder {
  let collective: Collective
  let graph: LinkGraph
  let layout: GroupLayout
  /// What is laid out so far.
  var steps: [CollectiveStep] = []

  private let way: Way
  private var links: [LinkUse] = []
  private var share: [Double]
  private var touched: [Int32] = []

  init(_ collective: Collective, on graph: LinkGraph) {
    self.collective = collective
    self.graph = graph
    layout = GroupLayout(collective.members, gpusPerNode: graph.cluster.node.gpus)
    way = Way(collective.members, on: graph)
    share = [Double](repeating: 0, count: graph.links.count)
  }

  /// Members.
  var count: Int { collective.members.count }

  /// Channels: rings, pairs of trees or lanes that each take an equal part of the buffer.
  var channels: Int { collective.channels ?? min(layout.fullest, 128) }

  /// Adds a message of `bytes` for each byte of the flow's payload; returns its latency.
  mutating func send(
    from source: Int, to target: Int, _ bytes: Double = 1
  ) throws(CollectiveError) -> Double {
    guard source != target, bytes > 0 else { return 0 }
    let latency = try way.find(from: source, to: target, &links)
    for use in links { add(bytes, on: use.link) }
    return latency.seconds
  }

  /// Adds bytes on one link.
  mutating func add(_ bytes: Double, on link: Int32) {
    if share[Int(link)] == 0 { touched.append(link) }
    share[Int(link)] += bytes
  }

  /// Ends the flow: all messages added since the last one.
  mutating func endFlow(bytes: Double, in flows: inout FlowTable) throws(CollectiveError) {
    guard flows.uses.count + touched.count <= Collective.mostUses else {
      throw .tooManyUses(most: Collective.mostUses)
    }
    let path = touched.map { LinkUse(link: Int($0), share: share[Int($0)]) }
    for link in touched { share[Int(link)] = 0 }
    touched.removeAll(keepingCapacity: true)
    if !path.isEmpty { flows.append(path, bytes: bytes) }
  }
}
