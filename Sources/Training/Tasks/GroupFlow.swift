import Fabric
import Hardware
import Quantities

/// One flow of GPUs that exchange with each other, over every link of the network they load.
///
/// They move together, so what each sends is a share of one payload. Besides the network's links
/// the flow crosses the multiprocessors that each sender gives to communication.
struct GroupFlow {
  /// Links, with bytes on each for each byte of payload.
  var path: [LinkUse]
  /// What a sender's NIC sends on average or, where nothing leaves a node, its NVLink port.
  var payload: Bytes
  /// Payload on the ports it leaves through, of all senders.
  var leaving: Bytes
}

extension GroupFlow {
  /// An exchange round rings: each sender's bytes go to the next GPU of its node, and to the GPU at
  /// its place in the next node.
  ///
  /// - Parameters:
  ///   - transfer: what one GPU sends inside its node and between nodes.
  ///   - gpus: all GPUs of the group, in the order of their ranks.
  ///   - senders: those whose bytes these are, with the links of their multiprocessors.
  init?(
    ring transfer: Transfer, gpus: [Int], senders: [(gpu: Int, multiprocessors: Int)],
    on graph: LinkGraph
  ) {
    let inside = transfer.bytes(through: .nvlinkOut).value
    let between = transfer.bytes(through: .nicOut).value
    let nodes = Self.nodes(gpus, of: graph)
    var loads = LinkLoads(graph.links.count)
    var leaving = 0.0
    var multiprocessors: [LinkUse] = []
    let links = Dictionary(
      uniqueKeysWithValues: senders.map { ($0.gpu, $0.multiprocessors) })
    for (index, node) in nodes.enumerated() {
      let next = nodes[(index + 1) % nodes.count]
      for (place, gpu) in node.enumerated() {
        guard let link = links[gpu] else { continue }
        let sent = (node.count > 1 ? inside : 0) + (nodes.count > 1 ? between : 0)
        guard sent > 0 else { continue }
        if node.count > 1 {
          loads.add(inside, from: gpu, to: node[(place + 1) % node.count], on: graph)
        }
        if nodes.count > 1 {
          loads.add(between, from: gpu, to: next[place % next.count], on: graph)
        }
        leaving += sent
        multiprocessors.append(LinkUse(link: link, share: sent))
      }
    }
    guard leaving > 0 else { return nil }
    let payload = nodes.count > 1 && between > 0 ? between : inside
    self.init(uses: loads.uses + multiprocessors, payload: payload, leaving: leaving)
  }

  /// A dispatch or combine among the GPUs of an expert-parallel group.
  init?(
    _ exchange: ExpertExchange, senders: [(gpu: Int, multiprocessors: Int)], on graph: LinkGraph
  ) {
    var leaving = 0.0
    var overNICs = 0.0
    var multiprocessors: [LinkUse] = []
    for (sender, member) in zip(senders, exchange.traffic.members) {
      let sent = (member[.nvlinkOut] + member[.nicOut]).value
      guard sent > 0 else { continue }
      leaving += sent
      overNICs += member[.nicOut].value
      multiprocessors.append(LinkUse(link: sender.multiprocessors, share: sent))
    }
    guard leaving > 0 else { return nil }
    let uses = exchange.uses(on: graph, gpus: senders.map(\.gpu))
    let payload = (overNICs > 0 ? overNICs : leaving) / Double(senders.count)
    self.init(uses: uses + multiprocessors, payload: payload, leaving: leaving)
  }

  /// A flow of so many bytes on each link.
  private init(uses: [LinkUse], payload: Double, leaving: Double) {
    path = uses.map { LinkUse(link: Int($0.link), share: $0.share / payload) }
    self.payload = Bytes(payload)
    self.leaving = Bytes(leaving)
  }

  /// The GPUs of each node, nodes and GPUs in the order in which they are met.
  private static func nodes(_ gpus: [Int], of graph: LinkGraph) -> [[Int]] {
    var place: [Int: Int] = [:]
    var nodes: [[Int]] = []
    for gpu in gpus {
      let node = gpu / graph.cluster.node.gpus
      if let known = place[node] {
        nodes[known].append(gpu)
      } else {
        place[node] = nodes.count
        nodes.append([gpu])
      }
    }
    return nodes
  }
}
