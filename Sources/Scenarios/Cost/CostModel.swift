import Quantities
import Statistics

/// A run as a function of its inputs: what they come to in hours and money.
struct CostModel: Sendable {
  let terms: CostTerms
  let stages: [StageWork]

  /// The figure that the tornado is of: rent where there is a price, else hours.
  var headline: CostFigure.Key { terms.rent == nil ? .gpuHours : .rent }

  /// The run with the given value for each input.
  ///
  /// - Parameter index: which draw, by which its failures are drawn; nil for their mean.
  func account(of values: [Double], index: UInt64?) -> RunAccount {
    let stretch = 1 + (terms.stepError.map { values[$0] } ?? 0)
    var account = RunAccount()
    var operations = 0.0
    var capable = 0.0
    var kept = 0.0
    var simulated = 0.0
    var trained = 0.0
    for work in stages {
      let seconds = work.seconds(values, stretch: stretch, after: trained)
      if work.stage.isTraining { trained += seconds * Double(work.gpus) }
      let wall = seconds
      let hours = wall * Double(work.gpus) / 3600
      let flops = work.operations(values)
      let limit = hours * 3600 * work.peak.value
      account.stages.append(
        StageOutcome(
          stage: work.stage, gpus: work.gpus, step: work.step, tokens: work.tokens(values),
          wallDays: wall / 86_400, gpuHours: hours, effectiveTimeRatio: seconds / wall,
          billedMFU: flops.map { $0 / limit },
          parts: index == nil ? work.parts(values, hours: hours, stretch: stretch) : [],
          states: index == nil ? work.states : []))
      if let flops {
        operations += flops
        capable += limit
      }
      if work.stage.isSimulated {
        kept += seconds * Double(work.gpus)
        simulated += wall * Double(work.gpus)
      }
      account.wallDays += wall / 86_400
      account.gpuHours += hours
    }
    let overhead = terms.researchOverhead.map { values[$0] } ?? 1
    account.gpuHours *= overhead
    account.rent = terms.rent.map { values[$0] * account.gpuHours }
    if simulated > 0 { account.effectiveTimeRatio = kept / simulated }
    if capable > 0 { account.billedMFU = operations / (capable * overhead) }
    return account
  }
}

/// What a run came to in one draw.
struct RunAccount: Sendable {
  var stages: [StageOutcome] = []
  var gpuHours = 0.0
  var wallDays = 0.0
  var rent: Double?
  var effectiveTimeRatio: Double?
  var billedMFU: Double?

  subscript(_ key: CostFigure.Key) -> Double? {
    switch key {
    case .gpuHours: gpuHours
    case .wallDays: wallDays
    case .rent: rent
    case .effectiveTimeRatio: effectiveTimeRatio
    case .billedMFU: billedMFU
    }
  }
}
