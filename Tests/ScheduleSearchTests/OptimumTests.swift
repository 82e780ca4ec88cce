import ScheduleSearch
import Schedules
import Testing

/// The search and its bound against every order there is, on small problems.
@Suite struct OptimumTests {
  struct Case: Sendable {
    let ranks: Int
    let microBatches: Int
    var stagesPerRank = 1
    var limit = Double.infinity
    var saving = 0.0
    var latency = 0.0
    /// What is left of an activation between I and W.
    var pending: Double?
  }

  static let cases = [
    Case(ranks: 2, microBatches: 2), Case(ranks: 2, microBatches: 3),
    Case(ranks: 2, microBatches: 3, limit: 1, latency: 0.3),
    Case(ranks: 2, microBatches: 3, limit: 2, latency: 0.1),
    Case(ranks: 2, microBatches: 3, saving: 0.3),
    Case(ranks: 3, microBatches: 2, latency: 0.2), Case(ranks: 3, microBatches: 2, limit: 1),
    Case(ranks: 2, microBatches: 2, stagesPerRank: 2),
    Case(ranks: 2, microBatches: 2, stagesPerRank: 2, limit: 3, latency: 0.2),
    Case(ranks: 2, microBatches: 3, limit: 1.6, latency: 0.1, pending: 0.6),
    Case(ranks: 2, microBatches: 3, limit: 2.6, latency: 0.1, pending: 1.6),
    Case(ranks: 3, microBatches: 2, limit: 1.6, latency: 0.2, pending: 0.6),
  ]

  @Test(arguments: cases)
  func findsTheOptimumAndBoundsIt(_ each: Case) throws {
    let stages = each.ranks * each.stagesPerRank
    var problem = SearchProblem(
      ranks: each.ranks, microBatches: each.microBatches, stagesPerRank: each.stagesPerRank,
      durations: try Problems.uneven(stages, saving: each.saving, latency: each.latency))
    problem.memoryLimits = [each.limit]
    problem.pendingActivations = each.pending.map { [$0] }
    problem.mostParameterCopies = each.stagesPerRank == 1 ? 2 : 1
    let search = try OrderSearch(problem, seed: 1)
    let result = try search.run(evaluations: 100_000)
    let optimum = Self.optimum(problem, from: result.timing.makespan + 1e-6)
    #expect(abs(result.timing.makespan - optimum) < 1e-6)
    #expect(search.lowerBound <= optimum + 1e-9)
    #expect(search.lowerBound > 0.6 * optimum)
  }

  /// The shortest of all schedules on the placements there are for one or two parts a rank.
  static func optimum(_ problem: SearchProblem, from limit: Double) -> Double {
    let (ranks, microBatches) = (problem.ranks, problem.microBatches)
    let oneWay = [Int](repeating: 0, count: microBatches)
    let down = Array(0..<ranks)
    let up = Array(down.reversed())
    var placements = problem.stagesPerRank == 1 ? [down] : [down + down, down + up]
    if problem.mostParameterCopies == 2 { placements.append(down + up) }
    var best = limit
    for placement in placements {
      let bothWays = placement.count > ranks * problem.stagesPerRank
      let half = microBatches - microBatches / 2
      let ways = bothWays ? (0..<microBatches).map { $0 < half ? 0 : 1 } : oneWay
      var force = BruteForce(problem, rankOfStage: placement, directionOf: ways, below: best)
      force.run()
      #expect(best < limit || force.found || placement != placements.last)
      best = min(best, force.best)
    }
    return best
  }
}
