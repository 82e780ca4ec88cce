public import Schedules

/// Searches a pipeline schedule for durations of stages and limits of memory as they are.
///
///     let problem = SearchProblem(ranks: 4, microBatches: 8)
///     let result = try OrderSearch(problem, seed: 1).run()
///     print(result.timing.makespan, result.isOptimal)
///     // 27.0 true
///
/// The result is never longer than the best built-in schedule that fits, and never shorter than
/// `lowerBound`; where both meet the search ends and the schedule is optimal. Three steps:
///
/// 1. every built-in schedule that exists for the problem and keeps its limits;
/// 2. lists built by running the ranks in time under many preferences (`ListScheduler`);
/// 3. simulated annealing of the best of these, one stretch of changes after another
///    (`Annealing`).
///
/// The same problem, seed and number of evaluations give the same schedule. Stretches do not depend
/// on how many evaluations are to come, so more evaluations never give a longer schedule.
public struct OrderSearch: Sendable {
  /// What is searched for.
  public let problem: SearchProblem
  /// Seed of all random numbers.
  public let seed: UInt64
  /// A makespan that no schedule can beat.
  public let lowerBound: Double

  static let scheduleName = "searched"

  let trials: [BuiltInTrial]
  let grids: [PassGrid]
  /// The built-in schedules that fit, as starts.
  let builtInOrders: [PassOrder]

  /// A search for `problem`, with the built-in schedules tried.
  ///
  /// - Throws: `SearchError` with the value that will not do.
  public init(_ problem: SearchProblem, seed: UInt64) throws(SearchError) {
    try problem.check()
    self.problem = problem
    self.seed = seed
    trials = BuiltIn.allCases.map { BuiltInTrial($0, problem) }
    var layouts = Layout.all(problem)
    let places = layouts.map { $0.excess(problem) }
    if let refusal = places[0], places.allSatisfy({ $0 != nil }) { throw refusal }
    layouts = zip(layouts, places).filter { $0.1 == nil }.map(\.0)
    var orders: [(Schedule, Int)] = []
    for trial in trials where trial.makespan != nil {
      guard let schedule = trial.schedule,
        let layout = Layout(schedule, trial.builtIn.facts.placement)
      else { continue }
      if !layouts.contains(where: { $0.isSame(as: layout) }) { layouts.append(layout) }
      orders.append((schedule, layouts.firstIndex { $0.isSame(as: layout) } ?? 0))
    }
    let grids = layouts.map { PassGrid(problem, $0) }
    self.grids = grids
    builtInOrders = orders.map { PassOrder($0.0, grids[$0.1], layout: $0.1) }
    lowerBound = grids.map { LowerBound($0).makespan }.min() ?? 0
  }

  /// Orders tried when the caller does not say: a few seconds' worth.
  public var defaultEvaluations: Int {
    let passes = 3 * problem.stages * problem.microBatches
    let afforded = min(1_500_000_000 / passes, 20_000_000_000_000 / (passes * passes))
    return max(1_000, min(4_000_000, afforded))
  }

  /// The best schedule of so many evaluations.
  ///
  /// - Parameters:
  ///   - evaluations: Orders to try at most; nil for `defaultEvaluations`.
  ///   - progress: Told now and then how far the search is; false ends it with what it has.
  /// - Complexity: O(passes) for a change that is made, less for one that is not.
  public func run(
    evaluations: Int? = nil, progress: (SearchProgress) -> Bool = { _ in true }
  ) throws(ScheduleError) -> SearchResult {
    var hunt = Hunt(self, budget: evaluations ?? defaultEvaluations)
    hunt.run(progress)
    return try result(hunt)
  }

  private func result(_ hunt: Hunt) throws(ScheduleError) -> SearchResult {
    let bestTrial = trials.filter { $0.makespan != nil }.min {
      ($0.makespan ?? .infinity) < ($1.makespan ?? .infinity)
    }
    guard let order = hunt.best else {
      throw .breaksRules(schedule: Self.scheduleName, violations: [])
    }
    let grid = grids[order.layout]
    var (schedule, timing) = try order.schedule(grid)
    var placement = grid.layout.placement
    // A built-in schedule may be as short, or, by rounding, a hair shorter: then it is the result.
    if let bestTrial, var own = bestTrial.schedule, let makespan = bestTrial.makespan,
      makespan <= timing.makespan
    {
      own.name = Self.scheduleName
      (schedule, timing) = (own, try own.timing(problem.durations))
      placement = bestTrial.builtIn.facts.placement
    }
    var others: [Schedule] = []
    for other in hunt.others { others.append(try other.schedule(grids[other.layout]).0) }
    return SearchResult(
      schedule: schedule, placement: placement, timing: timing, peaks: problem.peaks(schedule),
      lowerBound: min(lowerBound, timing.makespan), bestBuiltIn: bestTrial, builtIns: trials,
      others: others, evaluations: hunt.evaluations)
  }
}

extension Layout {
  /// The rank whose limit is below what one micro-batch needs there, if there is one.
  func excess(_ problem: SearchProblem) -> SearchError? {
    for rank in 0..<ranks {
      let least = claim(problem, rank)
      if least > problem.limit(rank) * (1 + 1e-9) {
        return .limitTooLow(problem.limit(rank), rank: rank, least: least)
      }
    }
    return nil
  }
}
