import Testing

@testable import Schedules

/// Every small shape of every built-in: the list keeps all rules, or the error leads to one that
/// does.
@Suite struct ExhaustiveTests {
  @Test(arguments: BuiltIn.allCases, 1...8)
  func smallShapesAreValidOrLeadToOne(schedule: BuiltIn, ranks: Int) throws {
    let facts = schedule.facts
    for microBatches in 1...16 {
      // Where it is fixed, a few shapes tell what becomes of another number.
      let isTried = facts.choosesStagesPerRank || microBatches <= 2
      for stagesPerRank in isTried ? 1...4 : facts.stagesPerRank...facts.stagesPerRank {
        let shape = Shape(
          schedule: schedule, ranks: ranks, microBatches: microBatches,
          stagesPerRank: stagesPerRank)
        for built in try shape.repaired() {
          let violations = built.violations()
          #expect(violations.isEmpty, "\(schedule.rawValue) \(ranks) x \(microBatches)")
          #expect(built.parameterCopies == schedule.facts.parameterCopies)
          #expect(built.rankOfStage.count == built.ranks * stagesOf(built, schedule))
        }
      }
    }
  }

  private func stagesOf(_ built: Schedule, _ schedule: BuiltIn) -> Int {
    schedule.facts.choosesStagesPerRank
      ? built.rankOfStage.count / built.ranks : schedule.facts.stagesPerRank
  }

  /// What a caller may ask for.
  struct Shape {
    var schedule: BuiltIn
    var ranks: Int
    var microBatches: Int
    var stagesPerRank: Int

    /// The schedule, or those got by doing what the errors say, for each of the nearest values.
    func repaired(depth: Int = 0) throws -> [Schedule] {
      do {
        return [
          try schedule.schedule(
            ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank)
        ]
      } catch {
        // Stages, ranks, micro-batches: each is wrong once at most, whatever is suggested.
        guard depth < 3 else { throw error }
        let better = try error.suggestions(for: self)
        #expect(!better.isEmpty, "\(error)")
        return try better.flatMap { try $0.repaired(depth: depth + 1) }
      }
    }
  }

  /// The schedules that take a group size.
  static let grouped = BuiltIn.allCases.filter(\.facts.choosesGroupSize)

  @Test(arguments: grouped, 1...5)
  func everyAllowedGroupSizeRuns(schedule: BuiltIn, ranks: Int) throws {
    for microBatches in 1...(3 * ranks + 3) {
      for group in 1...(microBatches + 1) {
        for stagesPerRank in 2...3 {
          let request = ScheduleRequest(
            ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank,
            groupSize: group)
          let rest = microBatches % group
          let isLong = rest == 0 || rest >= ranks || schedule == .interleavedZeroBubble
          if min(ranks, microBatches)...microBatches ~= group, isLong {
            let violations = try schedule.schedule(request).violations()
            #expect(violations.isEmpty, "\(ranks) x \(microBatches), groups of \(group)")
          } else {
            for nearest in try refusedGroup(schedule, request) {
              var better = request
              better.groupSize = nearest
              #expect(try schedule.schedule(better).violations().isEmpty)
            }
          }
        }
      }
    }
  }

  /// The group sizes suggested in place of one that must be refused.
  private func refusedGroup(_ schedule: BuiltIn, _ request: ScheduleRequest) throws -> [Int] {
    do {
      _ = try schedule.schedule(request)
      Issue.record("\(request) must be refused")
    } catch .groupSize(_, _, _, _, let nearest) {
      #expect(!nearest.isEmpty)
      return nearest
    }
    return []
  }

  private static func deadlocks(_ lists: [[Action]]) throws -> Bool {
    let violations = try Schedule(name: "mine", actions: lists).violations()
    guard let first = violations.first else { return false }
    guard case .deadlock = first else {
      Issue.record("expected a deadlock, got \(violations)")
      return true
    }
    return true
  }

  @Test(arguments: 2...6, 2...3)
  func shortLastGroupsDeadlockOnlyBelowTheirSums(ranks: Int, stagesPerRank: Int) throws {
    // Groups of g with a last one of t < p: no deadlock if g + t ≥ 2(p − 1), or above it for pairs.
    var deadlocks = [0, 0]
    for microBatches in ranks...(3 * ranks) {
      for group in ranks...microBatches where !microBatches.isMultiple(of: group) {
        let order = InterleavedOrder(
          ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank, group: group)
        let sum = group + microBatches % group
        if try Self.deadlocks(Schedule.interleavedActions(order)) {
          deadlocks[0] += 1
          #expect(sum < 2 * (ranks - 1))
        }
        if try Self.deadlocks(Schedule.interleavedOverlappedActions(order)) {
          deadlocks[1] += 1
          #expect(sum <= 2 * (ranks - 1))
        }
      }
    }
    if ranks > 4 { #expect(0 < deadlocks[0] && deadlocks[0] < deadlocks[1]) }
  }

  @Test func aShortLastGroupCanDeadlock() throws {
    // The reason for the rule: 7 micro-batches in groups of 5 leave 2 for 5 ranks.
    let lists = Schedule.interleavedActions(
      InterleavedOrder(ranks: 5, microBatches: 7, stagesPerRank: 2, group: 5))
    let violations = try Schedule(name: "mine", actions: lists).violations()
    guard case .deadlock(let waits)? = violations.first else {
      Issue.record("expected a deadlock, got \(violations)")
      return
    }
    #expect(waits.count >= 2)
    for (wait, next) in zip(waits, waits.dropFirst() + waits.prefix(1)) {
      #expect(wait.onRank == next.rank, "each waits for the next")
    }
  }

  @Test(arguments: [(16, 120, 20), (16, 128, 16), (4, 10, 5), (4, 7, 7), (3, 8, 4), (5, 5, 5)])
  func defaultGroupIsTheSmallestAllowed(ranks: Int, microBatches: Int, group: Int) throws {
    // 120 in groups of 16 … 19 leaves 8, 1, 12, 6: all fewer than 16 ranks; 20 divides it.
    #expect(
      try Schedule.interleaved(ranks: ranks, microBatches: microBatches)
        == Schedule.interleaved(ranks: ranks, microBatches: microBatches, groupSize: group))
  }

  @Test(arguments: grouped, 1...12)
  func defaultGroupIsPyTorchsWhereItHasOne(schedule: BuiltIn, ranks: Int) throws {
    // PyTorch: max(1, ⌊m/p⌋) rounds of equal groups, refused where they cannot be equal.
    for microBatches in 1...64 {
      let rounds = max(1, microBatches / ranks)
      guard microBatches.isMultiple(of: rounds) else { continue }
      var request = ScheduleRequest(ranks: ranks, microBatches: microBatches)
      let built = try schedule.schedule(request)
      request.groupSize = microBatches / rounds
      #expect(try schedule.schedule(request) == built, "\(ranks) x \(microBatches)")
    }
  }

  @Test(arguments: 1...8)
  func pairsOfInterleavedHoldTwoMicroBatches(ranks: Int) throws {
    for microBatches in 1...20 {
      for stagesPerRank in 1...4 {
        let built = try Schedule.interleavedOverlapped(
          ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank)
        for case .overlapped(let forward, let backward) in built.actions.joined() {
          #expect(forward.microBatch != backward.microBatch)
        }
      }
    }
  }
}

extension ScheduleError {
  /// The shapes that follow what the error says.
  fileprivate func suggestions(
    for shape: ExhaustiveTests.Shape
  ) throws -> [ExhaustiveTests.Shape] {
    func with<Value>(
      _ path: WritableKeyPath<ExhaustiveTests.Shape, Value>, _ values: [Value]
    ) -> [ExhaustiveTests.Shape] {
      values.map { value in
        var better = shape
        better[keyPath: path] = value
        return better
      }
    }
    return switch self {
    case .tooFewRanks(_, _, let atLeast): with(\.ranks, [atLeast])
    case .ranksNotMultiple(_, _, _, let nearest): with(\.ranks, nearest)
    case .stagesPerRank(_, _, let allowed, _): with(\.stagesPerRank, [allowed.lowerBound])
    case .tooFewMicroBatches(_, _, _, let atLeast): with(\.microBatches, [atLeast])
    case .microBatchesNotMultiple(_, _, _, let nearest): with(\.microBatches, nearest)
    default: throw self
    }
  }
}
