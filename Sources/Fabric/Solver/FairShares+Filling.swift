/// Filling: what happens on a link when all rates have risen so far.
extension FairShares {
  /// The level at which something happens on a link: it is full, or filling reaches the rate of
  /// those it holds back; infinite where nothing will.
  @inline(__always)
  func target(of link: Int) -> Double {
    let held = work[link].held
    guard work[link].unfrozen > 0 else {
      if held < 0 { return .infinity }
      let room = work[link].room - work[link].level * work[link].atLevel
      return room > Self.full * capacity[link] ? held : .infinity
    }
    let own = Self.level(of: &work[link], above: level, capacity: capacity[link])
    return held >= 0 && held < own ? held : own
  }

  /// Makes members of those on a link who may not stay as they are, now that filling has come to
  /// its target: those it holds back at another level than its own, or else those who are faster
  /// than its members could be. Returns whether there were any.
  mutating func pullIn(
    _ link: Int, _ incidence: some FlowIncidence, _ ranks: FlowRanks?
  ) -> Bool {
    let state = work[link]
    var own = Double.infinity
    if state.unfrozen > 0 {
      own = Self.level(of: &work[link], above: level, capacity: capacity[link])
    }
    let limit = own * Self.faster
    if state.held >= 0, state.held > limit || own > state.held * Self.faster {
      work[link].held = -1
      for crossing in incidence.crossings(of: link) {
        let flow = incidence.flow(ofCrossing: crossing)
        guard flows[flow].bottleneck == Int32(truncatingIfNeeded: link) else { continue }
        if let ranks, ranks.of[flow] != ranks.solved { continue }
        pullIn(flow: flow, incidence, ranks)
      }
      return true
    }
    guard state.fastest > limit else { return false }
    work[link].fastest = own
    let before = members.count
    for crossing in incidence.crossings(of: link) {
      let flow = incidence.flow(ofCrossing: crossing)
      guard flows[flow].rate > limit else { continue }
      if let ranks, ranks.of[flow] != ranks.solved { continue }
      pullIn(flow: flow, incidence, ranks)
    }
    return members.count > before
  }

  /// Makes a flow a member while filling is going on.
  private mutating func pullIn(
    flow: Int, _ incidence: some FlowIncidence, _ ranks: FlowRanks?
  ) {
    guard flows[flow].mark < round else { return }
    let rate = flows[flow].rate
    incidence.advance(flow, rate: rate)
    members.append(flow)
    flows[flow].mark = round
    for use in incidence.uses(of: flow) {
      let link = incidence.link(ofUse: use)
      if work[link].mark != round {
        work[link] = LinkWork(key: Self.isNew, mark: round)
        look(at: link, incidence, ranks)
        region.append(link)
      } else if work[link].key != Self.isNew {
        work[link].room += rate * incidence.share(ofUse: use)
      }
      work[link].load += incidence.share(ofUse: use)
      work[link].unfrozen &+= 1
    }
    for use in incidence.uses(of: flow) {
      let link = incidence.link(ofUse: use)
      if work[link].key == Self.isNew { work[link].key = -1 }
      enqueue(link)
    }
  }

  /// Puts a link into the heap, unless it stands there at its target or below.
  @inline(__always)
  mutating func enqueue(_ link: Int) {
    let key = work[link].key
    if key >= 0 {
      // The usual case, without a division: the link is full no sooner than its entry says.
      if work[link].level != level { Self.settle(&work[link]) }
      let over = work[link].room - level * (work[link].load + work[link].atLevel)
      if over >= (key - level) * work[link].load { return }
    }
    let target = self.target(of: link)
    guard target < .infinity, key < 0 || target < key else { return }
    work[link].key = target
    if key < 0, work[link].held >= 0 { waiting += 1 }
    heap.push(LinkHeap.Entry(level: target, link: link))
  }

  /// Every member is frozen: only links with room for those they hold back can still matter.
  mutating func keepWaiting() {
    waiting = 0
    for index in 0..<heap.count {
      let entry = heap[index]
      guard entry.level == work[entry.link].key else { continue }
      if work[entry.link].held >= 0, target(of: entry.link) < .infinity {
        heap[waiting] = entry
        waiting += 1
      } else {
        work[entry.link].key = -1
      }
    }
    heap.cut(to: waiting)
    heap.order()
  }

  /// The link is full: its members stay at the level reached.
  mutating func freezeMembers(on link: Int, _ incidence: some FlowIncidence) {
    let (work, flows, round, level) = (work, flows, round, level)
    var count = 0
    for crossing in incidence.crossings(of: link) {
      let flow = incidence.flow(ofCrossing: crossing)
      guard flows[flow].mark == round else { continue }
      flows[flow] = FlowShare(
        rate: level, bottleneck: Int32(truncatingIfNeeded: link), mark: round &+ 1)
      count &+= 1
      for use in incidence.uses(of: flow) {
        Self.freeze(incidence.share(ofUse: use), at: level, on: &work[incidence.link(ofUse: use)])
      }
    }
    frozen += count
  }

  /// Nothing holds back members that load no link.
  mutating func releaseUnbound() {
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
}
