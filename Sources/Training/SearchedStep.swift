import Hardware
import Models
public import Quantities
import ScheduleSearch
import Schedules

/// What a search for a step's schedule found.
public struct SearchSummary: Sendable, Equatable {
  /// Length of the best order with the stages' durations alone: no contention, no update.
  public var makespan: Time
  /// No order of the searched placements is shorter than this.
  public var lowerBound: Time
  /// Best built-in schedule that fits the memory, and its length; nil where none fits.
  public var bestBuiltIn: BuiltInLength?
  /// Orders timed.
  public var evaluations: Int
  /// Whether the best built-in ran the simulated step faster and was kept.
  public var keptBuiltIn: Bool

  /// A built-in schedule and its length.
  public struct BuiltInLength: Sendable, Equatable {
    /// Name as in the command.
    public var name: String
    /// Length with the stages' durations alone.
    public var makespan: Time

    /// A schedule of that length.
    public init(name: String, makespan: Time) {
      self.name = name
      self.makespan = makespan
    }
  }

  /// A summary from its parts.
  public init(
    makespan: Time, lowerBound: Time, bestBuiltIn: BuiltInLength?, evaluations: Int,
    keptBuiltIn: Bool
  ) {
    self.makespan = makespan
    self.lowerBound = lowerBound
    self.bestBuiltIn = bestBuiltIn
    self.evaluations = evaluations
    self.keptBuiltIn = keptBuiltIn
  }
}

extension SearchSummary {
  init(_ found: SearchResult) {
    makespan = Time(seconds: found.timing.makespan)
    lowerBound = Time(seconds: found.lowerBound)
    if let trial = found.bestBuiltIn, let length = trial.makespan {
      bestBuiltIn = BuiltInLength(name: trial.builtIn.rawValue, makespan: Time(seconds: length))
    }
    evaluations = found.evaluations
    keptBuiltIn = false
  }
}

extension StepSimulation {
  /// Searches a schedule with the durations that the stages have in the simulator and what memory
  /// is left for activations, and simulates the step under the best.
  ///
  /// The search knows neither contention nor the update at the end, so the best built-in is
  /// simulated too, and the faster of the two that fit is the answer.
  func search(
    _ choice: PlannedSearch, _ workload: Workload, _ progress: (SearchProgress) -> Void
  ) throws(StepError) -> StepResult {
    let stages = plan.pipeline * choice.stagesPerRank
    let probe = try StageProbe(
      self, workload, rankOfStage: (0..<stages).map { $0 % plan.pipeline }, pairs: true)
    let found = try searched(problem(choice, probe, workload), choice, progress)
    var result = try run(found.schedule, workload)
    var summary = SearchSummary(found)
    if let builtIn = found.bestBuiltInSchedule {
      let other = try run(builtIn, workload)
      summary.keptBuiltIn = isBetter(other, than: result)
      if summary.keptBuiltIn { result = other }
    }
    result.search = summary
    return result
  }

  /// What fits beats what does not; between equals the shorter step is better.
  private func isBetter(_ a: StepResult, than b: StepResult) -> Bool {
    let capacity = cluster.node.gpu.memory.value
    let (aFits, bFits) = (a.peakMemory <= capacity, b.peakMemory <= capacity)
    return aFits == bFits ? a.step < b.step : aFits
  }

  /// A search within the memory or, where not even one micro-batch fits, without limit: the step's
  /// verdict then tells by how much memory falls short.
  private func search(_ problem: SearchProblem, seed: UInt64) throws(StepError) -> ScheduleSearch {
    do {
      return try ScheduleSearch(problem, seed: seed)
    } catch {
      guard case .limitTooLow = error else { throw .search(error) }
    }
    var unlimited = problem
    unlimited.memoryLimits = [.infinity]
    do {
      return try ScheduleSearch(unlimited, seed: seed)
    } catch {
      throw .search(error)
    }
  }

  private func searched(
    _ problem: SearchProblem, _ choice: PlannedSearch, _ progress: (SearchProgress) -> Void
  ) throws(StepError) -> SearchResult {
    let search = try self.search(problem, seed: choice.seed)
    do {
      return try search.run(evaluations: choice.evaluations) {
        progress($0)
        return true
      }
    } catch {
      throw .schedule(error)
    }
  }
}

extension StepSimulation {
  /// What is searched: the stages' durations, the bytes a micro-batch keeps alive on each, and the
  /// bytes each rank has left for them.
  private func problem(
    _ choice: PlannedSearch, _ probe: StageProbe, _ workload: Workload
  ) -> SearchProblem {
    let stages = probe.placement.stages.map { $0.flatMap(workload.work) }
    let capacity = cluster.node.gpu.memory.value
    var limits = [Double](repeating: .infinity, count: plan.pipeline)
    for schedule in placements(choice) {
      let weights = weights(schedule: schedule, placement: probe.placement, stages: stages)
      for rank in limits.indices {
        var memory = held(weights[rank], rank: rank)
        memory.working = working(schedule, rank: rank, stages: stages, pairs: true)
        memory.reserved = Self.reservedMemory.value
        limits[rank] = min(limits[rank], max(0, (capacity - memory.peak).value))
      }
    }
    return SearchProblem(
      ranks: plan.pipeline, microBatches: plan.microBatches, stagesPerRank: choice.stagesPerRank,
      durations: probe.durations,
      activations: stages.map { $0.reduce(0) { $0 + $1.activations.held.value } },
      pendingActivations: stages.map { $0.reduce(0) { $0 + $1.activations.pendingWeight.value } },
      memoryLimits: limits, mostParameterCopies: choice.parameterCopies)
  }

  /// The placements a search may end with, as schedules without actions: in a loop, back and forth,
  /// and, where two copies are allowed, the first of these in both directions.
  private func placements(_ choice: PlannedSearch) -> [Schedule] {
    let ranks = plan.pipeline
    let loop = (0..<ranks * choice.stagesPerRank).map { $0 % ranks }
    let wave = loop.enumerated().map { stage, rank in
      (stage / ranks).isMultiple(of: 2) ? rank : ranks - 1 - rank
    }
    func empty(_ rankOfStage: [Int], modelStage: [Int]? = nil) -> Schedule {
      Schedule(
        name: "", microBatches: 0, actions: [[Action]](repeating: [], count: ranks),
        rankOfStage: rankOfStage, modelStage: modelStage)
    }
    var placements = [empty(loop), empty(wave)]
    if choice.parameterCopies > 1 {
      let stages = Array(loop.indices)
      for way in [loop, wave] {
        placements.append(
          empty(way + way.map { ranks - 1 - $0 }, modelStage: stages + stages))
      }
    }
    return placements
  }
}
