public import Economics
public import Quantities
public import Training

/// What a scenario's cases gave.
public struct Outcome: Sendable {
  /// The scenario.
  public var scenario: Scenario
  /// One outcome a case, in the scenario's order.
  public var cases: [CaseOutcome]
  /// Index of the fastest case that fits memory; nil where none does.
  public var winner: Int?
  /// Why the winner wins, in a sentence or two.
  public var reason: String
  /// What each search for a schedule found, and how far it is from the best possible, a sentence
  /// each.
  public var searches: [String]
  /// Other cuts of the model into the winner's stages; empty where the cut is no choice or was not
  /// varied.
  public var plausibleLayouts: [PlausibleLayout] = []
  /// Why they were not simulated; nil where they were, or where the cut is no choice.
  public var plausibleNote: String? = nil
  /// What was held equal between the cases, a sentence each.
  public var equalTerms: [String]
  /// What the results rest on that is assumed rather than measured or stated, a sentence each.
  public var assumptions: [String]
  /// What the winner's step would take if one thing were different; nil where that was not asked.
  public var whatIf: WhatIfStudy?
  /// How the winner, or the first case where none wins, fills memory.
  public var memory: MemoryReport?
}

/// One case: the simulated step and what follows from it.
public struct CaseOutcome: Sendable {
  /// Name of the case.
  public var name: String
  /// Name of its schedule.
  public var schedule: String
  /// GPUs of the step.
  public var gpus: Int
  /// The simulated step.
  public var result: StepResult
  /// Tokens of a step, over all GPUs.
  public var tokensPerStep: Double
  /// Useful training FLOPs a token, without recompute and prediction layers, attention counted
  /// over half of the square.
  public var causalFLOPsPerToken: FLOPs
  /// The same over the whole square.
  public var noncausalFLOPsPerToken: FLOPs
  /// BF16 dense peak of a GPU.
  public var peak: FLOPRate
  /// Memory of a GPU.
  public var memoryCapacity: Bytes
  /// The whole run; nil where the scenario names no tokens.
  public var run: RunProjection?
  /// What the run costs in rent; nil where the scenario names no price.
  public var rent: Dollars?
  /// Seconds the simulation itself took on this machine.
  public var wallClock: Double
  /// The point of the sweep it is at, a value for each swept key; empty without a sweep.
  public var point: [SweptValue] = []
  /// What the formula makes of the step without events; nil for a schedule without a formula.
  public var estimate: StepEstimate?
  /// Whether the step fits and by how much; if not, what would fix it.
  public var memorySentence = ""

  /// The point in words, such as `cluster.nic=200 Gbit/s`; empty without a sweep.
  public var pointText: String { point.map(\.text).joined(separator: ", ") }
  /// Name of the case without its point: that of its entry in `compare`.
  public var entry: String {
    point.isEmpty ? name : String(name.dropLast(pointText.count + 2))
  }
  /// Length of the step in seconds.
  public var stepSeconds: Double { result.step.seconds }
  /// Tokens a second, over all GPUs.
  public var tokensPerSecond: Double { tokensPerStep / stepSeconds }
  /// Tokens a day, over all GPUs.
  public var tokensPerDay: Double { tokensPerSecond * 86_400 }
  /// Useful FLOPs a second and GPU, attention over half of the square.
  public var causalRate: FLOPRate {
    FLOPRate(causalFLOPsPerToken.value * tokensPerSecond / Double(gpus))
  }
  /// Useful FLOPs a second and GPU, attention over the whole square.
  public var noncausalRate: FLOPRate {
    FLOPRate(noncausalFLOPsPerToken.value * tokensPerSecond / Double(gpus))
  }
  /// Share of BF16 dense peak, attention over half of the square.
  public var causalMFU: Double { causalRate / peak }
  /// Share of BF16 dense peak, attention over the whole square.
  public var noncausalMFU: Double { noncausalRate / peak }
  /// GPU-hours a trillion tokens take at the simulated pace.
  public var gpuHoursPerTrillionTokens: Double {
    Double(gpus) / tokensPerSecond * 1e12 / 3600
  }
  /// Largest rank's memory.
  public var peakMemory: Bytes { result.peakMemory }
  /// Whether every rank fits the GPU's memory.
  public var fits: Bool { peakMemory <= memoryCapacity }
}
