/// The lists of a V with split backwards while they are built greedily for given durations, pass by
/// pass, with the time each runs at.
///
/// Passes of one kind and stage run in the order of the micro-batches.
struct VDraft {
  private let microBatches: Int
  private let limit: Int
  private let durations: Durations
  /// Whether a W goes into a wait before F, or before I of the first stage, that is shorter than it
  /// but longer than the rank may be idle; before I of the second stage it always does.
  private let fillsForwardWaits: Bool
  private let fillsBackwardWaits: Bool
  /// How much longer than its rank the most idle rank of an earlier try was idle.
  private let allowedWait: [Double]?
  /// Differences in time that are rounding.
  private let rounding: Double

  private var lanes: [Lane]
  /// What each rank has run: `6 × microBatches` places a rank.
  private var steps: [Step]
  /// The W of each rank in the order of their I: `2 × microBatches` places a rank.
  private var weights: [Step]
  /// Finish of each F and I by step, rank and micro-batch.
  private var finish: [Double]
  /// Longest time a rank was idle.
  private(set) var longestIdle = 0.0

  /// A pass of the next micro-batch through the rank's first stage, on the way down the V, or its
  /// second, on the way back up.
  private enum Step: UInt8 {
    case forwardDown, forwardUp, inputDown, inputUp, weightDown, weightUp

    var index: Int { Int(rawValue) }
    var isForward: Bool { rawValue < 2 }
    var isDown: Bool { rawValue.isMultiple(of: 2) }
    var kind: PassKind { isForward ? .forward : rawValue < 4 ? .inputBackward : .weightBackward }
  }

  /// Counts and times of a rank.
  private struct Lane {
    /// How many F and I have run, by step.
    var done = SIMD4<Int32>()
    var weightsDone = 0
    var firstStart = 0.0
    var time = 0.0
    /// Time spent waiting since the first forward.
    var idle = 0.0
    /// Whether its next I is of the way down.
    var takesInputDown = false

    func done(_ step: Step) -> Int { Int(done[step.index]) }
    var forwards: Int { done(.forwardDown) + done(.forwardUp) }
    var inputs: Int { done(.inputDown) + done(.inputUp) }
    var held: Int { forwards - weightsDone }
    var hasWaitingWeight: Bool { weightsDone < inputs }
    var steps: Int { forwards + inputs + weightsDone }
  }

  init(
    ranks: Int, microBatches: Int, limit: Int, durations: Durations, fillsForwardWaits: Bool,
    fillsBackwardWaits: Bool, allowedIdle: [Double]?
  ) {
    self.microBatches = microBatches
    self.limit = limit
    self.durations = durations
    self.fillsForwardWaits = fillsForwardWaits
    self.fillsBackwardWaits = fillsBackwardWaits
    let most = allowedIdle?.max() ?? 0
    allowedWait = allowedIdle?.map { most - $0 }
    rounding = 1e-9 * (durations.forward + durations.backward + durations.pointToPoint)
    lanes = [Lane](repeating: Lane(), count: ranks)
    steps = [Step](repeating: .forwardDown, count: 6 * ranks * microBatches)
    weights = [Step](repeating: .weightDown, count: 2 * ranks * microBatches)
    finish = [Double](repeating: 0, count: 4 * ranks * microBatches)
  }

  /// When the last rank finishes.
  var makespan: Double { lanes.lazy.map(\.time).max() ?? 0 }
  /// The longest time from a rank's first start to its last finish.
  var longestSpan: Double { lanes.lazy.map { $0.time - $0.firstStart }.max() ?? 0 }
  /// How long each rank was idle.
  var idle: [Double] { lanes.map(\.idle) }

  /// Writes all lists; false if that cannot be done within the limit.
  mutating func build() -> Bool {
    guard warmUpDown(), warmUpBoth() else { return false }
    for _ in 0..<2 * microBatches {
      guard runInputBackwards(), runForwards() else { return false }
    }
    for rank in lanes.indices {
      while lanes[rank].hasWaitingWeight { runWeight(rank) }
    }
    return true
  }

  /// The lists as actions.
  func actions() -> [[Action]] {
    lanes.enumerated().map { rank, lane in
      var next = [Int](repeating: 0, count: 6)
      let first = 6 * microBatches * rank
      return steps[first..<first + lane.steps].map { step in
        defer { next[step.index] += 1 }
        let stage = step.isDown ? rank : 2 * lanes.count - 1 - rank
        return .single(Pass(stage, step.kind, next[step.index]))
      }
    }
  }

  /// Forwards down the V for as long as a rank waits for the first to come back up.
  private mutating func warmUpDown() -> Bool {
    for rank in lanes.indices {
      guard run(.forwardDown, rank) else { return false }
    }
    for rank in lanes.indices.reversed() {
      if rank + 1 < lanes.count {
        let ready = finish[place(.forwardUp, rank + 1, 0)] + durations.pointToPoint
        // Each round also leaves room for what the ranks before will run until then.
        while lanes[rank].held + 2 + 2 * rank <= limit,
          lanes[rank].time + durations.forward <= ready + rounding,
          lanes[rank].done(.forwardDown) < microBatches
        {
          for earlier in 0...rank {
            guard run(.forwardDown, earlier) else { return false }
          }
        }
      }
      guard run(.forwardUp, rank) else { return false }
    }
    return true
  }

  /// Forwards of both ways in turn, until each rank has run as many as the one before it.
  private mutating func warmUpBoth() -> Bool {
    var step = Step.forwardDown
    for rank in lanes.indices.dropFirst() {
      while lacksForwards(rank) {
        for later in (rank..<lanes.count).reversed() where lanes[later].done(step) < microBatches {
          guard run(step, later) else { return false }
        }
        step = step == .forwardDown ? .forwardUp : .forwardDown
      }
    }
    return true
  }

  private func lacksForwards(_ rank: Int) -> Bool {
    let (lane, before) = (lanes[rank], lanes[rank - 1])
    let upBefore = before.done(.forwardUp)
    return lane.forwards < before.forwards
      || lane.done(.forwardUp) <= upBefore && upBefore < microBatches
  }

  /// One I on each rank: of the way up, which comes first, down the ranks; then of the way down, up
  /// the ranks.
  private mutating func runInputBackwards() -> Bool {
    for rank in lanes.indices {
      lanes[rank].takesInputDown = takesInputDown(rank)
    }
    for rank in lanes.indices where !lanes[rank].takesInputDown {
      fillWait(rank, before: .inputUp, beyond: true)
      guard run(.inputUp, rank) else { return false }
    }
    for rank in lanes.indices.reversed() where lanes[rank].takesInputDown {
      fillWait(rank, before: .inputDown, beyond: fillsBackwardWaits)
      guard run(.inputDown, rank) else { return false }
    }
    return true
  }

  private func takesInputDown(_ rank: Int) -> Bool {
    let (down, up) = (lanes[rank].done(.inputDown), lanes[rank].done(.inputUp))
    return up > down
      && (rank + 1 == lanes.count || lanes[rank + 1].done(.inputDown) > down || up >= microBatches)
  }

  /// At most one F on each rank.
  private mutating func runForwards() -> Bool {
    for rank in lanes.indices {
      guard let step = nextForward(rank) else { continue }
      while lanes[rank].held >= limit {
        guard lanes[rank].hasWaitingWeight else { return false }
        runWeight(rank)
      }
      fillWait(rank, before: step, beyond: fillsForwardWaits)
      guard run(step, rank) else { return false }
    }
    return true
  }

  /// The way up where a micro-batch has come to the rank, else the way down.
  private func nextForward(_ rank: Int) -> Step? {
    let (down, up) = (lanes[rank].done(.forwardDown), lanes[rank].done(.forwardUp))
    if up >= microBatches { return nil }
    if up >= down { return .forwardDown }
    if rank + 1 == lanes.count || lanes[rank + 1].done(.forwardUp) > up { return .forwardUp }
    let hasInput = rank == 0 || lanes[rank - 1].done(.forwardDown) > down
    return down < microBatches && hasInput ? .forwardDown : nil
  }

  /// Runs W while they end before the wait for the input of a step does, and another beyond it
  /// where the wait would make the rank idle for longer than it may be.
  private mutating func fillWait(_ rank: Int, before step: Step, beyond: Bool) {
    let microBatch = lanes[rank].done(step)
    guard let input = neighbour(rank, step), lanes[input].done(step) > microBatch else { return }
    let ready = finish[place(step, input, microBatch)] + durations.pointToPoint
    while lanes[rank].hasWaitingWeight,
      lanes[rank].time + durations.weightBackward <= ready + rounding
    {
      runWeight(rank)
    }
    let most = max(longestIdle, allowedWait?[rank] ?? 0)
    let wait = ready - lanes[rank].time
    if beyond, lanes[rank].hasWaitingWeight, wait > most - lanes[rank].idle + rounding {
      runWeight(rank)
    }
  }

  /// The rank that the input of a step comes from, unless it is the rank itself or there is none.
  private func neighbour(_ rank: Int, _ step: Step) -> Int? {
    let from = step.isForward == step.isDown ? rank - 1 : rank + 1
    return lanes.indices.contains(from) ? from : nil
  }

  /// Runs an F or I; false if an input is missing, none is left or memory is full.
  private mutating func run(_ step: Step, _ rank: Int) -> Bool {
    var lane = lanes[rank]
    let microBatch = lane.done(step)
    guard microBatch < microBatches, !step.isForward || lane.held < limit,
      hasOwnInputs(lane, step)
    else { return false }
    var start = lane.time
    if let from = neighbour(rank, step) {
      guard lanes[from].done(step) > microBatch else { return false }
      start = max(start, finish[place(step, from, microBatch)] + durations.pointToPoint)
    }
    if lane.steps == 0 {
      lane.firstStart = start
    } else {
      lane.idle += start - lane.time
      longestIdle = max(longestIdle, lane.idle)
    }
    if !step.isForward {
      weights[2 * microBatches * rank + lane.inputs] = step.isDown ? .weightDown : .weightUp
    }
    lane.time = start + (step.isForward ? durations.forward : durations.inputBackward)
    finish[place(step, rank, microBatch)] = lane.time
    steps[6 * microBatches * rank + lane.steps] = step
    lane.done[step.index] += 1
    lanes[rank] = lane
    return true
  }

  /// Whether the rank has run what a step needs of the same rank.
  private func hasOwnInputs(_ lane: Lane, _ step: Step) -> Bool {
    switch step {
    case .forwardUp: lane.done(.forwardDown) > lane.done(.forwardUp)
    case .inputUp: lane.done(.forwardUp) > lane.done(.inputUp)
    case .inputDown: lane.done(.inputUp) > lane.done(.inputDown)
    default: true
    }
  }

  private mutating func runWeight(_ rank: Int) {
    var lane = lanes[rank]
    steps[6 * microBatches * rank + lane.steps] =
      weights[2 * microBatches * rank + lane.weightsDone]
    lane.weightsDone += 1
    lane.time += durations.weightBackward
    lanes[rank] = lane
  }

  private func place(_ step: Step, _ rank: Int, _ microBatch: Int) -> Int {
    (step.index * lanes.count + rank) * microBatches + microBatch
  }
}
