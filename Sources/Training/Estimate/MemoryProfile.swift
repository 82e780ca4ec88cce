import Schedules

/// What each rank of a schedule holds at the instants at which it may hold most: how many
/// micro-batches of each of its stages, in each phase.
///
/// It is read off the schedule's list, which depends neither on the model nor on durations. Few
/// instants are kept: those at which no other holds as much of everything.
struct MemoryProfile {
  /// One rank's.
  struct Rank {
    /// Model stages of the rank, in the model's order.
    var stages: [Int]
    /// Pairs of stages that follow each other, of which one is on the rank and the other is not.
    var neighbours: Int
    /// Micro-batches by instant, then stage, then phase; -1 for all of the step.
    var counts: [Double] = []
  }

  private(set) var ranks: [Rank] = []

  /// - Parameter holdsAll: whether a rank holds all micro-batches of a stage at once.
  init(_ schedule: Schedule, holdsAll: Bool) {
    let neighbours = schedule.neighbours
    ranks = (0..<schedule.ranks).map { rank in
      let stages = schedule.modelStages(of: rank).sorted()
      var best = Frontier(width: stages.count * MemoryPhase.allCases.count)
      let changes = schedule.memoryChanges(of: rank)
      for (index, change) in changes.enumerated() {
        let slot = stages.firstIndex(of: Int(change.stage)) ?? 0
        best.change(
          slot * MemoryPhase.allCases.count + change.phase.rawValue, by: Int32(change.sign))
        let falls = index + 1 == changes.count || changes[index + 1].sign < 0
        if change.sign > 0, falls { best.keep() }
      }
      let all = Int32(schedule.microBatches)
      let counts = best.kept.joined().map { holdsAll && $0 == all ? -1 : Double($0) }
      return Rank(stages: stages, neighbours: neighbours[rank], counts: counts)
    }
  }
}

extension MemoryProfile.Rank {
  /// The most bytes at any of the instants, of what stages take for one of a step's micro-batches.
  func peak(_ costs: [PieceCosts], microBatches: Int) -> Double {
    var most = 0.0
    var next = 0
    while next < counts.count {
      var sum = 0.0
      for stage in stages {
        let held = counts[next] < 0 ? Double(microBatches) : counts[next]
        sum += held * costs[stage].held + counts[next + 1] * costs[stage].pending
        sum += counts[next + 2] * costs[stage].forwardWorking
        sum += counts[next + 3] * costs[stage].backwardWorking
        next += MemoryPhase.allCases.count
      }
      most = max(most, sum)
    }
    return most
  }
}

/// Lists of numbers of which none is as large as another everywhere.
private struct Frontier {
  private var now: [Int32]
  private(set) var kept: [[Int32]] = []

  init(width: Int) { now = [Int32](repeating: 0, count: width) }

  mutating func change(_ place: Int, by step: Int32) { now[place] += step }

  /// Keeps the numbers as they are now, unless others are as large.
  mutating func keep() {
    guard !kept.contains(where: { Self.covers($0, now) }) else { return }
    kept.removeAll { Self.covers(now, $0) }
    kept.append(now)
  }

  private static func covers(_ one: [Int32], _ other: [Int32]) -> Bool {
    for index in one.indices where one[index] < other[index] { return false }
    return true
  }
}

/// What a schedule's list depends on.
struct ProfileKey: Hashable {
  private let schedule: BuiltIn
  private let ranks, microBatches, stagesPerRank, groupSize: Int

  init(_ schedule: BuiltIn, _ plan: Plan, _ options: ScheduleOptions) {
    self.schedule = schedule
    ranks = plan.pipeline
    stagesPerRank = options.stagesPerRank ?? 0
    groupSize = options.groupSize ?? 0
    let all = plan.microBatches
    // Memory is full once every rank works; after that only the last group's length matters.
    let period = max(ranks, 1).multipliedReportingOverflow(by: 2).partialValue
    let groupsByRank = options.groupSize == nil && all.isMultiple(of: max(ranks, 1))
    let isLong = period > 0 && all / 2 > period
    let mayShorten = groupsByRank || !schedule.facts.choosesGroupSize
    microBatches = isLong && mayShorten ? period + all % period : all
  }

  /// What the ranks hold under the list; a searched one is taken to hold what the rule of its kind
  /// does, since its own order would have to be searched.
  func profile() throws(ScheduleError) -> MemoryProfile {
    let rule: BuiltIn =
      switch schedule {
      case .zeroBubble1p: .zeroBubbleH1
      case .zeroBubble2p: .zeroBubbleH2
      case .zeroBubbleVGreedy: .zeroBubbleV
      default: schedule
      }
    let request = ScheduleRequest(
      ranks: ranks, microBatches: self.microBatches,
      stagesPerRank: stagesPerRank > 0 ? stagesPerRank : nil,
      groupSize: groupSize > 0 ? groupSize : nil)
    return MemoryProfile(
      try rule.schedule(request), holdsAll: schedule == .gpipe || schedule == .loopedBFS)
  }
}
