internal import Schedules
internal import Statistics

/// Orders in which every micro-batch runs the same pattern, one period after the one before it.
///
/// A pattern says when a micro-batch runs each of its passes. On a rank the passes of one period
/// must not overlap, whichever micro-batch they are of, so the pattern's times are laid out on a
/// ring as long as the period: modulo scheduling, as compilers pipeline loops with it, and the
/// building block of Qi et al., 'Pipeline Parallelism with Controllable Memory' (V-Half, V-Min). How
/// long an activation lives over the period is how many live at once, so patterns are searched for
/// the memory limits; what they leave idle goes when the order is run as early as it can.
struct CyclicPattern {
  private let grid: PassGrid
  private let lanes: [Lane]
  private let direction: [Range<Int>]
  private let microBatchesOf: [[Int]]
  private let limit: [Double]
  /// The work of the slowest rank for one micro-batch each way.
  let shortestPeriod: Double
  /// Which of the places where it fits each pass takes, by lane and kind.
  private var choices: [UInt8]
  private var period = 1.0
  /// When each pass starts, by lane and kind.
  private var start: [Double]
  /// What a rank runs in a period.
  private var taken: [[Taken]]
  private var places: [Double] = []

  private struct Lane {
    let stage: Int
    let rank: Int
    let durations: Durations
    let size: Double
    let pending: Double
    let forwardHop: Double
    let backwardHop: Double
  }

  private struct Taken {
    let start: Double
    let duration: Double
  }

  /// How good a pattern is: how far above the limits, then how long the step is about.
  private struct Score: Comparable {
    var excess: Double
    var length: Double

    static func < (a: Score, b: Score) -> Bool {
      a.excess != b.excess ? a.excess < b.excess : a.length < b.length
    }
  }

  init(_ grid: PassGrid) {
    self.grid = grid
    let layout = grid.layout
    let stages = layout.stages
    microBatchesOf = (0..<layout.directions).map { direction in
      layout.directionOf.indices.filter { layout.directionOf[$0] == direction }
    }
    direction = (0..<layout.directions).map { $0 * stages..<($0 + 1) * stages }
    let lanes = layout.rankOfStage.indices.map { index in
      let (way, stage) = (index / stages, index % stages)
      return Lane(
        stage: stage, rank: layout.rankOfStage[index],
        durations: grid.problem.durations(stage), size: grid.problem.activation(stage),
        pending: grid.problem.pending(stage),
        forwardHop: stage == 0 ? 0 : grid.hop(way, from: stage - 1, to: stage),
        backwardHop: stage == stages - 1 ? 0 : grid.hop(way, from: stage + 1, to: stage))
    }
    self.lanes = lanes
    limit = (0..<layout.ranks).map { grid.problem.limit($0) * (1 + 1e-9) }
    shortestPeriod =
      (0..<layout.ranks).map { rank in
        lanes.reduce(0) {
          $0 + ($1.rank == rank ? $1.durations.forward + $1.durations.backward : 0)
        }
      }.max() ?? 0
    choices = [UInt8](repeating: 0, count: 3 * lanes.count)
    start = [Double](repeating: 0, count: 3 * lanes.count)
    taken = Array(repeating: [], count: layout.ranks)
  }

  /// An order whose pattern keeps the limits at a period, or nil if none was found in so many steps.
  mutating func order(
    period: Double, steps: Int, _ stream: inout RandomStream, layout: Int
  ) -> PassOrder? {
    self.period = period
    for place in choices.indices { choices[place] = Self.draw(&stream) }
    var score = layOut()
    for _ in 0..<steps {
      let place = Int(stream.uniform() * Double(choices.count))
      let kept = choices[place]
      choices[place] = Self.draw(&stream)
      if choices[place] == kept { continue }
      let changed = layOut()
      if changed <= score { score = changed } else { choices[place] = kept }
    }
    guard layOut().excess == 0 else { return nil }
    return order(layout: layout)
  }

  /// The first place mostly.
  private static func draw(_ stream: inout RandomStream) -> UInt8 {
    let draw = stream.uniform()
    return draw < 0.6 ? 0 : UInt8((draw - 0.6) * 10)
  }

  // MARK: Laying out

  private mutating func layOut() -> Score {
    for rank in taken.indices { taken[rank].removeAll(keepingCapacity: true) }
    var end = 0.0
    for lanes in direction {
      guard let last = layOutWay(lanes) else {
        return Score(excess: .infinity, length: .infinity)
      }
      end = max(end, last)
    }
    for lane in lanes.indices {
      let durations = lanes[lane].durations
      let ready = start[3 * lane + 1] + durations.inputBackward
      guard let time = place(lane, 2, ready, durations.weightBackward) else {
        return Score(excess: .infinity, length: .infinity)
      }
      end = max(end, time + durations.weightBackward)
    }
    let turns = Double((microBatchesOf.map(\.count).max() ?? 1) - 1)
    return Score(excess: excess(), length: turns * period + end)
  }

  /// The forwards and backwards of one direction; when the last ends, or nil if one has no place.
  private mutating func layOutWay(_ way: Range<Int>) -> Double? {
    var ready = 0.0
    for lane in way {
      let duration = lanes[lane].durations.forward
      guard let time = place(lane, 0, ready + lanes[lane].forwardHop, duration) else { return nil }
      ready = time + duration
    }
    for lane in way.reversed() {
      let duration = lanes[lane].durations.inputBackward
      guard let time = place(lane, 1, ready + lanes[lane].backwardHop, duration) else {
        return nil
      }
      ready = time + duration
    }
    return ready
  }

  /// Gives a pass the chosen one of the places where it fits: as soon as it is ready, or right after
  /// or right before another pass of its rank.
  private mutating func place(
    _ lane: Int, _ kind: Int, _ ready: Double, _ duration: Double
  ) -> Double? {
    let rank = lanes[lane].rank
    places.removeAll(keepingCapacity: true)
    if fits(rank, ready, duration) { places.append(ready) }
    for other in taken[rank] {
      for edge in [other.start + other.duration, other.start - duration] {
        let time = ready + onRing(edge - ready)
        if fits(rank, time, duration) { places.append(time) }
      }
    }
    if places.isEmpty { return nil }
    places.sort()
    let time = places[min(Int(choices[3 * lane + kind]), places.count - 1)]
    taken[rank].append(Taken(start: time, duration: duration))
    start[3 * lane + kind] = time
    return time
  }

  private func fits(_ rank: Int, _ time: Double, _ duration: Double) -> Bool {
    for other in taken[rank] {
      let gap = onRing(time - other.start)
      // A pass that starts with another follows it if that takes no time.
      if gap < other.duration - 1e-9 * period || gap + duration > period * (1 + 1e-9) {
        return false
      }
    }
    return duration <= period * (1 + 1e-9)
  }

  /// A time on the ring, from 0 to the period.
  private func onRing(_ time: Double) -> Double {
    let rest = time - (time / period).rounded(.down) * period
    return rest > period * (1 - 1e-9) ? 0 : max(rest, 0)
  }

  /// How far the ranks are above their limits, together, where an activation grows.
  private func excess() -> Double {
    var sum = 0.0
    for (lane, each) in lanes.enumerated() where limit[each.rank] < .infinity {
      sum += max(0, held(each.rank, start[3 * lane]) - limit[each.rank])
      guard each.pending > each.size else { continue }
      let end = start[3 * lane + 1] + each.durations.inputBackward
      sum += max(0, held(each.rank, end) - limit[each.rank])
    }
    return sum
  }

  /// What a rank holds right after a time of the steady part.
  private func held(_ rank: Int, _ time: Double) -> Double {
    let time = time + 1e-9 * period
    var held = 0.0
    for (lane, each) in lanes.enumerated() where each.rank == rank {
      func done(_ end: Double) -> Double { ((time - end) / period).rounded(.down) }
      let begun = done(start[3 * lane])
      let turned = done(start[3 * lane + 1] + each.durations.inputBackward)
      let freed = done(start[3 * lane + 2] + each.durations.weightBackward)
      held += each.size * (begun - turned) + each.pending * (turned - freed)
    }
    return held
  }

  // MARK: Order

  private func order(layout: Int) -> PassOrder {
    let cells = Int32(grid.cells)
    var passes: [(time: Double, pass: Int32)] = []
    for (way, microBatches) in zip(direction, microBatchesOf) {
      for (turn, microBatch) in microBatches.enumerated() {
        let shift = Double(turn) * period
        func add(_ lane: Int, _ kind: Int) {
          let pass = grid.forward(microBatch, lanes[lane].stage) + Int32(kind) * cells
          passes.append((start[3 * lane + kind] + shift, pass))
        }
        for lane in way { add(lane, 0) }
        for lane in way.reversed() { add(lane, 1) }
        for lane in way { add(lane, 2) }
      }
    }
    // The sort is stable, so of equal times what needs another stays behind it.
    let line = passes.sorted { $0.time < $1.time }.map(\.pass)
    return PassOrder(
      layout: layout, line: line, partners: line.map { _ in grid.none }, makespan: .infinity)
  }
}
