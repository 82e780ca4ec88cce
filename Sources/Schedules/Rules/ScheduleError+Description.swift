extension ScheduleError: CustomStringConvertible {
  /// One sentence with the schedule, the value, the rule and the nearest value that would do.
  public var description: String {
    switch self {
    case .tooFewRanks(let schedule, let ranks, let atLeast):
      "\(schedule.rawValue) needs \(schedule.facts.ranksRule): \(ranks) is too few; "
        + "use \(atLeast) or more"
    case .tooManyRanks(let schedule, let ranks, let stagesPerRank, let atMost):
      "\(schedule.rawValue) with \(counted(stagesPerRank, "stage")) per rank is too large to "
        + "simulate on \(ranks) ranks; use at most \(atMost)"
    case .ranksNotMultiple(let schedule, let ranks, _, let nearest):
      "\(schedule.rawValue) needs \(schedule.facts.ranksRule): \(ranks) is not; "
        + "use \(either(nearest))"
    case .stagesPerRank(let schedule, let stagesPerRank, let allowed, let multiple):
      "\(schedule.rawValue) needs \(span(allowed))"
        + "\(multiple > 1 ? ", a multiple of \(multiple)," : "") per rank: \(stagesPerRank) does "
        + "not do; use \(nearest(stagesPerRank, allowed, multiple))"
    case .tooFewMicroBatches(let schedule, let microBatches, let ranks, let atLeast):
      "\(schedule.rawValue) needs \(schedule.facts.microBatchesRule): "
        + "\(microBatches) is too few for \(counted(ranks, "rank")); use \(atLeast) or more"
    case .tooManyMicroBatches(let schedule, let microBatches, let ranks, let atMost):
      "\(schedule.rawValue) on \(counted(ranks, "rank")) is too large to simulate with "
        + "\(microBatches) micro-batches; use at most \(atMost)"
    case .microBatchesNotMultiple(let schedule, let microBatches, _, let nearest):
      "\(schedule.rawValue) needs \(schedule.facts.microBatchesRule): \(microBatches) is not; "
        + "use \(either(nearest))"
    case .groupSize(let schedule, let groupSize, let ranks, let microBatches, let nearest):
      "\(schedule.rawValue) needs \(groups(schedule, ranks, microBatches)): "
        + "a group size of \(groupSize) does not do; use \(either(nearest))"
    case .breaksRules(let schedule, let violations):
      "\(schedule) is not a valid schedule: "
        + violations.prefix(3).map(\.description).joined(separator: "; ")
        + (violations.count > 3 ? "; and \(violations.count - 3) more" : "")
    case .optionNotTaken(let schedule, let option):
      "\(schedule.rawValue) takes no \(option.rawValue); leave it out"
    case .memoryLimit(let schedule, let limit, let atLeast):
      "\(schedule.rawValue) cannot run with at most \(counted(limit, "activation")) on a rank; "
        + "use \(atLeast) or more"
    case .duration(let name, let value, let stage):
      "\(name.rawValue)\(stage.map { " of stage \($0)" } ?? "") must be a duration from 0 to "
        + "\(Durations.longest): \(value) is not; use \(value > 0 ? Durations.longest : 0)"
    case .durationsOfStages(let given, let stages):
      "durations are given for \(counted(given, "stage")), but the schedule has "
        + "\(either(stages)); give one set for each"
    }
  }

  private func groups(_ schedule: BuiltIn, _ ranks: Int, _ microBatches: Int) -> String {
    guard microBatches > ranks else {
      return "all of \(counted(microBatches, "micro-batch")) as one group on "
        + counted(ranks, "rank")
    }
    return "groups of \(ranks) to \(microBatches) micro-batches"
      + (schedule == .interleavedZeroBubble
        ? "" : ", the last no shorter than \(counted(ranks, "rank"))")
  }

  private func either(_ values: [Int]) -> String {
    values.map(\.description).joined(separator: " or ")
  }

  private func nearest(_ value: Int, _ allowed: ClosedRange<Int>, _ multiple: Int) -> Int {
    let clamped = min(max(value, allowed.lowerBound), allowed.upperBound)
    return clamped / multiple * multiple
  }

  private func span(_ allowed: ClosedRange<Int>) -> String {
    allowed.count == 1
      ? "exactly \(counted(allowed.lowerBound, "stage"))"
      : "\(allowed.lowerBound) to \(allowed.upperBound) stages"
  }
}

extension RuleViolation: CustomStringConvertible {
  /// One sentence that names the place and the rule.
  public var description: String {
    switch self {
    case .tooLarge(let stages, let microBatches, let actions):
      "\(counted(stages, "stage")) with \(counted(microBatches, "micro-batch")) in "
        + "\(counted(actions, "action")) is too large to simulate; use at most "
        + "\(Demands.mostStages) stages, and at most \(Demands.mostPasses) actions and pairs of "
        + "a stage and a micro-batch"
    case .stageCounts(let rankOfStage, let modelStage):
      "ranks are given for \(counted(rankOfStage, "stage")) but parts of the model for "
        + "\(modelStage)"
    case .outOfRange(let pass, let rank):
      "rank \(rank) runs \(pass), but the schedule has no such stage or micro-batch"
    case .overlappedKinds(let action, let rank):
      "rank \(rank) runs \(action), but an overlapped pair is a forward and then a full backward"
    case .stageOnTwoRanks(let stage, let holder, let other):
      "stage \(stage) stands on rank \(holder) and on rank \(other); a stage stands on one rank"
    case .missing(let pass):
      "\(pass) is missing; each stage and micro-batch has one forward and one backward"
    case .repeated(let pass, let times):
      "\(pass) is run \(times) times; each pass is run once"
    case .fullAndSplit(let stage, let microBatch):
      "stage \(stage) runs the backward of micro-batch \(microBatch) both in full and split; "
        + "use either \(Pass(stage, .backward, microBatch)), or "
        + "\(Pass(stage, .inputBackward, microBatch)) and "
        + "\(Pass(stage, .weightBackward, microBatch))"
    case .outOfOrder(let pass, let needed, let rank):
      "rank \(rank) runs \(pass) before the end of \(needed), which it needs"
    case .route(let microBatch, let stages, let modelStages):
      "micro-batch \(microBatch) travels \(named(stages)); each travels all parts of the model "
        + "in order, here \(modelStages)"
    case .deadlock(let waits):
      "deadlock: " + waits.map(\.description).joined(separator: "; ")
    }
  }
}

private func named(_ stages: [Int]) -> String {
  guard !stages.isEmpty else { return "no stage" }
  let shown = stages.prefix(8).map(\.description).joined(separator: ", ")
  return (stages.count == 1 ? "stage " : "stages ") + shown
    + (stages.count > 8 ? " and \(stages.count - 8) more" : "")
}

extension Wait: CustomStringConvertible {
  /// Who waits, at which action, for what, from whom.
  public var description: String {
    "rank \(rank) waits at action \(position), \(action), for \(waitsFor) of rank \(onRank)"
  }
}

private func counted(_ number: Int, _ noun: String) -> String {
  guard number != 1 else { return "1 \(noun)" }
  return "\(number) \(noun)\(noun.hasSuffix("ch") ? "es" : "s")"
}
