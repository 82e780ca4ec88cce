internal import Schedules

/// The passes of a problem on one layout, numbered so that what a pass needs is next to it.
///
/// A row for each micro-batch has a cell for each part of the model and an empty one at either end.
/// Forwards come first, then the I, then the W, then `none`, which nothing waits for. A full
/// backward is an I with its W right after it: that is never later, as only the I is waited for.
struct PassGrid: Sendable {
  let layout: Layout
  let problem: SearchProblem
  /// Cells of one kind of pass.
  let cells: Int
  /// The pass that is none.
  var none: Int32 { Int32(3 * cells) }
  /// The pass whose result another needs, and the one that needs its own; by pass.
  private(set) var input: [Int32]
  private(set) var successor: [Int32]
  /// How long the input travels.
  private(set) var latency: [Double]
  /// How long a pass takes alone.
  private(set) var duration: [Double]
  private(set) var rank: [Int32]
  /// What a pass adds to the activations on its rank.
  private(set) var growth: [Double]

  init(_ problem: SearchProblem, _ layout: Layout) {
    self.problem = problem
    self.layout = layout
    cells = problem.microBatches * (layout.stages + 2)
    let count = 3 * cells + 1
    input = [Int32](repeating: Int32(3 * cells), count: count)
    successor = input
    latency = [Double](repeating: 0, count: count)
    (duration, growth) = (latency, latency)
    rank = [Int32](repeating: 0, count: count)
    for microBatch in 0..<problem.microBatches {
      for stage in 0..<layout.stages { fill(microBatch, stage) }
    }
  }

  private mutating func fill(_ microBatch: Int, _ stage: Int) {
    let direction = layout.directionOf[microBatch]
    let durations = problem.durations(stage)
    let forward = Int(self.forward(microBatch, stage))
    let (backward, weights) = (forward + cells, forward + 2 * cells)
    for pass in [forward, backward, weights] {
      rank[pass] = Int32(layout.rank(direction, stage))
    }
    (input[forward], successor[forward]) = (Int32(forward - 1), Int32(forward + 1))
    (input[backward], successor[backward]) = (Int32(backward + 1), Int32(backward - 1))
    duration[forward] = durations.forward
    duration[backward] = durations.inputBackward
    duration[weights] = durations.weightBackward
    growth[forward] = problem.activation(stage)
    growth[backward] = problem.pending(stage) - problem.activation(stage)
    growth[weights] = -problem.pending(stage)
    if stage > 0 { latency[forward] = hop(direction, from: stage - 1, to: stage) }
    if stage < layout.stages - 1 { latency[backward] = hop(direction, from: stage + 1, to: stage) }
  }

  /// How long a result travels from one part of the model to the next or the one before.
  func hop(_ direction: Int, from: Int, to: Int) -> Double {
    layout.rank(direction, from) == layout.rank(direction, to)
      ? 0 : problem.durations(from).pointToPoint
  }

  /// What a full backward, known by its I, adds to the activations: it leaves nothing pending.
  func growthOfWhole(_ backward: Int32) -> Double {
    growth[Int(backward)] + growth[Int(backward) + cells]
  }

  func forward(_ microBatch: Int, _ stage: Int) -> Int32 {
    Int32(microBatch * (layout.stages + 2) + stage + 1)
  }

  func isForward(_ pass: Int32) -> Bool { pass < cells }
  func isInputBackward(_ pass: Int32) -> Bool { pass >= cells && pass < 2 * cells }
  func isWeightBackward(_ pass: Int32) -> Bool { pass >= 2 * cells }

  /// Whether it is one of the empty cells at the ends of a row, or none.
  func isEmpty(_ pass: Int32) -> Bool {
    if pass == none { return true }
    let column = Int(pass) % cells % (layout.stages + 2)
    return column == 0 || column == layout.stages + 1
  }

  func place(_ pass: Int32) -> (microBatch: Int, stage: Int) {
    let cell = Int(pass) % cells
    return (cell / (layout.stages + 2), cell % (layout.stages + 2) - 1)
  }

  /// How long the pair of a forward and the backward that `backward` is the I of takes.
  func pairDuration(_ forward: Int32, _ backward: Int32) -> Double {
    StageDurations.overlapped(
      forward: problem.durations(place(forward).stage),
      backward: problem.durations(place(backward).stage))
  }

  /// What such a pair saves over its halves one after the other.
  func saving(_ forward: Int32, _ backward: Int32) -> Double {
    duration[Int(forward)] + duration[Int(backward)] + duration[Int(backward) + cells]
      - pairDuration(forward, backward)
  }

  /// Whether some pair may be shorter than its halves: it saves at most the mean of what the
  /// stages' own pairs save.
  var mayPair: Bool {
    (0..<layout.stages).contains {
      let durations = problem.durations($0)
      return durations.saving > 1e-12 * durations.overlapped
    }
  }
}
