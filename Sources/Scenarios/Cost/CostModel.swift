import Economics
import Hardware
import Quantities
import Statistics

/// A run as a function of its inputs: what they come to in hours and money.
struct CostModel: Sendable {
  let terms: CostTerms
  let stages: [StageWork]
  /// What is bought where the cluster is owned.
  let fleet: FleetCount
  /// Seconds of work between each stage's checkpoints: chosen once, for the middle of every input, as
  /// an operator does; nil where nothing fails.
  private(set) var intervals: [(seconds: Double, rule: GoodputRun.IntervalRule)?] = []

  /// - Parameter cluster: the largest that a stage runs on, which is what is bought.
  init(terms: CostTerms, stages: [StageWork], cluster: Cluster) {
    self.terms = terms
    self.stages = stages
    fleet = FleetCount(cluster, spares: terms.reliability?.spares ?? 0)
    intervals = zip(stages, Self.productive(stages, terms.middles)).map { work, seconds in
      let reliability = terms.reliability?.reliability(terms.middles, nodes: work.nodes)
      guard work.stage.isSimulated, let reliability else { return nil }
      let run = try? GoodputRun(
        productive: seconds, nodes: work.nodes, reliability: reliability)
      return run.map { ($0.interval, $0.interval < seconds ? $0.intervalRule : .atEnd) }
    }
  }

  /// The figure that the tornado is of: rent where there is a price, else hours.
  var headline: CostFigure.Key { terms.rent == nil ? .gpuHours : .rent }

  /// Seconds on the clock of each stage without a failure, at the pace of steps times `stretch`.
  static func productive(
    _ stages: [StageWork], _ values: [Double], stretch: Double = 1
  ) -> [Double] {
    var trained = 0.0
    return stages.map { work in
      let seconds = work.seconds(values, stretch: stretch, after: trained)
      if work.stage.isTraining { trained += seconds * Double(work.gpus) }
      return seconds
    }
  }

  /// The run with the given value for each input.
  ///
  /// - Parameters:
  ///   - index: which draw, by which its failures are drawn; nil for their mean.
  ///   - known: an account at other values, whose failures are taken where they are the same.
  func account(of values: [Double], index: UInt64?, known: RunAccount? = nil) -> RunAccount {
    let stretch = 1 + (terms.stepError.map { values[$0] } ?? 0)
    var account = RunAccount()
    let productive = Self.productive(stages, values, stretch: stretch)
    for (number, work) in stages.enumerated() {
      let seconds = productive[number]
      var clock = StageClock(seconds)
      if work.stage.isSimulated, seconds > 0,
        var reliability = terms.reliability?.reliability(values, nodes: work.nodes)
      {
        if let interval = intervals[number] { reliability.interval = .every(interval.seconds) }
        if let known = known?.clocks[number], known.reliability == reliability,
          known.sample.productive == seconds
        {
          clock = known
        } else {
          // Streams differ by stage as well, or failures of one would repeat in the next.
          let stream = index.map { $0 * 128 + UInt64(number) }
          clock = StageClock(
            seconds, work.nodes, reliability, seed: terms.seed, stream: stream,
            salt: UInt64(number))
        }
      }
      account.add(work, clock, values)
      guard index == nil else { continue }
      let hours = clock.sample.wall * Double(work.gpus) / 3600
      account.stages[number].checkpoints = clock.checkpoints
      if let rule = intervals[number]?.rule {
        account.stages[number].checkpoints?.rule = rule
      }
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
}

/// What a run came to in one draw, or in the mean.
struct RunAccount: Sendable {
  var stages: [StageOutcome] = []
  /// Where each stage's time on the clock went.
  var clocks: [StageClock] = []
  private(set) var gpuHours = 0.0
  private(set) var wallDays = 0.0
  private(set) var rent: Double?
  private(set) var ownership: OwnershipCost?
  private(set) var overheadHours = 0.0
  private var operations = 0.0
  private var capable = 0.0
  private var kept = 0.0
  private var simulated = 0.0

  mutating func add(_ work: StageWork, _ timed: StageClock, _ values: [Double]) {
    let clock = timed.sample
    let hours = clock.wall * Double(work.gpus) / 3600
    let flops = work.operations(values)
    let limit = hours * 3600 * work.peak.value
    stages.append(
      StageOutcome(
        stage: work.stage, gpus: work.gpus, step: work.step, tokens: work.tokens(values),
        wallDays: clock.wall / 86_400, gpuHours: hours,
        effectiveTimeRatio: clock.wall > 0 ? clock.productive / clock.wall : 1,
        billedMFU: flops.map { $0 / limit }, isFinished: clock.isFinished))
    clocks.append(timed)
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
