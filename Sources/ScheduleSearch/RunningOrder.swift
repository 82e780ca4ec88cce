internal import Schedules

/// The order a search stands at, with everything needed to judge a change of it quickly.
///
/// All passes stand in one line, each after those it needs, so no change made here can deadlock.
/// `start` and `finish` are when each pass runs; `remaining` is the longest way from its start to
/// the end of the step. A change rearranges one stretch of the line: what stands before it keeps
/// its start and what stands after keeps its `remaining`, so the longest way through the stretch is
/// found from the stretch alone (Taillard's bound for job shops, exact here).
struct RunningOrder: ~Copyable {
  let grid: PassGrid
  let none: Int32
  // The grid.
  let input: Cells<Int32>
  let successor: Cells<Int32>
  let latency: Cells<Double>
  let rank: Cells<Int32>
  let growth: Cells<Double>
  let limit: Cells<Double>
  // The order.
  let line: Cells<Int32>
  var count = 0
  /// The I a forward forms a pair with, or none; for that I, the forward.
  let partner: Cells<Int32>
  let duration: Cells<Double>
  // What follows from it, by pass.
  let position: Cells<Int32>
  let before: Cells<Int32>
  let after: Cells<Int32>
  /// Activations on the rank before the pass.
  let held: Cells<Double>
  let start: Cells<Double>
  let finish: Cells<Double>
  let remaining: Cells<Double>
  var makespan = 0.0
  // By rank, for one sweep.
  let freeAt: Cells<Double>
  let endOf: Cells<Double>
  let lastOf: Cells<Int32>
  let load: Cells<Double>
  // For one change.
  let stretch: Cells<Int32>
  var stretchCount = 0
  let delayed: Cells<Int32>
  let passMark: Cells<UInt32>
  let rankMark: Cells<UInt32>
  var mark: UInt32 = 0
  let kept: Cells<KeptTimes>
  let isStale: Cells<Bool>
  /// Last pass of each rank.
  let lastOn: Cells<Int32>
  /// Changes made since the line was last sorted.
  var sinceRefresh = 0

  /// Times of a pass before a change.
  struct KeptTimes: BitwiseCopyable {
    var pass: Int32 = 0
    var start = 0.0
    var finish = 0.0
    var remaining = 0.0
  }

  init(_ grid: PassGrid) {
    self.grid = grid
    none = grid.none
    let (passes, ranks) = (grid.input.count, grid.layout.ranks)
    input = Cells(grid.input)
    successor = Cells(grid.successor)
    latency = Cells(grid.latency)
    rank = Cells(grid.rank)
    growth = Cells(grid.growth)
    // Sums of sizes may lie a little above the limit they fill.
    limit = Cells((0..<ranks).map { grid.problem.limit($0) * (1 + 1e-9) })
    line = Cells(passes, 0)
    partner = Cells(passes, grid.none)
    duration = Cells(grid.duration)
    position = Cells(passes, 0)
    before = Cells(passes, -1)
    after = Cells(passes, -1)
    held = Cells(passes, 0)
    start = Cells(passes, 0)
    finish = Cells(passes, 0)
    remaining = Cells(passes, 0)
    freeAt = Cells(ranks, 0)
    endOf = Cells(ranks, 0)
    lastOf = Cells(ranks, -1)
    load = Cells(ranks, 0)
    stretch = Cells(passes, 0)
    delayed = Cells(passes, 0)
    passMark = Cells(passes, 0)
    rankMark = Cells(ranks, 0)
    kept = Cells(passes, KeptTimes())
    isStale = Cells(passes, false)
    lastOn = Cells(ranks, -1)
  }

  // MARK: Whole orders

  /// Takes up an order of this grid.
  mutating func load(_ order: PassOrder) {
    for pass in 0..<grid.input.count {
      partner[pass] = none
      duration[pass] = grid.duration[pass]
    }
    count = order.line.count
    for (place, pass) in order.line.enumerated() {
      line[place] = pass
      if order.partners[place] != none { join(pass, order.partners[place]) }
    }
    refresh()
  }

  /// Whether no rank ever holds more than its limit.
  var keepsLimits: Bool {
    for place in 0..<count {
      let pass = line[place]
      if held[pass] + max(growth[pass], 0) > limit[rank[pass]] { return false }
    }
    return true
  }

  /// The order as it stands.
  func order(layout: Int) -> PassOrder {
    let passes = (0..<count).map { line[$0] }
    return PassOrder(
      layout: layout, line: passes, partners: passes.map { pairOf($0) }, makespan: makespan)
  }

  /// The I that a pass in the line forms a pair with, or none.
  @inline(__always) func pairOf(_ pass: Int32) -> Int32 { partner[pass] }

  func join(_ forward: Int32, _ backward: Int32) {
    partner[forward] = backward
    partner[backward] = forward
    duration[forward] = grid.pairDuration(forward, backward)
  }

  func part(_ forward: Int32, _ backward: Int32) {
    partner[forward] = none
    partner[backward] = none
    duration[forward] = grid.duration[Int(forward)]
  }

  /// Puts the line in order of starts and finds all that follows from it.
  mutating func refresh() {
    sweepForward()
    if sort() { number() }
    sweepBackward()
    sinceRefresh = 0
  }

  private mutating func sweepForward() {
    for rank in 0..<freeAt.count {
      freeAt[rank] = 0
      load[rank] = 0
      lastOf[rank] = -1
    }
    makespan = 0
    for place in 0..<count {
      let pass = line[place]
      let rank = Int(self.rank[pass])
      let pair = partner[pass]
      position[pass] = Int32(place)
      let last = lastOf[rank]
      before[pass] = last
      if last >= 0 { after[last] = pass }
      lastOf[rank] = pass
      held[pass] = load[rank]
      load[rank] += growth[pass] + (pair == none ? 0 : grid.growthOfWhole(pair))
      let begin = max(freeAt[rank], arrival(pass), arrival(pair))
      let end = begin + duration[pass]
      start[pass] = begin
      finish[pass] = end
      if pair != none { finish[pair] = end }
      freeAt[rank] = end
      makespan = max(makespan, end)
    }
    for rank in 0..<lastOf.count {
      lastOn[rank] = lastOf[rank]
      if lastOf[rank] >= 0 { after[lastOf[rank]] = -1 }
    }
  }

  /// When the result a pass needs is on its rank; 0 for none.
  @inline(__always) func arrival(_ pass: Int32) -> Double {
    finish[input[pass]] + latency[pass]
  }

  private mutating func sweepBackward() {
    for rank in 0..<endOf.count { endOf[rank] = 0 }
    for place in stride(from: count - 1, through: 0, by: -1) {
      let pass = line[place]
      let rank = Int(self.rank[pass])
      let pair = partner[pass]
      let end = duration[pass] + max(endOf[rank], onward(pass), onward(pair))
      remaining[pass] = end
      if pair != none { remaining[pair] = end }
      endOf[rank] = end
    }
  }

  /// The longest way from the end of a pass to the end of the step through what needs its result.
  @inline(__always) func onward(_ pass: Int32) -> Double {
    let next = successor[pass]
    return latency[next] + remaining[next]
  }

  /// Sorts the line by start; equal starts keep their order, so what needs another stays behind it.
  private mutating func sort() -> Bool {
    var changed = false
    for place in 1..<max(count, 1) {
      let pass = line[place]
      let begin = start[pass]
      guard begin < start[line[place - 1]] else { continue }
      changed = true
      var hole = place
      while hole > 0, begin < start[line[hole - 1]] {
        line[hole] = line[hole - 1]
        hole -= 1
      }
      line[hole] = pass
    }
    return changed
  }

  private mutating func number() {
    for place in 0..<count { position[line[place]] = Int32(place) }
  }
}
