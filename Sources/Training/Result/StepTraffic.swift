import Fabric
import Hardware
public import Quantities
public import Schedules

/// What a rank exchanged in one activity of one pass.
public struct TrafficUse: Sendable, Equatable {
  /// Pipeline rank; for a send, the one that sends.
  public var rank: Int
  /// What was exchanged.
  public var activity: Activity
  /// Forward, input or weight part; for a send, the pass whose result is sent.
  public var pass: PassKind
  /// Exchanges that moved something, each group of GPUs counted.
  public var count = 0
  /// Payload of all of them, on the ports the bytes leave through.
  public var bytes = Bytes.zero
  /// Mean time of one, latency included.
  public var mean = 0.0
  /// Longest time of one.
  public var longest = Time.zero
  /// Mean time of one with no other traffic: what `mean` would be without contention.
  public var alone = 0.0
  /// How much longer than alone one takes on average; 0 where ends differ by rounding only.
  public var contention: Double {
    let ratio = alone > 0 ? mean / alone - 1 : 0
    return abs(ratio) < 1e-9 ? 0 : ratio
  }
  /// The link that decides that time, in the exchange that takes longest alone: kind and owner,
  /// the places a listed one joins, the multiprocessors of a GPU, or latency where no link does.
  public var bottleneck = "latency"
}

/// The bytes of a step by link and traffic class, and its exchanges by rank.
struct StepTraffic {
  /// A row for each rank, activity and pass that exchanged something.
  private(set) var uses: [TrafficUse] = []
  private let step: StepTasks
  private let carried: [Bytes]
  /// Payload on each link of each class, `Activity.traffic.count` a link.
  private var byClass: [Bytes]
  /// The largest gap between what a link carried and what was put on it, or between what crosses the
  /// ports of an exchange and what leaves its GPUs, over the latter.
  private(set) var gap = 0.0

  init(_ step: StepTasks, _ run: borrowing StepRun) {
    self.step = step
    carried = run.carriedBytes
    byClass = [Bytes](repeating: .zero, count: carried.count * Activity.traffic.count)
    var entries = [Int](repeating: 0, count: step.transfers.count)
    let alone = step.transfers.map { LoneTransfer($0, step.links) }
    var rows = [Int](
      repeating: -1, count: (1 + (step.tasks.map { Int($0.rank) }.max() ?? 0)) * Self.rowsPerRank)
    var longestAlone: [Double] = []
    for (index, task) in step.tasks.enumerated() where task.transfer >= 0 {
      for group in 0..<step.members / Int(task.group) {
        let entry = Int(task.transfer) + group
        guard !step.transfers[entry].flows.isEmpty else { continue }
        entries[entry] += 1
        let member = task.members(ofGroup: group).first { _ in true } ?? 0
        let time =
          run.end(of: index, member: member) - run.start(of: index, member: member)
        let place = Self.row(of: task)
        if rows[place] < 0 {
          rows[place] = uses.count
          uses.append(
            TrafficUse(rank: Int(task.rank), activity: task.activity, pass: task.pass))
          longestAlone.append(-1)
        }
        let row = rows[place]
        uses[row].count += 1
        uses[row].bytes += step.transfers[entry].leaving
        uses[row].mean += time.seconds
        uses[row].longest = max(uses[row].longest, time)
        uses[row].alone += alone[entry].seconds
        if alone[entry].seconds > longestAlone[row] {
          longestAlone[row] = alone[entry].seconds
          uses[row].bottleneck = alone[entry].bottleneck
        }
      }
    }
    for index in uses.indices {
      uses[index].mean /= Double(uses[index].count)
      uses[index].alone /= Double(uses[index].count)
    }
    uses.sort {
      ($0.rank, $0.activity.rawValue, $0.pass.rawValue)
        < ($1.rank, $1.activity.rawValue, $1.pass.rawValue)
    }
    addClasses(entries)
    for (entry, count) in entries.enumerated() where count > 0 { checkPorts(of: entry) }
  }

  /// Every byte that leaves a GPU crosses a port of it, and holds it as long as a byte or longer; in a
  /// list of links ports have no names.
  private mutating func checkPorts(of entry: Int) {
    let transfer = step.transfers[entry]
    guard step.links.graph.cluster.links == nil else { return }
    var crossing = Bytes.zero
    for flow in transfer.flows {
      for use in flow.path where Int(use.link) < step.links.networkLinks {
        switch step.links.place(of: Int(use.link)).kind {
        case .nvlinkOut, .nicOut: crossing += flow.bytes * use.share
        default: break
        }
      }
    }
    let missing = transfer.leaving - crossing
    if missing > .zero { gap = max(gap, missing / transfer.leaving) }
  }

  private static let rowsPerRank = Activity.allCases.count * PassKind.allCases.count

  private static func row(of task: StepTask) -> Int {
    (Int(task.rank) * Activity.allCases.count + Int(task.activity.rawValue))
      * PassKind.allCases.count + Int(task.pass.rawValue)
  }

  /// Adds up what each entry put on its links, as often as it was used.
  private mutating func addClasses(_ entries: [Int]) {
    let classes = Activity.traffic.count
    var offered = [Bytes](repeating: .zero, count: carried.count)
    for (entry, count) in entries.enumerated() where count > 0 {
      let transfer = step.transfers[entry]
      guard let place = Activity.traffic.firstIndex(of: transfer.activity) else { continue }
      for flow in transfer.flows {
        for use in flow.path {
          let link = Int(use.link)
          let bytes = flow.bytes * (use.share * Double(count))
          offered[link] += bytes
          byClass[link * classes + place] += bytes / transfer.cost(of: link, step.links)
        }
      }
    }
    for (offered, carried) in zip(offered, carried) where offered != carried {
      gap = max(gap, abs((offered - carried).value) / max(offered.value, 1))
    }
  }

  /// The loads of all links of the network.
  func links(step time: Time) -> [LinkLoad] {
    let classes = Activity.traffic.count
    let links = step.links
    return (0..<links.networkLinks).map { link in
      let place = links.place(of: link)
      let rate = links.capacities[link]
      let sharers = links.sharers(of: place.kind)
      let bytes = byClass[link * classes..<(link + 1) * classes].map { $0 * sharers }
      return LinkLoad(
        rank: place.gpu.map(links.rank), gpu: place.gpu, kind: place.kind, owner: place.owner,
        name: links.name(of: link),
        bytes: bytes.reduce(.zero, +), rate: rate * sharers,
        busyRatio: rate.value > 0 ? carried[link] / rate / time.seconds : 0, bytesByClass: bytes)
    }
  }
}

/// A transfer with no other traffic: how long it takes, and which link decides that.
private struct LoneTransfer {
  var seconds: Double
  var bottleneck = "latency"

  init(_ transfer: LinkedTransfer, _ links: StepLinks) {
    // A transfer has few flows, but their paths may be long and share links.
    var load: [(link: Int, bytes: Bytes)] = transfer.flows.flatMap { flow in
      flow.path.map { (Int($0.link), flow.bytes * $0.share) }
    }
    load.sort { $0.link < $1.link }
    var slowest = 0.0
    var sum = Bytes.zero
    var slowestLink: Int?
    for (index, use) in load.enumerated() {
      sum += use.bytes
      if index + 1 < load.count, load[index + 1].link == use.link { continue }
      let time = sum / links.capacities[use.link]
      if time > slowest {
        slowest = time
        slowestLink = use.link
      }
      sum = .zero
    }
    seconds = transfer.latency.seconds + slowest
    if let slowestLink { bottleneck = links.name(of: slowestLink) }
  }
}

extension LinkedTransfer {
  /// Time a byte holds the link, over that of a byte sent directly.
  fileprivate func cost(of link: Int, _ links: StepLinks) -> Double {
    guard nvlinkCost != 1, link < links.networkLinks else { return 1 }
    return [.nvlinkOut, .nvlinkIn].contains(links.place(of: link).kind) ? nvlinkCost : 1
  }
}
