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
  /// Rate of the flows that this link holds back and that are no members; -1 without any.
  var held = -1.0
  /// The fastest of all flows that are no members.
  var fastest = 0.0
  /// The level of the link's entry in the heap; -1 once it has none.
  var key = -1.0
  /// Crossings of members that are not frozen yet.
  var unfrozen: Int32 = 0
  /// The solve in which the link was last looked at.
  var mark: UInt32 = 0
}

/// The max-min fair rates of flows, kept up to date by solving only what a change reaches.
///
/// An allocation is max-min fair exactly if every flow has a bottleneck: a full link on which no
/// flow is faster (Bertsekas and Gallager, Data Networks, 6.5.2). So after a change a few *members*
/// are filled up from zero while all others keep their rates, and a flow joins them the moment that
/// would leave it, or a member, without a bottleneck. That moment comes while filling has not yet
/// passed the flow's rate: a change reaches only flows as fast as those it begins with, or faster.
struct FairShares: ~Copyable {
  let linkCount: Int
  let capacity: UnsafeMutablePointer<Double>
  let work: UnsafeMutablePointer<LinkWork>
  /// By flow.
  private(set) var flows: UnsafeMutablePointer<FlowShare>
  private var flowRoom: Int
  /// Flows being solved, and the links they cross.
  var members = IndexList()
  var region = IndexList()
  var heap = LinkHeap()
  var round: UInt32 = 2
  /// Members frozen, and links in the heap that hold others back.
  var frozen = 0
  var waiting = 0
  /// The rate up to which members have been filled.
  var level = 0.0
  /// Solves so far.
  private(set) var solves = 0

  /// How much faster a flow must be to count as faster, relative.
  static let faster = 1 + 1e-12
  /// Room of a link that is rounding and not room, of its capacity.
  static let noRoom = 1e-12
  /// Room of a full link, of its capacity.
  static let full = 1e-14
  /// Room below which links are full at the same level, of their capacity.
  static let tied = 2e-15

  /// Key of a link that the flow being pulled in has brought along.
  static let isNew = -2.0

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
  /// - Complexity: O(crossings of the links that members use, and their logarithm).
  mutating func solve<Incidence: FlowIncidence>(_ incidence: Incidence, ranks: FlowRanks? = nil) {
    region.removeAll()
    guard members.count > 0 else { return }
    solves += 1
    nextRound()
    level = 0
    gather(incidence)
    makeRoom(incidence, ranks)
    while heap.count > 0, frozen < members.count || waiting > 0 {
      if frozen == members.count, waiting < heap.count {
        keepWaiting()
        continue
      }
      let top = heap.top
      let link = top.link
      if top.level != work[link].key {
        heap.removeTop()
        continue
      }
      let target = self.target(of: link)
      if target > top.level {
        work[link].key = target
        heap.replaceTop(target)
        continue
      }
      heap.removeTop()
      if work[link].held >= 0 { waiting -= 1 }
      if target == .infinity {
        work[link].key = -1
        continue
      }
      level = max(level, top.level)
      // The link itself goes back into the heap when all are in.
      work[link].key = 0
      let isChanged = pullIn(link, incidence, ranks)
      work[link].key = -1
      if isChanged {
        enqueue(link)
      } else if work[link].unfrozen > 0 {
        freezeMembers(on: link, incidence)
      }
    }
    releaseUnbound()
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
      }
    }
  }

  /// The capacity of each link less what those who are no members use; and the links by level.
  private mutating func makeRoom(_ incidence: some FlowIncidence, _ ranks: FlowRanks?) {
    heap.removeAll()
    frozen = 0
    waiting = 0
    for position in 0..<region.count {
      let link = region[position]
      if Int(work[link].unfrozen) == incidence.crossings(of: link).count {
        work[link].room = capacity[link]
      } else {
        look(at: link, incidence, ranks)
      }
      let target = self.target(of: link)
      work[link].key = target
      if work[link].held >= 0 { waiting += 1 }
      heap.add(LinkHeap.Entry(level: target, link: link))
    }
    heap.order()
  }

  /// Sees who is no member on a link: what they use, and how fast they are.
  func look(at link: Int, _ incidence: some FlowIncidence, _ ranks: FlowRanks?) {
    let (flows, round) = (flows, round)
    var room = capacity[link]
    var (held, fastest) = (-1.0, 0.0)
    for crossing in incidence.crossings(of: link) {
      let flow = incidence.flow(ofCrossing: crossing)
      let share = flows[flow]
      if share.mark >= round { continue }
      if let ranks, ranks.of[flow] > ranks.solved { continue }
      room -= share.rate * incidence.share(ofCrossing: crossing)
      if let ranks, ranks.of[flow] < ranks.solved { continue }
      fastest = max(fastest, share.rate)
      if share.bottleneck == Int32(truncatingIfNeeded: link) { held = max(held, share.rate) }
    }
    work[link].room = room < Self.noRoom * capacity[link] ? 0 : room
    work[link].held = held
    work[link].fastest = fastest
  }
}

/// The priorities of flows, 0 the first to be served, and the one being solved.
struct FlowRanks {
  let of: UnsafeMutablePointer<UInt8>
  let solved: UInt8
}
