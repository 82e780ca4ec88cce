public import Schedules

/// What became of a built-in schedule tried for a search problem.
public struct BuiltInTrial: Sendable, Equatable {
  /// The schedule tried.
  public let builtIn: BuiltIn
  /// What became of it.
  public let outcome: Outcome
  /// Its lists, if it exists for the problem, whether they keep the limits or not.
  public let schedule: Schedule?

  /// What became of a built-in schedule.
  public enum Outcome: Sendable, Equatable {
    /// It fits, and takes so long.
    case fits(makespan: Double)
    /// It would take so long, but this rank would hold more than its limit.
    case holdsTooMuch(makespan: Double, rank: Int, peak: Double, limit: Double)
    /// It does not exist for these ranks, stages and micro-batches, or this limit.
    case refused(ScheduleError)
    /// It cuts the model into another number of parts.
    case otherStages(Int)
    /// Its parts are held by more ranks than allowed.
    case tooManyCopies(Int)
  }

  /// Its makespan if it exists for the problem.
  public var length: Double? {
    switch outcome {
    case .fits(let makespan), .holdsTooMuch(let makespan, _, _, _): makespan
    case .refused, .otherStages, .tooManyCopies: nil
    }
  }

  /// Its makespan if it fits.
  public var makespan: Double? {
    if case .fits(let makespan) = outcome { makespan } else { nil }
  }
}

extension BuiltInTrial: CustomStringConvertible {
  /// One sentence, such as `gpipe takes 33.0` or why it does not.
  public var description: String {
    switch outcome {
    case .fits(let makespan): "\(builtIn.rawValue) takes \(makespan)"
    case .holdsTooMuch(_, let rank, let peak, let limit):
      "\(builtIn.rawValue) holds activations of \(peak) on rank \(rank), where the limit is "
        + "\(limit)"
    case .refused(let error): error.description
    case .otherStages(let stages):
      "\(builtIn.rawValue) cuts the model into \(stages) part\(stages == 1 ? "" : "s")"
    case .tooManyCopies(let copies):
      "\(builtIn.rawValue) has \(copies) ranks hold each part"
    }
  }
}

extension BuiltInTrial {
  init(_ builtIn: BuiltIn, _ problem: SearchProblem) {
    let (outcome, schedule) = Self.outcome(builtIn, problem)
    self.init(builtIn: builtIn, outcome: outcome, schedule: schedule)
  }

  private static func outcome(
    _ builtIn: BuiltIn, _ problem: SearchProblem
  ) -> (Outcome, Schedule?) {
    let copies = builtIn.facts.parameterCopies
    if copies > problem.mostParameterCopies { return (.tooManyCopies(copies), nil) }
    let stagesPerRank = problem.stagesPerRank * copies
    if !builtIn.facts.choosesStagesPerRank, stagesPerRank != builtIn.facts.stagesPerRank {
      return (.otherStages(problem.ranks * builtIn.facts.stagesPerRank / copies), nil)
    }
    let request = ScheduleRequest(
      ranks: problem.ranks, microBatches: problem.microBatches, stagesPerRank: stagesPerRank)
    guard builtIn.facts.isSearched else { return outcome(builtIn, request, problem) }
    // As it comes, for the mean stage, and with the limit of memory: the best that fits counts.
    var best = outcome(builtIn, request, problem)
    for limit in [nil, problem.wholeLimit] {
      var other = request
      (other.durations, other.memoryLimit) = (problem.durations.mean, limit)
      let found = outcome(builtIn, other, problem)
      guard case .fits(let makespan) = found.0 else { continue }
      if case .fits(let shortest) = best.0, shortest <= makespan { continue }
      best = found
    }
    return best
  }

  private static func outcome(
    _ builtIn: BuiltIn, _ request: ScheduleRequest, _ problem: SearchProblem
  ) -> (Outcome, Schedule?) {
    do throws(ScheduleError) {
      let schedule = try builtIn.schedule(request)
      guard schedule.modelStages == problem.stages else {
        return (.otherStages(schedule.modelStages), nil)
      }
      let makespan = try schedule.timing(problem.durations).makespan
      if let (rank, peak) = problem.excess(schedule) {
        let limit = problem.limit(rank)
        return (
          .holdsTooMuch(makespan: makespan, rank: rank, peak: peak, limit: limit), schedule
        )
      }
      return (.fits(makespan: makespan), schedule)
    } catch {
      return (.refused(error), nil)
    }
  }
}

extension SearchProblem {
  /// How many activations of the largest size the tightest limit holds; nil for no limit.
  var wholeLimit: Int? {
    let largest = max(activations.max() ?? 1, pendingActivations?.max() ?? 0)
    let tightest = memoryLimits.min() ?? .infinity
    guard tightest < .infinity, largest > 0 else { return nil }
    return Int(min(tightest * (1 + 1e-9) / largest, Double(Self.mostPasses)))
  }

  /// The first rank that would hold more than its limit under a schedule, and how much at most.
  func excess(_ schedule: Schedule) -> (rank: Int, peak: Double)? {
    for (rank, peak) in peaks(schedule).enumerated() where peak > limit(rank) * (1 + 1e-9) {
      return (rank, peak)
    }
    return nil
  }

  /// Most that the activations on each rank come to under a schedule of this many parts.
  ///
  /// A pair counts its forward before its backward.
  public func peaks(_ schedule: Schedule) -> [Double] {
    func size(_ pass: Pass) -> Double { activation(schedule.modelStage[Int(pass.stage)]) }
    func left(_ pass: Pass) -> Double { pending(schedule.modelStage[Int(pass.stage)]) }
    return schedule.actions.map { list in
      var (held, peak) = (0.0, 0.0)
      for action in list {
        switch action {
        case .single(let pass):
          switch pass.kind {
          case .forward: held += size(pass)
          case .inputBackward: held += left(pass) - size(pass)
          case .weightBackward: held -= left(pass)
          case .backward: held -= size(pass)
          }
          peak = max(peak, held)
        case .overlapped(let forward, let backward):
          held += size(forward)
          peak = max(peak, held)
          held -= size(backward)
        }
      }
      return peak
    }
  }
}
