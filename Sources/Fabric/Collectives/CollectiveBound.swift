import Hardware
import Quantities

/// The least time in which a collective's bytes get through the ports they have to pass, whatever
/// the algorithm.
///
/// Four cuts: around each GPU, around all of them, around each node, around all nodes; in a list of
/// links around each GPU. With equal ports the second is nccl-tests' bus bandwidth:
/// 2 (N - 1) / N of the buffer through each GPU in an all-reduce. What switches sum for the group
/// passes each port but once.
struct CollectiveBound {
  /// The bound.
  private(set) var time = Time.zero

  private let graph: LinkGraph
  private let layout: GroupLayout
  private let usesNVLink: Bool
  /// Whether messages may take NICs of GPUs outside the group: between planes they are relayed.
  private let borrowsNICs: Bool
  /// Whether the collective is one message, which takes one NIC of each node.
  private let isMessage: Bool
  private var seconds = 0.0
  /// The last sum each link was counted in.
  private var countedIn: [Int32]
  private var sum: Int32 = 0

  /// Bytes that have to leave and to enter.
  private struct Need {
    var out = 0.0
    var back = 0.0
  }

  init(_ collective: Collective, by algorithm: CollectiveAlgorithm?, on graph: LinkGraph) {
    self.graph = graph
    countedIn = [Int32](repeating: 0, count: graph.links.count)
    let size = max(1, graph.cluster.node.gpus)
    layout = GroupLayout(collective.members, gpusPerNode: size)
    let indices = layout.nodes.map { $0.map { $0 % size }.sorted() }
    borrowsNICs = graph.cluster.topology == .multiPlaneFatTree && Set(indices).count > 1
    isMessage = collective.kind == .send
    usesNVLink = layout.fullest > 1 || borrowsNICs
    guard graph.cluster.links == nil else {
      limitListed(collective)
      time = Time(seconds: seconds)
      return
    }
    let count = collective.members.count
    let isSummed = algorithm == .inSwitch
    for (position, node) in layout.nodes.enumerated() {
      for (index, gpu) in node.enumerated() {
        let isRoot = position == 0 && index == 0
        let isLast = gpu == collective.members[count - 1]
        let need = Self.need(of: 1, isRoot: isRoot, isLast: isLast, collective)
        limit(need, ports: [.nvlinkOut, .nicOut], [.nvlinkIn, .nicIn], of: [gpu])
      }
      guard layout.nodes.count > 1 else { continue }
      let isLast = node.contains(collective.members[count - 1])
      limit(
        Self.need(of: node.count, isRoot: position == 0, isLast: isLast, collective),
        ports: [.nicOut], [.nicIn], of: lenders(node))
    }
    let total = Self.total(collective.kind, of: count, isSummed: isSummed) * collective.bytes.value
    limit(
      Need(out: total, back: total), ports: [.nvlinkOut, .nicOut], [.nvlinkIn, .nicIn],
      of: layout.nodes.flatMap(lenders))
    if layout.nodes.count > 1, [.allReduce, .broadcast].contains(collective.kind) {
      let nodes =
        Self.total(collective.kind, of: layout.nodes.count, isSummed: isSummed)
        * collective.bytes.value
      limit(
        Need(out: nodes, back: nodes), ports: [.nicOut], [.nicIn],
        of: layout.nodes.flatMap(lenders))
    }
    time = Time(seconds: seconds)
  }

  /// In a list ports have no meaning: all links around each GPU are one cut.
  private mutating func limitListed(_ collective: Collective) {
    let last = collective.members.count - 1
    for (position, gpu) in collective.members.enumerated() {
      let need = Self.need(of: 1, isRoot: position == 0, isLast: position == last, collective)
      for (bytes, isInward) in [(need.out, false), (need.back, true)] {
        let rate = graph.listedLinks(of: gpu, inward: isInward).reduce(0) {
          $0 + graph.links[Int($1)].rate.value
        }
        if bytes > 0, rate > 0 { seconds = max(seconds, bytes / rate) }
      }
    }
  }

  /// What has to pass the border of `count` members.
  private static func need(
    of count: Int, isRoot: Bool, isLast: Bool, _ collective: Collective
  ) -> Need {
    let bytes = collective.bytes.value
    let inside = Double(count) / Double(collective.members.count)
    switch collective.kind {
    case .allReduce: return Need(out: bytes, back: bytes)
    case .allGather: return Need(out: bytes * inside, back: bytes * (1 - inside))
    case .reduceScatter: return Need(out: bytes * (1 - inside), back: bytes * inside)
    case .broadcast: return isRoot ? Need(out: bytes) : Need(back: bytes)
    case .allToAll:
      let exchanged = bytes * Double(count) * (1 - inside)
      return Need(out: exchanged, back: exchanged)
    case .send:
      return Need(out: isRoot && !isLast ? bytes : 0, back: isLast && !isRoot ? bytes : 0)
    }
  }

  /// What has to leave all of `count` members together, as a multiple of the buffer.
  private static func total(_ kind: CollectiveKind, of count: Int, isSummed: Bool) -> Double {
    let others = Double(count - 1)
    switch kind {
    case .allReduce: return isSummed ? Double(count) : 2 * others
    case .allGather, .reduceScatter, .allToAll, .broadcast: return others
    case .send: return 1
    }
  }

  /// GPUs whose NICs a node's members use.
  private func lenders(_ node: [Int]) -> [Int] {
    guard borrowsNICs else { return node }
    let size = graph.cluster.node.gpus
    let first = node[0] / size * size
    let all = first..<first + size
    guard isMessage else { return Array(all) }
    return all.max { rate(.nicOut, of: $0) < rate(.nicOut, of: $1) }.map { [$0] } ?? node
  }

  private func rate(_ port: Port, of gpu: Int) -> Bandwidth {
    graph.links[graph.link(port, of: gpu)].rate
  }

  private mutating func limit(_ need: Need, ports out: [Port], _ back: [Port], of gpus: [Int]) {
    seconds = max(seconds, least(need.out, through: out, of: gpus))
    seconds = max(seconds, least(need.back, through: back, of: gpus))
  }

  /// Seconds in which `bytes` pass the ports together; ports that GPUs share count once.
  private mutating func least(
    _ bytes: Double, through ports: [Port], of gpus: [Int]
  ) -> Double {
    guard bytes > 0 else { return 0 }
    var rate = 0.0
    sum += 1
    for gpu in gpus {
      for port in ports {
        let isNIC = port == .nicOut || port == .nicIn
        guard isNIC ? layout.nodes.count > 1 : usesNVLink else { continue }
        let link = graph.link(port, of: gpu)
        guard countedIn[link] < sum else { continue }
        countedIn[link] = sum
        rate += graph.links[link].rate.value
      }
    }
    return rate > 0 ? bytes / rate : 0
  }
}
