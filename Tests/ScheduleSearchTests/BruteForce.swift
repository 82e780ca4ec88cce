import ScheduleSearch
import Schedules

/// Tries every order of every rank on given placements, pass by pass, and cuts off only what
/// cannot be shorter than what it has: a rank that has more work left than time.
///
/// Nothing here is shared with the search. Of micro-batches that go the same way, the first forward
/// of the earlier goes first, as they are interchangeable.
struct BruteForce {
  let problem: SearchProblem
  let rankOfStage: [Int]
  let directionOf: [Int]
  private var parts: Int { problem.ranks * problem.stagesPerRank }
  private let durations: [Durations]
  private let sizes: [Double]
  private let pending: [Double]
  private let limits: [Double]
  private(set) var best: Double
  private(set) var found = false
  // State: when each result is there, by micro-batch and part; infinite for not yet.
  private var forwardEnd: [[Double]]
  private var backwardEnd: [[Double]]
  private var weightsDone: [[Bool]]
  private var free: [Double]
  private var held: [Double]
  private var left: [Double]
  private var leftPasses: Int
  private var lastStart = 0.0

  /// Looks for a schedule shorter than `limit`.
  init(_ problem: SearchProblem, rankOfStage: [Int], directionOf: [Int], below limit: Double) {
    self.problem = problem
    self.rankOfStage = rankOfStage
    self.directionOf = directionOf
    let parts = problem.ranks * problem.stagesPerRank
    let given = problem.durations.stages
    durations = (0..<parts).map { given[given.count == 1 ? 0 : $0] }
    sizes = (0..<parts).map { problem.activations[problem.activations.count == 1 ? 0 : $0] }
    let left = problem.pendingActivations ?? problem.activations
    pending = (0..<parts).map { left[left.count == 1 ? 0 : $0] }
    limits = (0..<problem.ranks).map {
      problem.memoryLimits[problem.memoryLimits.count == 1 ? 0 : $0] + 1e-9
    }
    best = limit
    forwardEnd = Array(
      repeating: Array(repeating: .infinity, count: parts), count: problem.microBatches)
    backwardEnd = forwardEnd
    weightsDone = Array(
      repeating: Array(repeating: false, count: parts), count: problem.microBatches)
    free = Array(repeating: 0, count: problem.ranks)
    held = free
    self.left = free
    leftPasses = 3 * parts * problem.microBatches
    for direction in directionOf {
      for part in 0..<parts {
        let each = durations[part]
        self.left[rankOfStage[direction * parts + part]] +=
          min(each.forward + each.backward, each.overlapped)
      }
    }
  }

  private func rank(_ microBatch: Int, _ part: Int) -> Int {
    rankOfStage[directionOf[microBatch] * parts + part]
  }

  private func hop(_ microBatch: Int, _ from: Int, _ to: Int) -> Double {
    rank(microBatch, from) == rank(microBatch, to) ? 0 : durations[from].pointToPoint
  }

  /// Runs through all orders; starts never fall, so that each set of lists is met once.
  mutating func run() {
    if leftPasses == 0 {
      let end = free.max() ?? 0
      if end < best { (best, found) = (end, true) }
      return
    }
    for rank in free.indices where free[rank] + left[rank] >= best - 1e-9 && left[rank] > 1e-9 {
      return
    }
    for microBatch in directionOf.indices {
      for part in 0..<parts {
        tryForward(microBatch, part)
        tryBackward(microBatch, part)
        tryWeights(microBatch, part)
      }
    }
  }

  private func forwardReady(_ microBatch: Int, _ part: Int) -> Double? {
    guard forwardEnd[microBatch][part] == .infinity else { return nil }
    if part == 0 {
      let earlier = (0..<microBatch).last { directionOf[$0] == directionOf[microBatch] }
      if let earlier, forwardEnd[earlier][0] == .infinity { return nil }
      return 0
    }
    let before = forwardEnd[microBatch][part - 1]
    return before == .infinity ? nil : before + hop(microBatch, part - 1, part)
  }

  private func backwardReady(_ microBatch: Int, _ part: Int) -> Double? {
    guard backwardEnd[microBatch][part] == .infinity, forwardEnd[microBatch][part] < .infinity
    else { return nil }
    if part == parts - 1 { return 0 }
    let after = backwardEnd[microBatch][part + 1]
    return after == .infinity ? nil : after + hop(microBatch, part + 1, part)
  }

  private mutating func tryForward(_ microBatch: Int, _ part: Int) {
    guard let ready = forwardReady(microBatch, part) else { return }
    let rank = rank(microBatch, part)
    guard held[rank] + sizes[part] <= limits[rank] else { return }
    let each = durations[part]
    step(rank, ready, each.forward) { state, end in
      state.forwardEnd[microBatch][part] = end
      state.held[rank] += state.sizes[part]
      state.left[rank] -= min(each.forward, each.overlapped - each.backward)
      state.leftPasses -= 1
    }
    guard each.saving > 0 else { return }
    for other in directionOf.indices {
      for otherPart in 0..<parts where self.rank(other, otherPart) == rank {
        tryPair((microBatch, part), (other, otherPart), ready)
      }
    }
  }

  private mutating func tryPair(
    _ forward: (Int, Int), _ backward: (Int, Int), _ ready: Double
  ) {
    guard let otherReady = backwardReady(backward.0, backward.1) else { return }
    let (first, second) = (durations[forward.1], durations[backward.1])
    let duration = StageDurations.overlapped(forward: first, backward: second)
    let rank = rank(forward.0, forward.1)
    step(rank, max(ready, otherReady), duration) { state, end in
      state.forwardEnd[forward.0][forward.1] = end
      state.backwardEnd[backward.0][backward.1] = end
      state.weightsDone[backward.0][backward.1] = true
      state.held[rank] += state.sizes[forward.1] - state.sizes[backward.1]
      state.left[rank] -= min(first.forward, first.overlapped - first.backward) + second.backward
      state.leftPasses -= 3
    }
  }

  private mutating func tryBackward(_ microBatch: Int, _ part: Int) {
    guard let ready = backwardReady(microBatch, part) else { return }
    let rank = rank(microBatch, part)
    let growth = pending[part] - sizes[part]
    guard growth <= 0 || held[rank] + growth <= limits[rank] else { return }
    step(rank, ready, durations[part].inputBackward) { state, end in
      state.backwardEnd[microBatch][part] = end
      state.held[rank] += growth
      state.left[rank] -= state.durations[part].inputBackward
      state.leftPasses -= 1
    }
  }

  private mutating func tryWeights(_ microBatch: Int, _ part: Int) {
    guard backwardEnd[microBatch][part] < .infinity, !weightsDone[microBatch][part] else { return }
    let rank = rank(microBatch, part)
    step(rank, 0, durations[part].weightBackward) { state, _ in
      state.weightsDone[microBatch][part] = true
      state.held[rank] -= state.pending[part]
      state.left[rank] -= state.durations[part].weightBackward
      state.leftPasses -= 1
    }
  }

  private mutating func step(
    _ rank: Int, _ ready: Double, _ duration: Double, _ change: (inout BruteForce, Double) -> Void
  ) {
    let start = max(free[rank], ready)
    if start < lastStart { return }
    let kept = self
    free[rank] = start + duration
    lastStart = start
    change(&self, start + duration)
    run()
    let (best, found) = (self.best, self.found)
    self = kept
    (self.best, self.found) = (best, found)
  }
}
