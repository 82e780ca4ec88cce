import Quantities
import Schedules

/// How long each stage's passes take in the simulator when nothing else runs: what a schedule is
/// searched with.
///
/// A probe is a step of its own in which one action runs after the other through all stages, so
/// that each shows its whole length: kernels and exchanges of a pass, both streams of a pair, the
/// send of a result.
struct StageProbe {
  /// Durations of each model stage, in seconds.
  let durations: StageDurations
  /// Which pieces of the model each stage held.
  let placement: Placement

  /// Measures the stages of a placement.
  ///
  /// - Parameters:
  ///   - rankOfStage: Rank that holds each model stage; their number is that of the stages.
  ///   - pairs: Whether overlapped pairs are measured too. Otherwise one micro-batch is enough, and
  ///     a pair counts as long as its halves.
  init(
    _ simulation: StepSimulation, _ workload: Workload, rankOfStage: [Int], pairs: Bool
  ) throws(StepError) {
    var simulation = simulation
    simulation.plan.jitter = 0  // stages are measured by their means
    let schedule = Self.schedule(rankOfStage: rankOfStage, pairs: pairs)
    let result = try simulation.simulate(schedule, workload)
    placement = result.placement
    let times = Self.actionTimes(result)
    var stages = rankOfStage.map { _ in Measured() }
    for (rank, list) in schedule.actions.enumerated() {
      for (action, time) in zip(list, times[rank]) {
        switch action {
        case .single(let pass): stages[Int(pass.stage)].add(pass.kind, time.seconds)
        case .overlapped(let forward, _): stages[Int(forward.stage)].overlapped = time.seconds
        }
      }
    }
    for span in result.spans where span.stream == .send && span.stage >= 0 {
      let stage = Int(span.stage)
      stages[stage].send = max(stages[stage].send, (span.end - span.start).seconds)
    }
    do {
      var durations: [Durations] = []
      for stage in stages { durations.append(try stage.durations(pairs: pairs)) }
      self.durations = StageDurations(ofStages: durations)
    } catch {
      throw .schedule(error)
    }
  }

  /// What was measured of one stage, in seconds.
  private struct Measured {
    var forward = 0.0
    var input = 0.0
    var weight = 0.0
    var overlapped = 0.0
    var send = 0.0

    mutating func add(_ kind: PassKind, _ seconds: Double) {
      switch kind {
      case .forward: forward = seconds
      case .inputBackward: input = seconds
      case .weightBackward: weight = seconds
      case .backward: break
      }
    }

    func durations(pairs: Bool) throws(ScheduleError) -> Durations {
      try Durations(
        forward: forward, inputBackward: input, weightBackward: weight,
        overlapped: pairs ? overlapped : nil, pointToPoint: send)
    }
  }

  /// From first start to last end of each action, over both streams of its rank.
  private static func actionTimes(_ result: StepResult) -> [[Time]] {
    var first = result.schedule.actions.map { [Time](repeating: .max, count: $0.count) }
    var last = result.schedule.actions.map { [Time](repeating: .zero, count: $0.count) }
    for span in result.spans where span.stream != .send && span.action >= 0 {
      let (rank, action) = (Int(span.rank), Int(span.action))
      first[rank][action] = min(first[rank][action], span.start)
      last[rank][action] = max(last[rank][action], span.end)
    }
    return zip(first, last).map { first, last in
      zip(first, last).map { $1 > $0 ? $1 - $0 : .zero }
    }
  }

  /// A list in which one action follows the other. For pairs each stage has a turn: the forward of
  /// one micro-batch comes down to it as the backward of another comes up to it.
  static func schedule(rankOfStage: [Int], pairs: Bool) -> Schedule {
    let stages = rankOfStage.count
    var lists = [[Action]](repeating: [], count: (rankOfStage.max() ?? 0) + 1)
    func run(_ stage: Int, _ kind: PassKind, _ microBatch: Int) {
      lists[rankOfStage[stage]].append(.single(Pass(stage, kind, microBatch)))
    }
    func backward(_ stage: Int, _ microBatch: Int) {
      run(stage, .inputBackward, microBatch)
      run(stage, .weightBackward, microBatch)
    }
    var microBatches = 0
    for turn in 0..<(pairs ? stages : 0) {
      let (early, late) = (microBatches, microBatches + 1)
      for stage in 0..<stages { run(stage, .forward, early) }
      for stage in 0..<turn { run(stage, .forward, late) }
      for stage in (turn + 1..<stages).reversed() { backward(stage, early) }
      lists[rankOfStage[turn]].append(
        .overlapped(
          forward: Pass(turn, .forward, late), backward: Pass(turn, .backward, early)))
      for stage in turn + 1..<stages { run(stage, .forward, late) }
      for stage in (0..<turn).reversed() { backward(stage, early) }
      for stage in (0..<stages).reversed() { backward(stage, late) }
      microBatches += 2
    }
    if !pairs {
      for stage in 0..<stages { run(stage, .forward, 0) }
      for stage in (0..<stages).reversed() { backward(stage, 0) }
      microBatches = 1
    }
    return Schedule(
      name: "probe", microBatches: microBatches, actions: lists, rankOfStage: rankOfStage)
  }
}
