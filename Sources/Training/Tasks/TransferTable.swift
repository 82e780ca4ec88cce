import Fabric
import Quantities

/// The transfers of a step with the links they cross, each (shape, rank) pair once.
///
/// GPUs that exchange with each other move together: theirs is one fluid flow over the links of
/// them all, and ends for all when the busiest link is done. An entry stands for one such group;
/// the groups of a rank follow each other.
struct TransferTable {
  private(set) var entries: [LinkedTransfer] = []
  private let ranks: Int
  private let links: StepLinks
  /// Traffic classes that go first, in their order.
  private let priority: [Activity]
  private var groups: GroupFlow?
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

  init(ranks: Int, links: StepLinks, priority: [Activity]) {
    self.ranks = ranks
    self.links = links
    self.priority = priority
    groups = links.isEveryGPU ? GroupFlow(links) : nil
  }

  /// The first entry of a transfer among groups of GPUs that all do what one does.
  mutating func index(
    of transfer: Transfer, activity: Activity, group: Int, rank: Int32
  ) -> Int32 {
    let shape = self.shape(Shape(activity: activity, transfer: transfer, uneven: -1))
    let rank = Int(rank)
    if known[shape][rank] >= 0 { return known[shape][rank] }
    known[shape][rank] = Int32(entries.count)
    guard groups != nil else {
      let flows = transfer.flows.map { (folded($0, rank: rank), $0.bytes) }
      entries.append(
        LinkedTransfer(
          latency: transfer.latency, activity: activity, priority: priority(of: activity),
          nvlinkCost: transfer.nvlinkCost, flows: flows))
      return known[shape][rank]
    }
    let bytes = Port.allCases.map { transfer.bytes(through: $0).value }
    let all = (0..<links.members).flatMap { _ in bytes }
    let moved = UnevenTransfer(
      latency: transfer.latency, bytes: all, nvlinkCost: transfer.nvlinkCost)
    addGroups(moved, activity, group: group, rank: rank)
    return known[shape][rank]
  }

  /// The first entry of a transfer in which each GPU moves its own number of bytes.
  mutating func index(
    of uneven: Int, in loads: UnevenLoads, activity: Activity, group: Int, rank: Int32
  ) -> Int32 {
    let shape = self.shape(Shape(activity: activity, transfer: .none, uneven: uneven))
    let rank = Int(rank)
    if known[shape][rank] >= 0 { return known[shape][rank] }
    known[shape][rank] = Int32(entries.count)
    addGroups(loads.transfers[uneven], activity, group: group, rank: rank)
    return known[shape][rank]
  }

  /// Adds a transfer from each GPU of a rank to its counterpart of another; the first entry.
  mutating func add(send bytes: Bytes, from source: Int, to target: Int) -> Int32 {
    let first = entries.count
    for member in 0..<links.members {
      let route = links.graph.route(
        from: links.gpu(rank: source, member: member),
        to: links.gpu(rank: target, member: member))
      let path = links.isEveryGPU ? route.links : ports(of: route, from: source, to: target)
      entries.append(
        LinkedTransfer(
          latency: bytes > .zero ? route.latency : .zero, activity: .pipelineSend,
          priority: priority(of: .pipelineSend),
          flows: bytes > .zero ? [(path.map { LinkUse(link: $0) }, bytes)] : []))
    }
    return Int32(first)
  }

  /// The ports a route crosses, of the GPUs that stand for their ranks.
  private func ports(of route: Route, from source: Int, to target: Int) -> [Int] {
    let isLocal = route.links.first.map { links.graph.links[$0].kind == .nvlinkOut } ?? false
    return [
      links.link(isLocal ? .nvlinkOut : .nicOut, rank: source, member: 0),
      links.link(isLocal ? .nvlinkIn : .nicIn, rank: target, member: 0),
    ]
  }

  private func priority(of activity: Activity) -> UInt8 {
    UInt8(priority.firstIndex(of: activity) ?? priority.count)
  }

  private mutating func shape(_ shape: Shape) -> Int {
    if let found = shapes.firstIndex(of: shape) { return found }
    shapes.append(shape)
    known.append([Int32](repeating: -1, count: ranks))
    return shapes.count - 1
  }

  /// The ports of the GPU that stands for its rank, and the multiprocessors that move the flow.
  private func folded(_ flow: TransferFlow, rank: Int) -> [LinkUse] {
    let leaving = flow.uses.reduce(0) { $1.port.isOutward ? $0 + $1.share : $0 }
    return flow.uses.map { use in
      LinkUse(link: links.link(use.port, rank: rank, member: 0), share: use.load)
    } + [LinkUse(link: links.multiprocessors(rank: rank, member: 0), share: leaving)]
  }

  /// Adds an entry for each group of a rank.
  private mutating func addGroups(
    _ transfer: UnevenTransfer, _ activity: Activity, group: Int, rank: Int
  ) {
    let ports = Port.allCases.count
    let toAll = activity == .dispatch || activity == .combine
    for first in stride(from: 0, to: links.members, by: group) {
      let flow = groups?.flow(
        Array(transfer.bytes[first * ports..<(first + group) * ports]),
        nvlinkCost: transfer.nvlinkCost, rank: rank, members: first..<first + group, toAll: toAll,
        gathers: activity == .dispatch)
      entries.append(
        LinkedTransfer(
          latency: transfer.latency, activity: activity, priority: priority(of: activity),
          nvlinkCost: transfer.nvlinkCost, flows: flow.map { [$0] } ?? []))
    }
  }
}

extension Transfer {
  /// Time a byte holds an NVLink port, over that of a byte sent directly.
  fileprivate var nvlinkCost: Double {
    flows.flatMap(\.uses).reduce(1) { most, use in
      [.nvlinkOut, .nvlinkIn].contains(use.port) ? max(most, use.cost) : most
    }
  }
}
