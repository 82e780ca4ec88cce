public import Quantities

/// Flows that share links max-min fairly, as a fluid.
///
/// All rates rise together until a link is full; the flows on it stay there and the others rise on
/// (progressive filling). One flow may stand for a class of equal flows: its `LinkUse`s say how
/// often the class crosses a link. Flows of priority 0 are served first, those of priority 1 share
/// what is left, and so on; a flow that nothing is left for waits. Rates change only where a flow
/// enters or leaves, and only as far as that reaches.
///
///     var network = FlowNetwork(capacities: [Bandwidth(1e9)])
///     network.start([LinkUse(link: 0)], bytes: Bytes(1e6), tag: 7, at: .zero)
///     network.settle(at: .zero) { flow, finish in print(finish.seconds) }   // 0.001
///
/// Remaining bytes and time are kept in double precision; only finish times handed to the caller
/// are rounded to picoseconds, so rounding never adds up. A flow is known by its slot, which is
/// used again after the flow has ended.
public struct FlowNetwork: ~Copyable {
  private var shares: FairShares
  private var pool = CrossingPool()
  /// The active flows on each link.
  private let links: UnsafeMutablePointer<CrossingBlock>
  /// By slot, with room for `room` slots.
  private var flows: UnsafeMutablePointer<FlowRecord>
  private var ranks: UnsafeMutablePointer<UInt8>
  private var room = 16
  private var slots = 0
  private var freeSlots = IndexList()
  private let carried: UnsafeMutablePointer<Double>

  /// Links that a flow has left, and flows that have entered, since the last `settle`.
  private var dirty = IndexList()
  private var entered = IndexList()
  /// The highest priority number a flow ever had.
  private var lastRank: UInt8 = 0
  /// Exact instant of the changes not yet settled.
  private var instant = 0.0

  /// A network of idle links, each with its payload rate in one direction.
  ///
  /// A link of rate 0 is dead: a flow over it never ends, and `isStalled` says so.
  public init(capacities: [Bandwidth]) {
    shares = FairShares(capacities: capacities.lazy.map(\.value), flows: 16)
    links = .allocate(capacity: max(capacities.count, 1))
    links.initialize(repeating: CrossingBlock(), count: capacities.count)
    flows = .allocate(capacity: 16)
    flows.initialize(repeating: FlowRecord(), count: 16)
    ranks = .allocate(capacity: 16)
    carried = .allocate(capacity: max(capacities.count, 1))
    carried.initialize(repeating: 0, count: capacities.count)
  }

  deinit {
    links.deallocate()
    flows.deallocate()
    ranks.deallocate()
    carried.deallocate()
  }

  /// Bytes each link has carried up to the last change of the flows on it; exact once every flow
  /// has ended.
  public var carriedBytes: [Bytes] {
    var bytes = (0..<shares.linkCount).map { carried[$0] }
    for slot in 0..<slots where flows[slot].isActive {
      for use in flows[slot].path.range {
        let record = pool.records[use]
        bytes[Int(record.index)] += (flows[slot].bytes - flows[slot].remaining) * record.share
      }
    }
    return bytes.map { Bytes($0) }
  }

  /// Times that rates were solved: at most once for each `settle` and priority.
  public var solves: Int { shares.solves }

  /// What the caller gave as `tag` to the flow in `slot`.
  public func tag(of slot: UInt32) -> UInt32 { flows[Int(slot)].tag }

  /// Payload rate of the flow in `slot` since the last `settle`.
  public func rate(of slot: UInt32) -> Bandwidth { Bandwidth(shares.flows[Int(slot)].rate) }

  /// Whether the flow in `slot` is on its way but has no rate: a link it crosses is dead, or flows
  /// of lower priority numbers leave nothing. It has a finish time only once that changes.
  public func isStalled(_ slot: UInt32) -> Bool {
    flows[Int(slot)].isActive && shares.flows[Int(slot)].rate == 0
  }

  /// Whether the flow in `slot` is on its way and ends at `time`; false for a finish time that a
  /// later change has replaced.
  public func ends(_ slot: UInt32, at time: Time) -> Bool {
    flows[Int(slot)].isActive && flows[Int(slot)].finish == time && !isStalled(slot)
  }

  /// Adds a flow of `bytes` payload over `path`; rates change at the next `settle`.
  ///
  /// `path` must not be empty and `bytes` must be above zero: what moves nothing is no flow.
  /// - Complexity: O(uses), without allocation where a flow like it has ended before.
  @discardableResult
  public mutating func start(
    _ path: UnsafeBufferPointer<LinkUse>, bytes: Bytes, tag: UInt32, priority: UInt8 = 0,
    at now: Time
  ) -> UInt32 {
    let slot = freeSlots.count > 0 ? freeSlots.removeLast() : addSlot()
    instant = max(instant, now.seconds)
    lastRank = max(lastRank, priority)
    ranks[slot] = priority
    var own = pool.allocate(path.count)
    for use in path where use.share > 0 {
      let record = own.offset &+ own.count
      let position = pool.append(
        Crossing(index: Int32(truncatingIfNeeded: slot), twin: record, share: use.share),
        to: &links[Int(use.link)])
      pool.records[Int(record)] = Crossing(index: use.link, twin: position, share: use.share)
      own.count &+= 1
    }
    flows[slot] = FlowRecord(
      bytes: bytes.value, remaining: bytes.value, updated: instant, tag: tag, path: own,
      isActive: true)
    entered.append(slot)
    return UInt32(slot)
  }

  /// Adds a flow of `bytes` payload over `path`, as above.
  @discardableResult
  public mutating func start(
    _ path: some Collection<LinkUse>, bytes: Bytes, tag: UInt32, priority: UInt8 = 0,
    at now: Time
  ) -> UInt32 {
    let slot = path.withContiguousStorageIfAvailable {
      start($0, bytes: bytes, tag: tag, priority: priority, at: now)
    }
    return slot
      ?? Array(path).withUnsafeBufferPointer {
        start($0, bytes: bytes, tag: tag, priority: priority, at: now)
      }
  }

  /// Removes the flow in `slot` at its exact end; rates change at the next `settle`.
  public mutating func finish(_ slot: UInt32) {
    let slot = Int(slot)
    let flow = flows[slot]
    instant = max(instant, flow.end)
    let records = pool.records
    for use in flow.path.range {
      let record = records[use]
      let link = Int(record.index)
      carried[link] += flow.bytes * record.share
      // The last crossing of the link takes the place of the one that goes.
      links[link].count &-= 1
      let last = records[Int(links[link].offset &+ links[link].count)]
      records[Int(links[link].offset &+ record.twin)] = last
      records[Int(last.twin)].twin = record.twin
      dirty.append(link)
    }
    pool.free(flow.path)
    flows[slot].isActive = false
    shares.forget(slot)
    freeSlots.append(slot)
  }

  /// Solves what flows have entered or left since the last call can reach, and reports each flow
  /// whose finish time is new.
  ///
  /// Call it once an instant, after all its starts and finishes. A flow that has come to a stop is
  /// not reported; it will be when it goes on.
  public mutating func settle(at now: Time, report: (_ slot: UInt32, _ finish: Time) -> Void) {
    guard dirty.count > 0 || entered.count > 0 else { return }
    instant = max(instant, now.seconds - 0.5e-12)
    let view = PooledIncidence(
      records: pool.records, links: links, flows: flows, instant: instant)
    if lastRank == 0 {
      solve(view)
      reportMembers(now, report)
    } else {
      for rank in 0...lastRank {
        solve(view, rank: rank)
        reportMembers(now, report)
      }
    }
    dirty.removeAll()
    entered.removeAll()
  }

  /// Solves where all flows have priority 0.
  private mutating func solve(_ view: PooledIncidence) {
    shares.beginSolve()
    for position in 0..<entered.count { shares.join(entered[position], view) }
    for position in 0..<dirty.count { shares.joinBottlenecked(at: dirty[position], view) }
    shares.solve(view)
  }

  /// Solves one priority; the links whose use changed are dirty for the next.
  private mutating func solve(_ view: PooledIncidence, rank: UInt8) {
    let ranks = FlowRanks(of: ranks, solved: rank)
    shares.beginSolve()
    for position in 0..<entered.count where ranks.of[entered[position]] == rank {
      shares.join(entered[position], view)
    }
    for position in 0..<dirty.count { shares.joinDisturbed(at: dirty[position], view, ranks) }
    shares.solve(view, ranks: ranks)
    if rank < lastRank {
      for position in 0..<shares.region.count { dirty.append(shares.region[position]) }
    }
  }

  private mutating func reportMembers(
    _ now: Time, _ report: (_ slot: UInt32, _ finish: Time) -> Void
  ) {
    for position in 0..<shares.members.count {
      let slot = shares.members[position]
      let rate = shares.flows[slot].rate
      guard rate > 0 else {
        flows[slot].end = .infinity
        flows[slot].finish = .max
        continue
      }
      let end = instant + flows[slot].remaining / rate
      let finish = max(Time(seconds: end), now)
      flows[slot].end = end
      if finish != flows[slot].finish {
        flows[slot].finish = finish
        report(UInt32(slot), finish)
      }
    }
  }

  private mutating func addSlot() -> Int {
    if slots == room { grow() }
    shares.reserve(slots)
    slots += 1
    return slots - 1
  }

  @inline(never)
  private mutating func grow() {
    let more = UnsafeMutablePointer<FlowRecord>.allocate(capacity: 2 * room)
    more.update(from: flows, count: room)
    flows.deallocate()
    flows = more
    let moreRanks = UnsafeMutablePointer<UInt8>.allocate(capacity: 2 * room)
    moreRanks.update(from: ranks, count: room)
    ranks.deallocate()
    ranks = moreRanks
    room *= 2
  }
}

/// The network is the only owner of its memory, so it may move to another thread.
extension FlowNetwork: @unchecked Sendable {}

/// A flow of a network, apart from its rate.
struct FlowRecord: BitwiseCopyable {
  var bytes = 0.0
  var remaining = 0.0
  /// Exact seconds up to which `remaining` is accounted for, and at which it will be zero.
  var updated = 0.0
  var end = 0.0
  var finish = Time.max
  var tag: UInt32 = 0
  var path = CrossingBlock()
  var isActive = false
}

/// A network's flows and links, as the solver reads them.
struct PooledIncidence: FlowIncidence {
  let records: UnsafeMutablePointer<Crossing>
  let links: UnsafeMutablePointer<CrossingBlock>
  let flows: UnsafeMutablePointer<FlowRecord>
  let instant: Double

  @inline(__always)
  func uses(of flow: Int) -> Range<Int> { flows[flow].path.range }
  @inline(__always)
  func link(ofUse use: Int) -> Int { Int(records[use].index) }
  @inline(__always)
  func share(ofUse use: Int) -> Double { records[use].share }
  @inline(__always)
  func crossings(of link: Int) -> Range<Int> { links[link].range }
  @inline(__always)
  func flow(ofCrossing crossing: Int) -> Int { Int(records[crossing].index) }
  @inline(__always)
  func share(ofCrossing crossing: Int) -> Double { records[crossing].share }
  @inline(__always)
  func advance(_ flow: Int, rate: Double) {
    if rate > 0 {
      let drained = rate * (instant - flows[flow].updated)
      flows[flow].remaining = max(flows[flow].remaining - drained, 0)
    }
    flows[flow].updated = instant
  }
}
