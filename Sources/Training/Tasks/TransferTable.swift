import Fabric
import Hardware
import Quantities

/// The transfers of a step with the links they cross, each (shape, rank) pair once.
struct TransferTable {
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
      known[shape][rank] = add(transfer, from: rank, to: rank)
    }
    return known[shape][rank]
  }

  /// Adds an entry for a transfer from one rank's GPU to another's.
  mutating func add(_ transfer: Transfer, from source: Int, to target: Int) -> Int32 {
    entries.append(
      LinkedTransfer(
        latency: transfer.latency,
        flows: transfer.flows.map { flow in
          let path = flow.uses.map { use in
            LinkUse(
              link: Self.link(use.port, of: use.ofPeer ? target : source), share: use.share)
          }
          return (path, flow.bytes)
        }))
    return Int32(entries.count - 1)
  }

  /// The link of a port of a rank's GPU.
  static func link(_ port: Port, of rank: Int) -> Int {
    rank * Port.allCases.count + port.rawValue
  }
}
