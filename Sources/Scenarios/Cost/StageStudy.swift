import Hardware
import Models
import Quantities
import Schedules
import Training

/// Simulates the steps of stages.
extension CostStudy {
  /// The work of a stage; its step is simulated unless an earlier stage has the same.
  func work(
    of planned: PlannedStage, among works: [StageWork], assumptions: inout [String],
    _ progress: (String) -> Void
  ) throws(StudyError) -> StageWork {
    let node = planned.cluster.node
    var work = StageWork(
      stage: planned.stage, gpus: planned.cluster.gpus, nodes: planned.cluster.nodes,
      peak: node.gpu.peak(.bf16))
    guard let scenario = planned.scenario else { return work }
    let winner: Int
    if let same = works.first(where: {
      $0.step != nil && $0.stage.changes == planned.stage.changes
    }), let step = same.step {
      work.step = step
      work.forwardShare = same.forwardShare
      winner = scenario.cases.firstIndex { $0.name == step.name } ?? 0
    } else {
      progress(planned.stage.name)
      let outcome = try simulated(scenario, &assumptions)
      winner = outcome.winner ?? 0
      let step = outcome.cases[winner]
      work.step = step
      work.forwardShare = step.result.forwardShare
    }
    guard let step = work.step, scenario.cases.indices.contains(winner) else { return work }
    let one = scenario.cases[winner]
    if let ramp = planned.stage.ramp {
      work.ramp = try pace(
        of: planned.stage, ramp, one, step: step, in: scenario, &assumptions, progress)
    }
    work.decoder = planned.decoder
    if case .rollouts(let learning) = planned.stage.amount {
      work.states = learning.stateBytes(
        trained: one.plan.stateBytesPerParameter, frozen: one.plan.format.bytes)
    }
    for sentence in work.sentences(one.plan, forwardShare: work.forwardShare)
    where !assumptions.contains(sentence) {
      assumptions.append(sentence)
    }
    return work
  }

  private func simulated(
    _ scenario: Scenario, _ assumptions: inout [String]
  ) throws(StudyError) -> Outcome {
    var study = Study(scenario)
    study.comparesAlternatives = false
    let outcome = try study.run { _ in }
    for sentence in outcome.assumptions where !assumptions.contains(sentence) {
      assumptions.append(sentence)
    }
    return outcome
  }

  /// Steps of the batches a ramp passes through: the smallest the schedule takes, one in the middle
  /// and the full one; larger ones only where it takes no smaller.
  private func pace(
    of stage: RunStage, _ ramp: BatchRamp, _ one: ScenarioCase, step: CaseOutcome,
    in scenario: Scenario, _ assumptions: inout [String], _ progress: (String) -> Void
  ) throws(StudyError) -> RampPace {
    let plan = one.plan
    let unit = plan.data * plan.microBatch
    let from = plan.microBatches > 0 ? terms.inputs[ramp.from.index].value(0.05) : 1
    let sizes = plan.rampSizes(from: from / Double(unit))
    let full = RampPace.Point(batch: Double(plan.globalBatch), seconds: step.stepSeconds)
    var points = [full]
    for size in sizes {
      progress("\(stage.name), \(size * unit) sequences")
      var other = one
      other.plan.globalBatch = size * unit
      var scenario = scenario
      scenario.cases = [other]
      let seconds = try simulated(scenario, &assumptions).cases[0].stepSeconds
      points.append(RampPace.Point(batch: Double(size * unit), seconds: seconds))
    }
    points.sort { $0.batch < $1.batch }
    assumptions.append(sentence(of: stage, ramp, points, one))
    return RampPace(points: points, full: full, sequenceLength: Double(plan.sequenceLength))
  }

  private func sentence(
    of stage: RunStage, _ ramp: BatchRamp, _ points: [RampPace.Point], _ one: ScenarioCase
  ) -> String {
    let from = terms.inputs[ramp.from.index]
    let over = terms.inputs[ramp.over.index]
    var sentence =
      "The batch of \(stage.name) grows linearly in tokens from \(from.middleText) to "
      + "\(one.plan.globalBatch) sequences over \(over.middleText) tokens; steps of "
      + "\(points.map { "\(Int($0.batch))" }.joined(separator: ", ")) sequences are simulated, and "
      + "others lie on straight lines between them"
    if let first = points.first?.batch, from.value(0.05) < first {
      sentence +=
        "; below \(Int(first)), where \(one.plan.schedule.name) has too few micro-batches or "
        + "another number than it takes, the first line is drawn on"
    }
    return sentence + "."
  }

  private var terms: CostTerms { plan.terms }
}

extension Plan {
  /// Micro-batches of the steps to simulate beside the full one, for a batch that grows from `from`
  /// micro-batches.
  fileprivate func rampSizes(from: Double) -> [Int] {
    let full = microBatches
    let first = max(1, Int(min(from, 1e9).rounded(.up)))
    // Rules of schedules are about the fewest micro-batches and multiples of the ranks.
    let reach = 8 * max(pipeline, 1)
    guard let low = (first..<max(full, first)).prefix(reach).first(where: takes) else {
      let above = (full + 1...full + reach).first(where: takes)
      return above.map { [$0] } ?? []
    }
    let middle = Int((Double(low) * Double(full)).squareRoot())
    guard let between = (middle..<max(full, middle)).prefix(reach).first(where: takes),
      between > low
    else { return [low] }
    return [low, between]
  }

  /// Whether the schedule takes so many micro-batches.
  private func takes(_ microBatches: Int) -> Bool {
    guard case .builtIn(let builtIn, let options) = schedule else { return true }
    let request = ScheduleRequest(
      ranks: pipeline, microBatches: microBatches, stagesPerRank: options.stagesPerRank,
      groupSize: options.groupSize, memoryLimit: options.memoryLimit)
    return builtIn.refusal(of: request) == nil
  }
}

extension StepResult {
  /// Forward passes over all passes of a micro-batch, by those that ran by themselves: on each rank
  /// as many forward as backward passes are in pairs. A third where all are.
  fileprivate var forwardShare: Double {
    let forward = ranks.reduce(0) { $0 + $1.forward.seconds }
    let all = ranks.reduce(forward) { $0 + $1.inputBackward.seconds + $1.weightBackward.seconds }
    return forward > 0 && all > forward ? forward / all : 1.0 / 3
  }
}

extension StageWork {
  /// What the stage rests on beside its step, a sentence each.
  fileprivate func sentences(_ plan: Plan, forwardShare: Double) -> [String] {
    var sentences: [String] = []
    let takesForward: Bool
    switch stage.amount {
    case .rollouts: takesForward = true
    case .tokens: takesForward = !stage.isTraining
    default: takesForward = false
    }
    if takesForward {
      sentences.append(
        "Forward passes of \(stage.name) take \(Dimension.share.text(forwardShare)) of the step's "
          + "time for as many tokens, which is their share of its passes.")
    }
    switch stage.amount {
    case .samples, .distilled, .rollouts:
      sentences.append(
        "Texts of \(stage.name) are packed into sequences of \(plan.sequenceLength) tokens without "
          + "padding, and attention is that of whole sequences.")
    default: break
    }
    if let decoder {
      sentences.append(
        "Generation in \(stage.name) is an estimate without events: "
          + "a copy of \(decoder.model.name) on \(counted(decoder.copy, "GPU")), all texts of one "
          + "length, and a step of decoding takes as long as reading weights and caches or as "
          + "computing, whichever is longer.")
    }
    if case .rollouts(let learning) = stage.amount {
      sentences.append(
        "In \(stage.name) \(learning.algorithm == .ppo ? "value, " : "")"
          + (learning.hasRewardModel ? "reward and reference models have" : "reference models have")
          + " the policy's shape, and one kind of work is done after the other on all GPUs; whether "
          + "they fit beside the policy is not simulated.")
    }
    return sentences
  }
}
