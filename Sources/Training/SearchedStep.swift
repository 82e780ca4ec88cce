import Hardware
import Models
public import Quantities
import ScheduleSearch
import Schedules

/// What a search for a step's schedule found.
public struct SearchSummary: Sendable, Equatable {
  /// Length of the order that was kept by the stages' own durations, as each takes alone.
  public var makespan: Time
  /// No order of the searched placements is shorter than this by the same durations, within the
  /// memory the search allows for: a built-in that was kept may need more and still fit.
  public var lowerBound: Time
  /// The shortest built-in schedule of as many stages whose step fits the memory, and its length;
  /// nil where none fits.
  public var bestBuiltIn: BuiltInLength?
  /// Orders timed.
  public var evaluations: Int
  /// The built-in schedule that ran the simulated step fastest and was kept; nil where what was
  /// found did.
  public var keptBuiltIn: String?
  /// How the stages of the order that was kept lie on the ranks.
  public var placement: String

  /// A built-in schedule and its length.
  public struct BuiltInLength: Sendable, Equatable {
    /// Name as in the command.
    public var name: String
    /// Length by the stages' own durations.
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
    keptBuiltIn: String?, placement: String
  ) {
    self.makespan = makespan
    self.lowerBound = lowerBound
    self.bestBuiltIn = bestBuiltIn
    self.evaluations = evaluations
    self.keptBuiltIn = keptBuiltIn
    self.placement = placement
  }
}

extension StepSimulation {
  /// Searches a schedule with the durations that the stages have in the simulator and what memory
  /// is left for activations, and simulates the step under the best.
  ///
  /// The search knows neither contention nor the update at the end, so the orders next to the best
  /// and the best built-in are simulated too, each with the stages as they were measured and as they
  /// are cut for its own list; the fastest that fits is the answer. Two copies of the parameters
  /// leave less memory to all, so where they are allowed it is searched with one copy as well.
  func search(
    _ choice: PlannedSearch, _ workload: Workload, _ progress: (SearchProgress) -> Void
  ) throws(StepError) -> StepResult {
    let stages = plan.pipeline * choice.stagesPerRank
    let probe = try StageProbe(
      self, workload, rankOfStage: (0..<stages).map { $0 % plan.pipeline }, pairs: true)
    func result(copies: Int) throws(StepError) -> StepResult {
      var one = choice
      one.parameterCopies = copies
      let found = try searched(problem(one, probe, workload), one, progress)
      return try simulated(found, probe, workload)
    }
    let single = try result(copies: 1)
    if choice.parameterCopies == 1 { return single }
    let double = try result(copies: 2)
    return isBetter(double, than: single) ? double : single
  }

  /// The step under the best of what was found, or under a built-in that is faster or alone fits.
  private func simulated(
    _ found: SearchResult, _ probe: StageProbe, _ workload: Workload
  ) throws(StepError) -> StepResult {
    func faster(_ schedule: Schedule) throws(StepError) -> StepResult {
      let own = try run(schedule, workload)
      if own.placement == probe.placement { return own }
      let measured = try run(schedule, workload, placement: probe.placement)
      return isBetter(measured, than: own) ? measured : own
    }
    var result = try faster(found.schedule)
    for schedule in found.others {
      let other = try faster(schedule)
      if isBetter(other, than: result) { result = other }
    }
    var (kept, fitting) = (BuiltInTrial?.none, BuiltInTrial?.none)
    // The shortest first, until one fits the simulated memory.
    let trials = found.builtIns.filter { $0.schedule != nil }.enumerated().sorted {
      ($0.element.length ?? 0, $0.offset) < ($1.element.length ?? 0, $1.offset)
    }.map(\.element)
    for trial in trials where fitting == nil {
      guard let schedule = trial.schedule else { continue }
      let other = try faster(schedule)
      if isBetter(other, than: result) { (result, kept) = (other, trial) }
      if fits(other) { fitting = trial }
    }
    result.search = try summary(of: result.schedule, found, probe, kept: kept, fitting: fitting)
    return result
  }

  /// What is told of the search, for the schedule that was kept.
  private func summary(
    of schedule: Schedule, _ found: SearchResult, _ probe: StageProbe, kept: BuiltInTrial?,
    fitting: BuiltInTrial?
  ) throws(StepError) -> SearchSummary {
    let timing: ScheduleTiming
    do {
      timing = try schedule.timing(probe.durations)
    } catch {
      throw .schedule(error)
    }
    return SearchSummary(
      makespan: Time(seconds: timing.makespan), lowerBound: Time(seconds: found.lowerBound),
      bestBuiltIn: fitting.flatMap { trial in
        trial.length.map {
          SearchSummary.BuiltInLength(
            name: trial.builtIn.rawValue, makespan: Time(seconds: $0))
        }
      }, evaluations: found.evaluations, keptBuiltIn: kept?.builtIn.rawValue,
      placement: schedule.placement?.rawValue ?? found.placement.rawValue)
  }

  private func fits(_ result: StepResult) -> Bool {
    result.peakMemory <= cluster.node.gpu.memory.value
  }

  /// What fits beats what does not. Of what fits the shorter step is better, of what does not the
  /// one that needs less memory.
  private func isBetter(_ a: StepResult, than b: StepResult) -> Bool {
    guard fits(a) == fits(b) else { return fits(a) }
    return fits(a) ? a.step < b.step : a.peakMemory < b.peakMemory
  }

  /// A search within the memory or, where not even one micro-batch fits, within as little more as
  /// one takes: the step's verdict then tells by how much memory falls short.
  private func search(_ problem: SearchProblem, seed: UInt64) throws(StepError) -> OrderSearch {
    var problem = problem
    while true {
      do {
        return try OrderSearch(problem, seed: seed)
      } catch {
        guard case .limitTooLow(_, let rank, let least) = error,
          problem.memoryLimits[rank] < least
        else { throw .search(error) }
        problem.memoryLimits[rank] = least
      }
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
  /// bytes each rank has left for them, whatever the placement.
  private func problem(
    _ choice: PlannedSearch, _ probe: StageProbe, _ workload: Workload
  ) -> SearchProblem {
    let stages = workload.stages(probe.placement)
    // Those of the GPU with the largest load.
    func largest(_ phase: MemoryPhase) -> [Double] {
      stages.map { StageMemory.most($0, phase, uneven: workload.uneven).value }
    }
    var problem = SearchProblem(
      ranks: plan.pipeline, microBatches: plan.microBatches, stagesPerRank: choice.stagesPerRank,
      durations: probe.durations,
      activations: largest(.held), pendingActivations: largest(.pending),
      mostParameterCopies: choice.parameterCopies)
    let capacity = cluster.node.gpu.memory.value
    var limits = [Double](repeating: .infinity, count: plan.pipeline)
    // Where pairs save nothing none is run, and one layer is worked on at a time.
    let saves = probe.durations.stages.contains { $0.saving > 0 }
    for schedule in problem.placements {
      let weights = weights(schedule: schedule, stages: stages)
      let neighbours = schedule.neighbours
      for rank in limits.indices {
        var memory = held(weights[rank], rank: rank)
        memory.reserved = buffers(neighbours: neighbours[rank])
          .reduce(Self.reservedMemory.value) { $0 + $1.bytes }
        let working = working(
          schedule, rank: rank, stages: stages, pairs: saves, uneven: workload.uneven)
        // What comes and goes is fragmented.
        let left = (capacity - memory.standing) / (1 + Self.fragmentation.value) - working
        limits[rank] = min(limits[rank], max(0, left.value))
      }
    }
    problem.memoryLimits = limits
    return problem
  }
}
