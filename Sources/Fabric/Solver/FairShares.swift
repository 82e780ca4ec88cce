/// What a flow has of the links: its rate, and the full link that keeps it there.
struct FlowShare: BitwiseCopyable {
  /// Payload bytes per second.
  var rate = 0.0
  /// The link at which the flow froze; -1 before its first solve.
  var bottleneck: Int32 = -1
  /// The round of solving the flow was last a member in; one more once it is frozen.
  var mark: UInt32 = 0
}

/// A link during a solve.
struct LinkWork: BitwiseCopyable {
  /// What is left for members, apart from those frozen at `level`.
  var room = 0.0
  /// Share of the members not yet frozen.
  var load = 0.0
  /// The rate at which members were last frozen here.
  var level = 0.0
  /// Share of the members frozen at `level`.
  var atLevel = 0.0
  /// Crossings of members that are not frozen yet.
  var unfrozen: Int32 = 0
  /// Crossings of members.
  var members: Int32 = 0
  /// The round the link was last looked at.
  var mark: UInt32 = 0
  /// Whether members froze because this link was full.
  var isFull = false
}

/// The max-min fair rates of flows, kept up to date by solving only what a change can reach.
///
/// An allocation is max-min fair exactly if every flow has a bottleneck: a full link on which no
/// flow is faster (Bertsekas and Gallager, Data Networks, 6.5.2). So after a change a few *members*
/// are solved by progressive filling while all others keep their rates; where that leaves a flow
/// without a bottleneck, it becomes a member and the members are solved again. The result is the
/// one allocation there is, whatever the members were.
struct FairShares: ~Copyable {
  let linkCount: Int
  let capacity: UnsafeMutablePointer<Double>
  let work: UnsafeMutablePointer<LinkWork>
  /// By flow.
  private(set) var flows: UnsafeMutablePointer<FlowShare>
  private var flowRoom: Int
  /// Flows being solved, and the links they cross.
  private(set) var members = IndexList()
  private(set) var region = IndexList()
  private var heap: LinkHeap
  private var round: UInt32 = 2
  /// Solves so far.
  private(set) var solves = 0

  /// Rounds after which everything connected becomes a member.
  private static let mostRounds = 12
  /// How much faster a flow must be to count as faster, relative.
  private static let faster = 1 + 1e-12
  /// Room of a link that is rounding and not room, of its capacity.
  private static let noRoom = 1e-12
  /// Room of a full link, of its capacity.
  private static let full = 1e-14
  /// Room below which links are full at the same level, of their capacity.
  private static let tied = 2e-15

  /// No flows on links of the given rates.
  init(capacities: some Collection<Double>, flows count: Int) {
    linkCount = capacities.count
    capacity = .allocate(capacity: max(linkCount, 1))
    for (link, rate) in capacities.enumerated() { capacity[link] = rate }
    work = .allocate(capacity: max(linkCount, 1))
    work.initialize(repeating: LinkWork(), count: linkCount)
    flowRoom = max(count, 16)
    flows = .allocate(capacity: flowRoom)
    flows.initialize(repeating: FlowShare(), count: flowRoom)
    heap = LinkHeap(links: linkCount)
  }

  deinit {
    capacity.deallocate()
    work.deallocate()
    flows.deallocate()
  }

  /// Makes room for flow number `flow`.
  mutating func reserve(_ flow: Int) {
    guard flow >= flowRoom else { return }
    let room = max(flow + 1, 2 * flowRoom)
    let larger = UnsafeMutablePointer<FlowShare>.allocate(capacity: room)
    larger.update(from: flows, count: flowRoom)
    (larger + flowRoom).initialize(repeating: FlowShare(), count: room - flowRoom)
    flows.deallocate()
    flows = larger
    flowRoom = room
  }

  /// Forgets the members; those of the next solve `join`.
  mutating func beginSolve() {
    members.removeAll()
    nextRound()
  }

  /// Makes a flow a member, unless it is one.
  @inline(__always)
  mutating func join(_ flow: Int, _ incidence: borrowing some FlowIncidence) {
    guard flows[flow].mark < round else { return }
    flows[flow].mark = round &+ 1
    incidence.advance(flow, rate: flows[flow].rate)
    members.append(flow)
  }

  /// Makes members of the flows that are as fast as they are because `link` was full.
  mutating func joinBottlenecked(at link: Int, _ incidence: borrowing some FlowIncidence) {
    for crossing in incidence.crossings(of: link) {
      let flow = incidence.flow(ofCrossing: crossing)
      if flows[flow].bottleneck == Int32(truncatingIfNeeded: link) { join(flow, incidence) }
    }
  }

  /// As `joinBottlenecked`, among flows of the priority that is solved; all of them where they have
  /// less room than they use.
  mutating func joinDisturbed(
    at link: Int, _ incidence: borrowing some FlowIncidence, _ ranks: FlowRanks
  ) {
    var used = 0.0
    for crossing in incidence.crossings(of: link) {
      let flow = incidence.flow(ofCrossing: crossing)
      if ranks.of[flow] <= ranks.solved {
        used += flows[flow].rate * incidence.share(ofCrossing: crossing)
      }
    }
    let isOver = used > capacity[link] * (1 + Self.full)
    for crossing in incidence.crossings(of: link) {
      let flow = incidence.flow(ofCrossing: crossing)
      guard ranks.of[flow] == ranks.solved else { continue }
      if isOver || flows[flow].bottleneck == Int32(truncatingIfNeeded: link) {
        join(flow, incidence)
      }
    }
  }

  /// Whether a flow was a member of the last solve.
  @inline(__always)
  func isMember(_ flow: Int) -> Bool { flows[flow].mark >= round }

  /// Whether this is the first visit of a link in this round.
  @inline(__always)
  mutating func visit(_ link: Int) -> Bool {
    if work[link].mark == round { return false }
    work[link].mark = round
    return true
  }

  /// The flow has ended; its number may be used again.
  mutating func forget(_ flow: Int) { flows[flow] = FlowShare(mark: flows[flow].mark) }

  /// Solves the members, and whoever has to join them.
  ///
  /// - Parameter ranks: the priority of each flow where they differ, and the one being solved:
  ///   members and those who join have it, flows below it are in the way, those above are not seen.
  /// - Complexity: O(crossings of the links the members use) a round, and the logarithm of the
  ///   links for each that fills.
  mutating func solve<Incidence: FlowIncidence>(
    _ incidence: Incidence, ranks: FlowRanks? = nil
  ) {
    guard members.count > 0 else {
      region.removeAll()
      return
    }
    solves += 1
    var rounds = 0
    while true {
      nextRound()
      gather(incidence)
      makeRoom(incidence, ranks)
      fill(incidence)
      let before = members.count
      rounds += 1
      if rounds < Self.mostRounds {
        joinUncertain(incidence, ranks)
      } else {
        joinConnected(incidence, ranks)
      }
      if members.count == before { return }
    }
  }

  /// Begins a round: nobody is a member, no link has been visited.
  mutating func nextRound() {
    if round > UInt32.max - 8 {
      for flow in 0..<flowRoom { flows[flow].mark = 0 }
      for link in 0..<linkCount { work[link].mark = 0 }
      round = 2
    }
    round += 2
  }

  /// Marks the members, and sums their shares on each link they use.
  private mutating func gather(_ incidence: some FlowIncidence) {
    let (work, flows, round) = (work, flows, round)
    region.removeAll()
    for position in 0..<members.count {
      let flow = members[position]
      flows[flow].mark = round
      for use in incidence.uses(of: flow) {
        let link = incidence.link(ofUse: use)
        if work[link].mark != round {
          work[link] = LinkWork(mark: round)
          region.append(link)
        }
        work[link].load += incidence.share(ofUse: use)
        work[link].unfrozen &+= 1
        work[link].members &+= 1
      }
    }
  }

  /// The capacity of each link less what those who are no members use; and the links by level.
  private mutating func makeRoom(_ incidence: some FlowIncidence, _ ranks: FlowRanks?) {
    let (work, flows, round) = (work, flows, round)
    heap.removeAll()
    for position in 0..<region.count {
      let link = region[position]
      let crossings = incidence.crossings(of: link)
      var room = capacity[link]
      if Int(work[link].members) != crossings.count {
        for crossing in crossings {
          let flow = incidence.flow(ofCrossing: crossing)
          if flows[flow].mark >= round { continue }
          if let ranks, ranks.of[flow] > ranks.solved { continue }
          room -= flows[flow].rate * incidence.share(ofCrossing: crossing)
        }
        if room < Self.noRoom * capacity[link] { room = 0 }
      }
      work[link].room = room
      heap.add(LinkHeap.Entry(level: room / work[link].load, link: link))
    }
    heap.order()
  }

  /// Progressive filling: the link that is full at the lowest level freezes its members there.
  private mutating func fill(_ incidence: some FlowIncidence) {
    let (work, flows, round) = (work, flows, round)
    var left = members.count
    var level = 0.0
    while left > 0, heap.count > 0 {
      let top = heap.top
      let link = top.link
      guard work[link].unfrozen > 0 else {
        heap.removeTop()
        continue
      }
      let own = Self.level(of: &work[link], above: level, capacity: capacity[link])
      if own > top.level {
        heap.replaceTop(own)
        continue
      }
      if own == .infinity { break }
      level = max(level, own)
      work[link].isFull = true
      heap.removeTop()
      for crossing in incidence.crossings(of: link) {
        let flow = incidence.flow(ofCrossing: crossing)
        guard flows[flow].mark == round else { continue }
        flows[flow] = FlowShare(
          rate: level, bottleneck: Int32(truncatingIfNeeded: link), mark: round &+ 1)
        left &-= 1
        for use in incidence.uses(of: flow) {
          Self.freeze(incidence.share(ofUse: use), at: level, on: &work[incidence.link(ofUse: use)])
        }
      }
    }
    if left > 0 { releaseUnbound() }
  }

  /// Nothing holds back members that load no link.
  private mutating func releaseUnbound() {
    for position in 0..<members.count where flows[members[position]].mark == round {
      flows[members[position]] = FlowShare(rate: .infinity, bottleneck: -1, mark: round &+ 1)
    }
  }

  /// The level at which a link is full. Links that differ only by rounding have the same one, to
  /// the last bit, so that equal flows end together.
  @inline(__always)
  private static func level(
    of link: inout LinkWork, above level: Double, capacity: Double
  ) -> Double {
    if link.level != level { settle(&link) }
    let over = link.room - level * (link.load + link.atLevel)
    return over <= tied * capacity ? level : level + over / link.load
  }

  @inline(__always)
  private static func freeze(_ share: Double, at level: Double, on link: inout LinkWork) {
    if link.level != level {
      settle(&link)
      link.level = level
    }
    link.atLevel += share
    link.load -= share
    link.unfrozen &-= 1
  }

  /// Takes those frozen at the link's level off its room.
  @inline(__always)
  private static func settle(_ link: inout LinkWork) {
    link.room -= link.level * link.atLevel
    link.atLevel = 0
  }

  /// Makes members of flows that may have lost their bottleneck, and of those that are too fast on
  /// a link that is a member's bottleneck: of these, first those the link itself had slowed down.
  private mutating func joinUncertain(_ incidence: some FlowIncidence, _ ranks: FlowRanks?) {
    for position in 0..<region.count {
      let link = region[position]
      let crossings = incidence.crossings(of: link)
      let state = work[link]
      if Int(state.members) == crossings.count { continue }
      let isLoose = state.room - state.level * state.atLevel > Self.full * capacity[link]
      let before = members.count
      var fastest = 0.0
      for crossing in crossings {
        let flow = incidence.flow(ofCrossing: crossing)
        let share = flows[flow]
        if share.mark >= round { continue }
        if let ranks, ranks.of[flow] != ranks.solved { continue }
        fastest = max(fastest, share.rate)
        guard share.bottleneck == Int32(truncatingIfNeeded: link) else { continue }
        if isLoose || state.level > share.rate * Self.faster
          || (state.isFull && share.rate > state.level * Self.faster)
        {
          join(flow, incidence)
        }
      }
      let limit = state.level * Self.faster
      if state.isFull, members.count == before, fastest > limit {
        joinFaster(than: limit, on: crossings, incidence, ranks)
      }
    }
  }

  private mutating func joinFaster(
    than limit: Double, on crossings: Range<Int>, _ incidence: some FlowIncidence,
    _ ranks: FlowRanks?
  ) {
    for crossing in crossings {
      let flow = incidence.flow(ofCrossing: crossing)
      if let ranks, ranks.of[flow] != ranks.solved { continue }
      if flows[flow].rate > limit { join(flow, incidence) }
    }
  }

  /// Makes members of all flows that links connect with members.
  private mutating func joinConnected(_ incidence: some FlowIncidence, _ ranks: FlowRanks?) {
    var reached = 0
    while reached < region.count {
      for crossing in incidence.crossings(of: region[reached]) {
        let flow = incidence.flow(ofCrossing: crossing)
        if let ranks, ranks.of[flow] != ranks.solved { continue }
        guard flows[flow].mark < round else { continue }
        join(flow, incidence)
        for use in incidence.uses(of: flow) where work[incidence.link(ofUse: use)].mark != round {
          work[incidence.link(ofUse: use)].mark = round
          region.append(incidence.link(ofUse: use))
        }
      }
      reached += 1
    }
  }
}

/// The priorities of flows, 0 the first to be served, and the one being solved.
struct FlowRanks {
  let of: UnsafeMutablePointer<UInt8>
  let solved: UInt8
}
