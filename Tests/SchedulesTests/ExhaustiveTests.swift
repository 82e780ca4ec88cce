import Testing

@testable import Schedules

/// Every small shape of every built-in: the list keeps all rules, or the error leads to one that
/// does.
@Suite struct ExhaustiveTests {
  @Test(arguments: BuiltIn.allCases, 1...8)
  func smallShapesAreValidOrLeadToOne(schedule: BuiltIn, ranks: Int) throws {
    for microBatches in 1...16 {
      for stagesPerRank in 1...4 {
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

  @Test(arguments: 1...6, 1...3)
  func everyAllowedGroupSizeRuns(ranks: Int, stagesPerRank: Int) throws {
    for microBatches in ranks...(4 * ranks + 3) {
      for group in ranks...microBatches {
        let lists = Schedule.interleavedActions(
          ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank, group: group)
        let rest = microBatches % group
        if rest == 0 || rest >= ranks {
          let built = try Schedule.interleaved(
            ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank,
            groupSize: group)
          #expect(built.actions == lists)
          #expect(built.violations().isEmpty, "\(ranks) x \(microBatches), groups of \(group)")
        } else {
          #expect(throws: ScheduleError.self) {
            try Schedule.interleaved(
              ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank,
              groupSize: group)
          }
        }
      }
    }
  }

  @Test func aShortLastGroupCanDeadlock() throws {
    // The reason for the rule: 7 micro-batches in groups of 5 leave 2 for 5 ranks.
    let lists = Schedule.interleavedActions(
      ranks: 5, microBatches: 7, stagesPerRank: 2, group: 5)
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
