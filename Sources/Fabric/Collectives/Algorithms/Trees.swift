import Hardware
import Quantities

/// A binary tree over nodes 0 to n - 1 with node 0 on top, in which half of the nodes are leaves
/// (as NCCL builds it, src/graph/trees.cc).
struct NodeTree {
  /// The node above each; -1 on top.
  let parents: [Int]

  /// - Parameter isTurned: the second of the two trees, in which the leaves of the first have
  ///   children: mirrored where n is even, shifted by one where it is odd.
  init(_ count: Int, isTurned: Bool) {
    var parents = [Int](repeating: -1, count: count)
    for node in 1..<max(count, 1) {
      let bit = node & -node
      let above = (node ^ bit) | (bit << 1)
      parents[node] = above < count ? above : node ^ bit
    }
    guard isTurned else {
      self.parents = parents
      return
    }
    let place: (Int) -> Int = { count % 2 == 0 ? count - 1 - $0 : ($0 + 1) % count }
    var turned = parents
    for node in 0..<count { turned[place(node)] = parents[node] < 0 ? -1 : place(parents[node]) }
    self.parents = turned
  }

  /// The node on top.
  var root: Int { parents.firstIndex(of: -1) ?? 0 }
}

extension StepBuilder {
  /// Share of the links' rates that trees reach beside rings.
  static let treeEfficiency = Fact(
    0.92, .stated, "NCCL's tuning model for all-reduce by trees, src/graph/tuning.cc")

  /// Pairs of trees over the nodes, each tree with an equal part of the buffer: up and down for an
  /// all-reduce, down for a broadcast. In a node the GPUs are a chain whose head has the network.
  ///
  /// All is pipelined: a tree is one flow at the rate of its slowest link, which begins once a
  /// part has gone up and down the longest branch.
  mutating func addTrees() throws(CollectiveError) {
    var flows = FlowTable()
    var latency = 0.0
    let isBroadcast = collective.kind == .broadcast
    let payload = collective.bytes.value / Double(2 * channels)
    for channel in 0..<channels {
      for isTurned in [false, true] {
        let tree = NodeTree(layout.nodes.count, isTurned: isTurned)
        let chain = try addChains(channel)
        var between = try addTree(tree, channel)
        if isBroadcast, tree.root != 0 {
          // The second tree has another node on top, which gets the buffer first.
          between += try send(from: head(0, channel), to: head(tree.root, channel))
        }
        latency = max(latency, (between + chain) * (isBroadcast ? 1 : 2))
        try endFlow(bytes: payload, in: &flows)
      }
    }
    steps.append(
      CollectiveStep(
        latency: Time(seconds: latency), flows: flows, efficiency: Self.treeEfficiency.value))
  }

  private func head(_ node: Int, _ channel: Int) -> Int {
    layout.nodes[node][channel % layout.nodes[node].count]
  }

  /// The messages along the nodes' chains; returns the latency of the longest.
  private mutating func addChains(_ channel: Int) throws(CollectiveError) -> Double {
    let isBroadcast = collective.kind == .broadcast
    var longest = 0.0
    for (position, node) in layout.nodes.enumerated() {
      // A broadcast begins with its root.
      let start = isBroadcast && position == 0 ? 0 : channel % node.count
      var chain = 0.0
      for offset in 0..<node.count - 1 {
        let upper = node[(start + offset) % node.count]
        let lower = node[(start + offset + 1) % node.count]
        chain += try send(from: upper, to: lower)
        if !isBroadcast { _ = try send(from: lower, to: upper) }
      }
      longest = max(longest, chain)
    }
    return longest
  }

  /// The messages between nodes; returns the latency of the longest branch.
  private mutating func addTree(
    _ tree: NodeTree, _ channel: Int
  ) throws(CollectiveError) -> Double {
    let isBroadcast = collective.kind == .broadcast
    var hop = [Double](repeating: 0, count: tree.parents.count)
    for (node, parent) in tree.parents.enumerated() where parent >= 0 {
      hop[node] = try send(from: head(parent, channel), to: head(node, channel))
      if !isBroadcast { _ = try send(from: head(node, channel), to: head(parent, channel)) }
    }
    var longest = 0.0
    for node in tree.parents.indices {
      var branch = 0.0
      var place = node
      while tree.parents[place] >= 0 {
        branch += hop[place]
        place = tree.parents[place]
      }
      longest = max(longest, branch)
    }
    return longest
  }
}
