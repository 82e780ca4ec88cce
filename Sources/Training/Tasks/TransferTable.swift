import Fabric
import Hardware
import Quantities

/// The transfers of a step with the links they cross, each (shape, rank) pair once.
///
/// A rank has a link for each port, and one more for the multiprocessors that move collectives:
/// they handle every byte that leaves through a port, as many a second as there are of them.
/// Pipeline sends are left to the NIC and NVLink alone.
struct TransferTable {
  /// Links of a rank: its ports, and its communicating multiprocessors.
  static let linksPerRank = Port.allCases.count + 1
  /// Multiprocessors that keep NVLink and NIC busy at once.
  static let sufficientMultiprocessors = Fact(
    20.0, .stated, "arXiv 2412.19437, section 3.2.2: 20 suffice for both at full rate")

  /// Payload rates of a rank's links on `node` with `multiprocessors` for communication.
  static func capacities(of node: Node, multiprocessors: Int) -> [Bandwidth] {
    let both = Port.nvlinkOut.rate(of: node) + Port.nicOut.rate(of: node)
    let share = Double(multiprocessors) / sufficientMultiprocessors.value
    return Port.allCases.map { $0.rate(of: node) } + [both * share]
  }

  private(set) var entries: [LinkedTransfer] = []
  private var shapes: [Transfer] = []
  /// Entry of each shape and rank, -1 where there is none yet.
  private var known: [[Int32]] = []
  private let ranks: Int

  init(ranks: Int) { self.ranks = ranks }

  /// The entry of a transfer among GPUs that all do what `rank`'s does.
  mutating func index(of transfer: Transfer, rank: Int32) -> Int32 {
    let shape: Int
    if let found = shapes.firstIndex(of: transfer) {
      shape = found
    } else {
      shape = shapes.count
      shapes.append(transfer)
      known.append([Int32](repeating: -1, count: ranks))
    }
    let rank = Int(rank)
    if known[shape][rank] < 0 {
      known[shape][rank] = add(transfer, from: rank, to: rank, byMultiprocessors: true)
    }
    return known[shape][rank]
  }

  /// Adds an entry for a transfer from one rank's GPU to another's.
  mutating func add(
    _ transfer: Transfer, from source: Int, to target: Int, byMultiprocessors: Bool = false
  ) -> Int32 {
    entries.append(
      LinkedTransfer(
        latency: transfer.latency,
        flows: transfer.flows.map { flow in
          var path = flow.uses.map { use in
            LinkUse(
              link: Self.link(use.port, of: use.ofPeer ? target : source), share: use.load)
          }
          if byMultiprocessors {
            let leaving = flow.uses.filter { [.nvlinkOut, .nicOut].contains($0.port) }
            path.append(
              LinkUse(
                link: source * Self.linksPerRank + Port.allCases.count,
                share: leaving.reduce(0) { $0 + $1.share }))
          }
          return (path, flow.bytes)
        }))
    return Int32(entries.count - 1)
  }

  /// The link of a port of a rank's GPU.
  static func link(_ port: Port, of rank: Int) -> Int {
    rank * linksPerRank + port.rawValue
  }
}
