/// A flow set on its way through time.
///
/// Each link keeps its flows in one piece: first those on their way, then those still to start, in
/// the order of their starts. The next end is looked up by link: a flow's end belongs to the link
/// that holds it back, and a tree over the links knows the earliest.
struct FlowSetRun: ~Copyable {
  private let set: FlowSet
  private var shares: FairShares
  private var ends: EarliestLink
  private let view: PackedIncidence
  /// Crossings of each link that have not started, up to the first of the next link.
  private let nextStart: UnsafeMutablePointer<Int32>
  /// Flows in the order of their starts; empty where that is the order they were added in.
  private var order: [Int32] = []
  private var started = 0
  private var active = 0
  private var dirty = IndexList()
  private var ended = IndexList()
  private var joined = IndexList()
  /// Seconds at which the links were last without flows.
  private var epoch = 0.0

  init(_ set: consuming FlowSet) {
    let links = set.capacities.count
    shares = FairShares(capacities: set.capacities, flows: set.count)
    ends = EarliestLink(links: links)
    nextStart = .allocate(capacity: links + 1)
    let starts = UnsafeBufferPointer(start: set.updated.items, count: set.count)
    if !zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 }) {
      order = (0..<Int32(set.count)).sorted {
        (starts[Int($0)], $0) < (starts[Int($1)], $1)
      }
    }
    view = PackedIncidence(set, starts: nextStart, order: order)
    self.set = set
  }

  deinit {
    view.deallocate()
    nextStart.deallocate()
  }

  var solves: Int { shares.solves }

  /// Seconds at which each flow ends.
  var finishTimes: [Double] { Array(UnsafeBufferPointer(start: view.end, count: set.count)) }

  /// Lets every flow run to its end.
  mutating func run() {
    while true {
      let start = started < set.count ? set.updated.items[flow(started)] : .infinity
      let first = min(start, ends.earliest)
      guard first < .infinity else { return }
      if active == 0 { epoch = first }
      let limit = first + Self.tie(at: first, since: epoch)
      view.instant.pointee = first
      finish(until: limit)
      enter(until: limit)
      solve()
    }
  }

  /// Seconds within which ends differ by rounding alone: a few units in the last place of the time,
  /// and what remaining bytes gather since the links were last idle, up to a picosecond.
  private static func tie(at time: Double, since epoch: Double) -> Double {
    4 * time.ulp + min(1e-13 * (time - epoch), 1e-12)
  }

  private func flow(_ position: Int) -> Int {
    order.isEmpty ? position : Int(order[position])
  }

  /// Takes away the flows that end up to `limit`; the links they leave are dirty.
  private mutating func finish(until limit: Double) {
    dirty.removeAll()
    ended.removeAll()
    guard ends.earliest <= limit else { return }
    ends.links(until: limit, into: &joined)
    for position in 0..<joined.count {
      let link = joined[position]
      for crossing in view.crossings(of: link) {
        let flow = view.flow(ofCrossing: crossing)
        guard shares.flows[flow].bottleneck == Int32(link), view.end[flow] <= limit else {
          continue
        }
        // A flow that crosses the link twice is met twice.
        shares.forget(flow)
        ended.append(flow)
        view.instant.pointee = max(view.instant.pointee, view.end[flow])
      }
    }
    active -= ended.count
    shares.nextRound()
    for position in 0..<ended.count {
      for use in view.uses(of: ended[position]) {
        let link = view.link(ofUse: use)
        if shares.visit(link) { dirty.append(link) }
      }
    }
    for position in 0..<dirty.count {
      ends.set(dirty[position], .infinity)
      if active > 0 { compact(dirty[position]) } else { view.clear(dirty[position]) }
    }
  }

  /// Closes the gaps that ended flows left on a link.
  private func compact(_ link: Int) {
    let range = view.crossings(of: link)
    var kept = range.lowerBound
    for crossing in range where shares.flows[view.flow(ofCrossing: crossing)].bottleneck >= 0 {
      view.move(crossing, to: kept)
      kept += 1
    }
    view.liveEnd[link] = Int32(kept)
  }

  /// Puts the flows that start up to `limit` on their links.
  private mutating func enter(until limit: Double) {
    joined.removeAll()
    while started < set.count {
      let flow = flow(started)
      let start = set.updated.items[flow]
      guard start <= limit else { return }
      started += 1
      let uses = view.uses(of: flow)
      guard !uses.isEmpty, set.remaining.items[flow] > 0 else {
        view.end[flow] = start
        continue
      }
      for use in uses {
        let link = view.link(ofUse: use)
        view.move(Int(nextStart[link]), to: Int(view.liveEnd[link]))
        nextStart[link] += 1
        view.liveEnd[link] += 1
      }
      view.instant.pointee = max(view.instant.pointee, start)
      active += 1
      joined.append(flow)
    }
  }

  /// Solves what has changed, and looks up the ends that follow.
  private mutating func solve() {
    shares.beginSolve()
    for position in 0..<joined.count {
      view.updated[joined[position]] = view.instant.pointee
      shares.join(joined[position], view)
    }
    for position in 0..<dirty.count { shares.joinBottlenecked(at: dirty[position], view) }
    guard shares.members.count > 0 else { return }
    shares.solve(view)
    for position in 0..<shares.region.count {
      ends.hold(shares.region[position], earliestOther(at: shares.region[position]))
    }
    let now = view.instant.pointee
    for position in 0..<shares.members.count {
      let flow = shares.members[position]
      let share = shares.flows[flow]
      let end = share.rate > 0 ? now + view.remaining[flow] / share.rate : .infinity
      view.end[flow] = end
      ends.lower(Int(share.bottleneck), to: end)
    }
    ends.update(shares.region)
  }

  /// The earliest end of the flows a link holds back whose rates stayed as they were.
  private func earliestOther(at link: Int) -> Double {
    let crossings = view.crossings(of: link)
    var earliest = Double.infinity
    if shares.work[link].held < 0 { return earliest }
    for crossing in crossings {
      let flow = view.flow(ofCrossing: crossing)
      if shares.flows[flow].bottleneck == Int32(link), !shares.isMember(flow) {
        earliest = min(earliest, view.end[flow])
      }
    }
    return earliest
  }
}
