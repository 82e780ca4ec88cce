public import Schedules

/// What became of a built-in schedule tried for a search problem.
public struct BuiltInTrial: Sendable, Equatable {
  /// The schedule tried.
  public let builtIn: BuiltIn
  /// What became of it.
  public let outcome: Outcome

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

/// A built-in schedule built for a problem, with what became of it.
struct Trial: Sendable {
  let trial: BuiltInTrial
  let schedule: Schedule?

  init(_ builtIn: BuiltIn, _ problem: SearchProblem) {
    let (outcome, schedule) = Self.outcome(builtIn, problem)
    trial = BuiltInTrial(builtIn: builtIn, outcome: outcome)
    self.schedule = schedule
  }

  private static func outcome(
    _ builtIn: BuiltIn, _ problem: SearchProblem
  ) -> (BuiltInTrial.Outcome, Schedule?) {
    let copies = builtIn.facts.parameterCopies
    if copies > problem.mostParameterCopies { return (.tooManyCopies(copies), nil) }
    let stagesPerRank = problem.stagesPerRank * copies
    if !builtIn.facts.choosesStagesPerRank, stagesPerRank != builtIn.facts.stagesPerRank {
      return (.otherStages(problem.ranks * builtIn.facts.stagesPerRank / copies), nil)
    }
    var request = ScheduleRequest(
      ranks: problem.ranks, microBatches: problem.microBatches, stagesPerRank: stagesPerRank)
    if builtIn.facts.isSearched {
      request.durations = problem.meanDurations
      request.memoryLimit = problem.wholeLimit
    }
    do throws(ScheduleError) {
      let schedule = try builtIn.schedule(request)
      guard schedule.modelStages == problem.stages else {
        return (.otherStages(schedule.modelStages), nil)
      }
      let makespan = try schedule.timing(problem.durations).makespan
      if let (rank, peak) = problem.excess(schedule) {
        let limit = problem.limit(rank)
        return (.holdsTooMuch(makespan: makespan, rank: rank, peak: peak, limit: limit), nil)
      }
      return (.fits(makespan: makespan), schedule)
    } catch {
      return (.refused(error), nil)
    }
  }
}

extension SearchProblem {
  /// The durations of the mean part of the model, for schedules that are built for one.
  var meanDurations: Durations? {
    let parts = durations.stages
    func mean(_ value: (Durations) -> Double) -> Double {
      parts.reduce(0) { $0 + value($1) / Double(parts.count) }
    }
    // A mean of durations is one, up to rounding at the largest.
    return try? Durations(
      forward: mean(\.forward), inputBackward: mean(\.inputBackward),
      weightBackward: mean(\.weightBackward), overlapped: mean(\.overlapped),
      pointToPoint: mean(\.pointToPoint))
  }

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
