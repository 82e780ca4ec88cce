import Quantities

extension StepBuilder {
  /// Rings over all GPUs, node after node, each with an equal part of the buffer.
  ///
  /// Ring c enters its first node at GPU c and leaves it at the GPU before; the next node is
  /// crossed the other way round, so that it is entered on the rail the last was left on (as NCCL
  /// alternates the rings of odd nodes, src/graph/connect.cc). With a ring for each GPU of a node
  /// each NIC is used once. After an odd number of nodes a ring closes across rails.
  ///
  /// The steps are pipelined: a ring is one flow at the rate of its slowest link, which begins once
  /// a part has gone the way of all steps.
  mutating func addRings() throws(CollectiveError) {
    var flows = FlowTable()
    var latency = 0.0
    let steps = Double(stepsAround)
    let others = Double(count - 1)
    // How much of its buffer each GPU passes on.
    let passed = collective.kind == .broadcast ? 1 : steps / Double(count)
    for channel in 0..<channels {
      var ring = ringOrder(channel)
      if collective.kind != .broadcast { ring.append(ring[0]) }
      var hops = 0.0
      for (source, target) in zip(ring, ring.dropFirst()) {
        hops += try send(from: source, to: target)
      }
      // Of a closed ring's N hops a part takes N - 1, once or twice, averaged over its beginnings.
      let turns = collective.kind == .broadcast ? 1 : steps / (others + 1)
      latency = max(latency, hops * turns)
      try endFlow(bytes: collective.bytes.value * passed / Double(channels), in: &flows)
    }
    self.steps.append(CollectiveStep(latency: Time(seconds: latency), flows: flows))
  }

  /// Steps from a part's beginning to its end.
  private var stepsAround: Int { collective.kind == .allReduce ? 2 * (count - 1) : count - 1 }

  /// GPUs in the order a ring visits them, the first member's node first.
  private func ringOrder(_ channel: Int) -> [Int] {
    var order: [Int] = []
    for (position, node) in layout.nodes.enumerated() {
      let size = node.count
      let head = channel % size
      if position == 0, collective.kind == .broadcast {
        order += fromRoot(node, leavingAt: (head + size - 1) % size)
      } else if position % 2 == 0 {
        order += (0..<size).map { node[(head + $0) % size] }
      } else {
        order += (0..<size).map { node[(head + 2 * size - 1 - $0) % size] }
      }
    }
    return order
  }

  /// A node's members with the first one at the beginning and `last` at the end; where that is the
  /// first one too, it has the second turn for other nodes.
  private func fromRoot(_ node: [Int], leavingAt last: Int) -> [Int] {
    let others = (1..<node.count).map { node[($0 + last) % node.count] }
    guard last != 0 else { return layout.nodes.count > 1 ? node + [node[0]] : node }
    return [node[0]] + others.filter { $0 != node[0] } + [node[last]]
  }
}
