import Economics
import Quantities
import Training

extension RunAccount {
  /// Where the GPU-hours go; the parts sum to all of them.
  func parts(_ works: [StageWork], _ terms: CostTerms) -> [CostPart] {
    var sum = PartSum()
    for (number, work) in works.enumerated() {
      let clock = clocks[number].sample
      let perSecond = Double(work.gpus) / 3600
      guard work.stage.isSimulated else {
        sum.add(.stated, clock.wall * perSecond)
        continue
      }
      sum.add(work, productive: clock.productive * perSecond, at: terms.middles)
      sum.add(.checkpoints, clock.checkpoints * perSecond)
      sum.add(.lostWork, clock.lostWork * perSecond)
      sum.add(.detection, clock.detection * perSecond)
      sum.add(.restarts, clock.restarts * perSecond)
      sum.add(.waiting, clock.waiting * perSecond)
      sum.add(.slowNodes, clock.slowdown * perSecond)
    }
    sum.add(.researchOverhead, overheadHours)
    return sum.parts
  }

  /// Months of use after which owning is cheaper than renting.
  func breakEvenMonths(_ terms: CostTerms) -> Double? {
    guard let ownership, let rent = terms.rent else { return nil }
    return ownership.breakEvenMonths(rent: Dollars(terms.middles[rent]))
  }
}

/// GPU-hours by what they went into.
private struct PartSum {
  private var hours = [Double](repeating: 0, count: CostPart.Kind.allCases.count)

  var parts: [CostPart] {
    zip(CostPart.Kind.allCases, hours).map { CostPart(kind: $0, gpuHours: $1) }
  }

  mutating func add(_ kind: CostPart.Kind, _ amount: Double) {
    hours[CostPart.Kind.allCases.firstIndex(of: kind) ?? 0] += amount
  }

  /// Adds the work that was kept of a simulated stage: `hours` GPU-hours in all.
  mutating func add(_ work: StageWork, productive hours: Double, at values: [Double]) {
    let atPeak = 1 / work.peak.value / 3600
    let parts = work.parts(values, stretch: 1)
    guard !parts.isEmpty else {
      let operations = (work.operations(values) ?? 0) * atPeak
      if work.stage.isTraining {
        return add(work, training: hours, operations: operations, atFullPace: work.pace(values))
      }
      add(.operations, operations)
      return add(.forwardPasses, hours - operations)
    }
    // Each kind of work has its share of the hours.
    let all = parts.reduce(0) { $0 + $1.seconds }
    let training = parts.first { $0.name == RolloutRole.training.rawValue }
    for part in parts {
      let share = all > 0 ? part.seconds / all * hours : 0
      let operations = part.operations * atPeak
      switch part.name {
      case RolloutRole.generation.rawValue:
        add(.operations, operations)
        add(.generation, share - operations)
      case RolloutRole.training.rawValue:
        add(work, training: share, operations: operations, atFullPace: 1)
      case RolloutRole.value.rawValue:
        // It is trained as the policy is, beside its forward passes.
        let trained = min(training?.seconds ?? 0, part.seconds)
        let own = all > 0 ? trained / all * hours : 0
        let ownOperations = min(training?.operations ?? 0, part.operations) * atPeak
        add(work, training: own, operations: ownOperations, atFullPace: 1)
        add(.operations, operations - ownOperations)
        add(.forwardPasses, share - own - (operations - ownOperations))
      default:
        add(.operations, operations)
        add(.forwardPasses, share - operations)
      }
    }
  }

  /// Adds hours of steps, by the parts of the simulated step.
  ///
  /// - Parameter share: what the same tokens would take at the pace of the full batch, over all.
  private mutating func add(
    _ work: StageWork, training hours: Double, operations: Double, atFullPace share: Double
  ) {
    let waterfall = work.step?.result.waterfall ?? Waterfall()
    let step = waterfall.total.seconds
    let steps = hours * share
    var rest = steps - operations
    if step > 0 {
      for part in WaterfallPart.allCases {
        guard let kind = CostPart.Kind(part) else { continue }
        let amount = steps * (waterfall[part].seconds / step)
        add(kind, amount)
        rest -= amount
      }
    }
    add(.operations, operations)
    add(.products, rest)
    add(.batchRamp, hours - steps)
  }
}

extension StageWork {
  /// What the stage's tokens would take at the pace of its full batch over what they take: 1 where
  /// the batch does not grow.
  fileprivate func pace(_ values: [Double]) -> Double {
    guard ramp != nil, let step, let tokens = tokens(values) else { return 1 }
    let seconds = seconds(values, stretch: 1, after: 0)
    return seconds > 0 ? tokens / step.tokensPerSecond / seconds : 1
  }
}

extension CostPart.Kind {
  /// What a part of a step counts as; nil of products and attention, which do the operations.
  fileprivate init?(_ part: WaterfallPart) {
    switch part {
    case .denseProducts, .groupedProducts, .weightGradientProducts, .attention: return nil
    case .memoryBound: self = .memoryBound
    case .launch: self = .launch
    case .recompute: self = .recompute
    case .dispatch, .combine, .tensorExchange, .contextExchange, .gradientReduction,
      .parameterGather:
      self = .exposedCommunication
    case .optimizer: self = .optimizer
    case .pipelineSend, .warmUp, .coolDown, .waiting, .imbalance, .update: self = .bubble
    }
  }
}
