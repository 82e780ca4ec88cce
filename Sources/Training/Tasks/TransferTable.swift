import Fabric
import Quantities

/// The transfers of a step with the links they cross, each (shape, rank) pair once.
///
/// GPUs that exchange with each other move together: theirs is one fluid flow over the ports of
/// them all, and ends for all when the busiest port is done. An entry stands for one such group;
/// the groups of a rank follow each other.
struct TransferTable {
  private(set) var entries: [LinkedTransfer] = []
  private let ranks: Int
  private let links: StepLinks
  private var shapes: [Shape] = []
  /// First entry of each shape and rank, -1 where there is none yet.
  private var known: [[Int32]] = []

  /// What makes two transfers of a rank the same.
  private struct Shape: Equatable {
    var activity: Activity
    var transfer: Transfer
    /// Entry of `UnevenLoads.transfers`, or -1.
    var uneven: Int
  }

  init(ranks: Int, links: StepLinks) {
    self.ranks = ranks
    self.links = links
  }

  /// The first entry of a transfer among groups of GPUs that all do what one does.
  mutating func index(
    of transfer: Transfer, activity: Activity, group: Int, rank: Int32
  ) -> Int32 {
    let shape = self.shape(Shape(activity: activity, transfer: transfer, uneven: -1))
    let rank = Int(rank)
    if known[shape][rank] < 0 {
      known[shape][rank] = Int32(entries.count)
      for first in stride(from: 0, to: links.members, by: group) {
        let flows = transfer.flows.map { flow in
          (path(flow, rank: rank, members: first..<first + group), flow.bytes)
        }
        entries.append(
          LinkedTransfer(latency: transfer.latency, activity: activity, flows: flows))
      }
    }
    return known[shape][rank]
  }

  /// The first entry of a transfer in which each GPU moves its own number of bytes.
  mutating func index(
    of uneven: Int, in loads: UnevenLoads, activity: Activity, group: Int, rank: Int32
  ) -> Int32 {
    let shape = self.shape(Shape(activity: activity, transfer: .none, uneven: uneven))
    let rank = Int(rank)
    if known[shape][rank] < 0 {
      known[shape][rank] = Int32(entries.count)
      let transfer = loads.transfers[uneven]
      for first in stride(from: 0, to: links.members, by: group) {
        let flow = self.flow(transfer, rank: rank, members: first..<first + group)
        entries.append(
          LinkedTransfer(
            latency: transfer.latency, activity: activity, flows: flow.map { [$0] } ?? []))
      }
    }
    return known[shape][rank]
  }

  /// Adds a transfer from each GPU of a rank to its counterpart of another; the first entry.
  mutating func add(_ transfer: Transfer, from source: Int, to target: Int) -> Int32 {
    let first = entries.count
    for member in 0..<links.members {
      entries.append(
        LinkedTransfer(
          latency: transfer.latency, activity: .pipelineSend,
          flows: transfer.flows.map { flow in
            let path = flow.uses.map { use in
              LinkUse(
                link: links.link(use.port, rank: use.ofPeer ? target : source, member: member),
                share: use.share)
            }
            return (path, flow.bytes)
          }))
    }
    return Int32(first)
  }

  private mutating func shape(_ shape: Shape) -> Int {
    if let found = shapes.firstIndex(of: shape) { return found }
    shapes.append(shape)
    known.append([Int32](repeating: -1, count: ranks))
    return shapes.count - 1
  }

  /// The ports of members that all move what `flow` says, and the multiprocessors that move it.
  private func path(_ flow: TransferFlow, rank: Int, members: Range<Int>) -> [LinkUse] {
    let leaving = flow.uses.reduce(0) { $1.port.isOutward ? $0 + $1.share : $0 }
    return members.flatMap { member in
      flow.uses.map { use in
        LinkUse(link: links.link(use.port, rank: rank, member: member), share: use.share)
      } + [LinkUse(link: links.multiprocessors(rank: rank, member: member), share: leaving)]
    }
  }

  /// One flow over all members' ports. Its payload is what the NICs send on average or, where
  /// nothing leaves the node, the NVLink ports, as in a flow of GPUs that are all alike.
  private func flow(
    _ transfer: UnevenTransfer, rank: Int, members: Range<Int>
  ) -> (path: [LinkUse], bytes: Bytes)? {
    let ports = Port.allCases.count
    func bytes(_ port: Port, _ member: Int) -> Double {
      transfer.bytes[member * ports + port.rawValue]
    }
    func mean(_ port: Port) -> Double {
      members.reduce(0) { $0 + bytes(port, $1) } / Double(members.count)
    }
    let payload = mean(.nicOut) > 0 ? mean(.nicOut) : mean(.nvlinkOut)
    guard payload > 0 else { return nil }
    var path: [LinkUse] = []
    for member in members {
      var leaving = 0.0
      for port in Port.allCases where bytes(port, member) > 0 {
        let share = bytes(port, member) / payload
        if port.isOutward { leaving += share }
        path.append(LinkUse(link: links.link(port, rank: rank, member: member), share: share))
      }
      if leaving > 0 {
        path.append(
          LinkUse(link: links.multiprocessors(rank: rank, member: member), share: leaving))
      }
    }
    return (path, Bytes(payload))
  }
}

extension Port {
  /// Whether bytes leave the GPU through the port.
  var isOutward: Bool { self == .nvlinkOut || self == .nicOut }
}
