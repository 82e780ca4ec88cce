/// A flow set's flows and links in flat arrays, as the solver reads them.
struct PackedIncidence: FlowIncidence {
  private let links: UnsafeMutablePointer<Int32>
  private let pathEnds: UnsafeMutablePointer<Int32>
  private let pathShares: UnsafeMutablePointer<Double>?
  /// By link: its first crossing, and the end of those on their way.
  private let firsts: UnsafeMutablePointer<Int32>
  let liveEnd: UnsafeMutablePointer<Int32>
  private let crossingFlows: UnsafeMutablePointer<Int32>
  private let crossingShares: UnsafeMutablePointer<Double>?
  let remaining: UnsafeMutablePointer<Double>
  let updated: UnsafeMutablePointer<Double>
  let end: UnsafeMutablePointer<Double>
  /// Exact seconds of the changes being made.
  let instant: UnsafeMutablePointer<Double>

  /// Sorts the uses of a set by link, and on each link by the start of the flow; `starts` becomes
  /// the first crossing of each link. The set must outlive the view.
  init(_ set: borrowing FlowSet, starts: UnsafeMutablePointer<Int32>, order: [Int32]) {
    let (flowCount, useCount, linkCount) = (set.count, set.links.count, set.capacities.count)
    links = set.links.items
    pathEnds = set.pathEnds.items
    pathShares = set.shares.count > 0 ? set.shares.items : nil
    remaining = set.remaining.items
    updated = set.updated.items
    firsts = .allocate(capacity: linkCount + 1)
    liveEnd = .allocate(capacity: linkCount + 1)
    crossingFlows = .allocate(capacity: max(useCount, 1))
    crossingShares = pathShares.map { _ in .allocate(capacity: max(useCount, 1)) }
    end = .allocate(capacity: max(flowCount, 1))
    end.initialize(repeating: .infinity, count: flowCount)
    instant = .allocate(capacity: 1)
    instant.initialize(to: 0)

    firsts.initialize(repeating: 0, count: linkCount + 1)
    for flow in 0..<flowCount where remaining[flow] > 0 {
      for use in uses(of: flow) { firsts[Int(links[use]) + 1] += 1 }
    }
    for link in 0..<linkCount { firsts[link + 1] += firsts[link] }
    liveEnd.update(from: firsts, count: linkCount + 1)
    for position in 0..<flowCount {
      let flow = order.isEmpty ? position : Int(order[position])
      guard remaining[flow] > 0 else { continue }
      for use in uses(of: flow) {
        let crossing = Int(liveEnd[Int(links[use])])
        liveEnd[Int(links[use])] += 1
        crossingFlows[crossing] = Int32(flow)
        if let crossingShares, let pathShares { crossingShares[crossing] = pathShares[use] }
      }
    }
    liveEnd.update(from: firsts, count: linkCount + 1)
    starts.update(from: firsts, count: linkCount + 1)
  }

  func deallocate() {
    firsts.deallocate()
    liveEnd.deallocate()
    crossingFlows.deallocate()
    crossingShares?.deallocate()
    end.deallocate()
    instant.deallocate()
  }

  /// Takes every flow off a link.
  func clear(_ link: Int) { liveEnd[link] = firsts[link] }

  /// Moves a crossing towards the front.
  @inline(__always)
  func move(_ crossing: Int, to place: Int) {
    crossingFlows[place] = crossingFlows[crossing]
    if let crossingShares { crossingShares[place] = crossingShares[crossing] }
  }

  @inline(__always)
  func uses(of flow: Int) -> Range<Int> {
    Range(uncheckedBounds: (flow == 0 ? 0 : Int(pathEnds[flow &- 1]), Int(pathEnds[flow])))
  }
  @inline(__always)
  func link(ofUse use: Int) -> Int { Int(links[use]) }
  @inline(__always)
  func share(ofUse use: Int) -> Double { pathShares.map { $0[use] } ?? 1 }
  @inline(__always)
  func crossings(of link: Int) -> Range<Int> {
    Range(uncheckedBounds: (Int(firsts[link]), Int(liveEnd[link])))
  }
  @inline(__always)
  func flow(ofCrossing crossing: Int) -> Int { Int(crossingFlows[crossing]) }
  @inline(__always)
  func share(ofCrossing crossing: Int) -> Double { crossingShares.map { $0[crossing] } ?? 1 }
  @inline(__always)
  func advance(_ flow: Int, rate: Double) {
    if rate > 0 {
      let drained = rate * (instant.pointee - updated[flow])
      remaining[flow] = max(remaining[flow] - drained, 0)
    }
    updated[flow] = instant.pointee
  }
}
