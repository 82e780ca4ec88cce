internal import Schedules

/// Builds an order by running the ranks in time, each choosing among what can run.
///
/// Each rank takes the micro-batches of a part in order. It keeps, out of its memory limit, as much
/// as the oldest micro-batch it has not finished needs at most: that one can always go on, on every
/// rank, so all get done whatever the limits, if they hold one micro-batch.
struct ListScheduler {
  let grid: PassGrid
  private let layout: Layout
  private let cells: Int
  /// Lanes are the directions and parts on a rank; those of rank r are `firstLane[r] ..<
  /// firstLane[r + 1]`.
  private var lanes: [Lane] = []
  private var firstLane: [Int] = []
  private let microBatchesOf: [[Int32]]
  /// Micro-batches by age: the directions take turns.
  private let byAge: [Int32]
  /// Most that one micro-batch holds on each rank, and how many in flight keep all busy.
  private let claim: [Double]
  private let flight: [Double]
  private var ranks: [RankState] = []
  private var finish: [Double] = []
  private var partner: [Int32] = []
  private var line: [Int32] = []
  /// By rank and micro-batch: activations held, and I still to run.
  private var heldOf: [Double] = []
  private var leftOf: [Int32] = []
  /// Place of each pass in an order to keep to where there is a choice; empty for none.
  private var wish: [Int32] = []
  private var preference = Preference(
    depth: 1, backwardFirst: true, deepestFirst: true, weights: .atOnce, pairs: .never)

  private struct Lane {
    let direction: Int
    let stage: Int
    var nextForward = 0
    var nextBackward = 0
  }

  private struct RankState {
    var free = 0.0
    /// When it next looks for something to run.
    var wake = 0.0
    var held = 0.0
    var inFlight = 0
    /// Place of the oldest unfinished micro-batch by age.
    var oldest = 0
    var weights: [Int32] = []
    var weightsDone = 0
    var hasWeights: Bool { weightsDone < weights.count }
  }

  /// What a rank could run: when its input is there, and of which lane it is.
  private struct Choice {
    var pass: Int32
    var lane: Int
    var ready: Double
  }

  init(_ grid: PassGrid) {
    self.grid = grid
    let layout = grid.layout
    self.layout = layout
    cells = grid.cells
    let microBatchesOf = (0..<layout.directions).map { direction in
      layout.directionOf.indices.filter { layout.directionOf[$0] == direction }.map(Int32.init)
    }
    self.microBatchesOf = microBatchesOf
    var byAge: [Int32] = []
    for turn in 0..<(microBatchesOf.map(\.count).max() ?? 0) {
      for list in microBatchesOf where turn < list.count { byAge.append(list[turn]) }
    }
    self.byAge = byAge
    for rank in 0..<layout.ranks {
      firstLane.append(lanes.count)
      lanes += layout.held(by: rank).map { Lane(direction: $0.direction, stage: $0.stage) }
    }
    firstLane.append(lanes.count)
    claim = (0..<layout.ranks).map { layout.claim(grid.problem, $0) }
    flight = layout.naturalFlight(grid.problem)
  }

  /// An order close to another: of what a rank can run, it takes what stands first there, but it
  /// does not wait for it. So memory that a pattern leaves free at both ends of the step is used.
  mutating func order(closeTo other: PassOrder) -> PassOrder {
    wish = [Int32](repeating: 0, count: grid.input.count)
    for (place, pass) in other.line.enumerated() { wish[Int(pass)] = Int32(place) }
    defer { wish = [] }
    return order(
      Preference(
        depth: .infinity, backwardFirst: true, deepestFirst: true, weights: .whenIdle,
        pairs: .never), layout: other.layout)
  }

  /// The order that a preference gives, not yet timed.
  mutating func order(_ preference: Preference, layout place: Int) -> PassOrder {
    self.preference = preference
    reset()
    while let rank = soonest() {
      let now = max(ranks[rank].wake, ranks[rank].free)
      ranks[rank].wake = .infinity
      decide(rank, now)
    }
    return PassOrder(
      layout: place, line: line, partners: line.map { partner[Int($0)] }, makespan: .infinity)
  }

  private mutating func reset() {
    for lane in lanes.indices { (lanes[lane].nextForward, lanes[lane].nextBackward) = (0, 0) }
    ranks = Array(repeating: RankState(), count: layout.ranks)
    finish = [Double](repeating: .infinity, count: grid.input.count)
    partner = [Int32](repeating: grid.none, count: grid.input.count)
    line.removeAll(keepingCapacity: true)
    let microBatches = byAge.count
    heldOf = [Double](repeating: 0, count: layout.ranks * microBatches)
    leftOf = [Int32](repeating: 0, count: layout.ranks * microBatches)
    for rank in 0..<layout.ranks {
      for lane in lanes[firstLane[rank]..<firstLane[rank + 1]] {
        for microBatch in microBatchesOf[lane.direction] {
          leftOf[rank * microBatches + Int(microBatch)] += 1
        }
      }
      skipFinished(rank)
    }
  }

  private func soonest() -> Int? {
    var best: Int?
    var time = Double.infinity
    for rank in ranks.indices {
      let at = max(ranks[rank].wake, ranks[rank].free)
      if at < time { (time, best) = (at, rank) }
    }
    return best
  }

  // MARK: Choosing

  /// The passes a rank could run at a time.
  private struct Choices {
    var forward: Choice?
    var backward: Choice?
    /// The first of each kind that will be there later, as far as known.
    var laterForward: Choice?
    var laterBackward: Choice?
    /// Whether a forward waits for weights to make room.
    var isFull = false

    var later: Double {
      min(laterForward?.ready ?? .infinity, laterBackward?.ready ?? .infinity)
    }
  }

  private mutating func decide(_ rank: Int, _ now: Double) {
    let choices = choices(rank, now)
    let (forward, backward) = (choices.forward, choices.backward)
    let hasWeights = ranks[rank].hasWeights
    if !wish.isEmpty {
      runWished(rank, now, choices)
    } else if preference.weights == .atOnce, hasWeights {
      runWeights(rank, now)
    } else if preference.pairs != .never, let forward, let backward,
      grid.saving(forward.pass, backward.pass) > 0
    {
      runPair(rank, now, forward, backward)
    } else if preference.pairs == .patient, isWorthWaiting(choices, now) {
      waitOrRunWeights(rank, now, choices)
    } else if let backward, preference.backwardFirst || forward == nil {
      runBackward(rank, now, backward)
    } else if let forward {
      runForward(rank, now, forward)
    } else if hasWeights, choices.isFull {
      runWeights(rank, now)
    } else {
      waitOrRunWeights(rank, now, choices)
    }
  }

  private mutating func runWished(_ rank: Int, _ now: Double, _ choices: Choices) {
    func place(_ pass: Int32?) -> Int32 { pass.map { wish[Int($0)] } ?? .max }
    let state = ranks[rank]
    let weights = place(state.hasWeights ? state.weights[state.weightsDone] : nil)
    let (forward, backward) = (place(choices.forward?.pass), place(choices.backward?.pass))
    if let choice = choices.backward, backward < min(forward, weights) {
      runBackward(rank, now, choice)
    } else if let choice = choices.forward, forward < weights {
      runForward(rank, now, choice)
    } else if state.hasWeights {
      runWeights(rank, now)
    } else {
      ranks[rank].wake = min(ranks[rank].wake, choices.later)
    }
  }

  private mutating func waitOrRunWeights(_ rank: Int, _ now: Double, _ choices: Choices) {
    if ranks[rank].hasWeights, isTime(rank, now, choices.later) {
      runWeights(rank, now)
    } else {
      ranks[rank].wake = min(ranks[rank].wake, choices.later)
    }
  }

  private func choices(_ rank: Int, _ now: Double) -> Choices {
    var choices = Choices()
    for lane in firstLane[rank]..<firstLane[rank + 1] {
      if let choice = nextBackward(lane) {
        if !admits(rank, backward: choice.pass) {
          choices.isFull = true
        } else if choice.ready <= now {
          if isPreferred(choice, to: choices.backward) { choices.backward = choice }
        } else if choice.ready < choices.laterBackward?.ready ?? .infinity {
          choices.laterBackward = choice
        }
      }
      guard let choice = nextForward(lane), choice.ready < .infinity else { continue }
      let admission = admits(rank, choice.pass)
      if admission == .full { choices.isFull = true }
      guard admission == .yes else { continue }
      if choice.ready <= now {
        if isPreferred(choice, to: choices.forward) { choices.forward = choice }
      } else if choice.ready < choices.laterForward?.ready ?? .infinity {
        choices.laterForward = choice
      }
    }
    return choices
  }

  /// Whether a half that is there should wait for one that comes.
  private func isWorthWaiting(_ choices: Choices, _ now: Double) -> Bool {
    func pays(_ forward: Choice, _ backward: Choice) -> Bool {
      max(forward.ready, backward.ready) - now < grid.saving(forward.pass, backward.pass)
    }
    if let forward = choices.forward, let backward = choices.laterBackward,
      choices.backward == nil
    {
      return pays(forward, backward)
    }
    if let backward = choices.backward, let forward = choices.laterForward,
      choices.forward == nil
    {
      return pays(forward, backward)
    }
    return false
  }

  /// Whether the wait until `later` is long enough for the oldest weights.
  private func isTime(_ rank: Int, _ now: Double, _ later: Double) -> Bool {
    let state = ranks[rank]
    let duration = grid.duration[Int(state.weights[state.weightsDone])]
    return preference.weights != .whenTheyFit || now + duration <= later
  }

  private func isPreferred(_ choice: Choice, to other: Choice?) -> Bool {
    guard let other else { return true }
    if !wish.isEmpty { return wish[Int(choice.pass)] < wish[Int(other.pass)] }
    let (stage, otherStage) = (lanes[choice.lane].stage, lanes[other.lane].stage)
    if stage == otherStage { return false }
    return (stage > otherStage) == preference.deepestFirst
  }

  private func nextForward(_ lane: Int) -> Choice? {
    let list = microBatchesOf[lanes[lane].direction]
    guard lanes[lane].nextForward < list.count else { return nil }
    let pass = grid.forward(Int(list[lanes[lane].nextForward]), lanes[lane].stage)
    return Choice(pass: pass, lane: lane, ready: lanes[lane].stage == 0 ? 0 : arrival(pass))
  }

  private func nextBackward(_ lane: Int) -> Choice? {
    guard lanes[lane].nextBackward < lanes[lane].nextForward else { return nil }
    let microBatch = microBatchesOf[lanes[lane].direction][lanes[lane].nextBackward]
    let forward = grid.forward(Int(microBatch), lanes[lane].stage)
    let pass = forward + Int32(cells)
    let own = finish[Int(forward)]
    let isLast = lanes[lane].stage == layout.stages - 1
    return Choice(pass: pass, lane: lane, ready: isLast ? own : max(own, arrival(pass)))
  }

  private func arrival(_ pass: Int32) -> Double {
    finish[Int(grid.input[Int(pass)])] + grid.latency[Int(pass)]
  }

  private enum Admission {
    case yes
    /// Enough are in flight: only a backward changes that.
    case deepEnough
    /// Weights would make room.
    case full
  }

  /// Whether there is room for an I that leaves more than it frees.
  private func admits(_ rank: Int, backward pass: Int32) -> Bool {
    grid.growth[Int(pass)] <= 0 || hasRoom(rank, pass)
  }

  /// Whether a pass leaves the oldest unfinished micro-batch the room it may need.
  private func hasRoom(_ rank: Int, _ pass: Int32) -> Bool {
    let state = ranks[rank]
    let size = grid.growth[Int(pass)]
    let limit = grid.problem.limit(rank) * (1 + 1e-10)
    guard state.held + size <= limit else { return false }
    let oldest = byAge[min(state.oldest, byAge.count - 1)]
    if Int32(grid.place(pass).microBatch) == oldest { return true }
    let others = state.held - heldOf[rank * byAge.count + Int(oldest)]
    return others + size + claim[rank] <= limit
  }

  private func admits(_ rank: Int, _ pass: Int32) -> Admission {
    let state = ranks[rank]
    let oldest = byAge[min(state.oldest, byAge.count - 1)]
    if Int32(grid.place(pass).microBatch) == oldest { return hasRoom(rank, pass) ? .yes : .full }
    let lanesHere = Double(firstLane[rank + 1] - firstLane[rank]) / Double(layout.directions)
    if Double(state.inFlight) >= flight[rank] * preference.depth * lanesHere {
      return .deepEnough
    }
    return hasRoom(rank, pass) ? .yes : .full
  }

  // MARK: Running

  private mutating func runForward(_ rank: Int, _ now: Double, _ choice: Choice) {
    line.append(choice.pass)
    begin(rank, choice)
    end(rank, now + grid.duration[Int(choice.pass)], [choice.pass])
  }

  private mutating func runBackward(_ rank: Int, _ now: Double, _ choice: Choice) {
    line.append(choice.pass)
    turnBack(rank, choice)
    hold(rank, choice.pass)
    ranks[rank].weights.append(choice.pass + Int32(cells))
    end(rank, now + grid.duration[Int(choice.pass)], [choice.pass])
  }

  private mutating func runPair(
    _ rank: Int, _ now: Double, _ forward: Choice, _ backward: Choice
  ) {
    line.append(forward.pass)
    partner[Int(forward.pass)] = backward.pass
    begin(rank, forward)
    turnBack(rank, backward)
    hold(rank, backward.pass)
    hold(rank, backward.pass + Int32(cells))
    let duration = grid.pairDuration(forward.pass, backward.pass)
    end(rank, now + duration, [forward.pass, backward.pass])
  }

  private mutating func runWeights(_ rank: Int, _ now: Double) {
    let pass = ranks[rank].weights[ranks[rank].weightsDone]
    ranks[rank].weightsDone += 1
    line.append(pass)
    hold(rank, pass)
    end(rank, now + grid.duration[Int(pass)], [])
  }

  private mutating func begin(_ rank: Int, _ choice: Choice) {
    lanes[choice.lane].nextForward += 1
    ranks[rank].inFlight += 1
    hold(rank, choice.pass)
  }

  private mutating func turnBack(_ rank: Int, _ choice: Choice) {
    lanes[choice.lane].nextBackward += 1
    ranks[rank].inFlight -= 1
    leftOf[rank * byAge.count + grid.place(choice.pass).microBatch] -= 1
    skipFinished(rank)
  }

  private mutating func hold(_ rank: Int, _ pass: Int32) {
    ranks[rank].held += grid.growth[Int(pass)]
    heldOf[rank * byAge.count + grid.place(pass).microBatch] += grid.growth[Int(pass)]
  }

  private mutating func skipFinished(_ rank: Int) {
    while ranks[rank].oldest < byAge.count,
      leftOf[rank * byAge.count + Int(byAge[ranks[rank].oldest])] == 0
    {
      ranks[rank].oldest += 1
    }
  }

  /// Ends what a rank runs and wakes it and the ranks that wait for the results.
  private mutating func end(_ rank: Int, _ time: Double, _ results: [Int32]) {
    ranks[rank].free = time
    ranks[rank].wake = time
    for pass in results { finish[Int(pass)] = time }
    for pass in results {
      let next = grid.successor[Int(pass)]
      let other = Int(grid.rank[Int(next)])
      // The empty cells at the ends of a row stand on rank 0, which loses nothing by looking.
      ranks[other].wake = min(ranks[other].wake, time + grid.latency[Int(next)])
    }
  }
}
