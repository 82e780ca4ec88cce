internal import Schedules

/// A makespan that no schedule of a layout can beat.
///
/// A part's F takes at least `forward`, the shorter of F and any pair it could stand in, and its I
/// at least `backward`, likewise; results travel with their latency. So the least time to any pass
/// (`head`) and from it (`tail`) are sums along the way of one micro-batch. With n the passes of
/// each kind on a rank, at most n − 1 pairs can run there: the first F has no backward to go with,
/// as every backward needs an F before it, and each half of a pair saves at most half of what
/// its part's own pair does. With `work` the sum of the rank's F, I and W less these savings, the rank cannot be
/// done before
///
/// 1. its least head + work;
/// 2. the time at which its first backward can start + work − the most F that can run before that:
///    all of them, or as many as its memory limit holds while none is freed;
/// 3. the time of 2 + its I + the least tail of an I; and its least head + its F + the least tail
///    of an F, as one of them is the last;
/// 4. its least head + (sum of activation × least time from the start of its F to the end of its W)
///    over the memory limit, as no more than the limit lives at any time.
///
/// 5. where no more than c activations of a part fit its rank: its least head + F for each
///    micro-batch of the last, partly filled turn of c but its first + as many times the least time
///    from the start of its F to the end of its W as there are turns. For, of the F of one part in
///    the order of their starts, the (i + c)th starts only when the i-th or a later one, and so no
///    fewer than i of them, has been freed.
///
/// And no micro-batch can be done before its whole way is gone. The largest of these is the bound.
struct LowerBound {
  let grid: PassGrid
  private let layout: Layout
  private let problem: SearchProblem
  /// Least times of a part's F, I, and I with W, by direction and part.
  private var forward: [Double] = []
  private var backward: [Double] = []
  private var whole: [Double] = []
  /// Least time to the start of F and I.
  private var headOfForward: [Double] = []
  private var headOfBackward: [Double] = []
  /// Least time from the end of I and from the end of F to the end of the step.
  private var tailOfBackward: [Double] = []
  private var tailOfForward: [Double] = []

  init(_ grid: PassGrid) {
    self.grid = grid
    (layout, problem) = (grid.layout, grid.problem)
    findLeastTimes()
    findWays()
  }

  /// The bound, a hair lower so that rounding cannot lift it above the truth.
  var makespan: Double {
    var bound = 0.0
    let travelled = layout.microBatchesOfDirection
    for direction in 0..<layout.directions where travelled[direction] > 0 {
      let first = direction * layout.stages
      for stage in first..<first + layout.stages {
        bound = max(bound, headOfBackward[stage] + backward[stage] + tailOfBackward[stage])
      }
    }
    for rank in 0..<layout.ranks { bound = max(bound, ofRank(rank)) }
    return bound * (1 - 1e-12)
  }

  // MARK: One micro-batch

  private mutating func findLeastTimes() {
    for stage in layout.rankOfStage.indices {
      let own = problem.durations(stage % layout.stages)
      var (forward, backward, whole) = (own.forward, own.inputBackward, own.backward)
      if grid.mayPair {
        for other in layout.held(by: layout.rankOfStage[stage]) {
          let durations = problem.durations(other.stage)
          let asForward = StageDurations.overlapped(forward: own, backward: durations)
          let asBackward = StageDurations.overlapped(forward: durations, backward: own)
          forward = min(forward, asForward)
          backward = min(backward, asBackward)
          whole = min(whole, asBackward)
        }
      }
      self.forward.append(forward)
      self.backward.append(backward)
      self.whole.append(whole)
    }
  }

  private mutating func findWays() {
    let count = layout.rankOfStage.count
    headOfForward = [Double](repeating: 0, count: count)
    (headOfBackward, tailOfBackward, tailOfForward) = (headOfForward, headOfForward, headOfForward)
    for direction in 0..<layout.directions {
      let (first, next) = (direction * layout.stages, (direction + 1) * layout.stages)
      func hop(_ from: Int, _ to: Int) -> Double {
        grid.hop(direction, from: from - first, to: to - first)
      }
      for stage in first..<next {
        if stage > first {
          headOfForward[stage] =
            headOfForward[stage - 1] + forward[stage - 1] + hop(stage - 1, stage)
        }
        // After I only its W is left here, or, in a pair, nothing; and the way back.
        tailOfBackward[stage] = max(0, whole[stage] - backward[stage])
        if stage > first {
          tailOfBackward[stage] = max(
            tailOfBackward[stage],
            hop(stage, stage - 1) + backward[stage - 1] + tailOfBackward[stage - 1])
        }
      }
      for stage in (first..<next).reversed() {
        headOfBackward[stage] =
          stage == next - 1
          ? headOfForward[stage] + forward[stage]
          : headOfBackward[stage + 1] + backward[stage + 1] + hop(stage + 1, stage)
        let isLast = stage == next - 1
        tailOfForward[stage] =
          headOfBackward[stage] - headOfForward[stage] - forward[stage]
          + backward[stage] + tailOfBackward[stage]
        if isLast { tailOfForward[stage] = backward[stage] + tailOfBackward[stage] }
      }
    }
  }

  // MARK: One rank

  private func ofRank(_ rank: Int) -> Double {
    let held = layout.held(by: rank).map {
      (index: $0.direction * layout.stages + $0.stage, stage: $0.stage, direction: $0.direction)
    }
    guard !held.isEmpty else { return 0 }
    let travelled = layout.microBatchesOfDirection
    var (work, forwards, backwards, area) = (0.0, 0.0, 0.0, 0.0)
    var (saved, leastSaved) = (0.0, Double.infinity)
    for part in held {
      let count = Double(travelled[part.direction])
      let durations = problem.durations(part.stage)
      let saving = grid.mayPair ? max(0, durations.saving) : 0
      saved += count * saving
      leastSaved = min(leastSaved, saving)
      work += count * (durations.forward + durations.backward)
      forwards += count * forward[part.index]
      backwards += count * backward[part.index]
      let life = headOfBackward[part.index] - headOfForward[part.index] + whole[part.index]
      area += count * life * problem.leastActivation(part.stage)
    }
    work -= saved - leastSaved
    func least(_ values: [Double]) -> Double { held.map { values[$0.index] }.min() ?? 0 }
    let (head, firstBackward) = (least(headOfForward), least(headOfBackward))
    var bound = max(head + work, head + forwards + least(tailOfForward))
    bound = max(bound, firstBackward + work - mostForwards(rank))
    bound = max(bound, firstBackward + backwards + least(tailOfBackward))
    let limit = problem.limit(rank)
    if limit < .infinity, limit > 0 { bound = max(bound, head + area / (limit * (1 + 1e-9))) }
    for part in held { bound = max(bound, turns(part.index, travelled[part.direction], limit)) }
    return bound
  }

  /// The bound by the turns in which a part's activations fit its rank.
  private func turns(_ index: Int, _ microBatches: Int, _ limit: Double) -> Double {
    let size = problem.leastActivation(index % layout.stages)
    let capacity = size > 0 ? (limit * (1 + 1e-9) / size).rounded(.down) : .infinity
    guard capacity >= 1, capacity < Double(microBatches) else { return 0 }
    let last = Double(microBatches - 1)
    let full = (last / capacity).rounded(.down)
    let life = headOfBackward[index] - headOfForward[index] + whole[index]
    return headOfForward[index] + (full + 1) * life + (last - full * capacity) * forward[index]
  }

  /// The most time of F that can run on a rank while no activation is freed there.
  private func mostForwards(_ rank: Int) -> Double {
    let travelled = layout.microBatchesOfDirection
    // Filling the limit with what takes longest for its size, the last in part, is never too low;
    // what has no size comes first, as it takes no room.
    var room = problem.limit(rank) * (1 + 1e-9)
    var sum = 0.0
    let parts = layout.held(by: rank).map { part in
      (
        time: problem.durations(part.stage).forward, size: problem.activation(part.stage),
        count: Double(travelled[part.direction])
      )
    }
    func worth(_ time: Double, _ size: Double) -> Double { size > 0 ? time / size : .infinity }
    for part in parts.sorted(by: { worth($0.time, $0.size) > worth($1.time, $1.size) }) {
      let count = part.size > 0 ? max(0, min(part.count, room / part.size)) : part.count
      sum += count * part.time
      room -= count * part.size
    }
    return sum
  }
}

extension SearchProblem {
  /// The least an activation of a part ever comes to from F to the end of W.
  fileprivate func leastActivation(_ stage: Int) -> Double {
    min(activation(stage), pending(stage))
  }
}
