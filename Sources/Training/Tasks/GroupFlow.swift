import Fabric
import Hardware
import Quantities

/// Adds up what the GPUs of one group put on the links of the whole network.
///
/// Over NVLink each byte leaves one GPU of the node and reaches another. Between nodes a GPU
/// exchanges with the GPUs at its place in the other nodes: with all of them in a dispatch or
/// combine, with the next one round a ring otherwise.
struct GroupFlow {
  private let links: StepLinks
  /// Bytes on each link.
  private var load: [Double]
  private var touched: [Int] = []
  private var route: [Int] = []

  init(_ links: StepLinks) {
    self.links = links
    load = [Double](repeating: 0, count: links.capacities.count)
  }

  /// The flow of a group whose members move `bytes` through their ports, `Port.allCases.count` a
  /// member; nil where nothing moves.
  ///
  /// - Parameters:
  ///   - nvlinkCost: time a byte holds an NVLink port, over that of a byte sent directly.
  ///   - toAll: whether a member exchanges with every other node rather than with the next.
  ///   - gathers: whether what a node receives decides how much each other node sends it (as in a
  ///     dispatch), rather than what it sends (as in a combine).
  mutating func flow(
    _ bytes: [Double], nvlinkCost: Double, rank: Int, members: Range<Int>, toAll: Bool,
    gathers: Bool
  ) -> (path: [LinkUse], bytes: Bytes)? {
    let ports = Port.allCases.count
    func moved(_ port: Port, _ member: Int) -> Double {
      bytes[(member - members.lowerBound) * ports + port.rawValue]
    }
    func mean(_ port: Port) -> Double {
      members.reduce(0) { $0 + moved(port, $1) } / Double(members.count)
    }
    let payload = mean(.nicOut) > 0 ? mean(.nicOut) : mean(.nvlinkOut)
    guard payload > 0 else { return nil }
    for member in members {
      for port in [Port.nvlinkOut, .nvlinkIn] {
        add(moved(port, member) * nvlinkCost, on: links.link(port, rank: rank, member: member))
      }
      add(
        moved(.nvlinkOut, member) + moved(.nicOut, member),
        on: links.multiprocessors(rank: rank, member: member))
    }
    for nodes in peers(rank: rank, members) where nodes.count > 1 {
      for (index, source) in nodes.enumerated() {
        let targets = toAll ? nodes.indices : index + 1..<index + 2
        let parts = Double(toAll ? nodes.count - 1 : 1)
        for target in targets where target != index {
          let peer = nodes[target % nodes.count]
          let part = (gathers ? moved(.nicIn, peer) : moved(.nicOut, source)) / parts
          send(part, rank: rank, from: source, to: peer)
        }
      }
    }
    return (takePath(payload), Bytes(payload))
  }

  /// Members at the same place in each node of the group, place by place.
  private func peers(rank: Int, _ members: Range<Int>) -> [[Int]] {
    let size = links.graph.cluster.node.gpus
    var peers: [[Int]] = []
    var node = -1
    var place = 0
    for member in members {
      let own = links.gpu(rank: rank, member: member) / size
      place = own == node ? place + 1 : 0
      node = own
      if place == peers.count { peers.append([]) }
      peers[place].append(member)
    }
    return peers
  }

  private mutating func send(_ bytes: Double, rank: Int, from source: Int, to target: Int) {
    route.removeAll(keepingCapacity: true)
    _ = links.graph.appendRoute(
      from: links.gpu(rank: rank, member: source), to: links.gpu(rank: rank, member: target),
      to: &route)
    for link in route { add(bytes, on: link) }
  }

  private mutating func add(_ bytes: Double, on link: Int) {
    guard bytes > 0 else { return }
    if load[link] == 0 { touched.append(link) }
    load[link] += bytes
  }

  /// The links touched, with their bytes for each byte of payload; clears them.
  private mutating func takePath(_ payload: Double) -> [LinkUse] {
    touched.sort()
    defer { touched.removeAll(keepingCapacity: true) }
    return touched.map { link in
      defer { load[link] = 0 }
      return LinkUse(link: link, share: load[link] / payload)
    }
  }
}
