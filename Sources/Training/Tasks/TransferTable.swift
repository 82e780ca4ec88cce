import Fabric
import Hardware
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
  private var shapes: [Shape] = []
  /// First entry of each shape and rank, -1 where there is none yet.
  private var known: [[Int32]] = []
  /// The same for each entry of `UnevenLoads.exchanged`, alone and beside compute.
  private var knownUneven: [[Int32]] = []

  /// What makes two transfers of a rank the same.
  private struct Shape: Equatable {
    var activity: Activity
    var transfer: Transfer
    var stride = 1
    var slowdown = 1.0
  }

  init(ranks: Int, links: StepLinks, priority: [Activity]) {
    self.ranks = ranks
    self.links = links
    self.priority = priority
  }

  /// The first entry of an exchange among groups of neighbours that all do what one does.
  ///
  /// - Parameter beside: whether compute runs beside it.
  mutating func index(
    of exchange: Exchange, group: Int, beside: Bool, rank: Int32
  ) -> Int32 {
    let (transfer, activity) = (exchange.transfer, exchange.activity)
    let slowdown = Self.slowdown(exchange.balanced, beside: beside)
    let shape = Shape(activity: activity, transfer: transfer, slowdown: slowdown)
    return index(of: shape, rank: Int(rank)) { table, rank in
      for first in stride(from: 0, to: table.links.members, by: group) {
        let senders = table.senders(rank, Array(first..<first + group))
        let flow =
          if let balanced = exchange.balanced {
            GroupFlow(balanced, senders: senders, on: table.links.graph)
          } else {
            GroupFlow(
              ring: transfer, gpus: senders.map(\.gpu), senders: senders, on: table.links.graph)
          }
        table.add(
          flow, latency: transfer.latency, activity, nvlinkCost: transfer.nvlinkCost,
          slowdown: slowdown)
      }
    }
  }

  /// How much longer a dispatch or combine takes beside compute.
  private static func slowdown(_ exchange: ExpertExchange?, beside: Bool) -> Double {
    guard beside, let exchange else { return 1 }
    return ExchangeRates.overlapSlowdown(exchange.kind).value
  }

  /// The first entry of a transfer among the replicas of some weights, the ranks with copies of the
  /// same stages included.
  mutating func index(of among: ReplicaTransfer, activity: Activity, rank: Int32) -> Int32 {
    let (transfer, step) = (among.transfer, among.stride)
    let shape = Shape(activity: activity, transfer: transfer, stride: step)
    return index(of: shape, rank: Int(rank)) { table, rank in
      for offset in 0..<min(step, table.links.members) {
        let members = Array(stride(from: offset, to: table.links.members, by: step))
        let gpus = among.blocks.flatMap { block in members.map { block + $0 } }
        let flow = GroupFlow(
          ring: transfer, gpus: gpus, senders: table.senders(rank, members), on: table.links.graph)
        table.add(flow, latency: transfer.latency, activity, nvlinkCost: 1)
      }
    }
  }

  /// The first entry of a dispatch or combine in which each GPU moves its own number of bytes.
  mutating func index(
    of uneven: Int, in loads: UnevenLoads, activity: Activity, beside: Bool, rank: Int32
  ) -> Int32 {
    let place = 2 * uneven + (beside ? 1 : 0)
    while knownUneven.count <= place {
      knownUneven.append([Int32](repeating: -1, count: ranks))
    }
    if knownUneven[place][Int(rank)] >= 0 { return knownUneven[place][Int(rank)] }
    knownUneven[place][Int(rank)] = Int32(entries.count)
    var first = 0
    for exchange in loads.exchanged[uneven] {
      let count = exchange.traffic.members.count
      let flow = GroupFlow(
        exchange, senders: senders(Int(rank), Array(first..<first + count)), on: links.graph)
      add(
        flow, latency: exchange.overhead + exchange.wire(links.graph.cluster.latency.value),
        activity, nvlinkCost: exchange.cost(.nvlinkOut),
        slowdown: Self.slowdown(exchange, beside: beside))
      first += count
    }
    return knownUneven[place][Int(rank)]
  }

  /// The first entry of a shape on a rank; `fill` adds entries where every GPU is simulated.
  private mutating func index(
    of shape: Shape, rank: Int, fill: (inout TransferTable, Int) -> Void
  ) -> Int32 {
    let place: Int
    if let found = shapes.firstIndex(of: shape) {
      place = found
    } else {
      place = shapes.count
      shapes.append(shape)
      known.append([Int32](repeating: -1, count: ranks))
    }
    if known[place][rank] >= 0 { return known[place][rank] }
    known[place][rank] = Int32(entries.count)
    if links.isEveryGPU {
      fill(&self, rank)
    } else {
      addFolded(shape.transfer, shape.activity, slowdown: shape.slowdown, rank: rank)
    }
    return known[place][rank]
  }

  private func senders(
    _ rank: Int, _ members: [Int]
  ) -> [(gpu: Int, multiprocessors: Int)] {
    members.map { member in
      (
        links.gpu(rank: rank, member: member),
        links.multiprocessors(rank: rank, member: member)
      )
    }
  }

  private mutating func add(
    _ flow: GroupFlow?, latency: Time, _ activity: Activity, nvlinkCost: Double,
    slowdown: Double = 1
  ) {
    entries.append(
      LinkedTransfer(
        latency: latency, activity: activity, priority: priority(of: activity),
        nvlinkCost: nvlinkCost, leaving: flow?.leaving ?? .zero,
        flows: flow.map { [(links.slowed($0.path, by: slowdown), $0.payload)] } ?? []))
  }

  /// Adds the entry of the GPU that stands for its rank: its ports, and the multiprocessors that
  /// move the flow.
  private mutating func addFolded(
    _ transfer: Transfer, _ activity: Activity, slowdown: Double, rank: Int
  ) {
    let flows = transfer.flows.map { flow in
      let leaving = flow.uses.reduce(0) { $1.port.isOutward ? $0 + $1.share : $0 }
      let path =
        flow.uses.map { use in
          LinkUse(link: links.link(use.port, rank: rank), share: use.load)
        } + [LinkUse(link: links.multiprocessors(rank: rank, member: 0), share: leaving)]
      return (links.slowed(path, by: slowdown), flow.bytes)
    }
    entries.append(
      LinkedTransfer(
        latency: transfer.latency, activity: activity, priority: priority(of: activity),
        nvlinkCost: transfer.nvlinkCost,
        leaving: transfer.bytes(through: .nvlinkOut) + transfer.bytes(through: .nicOut),
        flows: flows))
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
          priority: priority(of: .pipelineSend), leaving: bytes,
          flows: bytes > .zero ? [(path.map { LinkUse(link: $0) }, bytes)] : []))
    }
    return Int32(first)
  }

  /// The ports a route crosses, of the GPUs that stand for their ranks.
  private func ports(of route: Route, from source: Int, to target: Int) -> [Int] {
    let isLocal = route.links.first.map { links.graph.links[$0].kind == .nvlinkOut } ?? false
    return [
      links.link(isLocal ? .nvlinkOut : .nicOut, rank: source),
      links.link(isLocal ? .nvlinkIn : .nicIn, rank: target),
    ]
  }

  private func priority(of activity: Activity) -> UInt8 {
    UInt8(priority.firstIndex(of: activity) ?? priority.count)
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
