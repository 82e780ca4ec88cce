import Economics
import Fabric
import Hardware
import Quantities
import Statistics

/// A run as a function of its inputs: what they come to in hours and money.
struct CostModel: Sendable {
  let terms: CostTerms
  let stages: [StageWork]
  /// What is bought where the cluster is owned.
  let fleet: FleetCount
  /// How each stage saves its work: chosen once, for the middle of every input, as an operator does;
  /// nil where nothing fails.
  private(set) var checkpoints: [StageCheckpoints?] = []

  /// Samples of the failures that a mean is taken over.
  static let failureSamples = 200

  init(terms: CostTerms, stages: [StageWork], cluster: Cluster) {
    self.terms = terms
    self.stages = stages
    let layout = cluster.links == nil ? FabricLayout(cluster) : nil
    let spares = terms.reliability?.spares ?? 0
    fleet = FleetCount(
      gpus: cluster.gpus, nodes: cluster.nodes + spares, switches: layout?.switches ?? 0,
      interSwitchLinks: layout?.interSwitchLinks ?? 0, endpointLinks: layout?.endpointLinks ?? 0)
    let reliability = terms.reliability?.reliability(terms.middles)
    var trained = 0.0
    checkpoints = stages.map { work in
      let seconds = work.seconds(terms.middles, stretch: 1, after: trained)
      if work.stage.isTraining { trained += seconds * Double(work.gpus) }
      guard work.stage.isSimulated, let reliability,
        let run = try? GoodputRun(
          productive: seconds, nodes: work.nodes, reliability: reliability)
      else { return nil }
      return StageCheckpoints(
        interval: run.interval, rule: run.intervalRule, failures: run.expectedFailures,
        closedFormRatio: run.expectedWall.map { seconds / $0 },
        closedFormLimits: run.closedFormLimits.map(\.description))
    }
  }

  /// The figure that the tornado is of: rent where there is a price, else hours.
  var headline: CostFigure.Key { terms.rent == nil ? .gpuHours : .rent }

  /// The run with the given value for each input.
  ///
  /// - Parameters:
  ///   - index: which draw, by which its failures are drawn; nil for their mean.
  ///   - known: an account at other values, whose failures are taken where they are the same.
  func account(of values: [Double], index: UInt64?, known: RunAccount? = nil) -> RunAccount {
    let stretch = 1 + (terms.stepError.map { values[$0] } ?? 0)
    var account = RunAccount()
    account.reliability = terms.reliability?.reliability(values)
    var trained = 0.0
    for (number, work) in stages.enumerated() {
      let seconds = work.seconds(values, stretch: stretch, after: trained)
      if work.stage.isTraining { trained += seconds * Double(work.gpus) }
      var clock = GoodputSample()
      (clock.wall, clock.productive, clock.isFinished) = (seconds, seconds, true)
      if work.stage.isSimulated, let reliability = account.reliability, seconds > 0 {
        if let known, known.reliability == reliability, known.clocks[number].productive == seconds {
          clock = known.clocks[number]
        } else {
          var saved = reliability
          if let interval = checkpoints[number]?.interval { saved.interval = .every(interval) }
          clock = self.clock(seconds, work, saved, index: index)
        }
      }
      account.add(work, clock, values)
      guard index == nil else { continue }
      let hours = clock.wall * Double(work.gpus) / 3600
      account.stages[number].checkpoints = checkpoints[number]
      account.stages[number].parts = work.parts(values, hours: hours, stretch: stretch)
      account.stages[number].states = work.states
    }
    let overhead = terms.researchOverhead.map { values[$0] } ?? 1
    account.close(overhead: overhead, rent: terms.rent.map { values[$0] })
    if let ownership = terms.ownership {
      account.own(OwnershipCost(fleet, ownership.terms(values)))
    }
    return account
  }

  /// Where a stage's time on the clock goes, in one draw or in the mean of some.
  private func clock(
    _ seconds: Double, _ work: StageWork, _ reliability: Reliability, index: UInt64?
  ) -> GoodputSample {
    guard
      let run = try? GoodputRun(productive: seconds, nodes: work.nodes, reliability: reliability)
    else {
      // Numbers are checked where they are read; what is left would be a run without end.
      var clock = GoodputSample()
      (clock.wall, clock.productive) = (seconds, seconds)
      return clock
    }
    if let index { return run.simulate(seed: terms.seed, index: index) }
    let samples = (0..<Self.failureSamples).map {
      run.simulate(seed: terms.seed, index: UInt64($0))
    }
    return GoodputSummary(samples).meanParts
  }
}

/// What a run came to in one draw, or in the mean.
struct RunAccount: Sendable {
  var stages: [StageOutcome] = []
  /// How the cluster failed; nil where it did not.
  var reliability: Reliability?
  /// Where each stage's time on the clock went.
  var clocks: [GoodputSample] = []
  private(set) var gpuHours = 0.0
  private(set) var wallDays = 0.0
  private(set) var rent: Double?
  private(set) var ownership: OwnershipCost?
  private(set) var overheadHours = 0.0
  private var operations = 0.0
  private var capable = 0.0
  private var kept = 0.0
  private var simulated = 0.0

  mutating func add(_ work: StageWork, _ clock: GoodputSample, _ values: [Double]) {
    let hours = clock.wall * Double(work.gpus) / 3600
    let flops = work.operations(values)
    let limit = hours * 3600 * work.peak.value
    stages.append(
      StageOutcome(
        stage: work.stage, gpus: work.gpus, step: work.step, tokens: work.tokens(values),
        wallDays: clock.wall / 86_400, gpuHours: hours,
        effectiveTimeRatio: clock.wall > 0 ? clock.productive / clock.wall : 1,
        billedMFU: flops.map { $0 / limit }, isFinished: clock.isFinished))
    clocks.append(clock)
    if let flops {
      operations += flops
      capable += limit
    }
    if work.stage.isSimulated {
      kept += clock.productive * Double(work.gpus)
      simulated += clock.wall * Double(work.gpus)
    }
    wallDays += clock.wall / 86_400
    gpuHours += hours
  }

  /// Adds what all hours are multiplied by, and the rent of them all.
  mutating func close(overhead: Double, rent price: Double?) {
    overheadHours = gpuHours * (overhead - 1)
    gpuHours *= overhead
    capable *= overhead
    rent = price.map { $0 * gpuHours }
  }

  mutating func own(_ cost: OwnershipCost) { ownership = cost }

  subscript(_ key: CostFigure.Key) -> Double? {
    switch key {
    case .gpuHours: gpuHours
    case .wallDays: wallDays
    case .rent: rent
    case .own: ownership.map { $0.cost(gpuHours: gpuHours).value }
    case .effectiveTimeRatio: simulated > 0 ? kept / simulated : nil
    case .billedMFU: capable > 0 ? operations / capable : nil
    case .energy: ownership.map { $0.terms.kilowattHours(gpuHours: gpuHours) }
    case .carbon:
      ownership.map {
        $0.terms.tonnesOfCarbon(kilowattHours: $0.terms.kilowattHours(gpuHours: gpuHours))
      }
    }
  }
}
