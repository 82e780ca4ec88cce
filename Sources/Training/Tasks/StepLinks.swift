import Fabric
import Hardware
import Quantities

/// The links a step's flows share: the ports of every simulated GPU, and the multiprocessors that
/// move its collectives.
///
/// The multiprocessors handle every byte that leaves through a port, as many a second as there are
/// of them. Pipeline sends are left to the NIC and NVLink alone.
struct StepLinks {
  /// Links of a GPU: its ports, and its communicating multiprocessors.
  static let perGPU = Port.allCases.count + 1
  /// Multiprocessors that keep NVLink and NIC busy at once.
  static let sufficientMultiprocessors = Fact(
    20.0, .stated, "arXiv 2412.19437, section 3.2.2: 20 suffice for both at full rate")

  /// Pipeline ranks.
  let ranks: Int
  /// GPUs of a rank that are simulated.
  let members: Int
  /// GPUs of a rank.
  private let gpusPerRank: Int
  /// Payload rate of each link.
  let capacities: [Bandwidth]

  /// The links of `ranks` pipeline ranks of a cluster.
  init(
    _ cluster: Cluster, ranks: Int, gpusPerRank: Int, members: Int, multiprocessors: Int
  ) {
    self.ranks = ranks
    self.gpusPerRank = gpusPerRank
    self.members = members
    let node = cluster.node
    let both = Port.nvlinkOut.rate(of: node) + Port.nicOut.rate(of: node)
    let share = Double(multiprocessors) / Self.sufficientMultiprocessors.value
    let links = Port.allCases.map { $0.rate(of: node) } + [both * share]
    capacities = (0..<ranks * members).flatMap { _ in links }
  }

  /// The link of a port of a rank's GPU.
  func link(_ port: Port, rank: Int, member: Int) -> Int {
    (rank * members + member) * Self.perGPU + port.rawValue
  }

  /// The multiprocessors of a rank's GPU that move collectives.
  func multiprocessors(rank: Int, member: Int) -> Int {
    (rank * members + member) * Self.perGPU + Port.allCases.count
  }

  /// The GPU of the cluster that a rank's member is, or stands for with others.
  func gpu(rank: Int, member: Int) -> Int { rank * gpusPerRank + member }

  /// Whether bytes leave a GPU through the link.
  func isOutwardPort(_ link: Int) -> Bool {
    Port(rawValue: link % Self.perGPU)?.isOutward ?? false
  }

  /// What the link is.
  func name(of link: Int) -> TrafficLink {
    let place = link / Self.perGPU
    let gpu = gpu(rank: place / members, member: place % members)
    guard let port = Port(rawValue: link % Self.perGPU) else {
      return .multiprocessors(gpu: gpu)
    }
    return .port(port, gpu: gpu)
  }
}
