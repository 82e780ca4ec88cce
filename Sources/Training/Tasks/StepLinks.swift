import Fabric
import Hardware
import Quantities

/// The links a step's flows share: the ports of every simulated GPU with what lies between them,
/// and the multiprocessors that move each GPU's collectives.
///
/// The multiprocessors handle every byte that leaves through a port, as many a second as there are
/// of them. Pipeline sends are left to the NIC and NVLink alone. Where one GPU stands for all of
/// its rank only its ports are links: a network without faults or oversubscription never is the
/// limit.
struct StepLinks {
  /// Multiprocessors that keep NVLink and NIC busy at once.
  static let sufficientMultiprocessors = Fact(
    20.0, .stated, "arXiv 2412.19437, section 3.2.2: 20 suffice for both at full rate")
  private static let ports = Port.allCases.count

  /// Pipeline ranks.
  let ranks: Int
  /// GPUs of a rank that are simulated.
  let members: Int
  /// Payload rate of each link: the network's, then the multiprocessors of each GPU.
  let capacities: [Bandwidth]
  /// The cluster's network.
  let graph: LinkGraph
  /// Whether its links are the step's, since every GPU is simulated.
  let isEveryGPU: Bool
  /// GPUs of a rank.
  private let gpusPerRank: Int
  /// Multiprocessors that move each GPU's collectives, over those that suffice.
  private let multiprocessorRatio: Double

  /// The links of the pipeline ranks on a cluster's network.
  init(
    _ graph: LinkGraph, ranks: Int, gpusPerRank: Int, members: Members, multiprocessors: Int
  ) {
    self.graph = graph
    self.ranks = ranks
    self.gpusPerRank = gpusPerRank
    self.members = members.count
    let node = graph.cluster.node
    let both = Port.nvlinkOut.rate(of: node) + Port.nicOut.rate(of: node)
    multiprocessorRatio = Double(multiprocessors) / Self.sufficientMultiprocessors.value
    let moved = both * multiprocessorRatio
    let network: [Bandwidth]
    isEveryGPU = members.isEveryGPU
    if isEveryGPU {
      network = graph.links.map(\.rate)
    } else {
      let ports = Port.allCases.map { $0.rate(of: node) }
      network = (0..<ranks).flatMap { _ in ports }
    }
    capacities = network + [Bandwidth](repeating: moved, count: ranks * members.count)
  }

  /// The GPU of the cluster that a rank's member is, or stands for with others.
  func gpu(rank: Int, member: Int) -> Int { rank * gpusPerRank + member }

  /// The link of a port of the GPU that stands for its rank.
  func link(_ port: Port, rank: Int) -> Int { rank * Self.ports + port.rawValue }

  /// The multiprocessors of a rank's GPU that move collectives.
  func multiprocessors(rank: Int, member: Int) -> Int {
    networkLinks + rank * members + member
  }

  /// A flow whose multiprocessors are slowed by what runs beside them: by themselves they make it
  /// last `factor` times as long as its slowest port would if that were sound, and there are as many
  /// of them as suffice.
  func slowed(_ path: [LinkUse], by factor: Double) -> [LinkUse] {
    guard factor > 1 else { return path }
    var network = 0.0
    var multiprocessors = 0.0
    for use in path {
      let link = Int(use.link)
      if link < networkLinks {
        network = max(network, use.share / soundRate(of: link).value)
      } else {
        multiprocessors = max(
          multiprocessors, use.share / capacities[link].value * multiprocessorRatio)
      }
    }
    guard multiprocessors > 0 else { return path }
    let scale = factor * max(network, multiprocessors) / multiprocessors
    return path.map { use in
      Int(use.link) < networkLinks
        ? use : LinkUse(link: Int(use.link), share: use.share * scale)
    }
  }

  /// Payload rate of a port without faults, and what a link between switches has.
  private func soundRate(of link: Int) -> Bandwidth {
    let node = graph.cluster.node
    return switch place(of: link).kind {
    case .nvlinkOut: Port.nvlinkOut.rate(of: node)
    case .nvlinkIn: Port.nvlinkIn.rate(of: node)
    case .nicOut: Port.nicOut.rate(of: node)
    case .nicIn: Port.nicIn.rate(of: node)
    case .leafUp, .leafDown, .podUp, .podDown, .listed: capacities[link]
    }
  }

  /// Links of the network; the others are multiprocessors.
  var networkLinks: Int { capacities.count - ranks * members }

  /// What a link of the network is, and the GPU it belongs to if it is a port.
  func place(of link: Int) -> (kind: LinkKind, owner: Int, gpu: Int?) {
    guard isEveryGPU else {
      let gpu = gpu(rank: link / Self.ports, member: 0)
      let port = Port.allCases[link % Self.ports]
      let owner = graph.links[graph.link(port, of: gpu)].owner
      return (port.kind, owner, gpu)
    }
    let one = graph.links[link]
    switch one.kind {
    case .nvlinkOut, .nvlinkIn: return (one.kind, one.owner, one.owner)
    case .nicOut, .nicIn:
      let port = graph.layout.port(ofNIC: one.owner)
      return (one.kind, one.owner, graph.layout.firstGPU(ofPort: port))
    case .leafUp, .leafDown, .podUp, .podDown, .listed: return (one.kind, one.owner, nil)
    }
  }

  /// GPUs that share the link, where one stands for them with its part of it.
  func sharers(of kind: LinkKind) -> Double {
    let node = graph.cluster.node
    guard !isEveryGPU, [.nicOut, .nicIn].contains(kind), node.nics < node.gpus else { return 1 }
    return Double(node.gpus) / Double(node.nics)
  }

  /// The rank of a GPU.
  func rank(ofGPU gpu: Int) -> Int { gpu / gpusPerRank }

  /// What any link is called: its kind and owner, as `nic_out 3`, or the places a listed one joins.
  func name(of link: Int) -> String {
    if link >= networkLinks {
      let place = link - networkLinks
      return "multiprocessors \(gpu(rank: place / members, member: place % members))"
    }
    if isEveryGPU { return graph.name(of: link) }
    let place = place(of: link)
    return "\(place.kind.rawValue) \(place.owner)"
  }
}

extension Port {
  /// The kind of link the port is.
  var kind: LinkKind {
    switch self {
    case .nvlinkOut: .nvlinkOut
    case .nvlinkIn: .nvlinkIn
    case .nicOut: .nicOut
    case .nicIn: .nicIn
    }
  }

  /// Whether bytes leave the GPU through the port.
  var isOutward: Bool { self == .nvlinkOut || self == .nicOut }
}
