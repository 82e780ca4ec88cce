internal import Schedules
internal import Statistics

/// One run of a search: what it has found so far, and how much it may still try.
struct Hunt {
  let search: OrderSearch
  let budget: Int
  private(set) var evaluations = 0
  /// The best order, and where further search starts from.
  private(set) var best: PassOrder?
  private var starts: [PassOrder] = []
  private var isStopped = false

  /// Starts kept of each layout, and in all.
  private static let startsOfLayout = 3
  private static let startsInAll = 6

  init(_ search: OrderSearch, budget: Int) {
    self.search = search
    self.budget = max(budget, 1)
  }

  mutating func run(_ progress: (SearchProgress) -> Bool) {
    tryBuiltIns(progress)
    tryLists(progress)
    // A short round first, so that a small budget has its share of annealing too.
    annealAll(progress)
    tryPatterns(progress)
    anneal(progress)
    report(progress)
  }

  /// What it has found besides the best, the shortest first.
  var others: [PassOrder] {
    Array(starts.drop { $0.makespan <= (best?.makespan ?? 0) }.prefix(4))
  }

  private var isDone: Bool {
    guard let best else { return false }
    return isStopped || evaluations >= budget
      || SearchResult.isOptimal(best.makespan, search.lowerBound)
  }

  private mutating func report(_ progress: (SearchProgress) -> Bool) {
    guard let best, !isStopped else { return }
    let state = SearchProgress(
      evaluations: evaluations, budget: budget, makespan: best.makespan,
      lowerBound: min(search.lowerBound, best.makespan))
    if !progress(state) { isStopped = true }
  }

  // MARK: Starts

  private mutating func tryBuiltIns(_ progress: (SearchProgress) -> Bool) {
    for place in search.grids.indices {
      let orders = search.builtInOrders.filter { $0.layout == place }
      if orders.isEmpty { continue }
      var running = RunningOrder(search.grids[place])
      for order in orders where !isDone { consider(order, &running, progress) }
    }
  }

  private mutating func tryLists(_ progress: (SearchProgress) -> Bool) {
    for place in search.grids.indices where !isDone {
      let grid = search.grids[place]
      var scheduler = ListScheduler(grid)
      var running = RunningOrder(grid)
      let preferences = Preference.all(pairs: grid.mayPair)
      // Long lists on many ranks are built under the first few preferences only.
      for preference in preferences.prefix(max(4, 6 * ordersAfforded(grid))) where !isDone {
        consider(scheduler.order(preference, layout: place), &running, progress)
        report(progress)
      }
    }
  }

  private mutating func tryPatterns(_ progress: (SearchProgress) -> Bool) {
    for place in search.grids.indices where !isDone {
      let grid = search.grids[place]
      var pattern = CyclicPattern(grid)
      var scheduler = ListScheduler(grid)
      var running = RunningOrder(grid)
      guard pattern.shortestPeriod > 0 else { continue }
      var stream = RandomStream(
        seed: search.seed, component: "schedule patterns", index: UInt64(place))
      let lanes = grid.layout.rankOfStage.count
      let steps = max(40, min(40 * lanes, 60_000 / lanes, 1_000))
      var stretch = 1.0
      var longest = Double.infinity
      var afforded = ordersAfforded(grid)
      while stretch < min(longest, 12), afforded > 0, !isDone {
        for _ in 0..<3 where !isDone && afforded > 0 {
          evaluations += min(steps, budget - evaluations)
          report(progress)
          if isStopped { return }
          if let order = pattern.order(
            period: pattern.shortestPeriod * stretch, steps: steps, &stream, layout: place)
          {
            longest = min(longest, 1.35 * stretch)
            afforded -= 1
            consider(order, &running, progress)
            if !isDone { consider(scheduler.order(closeTo: order), &running, progress) }
          }
        }
        stretch *= 1.04
      }
    }
  }

  /// How many orders of a grid to build from patterns: fewer of long ones on many ranks.
  private func ordersAfforded(_ grid: PassGrid) -> Int {
    max(1, 60_000_000 / (3 * grid.cells * (20 + grid.layout.ranks)))
  }

  private mutating func consider(
    _ order: PassOrder, _ running: inout RunningOrder, _ progress: (SearchProgress) -> Bool
  ) {
    evaluations = min(evaluations + 1, budget)
    running.load(order)
    guard running.keepsLimits else { return }
    let timed = running.order(layout: order.layout)
    let isKnown = starts.contains {
      $0.layout == timed.layout && abs($0.makespan - timed.makespan) <= 1e-9 * timed.makespan
    }
    if !isKnown {
      let place = starts.firstIndex { $0.makespan > timed.makespan } ?? starts.count
      starts.insert(timed, at: place)
      let ofLayout = starts.indices.filter { starts[$0].layout == timed.layout }
      if ofLayout.count > Self.startsOfLayout, let last = ofLayout.last { starts.remove(at: last) }
    }
    if timed.makespan < best?.makespan ?? .infinity {
      best = timed
      report(progress)
    }
  }

  // MARK: Annealing

  private mutating func annealAll(_ progress: (SearchProgress) -> Bool) {
    let count = min(starts.count, Self.startsInAll)
    for member in 0..<count where !isDone {
      annealOnce(member, stretch: member, round: 0, progress)
    }
  }

  private mutating func anneal(_ progress: (SearchProgress) -> Bool) {
    starts = Array(starts.prefix(Self.startsInAll))
    let count = starts.count
    var stretch = Self.startsInAll
    while !isDone, count > 0 {
      // The better half has every other turn.
      let turn = stretch / 2
      let member = stretch.isMultiple(of: 2) ? turn % count : turn % ((count + 1) / 2)
      annealOnce(member, stretch: stretch, round: stretch / Self.startsInAll, progress)
      stretch += 1
    }
  }

  private mutating func annealOnce(
    _ member: Int, stretch: Int, round: Int, _ progress: (SearchProgress) -> Bool
  ) {
    let start = starts[member]
    let grid = search.grids[start.layout]
    let mean = start.makespan * Double(grid.layout.ranks) / Double(max(start.line.count, 1))
    let length = max(500, 16 * start.line.count) * (1 + 2 * round)
    // Few passes leave few ways around an obstacle, so they take more heat.
    let heats = start.line.count < 100 ? [0.9, 3, 1.5, 0.3] : [0.9, 0.3, 0.1, 0.6, 0.15]
    var annealing = Annealing(
      evaluations: min(length, budget - evaluations), plan: length,
      temperature: mean * heats[round % heats.count], bound: search.lowerBound * (1 + 1e-9))
    var stream = RandomStream(
      seed: search.seed, component: "schedule search", index: UInt64(stretch))
    var running = RunningOrder(grid)
    running.load(start)
    var found = start
    let before = evaluations
    var goesOn = true
    let (budget, bound, shortest) = (budget, search.lowerBound, best?.makespan ?? .infinity)
    annealing.run(&running, &stream, pairs: grid.mayPair) { order in
      found = order.order(layout: start.layout)
    } goesOn: { tried, makespan in
      let makespan = min(makespan, shortest)
      goesOn = progress(
        SearchProgress(
          evaluations: before + tried, budget: budget, makespan: makespan,
          lowerBound: min(bound, makespan)))
      return goesOn
    }
    if !goesOn { isStopped = true }
    evaluations = before + annealing.tried
    starts[member] = found
    starts.sort { $0.makespan < $1.makespan }
    if let best, found.makespan < best.makespan {
      self.best = found
    }
    report(progress)
  }
}
