import ScheduleSearch
import Schedules
import Testing

@Suite struct SearchTests {
  // MARK: Never worse, never over a limit, never below the bound

  @Test(arguments: 0..<24)
  func keepsWhatItPromises(_ index: Int) throws {
    let problem = try Problems.drawn(index)
    let search: OrderSearch
    do throws(SearchError) {
      search = try OrderSearch(problem, seed: 1)
    } catch {
      guard case .limitTooLow = error else { throw error }
      return
    }
    let result = try search.run(evaluations: 3_000)
    #expect(result.schedule.name == "searched")
    #expect(result.schedule.violations() == [])
    #expect(try result.schedule.timing(problem.durations) == result.timing)
    #expect(result.lowerBound <= result.timing.makespan)
    #expect(search.lowerBound <= result.timing.makespan * (1 + 1e-9))
    #expect(result.schedule.parameterCopies <= problem.mostParameterCopies)
    for (rank, peak) in result.peaks.enumerated() {
      let limits = problem.memoryLimits
      #expect(peak <= limits[limits.count == 1 ? 0 : rank] * (1 + 1e-6))
    }
    for trial in result.builtIns {
      if let makespan = trial.makespan { #expect(result.timing.makespan <= makespan) }
    }
  }

  /// With sizes of 1 the peaks are counts, which the timing finds on its own.
  @Test func peaksAgreeWithTheTiming() throws {
    var problem = SearchProblem(ranks: 4, microBatches: 8, durations: try Problems.uneven(4))
    problem.memoryLimits = [4, 3, 2, 2]
    let result = try OrderSearch(problem, seed: 3).run(evaluations: 5_000)
    #expect(result.peaks == result.timing.peakActivationsReleaseAtW.map(Double.init))
    for (peak, limit) in zip(result.peaks, problem.memoryLimits) { #expect(peak <= limit) }
  }

  /// With F = I = W and no latency the wait of the last rank for its first input is all the idle
  /// time there need be: 3 F of a rank at the end, or 1 F of one in the middle of two directions.
  @Test(arguments: [(1, 24.0 + 3), (2, 24.0 + 1)])
  func evenStagesReachTheBound(_ copies: Int, _ makespan: Double) throws {
    let problem = SearchProblem(ranks: 4, microBatches: 8, mostParameterCopies: copies)
    let result = try OrderSearch(problem, seed: 1).run()
    #expect(result.isOptimal)
    #expect(result.gapRatio == 0)
    #expect(result.timing.makespan == makespan)
  }

  // MARK: Determinism

  @Test func sameSeedGivesTheSameSchedule() throws {
    let problem = try Problems.drawn(7)
    let first = try OrderSearch(problem, seed: 5).run(evaluations: 4_000)
    #expect(try OrderSearch(problem, seed: 5).run(evaluations: 4_000) == first)
  }

  @Test func moreEvaluationsAreNeverWorse() throws {
    var problem = SearchProblem(
      ranks: 3, microBatches: 6, stagesPerRank: 2, durations: try Problems.uneven(6))
    problem.memoryLimits = [5]
    let search = try OrderSearch(problem, seed: 2)
    var last = Double.infinity
    var makespans: Set<Double> = []
    for evaluations in [1, 10, 100, 1_000, 4_000, 12_000] {
      let result = try search.run(evaluations: evaluations)
      #expect(result.evaluations <= evaluations)
      #expect(result.timing.makespan <= last)
      last = result.timing.makespan
      makespans.insert(last)
    }
    // And some are better.
    #expect(makespans.count > 1)
  }

  @Test func progressFallsAndCanEndTheSearch() throws {
    var problem = SearchProblem(ranks: 4, microBatches: 8, durations: try Problems.uneven(4))
    problem.memoryLimits = [3]
    let search = try OrderSearch(problem, seed: 1)
    var seen: [SearchProgress] = []
    _ = try search.run(evaluations: 9_000) { state in
      seen.append(state)
      return true
    }
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.makespan >= $1.makespan })
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.evaluations <= $1.evaluations })
    #expect(seen.allSatisfy { $0.lowerBound <= $0.makespan && $0.budget == 9_000 })
    let stopped = try search.run(evaluations: 9_000) { _ in false }
    #expect(stopped.evaluations == 1)
    #expect(stopped.schedule.violations() == [])
  }

  // MARK: Pairs

  /// A pair saves 30 %: the search must use pairs, and be as good as DualPipe, which fits.
  @Test func pairsAreUsedWhereTheySave() throws {
    let durations = try Durations(
      forward: 1, inputBackward: 1, weightBackward: 1, overlapped: 2.1)
    let problem = SearchProblem(
      ranks: 4, microBatches: 12, durations: StageDurations(durations))
    let result = try OrderSearch(problem, seed: 1).run(evaluations: 20_000)
    let dualPipe = try #require(
      result.builtIns.first { $0.builtIn == .dualPipe }?.makespan)
    #expect(result.timing.makespan <= dualPipe)
    let pairs = result.schedule.actions.joined().count {
      if case .overlapped = $0 { true } else { false }
    }
    #expect(pairs > 12)
  }
}
