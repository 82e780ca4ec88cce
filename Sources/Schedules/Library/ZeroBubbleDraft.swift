/// The lists of a linear pipeline with split backwards while they are built for given durations,
/// pass by pass, with the time each runs at.
///
/// Passes of one kind run in the order of the micro-batches on every rank, so a list is a row of
/// kinds.
struct ZeroBubbleDraft {
  private let microBatches: Int
  private let limit: Int
  private let durations: Durations
  /// Whether a rank takes the forward that is still running when its first I could start.
  private let warmsUpPastFirstBackward: Bool
  /// Whether a rank may put off a forward where the rank after it has enough and I comes soon.
  private let mayPutOffForward: Bool
  /// Whether a W also goes into each wait that is shorter than it, not just where the wait would
  /// make the rank the most idle one.
  private let fillsEveryWait: Bool
  /// Whether two neighbours may run all forwards in the warm-up.
  private let mayRunOutTogether: Bool
  /// Differences in time that are rounding.
  private let rounding: Double

  private var lanes: [Lane]
  /// What each rank has run: `3 × microBatches` places a rank.
  private var kinds: [PassKind]
  /// Finish of each F and I by rank and micro-batch.
  private var forwardFinish: [Double]
  private var backwardFinish: [Double]
  /// Longest idle time of a rank so far.
  private var longestIdle = 0.0

  /// Counts and times of a rank.
  private struct Lane {
    var forwards = 0
    var inputs = 0
    var weights = 0
    var firstStart = 0.0
    var finish = 0.0
    /// Time spent waiting since the first forward.
    var idle = 0.0

    var passes: Int { forwards + inputs + weights }
    var held: Int { forwards - weights }
    var waitingWeights: Int { inputs - weights }
  }

  init(
    ranks: Int, microBatches: Int, limit: Int, durations: Durations,
    warmsUpPastFirstBackward: Bool, mayPutOffForward: Bool, fillsEveryWait: Bool,
    mayRunOutTogether: Bool
  ) {
    self.microBatches = microBatches
    self.limit = limit
    self.durations = durations
    self.warmsUpPastFirstBackward = warmsUpPastFirstBackward
    self.mayPutOffForward = mayPutOffForward
    self.fillsEveryWait = fillsEveryWait
    self.mayRunOutTogether = mayRunOutTogether
    rounding =
      1e-9 * (durations.forward + durations.backward + durations.pointToPoint)
    lanes = [Lane](repeating: Lane(), count: ranks)
    kinds = [PassKind](repeating: .forward, count: 3 * ranks * microBatches)
    forwardFinish = [Double](repeating: 0, count: ranks * microBatches)
    backwardFinish = forwardFinish
  }

  /// When the last rank finishes.
  var makespan: Double { lanes.lazy.map(\.finish).max() ?? 0 }
  /// The longest time from a rank's first start to its last finish.
  var longestSpan: Double { lanes.lazy.map { $0.finish - $0.firstStart }.max() ?? 0 }

  /// Writes all lists: a warm-up, then in each round at most one F and exactly one I on each rank.
  mutating func build() {
    warmUp()
    for rank in lanes.indices.reversed() { run(.inputBackward, rank) }
    for _ in 1..<max(microBatches, 1) {
      let takes = ranksThatTakeForward()
      for rank in lanes.indices where takes[rank] {
        while lanes[rank].held >= limit { run(.weightBackward, rank) }
        if rank > 0 { fillWait(rank, until: forwardInput(rank)) }
        run(.forward, rank)
      }
      for rank in lanes.indices.reversed() {
        if rank + 1 < lanes.count { fillWait(rank, until: backwardInput(rank)) }
        if rank == 0, lanes[rank].forwards == microBatches { runWaitingWeights(rank) }
        run(.inputBackward, rank)
      }
    }
    for rank in lanes.indices { runWaitingWeights(rank) }
  }

  /// The lists as actions.
  func actions() -> [[Action]] {
    lanes.enumerated().map { rank, lane in
      var next = [Int](repeating: 0, count: PassKind.allCases.count)
      let first = 3 * microBatches * rank
      return kinds[first..<first + lane.passes].map { kind in
        defer { next[Int(kind.rawValue)] += 1 }
        return .single(Pass(rank, kind, next[Int(kind.rawValue)]))
      }
    }
  }

  /// The first forward of each rank, and as many more as memory and the time until its first I
  /// allow, always fewer than on the rank before.
  private mutating func warmUp() {
    for rank in lanes.indices { run(.forward, rank) }
    var more = [Int](repeating: 0, count: lanes.count)
    var backward = 0.0
    for rank in lanes.indices.reversed() {
      var time = lanes[rank].finish
      if rank + 1 < lanes.count {
        let ready = backward + durations.pointToPoint
        while more[rank] + 1 < min(microBatches, limit) {
          let fits =
            warmsUpPastFirstBackward
            ? time < ready - rounding : time + durations.forward <= ready + rounding
          guard fits else { break }
          more[rank] += 1
          time += durations.forward
        }
        time = max(time, ready)
      }
      backward = time + durations.inputBackward
    }
    for rank in lanes.indices.dropFirst() where more[rank] >= more[rank - 1] {
      let runsOut = mayRunOutTogether && more[rank - 1] + 1 == microBatches
      more[rank] = runsOut ? more[rank - 1] : max(more[rank - 1] - 1, 0)
    }
    for rank in lanes.indices {
      for _ in 0..<more[rank] { run(.forward, rank) }
    }
  }

  /// Which ranks run an F in this round: those that have one left, but for a rank that puts it off
  /// and those before it.
  private func ranksThatTakeForward() -> [Bool] {
    var takes = lanes.map { $0.forwards < microBatches }
    for rank in lanes.indices.dropLast().reversed() where takes[rank] {
      takes[rank] =
        (takes[rank + 1] || lanes[rank + 1].forwards == microBatches)
        && !(mayPutOffForward && putsOffForward(rank))
    }
    return takes
  }

  private func putsOffForward(_ rank: Int) -> Bool {
    let (lane, next) = (lanes[rank], lanes[rank + 1])
    guard lane.forwards >= next.forwards + 2 else { return false }
    let backward =
      next.finish + durations.forward + durations.inputBackward + durations.pointToPoint
    if lane.finish >= backward { return true }
    // W that must make room come first.
    let weights = max(0, min(lane.held + 1 - limit, lane.waitingWeights))
    let finish =
      lane.finish + durations.forward + Double(weights) * durations.weightBackward
    return finish > backward && backward - lane.finish <= longestIdle - lane.idle
  }

  /// Runs W while they end before the wait does; a last one goes beyond it if it has to.
  private mutating func fillWait(_ rank: Int, until ready: Double) {
    while lanes[rank].waitingWeights > 0,
      lanes[rank].finish + durations.weightBackward <= ready + rounding
    {
      run(.weightBackward, rank)
    }
    let wait = ready - lanes[rank].finish
    guard lanes[rank].waitingWeights > 0, wait > rounding else { return }
    if fillsEveryWait || wait > longestIdle - lanes[rank].idle + rounding {
      run(.weightBackward, rank)
    }
  }

  private mutating func runWaitingWeights(_ rank: Int) {
    while lanes[rank].waitingWeights > 0 { run(.weightBackward, rank) }
  }

  /// When the input of the rank's next F is there.
  private func forwardInput(_ rank: Int) -> Double {
    guard rank > 0 else { return 0 }
    let input = (rank - 1) * microBatches + lanes[rank].forwards
    return forwardFinish[input] + durations.pointToPoint
  }

  /// When what comes back for the rank's next I is there.
  private func backwardInput(_ rank: Int) -> Double {
    guard rank + 1 < lanes.count else { return 0 }
    let input = (rank + 1) * microBatches + lanes[rank].inputs
    return backwardFinish[input] + durations.pointToPoint
  }

  private mutating func run(_ kind: PassKind, _ rank: Int) {
    var lane = lanes[rank]
    kinds[3 * microBatches * rank + lane.passes] = kind
    switch kind {
    case .forward:
      let start = max(lane.finish, forwardInput(rank))
      if lane.forwards == 0 {
        lane.firstStart = start
      } else {
        lane.idle += start - lane.finish
      }
      lane.finish = start + durations.forward
      forwardFinish[rank * microBatches + lane.forwards] = lane.finish
      lane.forwards += 1
    case .inputBackward:
      let start = max(lane.finish, backwardInput(rank))
      lane.idle += start - lane.finish
      lane.finish = start + durations.inputBackward
      backwardFinish[rank * microBatches + lane.inputs] = lane.finish
      lane.inputs += 1
    case .weightBackward, .backward:
      lane.finish += durations.weightBackward
      lane.weights += 1
    }
    longestIdle = max(longestIdle, lane.idle)
    lanes[rank] = lane
  }
}
