import Economics
import Hardware
import Kernels
import Models
import Quantities
public import ScheduleSearch
import Schedules
import Training

/// Runs the cases of a scenario and says which of them wins, and why.
///
///     let outcome = try Study(scenario).run { print($0.name, $0.stepSeconds) }
///     print(outcome.reason)
public struct Study: Sendable {
  let scenario: Scenario
  private let expands: Bool
  /// Whether other plans are tried too: cuts of the model, and what would fix or fill memory.
  var comparesAlternatives = true

  /// A study of a checked scenario.
  ///
  /// - Parameter expands: whether every GPU is simulated even where one can stand for its rank.
  public init(_ scenario: Scenario, expands: Bool = false) {
    self.scenario = scenario
    self.expands = expands
  }

  /// Simulates each case in written order.
  ///
  /// - Parameters:
  ///   - searching: called now and then while a case's schedule is searched, with the case's name.
  ///   - progress: called with each case as soon as it is done.
  /// - Throws: `StudyError` of the first case that cannot be simulated.
  public func run(
    searching: (String, SearchProgress) -> Void = { _, _ in }, progress: (CaseOutcome) -> Void
  ) throws(StudyError) -> Outcome {
    let rates = try rates()
    var cases: [CaseOutcome] = []
    var balanced: BalancedLoads?
    for (index, one) in scenario.cases.enumerated() {
      var simulation = simulation(of: one, rates: rates[index])
      simulation.routing = routing(of: one, among: zip(scenario.cases, cases))
      simulation.balanced = balanced
      balanced = simulation.balancedLoads() ?? balanced
      simulation.balanced = balanced
      let outcome = try run(one, simulation) { searching(one.name, $0) }
      cases.append(outcome)
      progress(outcome)
    }
    let verdict = Verdict(cases: cases)
    let shown = verdict.winner ?? 0
    var memory: MemoryReport?
    if comparesAlternatives, cases.indices.contains(shown) {
      var simulation = simulation(of: scenario.cases[shown], rates: rates[shown])
      simulation.routing = cases[shown].result.routing
      simulation.balanced = balanced
      memory = MemoryReport(cases[shown], simulation)
    }
    let others = plausible(cases, winner: verdict.winner, rates: rates, balanced: balanced)
    return Outcome(
      scenario: scenario, cases: cases, winner: verdict.winner, reason: verdict.reason,
      searches: cases.compactMap(\.searchSentence), plausibleLayouts: others.layouts,
      plausibleNote: others.note,
      equalTerms: Terms(scenario: scenario, cases: cases).sentences,
      assumptions: assumptions(rates: rates), memory: memory)
  }

  /// What kernels achieve in each case; cases of one GPU share it.
  func rates() throws(StudyError) -> [KernelRates] {
    var found: [(gpu: GPU, rates: KernelRates)] = []
    var rates: [KernelRates] = []
    for one in scenario.cases {
      let gpu = one.cluster.node.gpu
      if let device = one.device {
        rates.append(device.rates)
        continue
      }
      if let same = found.first(where: { $0.gpu == gpu }) {
        rates.append(same.rates)
        continue
      }
      do {
        found.append((gpu, try KernelRates.fitted(for: gpu)))
      } catch {
        throw .rates(gpu: gpu.name, reason: "\(error)")
      }
      rates.append(found[found.count - 1].rates)
    }
    return rates
  }

  /// Other cuts of the model under the winner (the first case if none fits), unless they would take
  /// long to simulate.
  private func plausible(
    _ cases: [CaseOutcome], winner: Int?, rates: [KernelRates], balanced: BalancedLoads?
  ) -> (layouts: [PlausibleLayout], note: String?) {
    let index = winner ?? 0
    guard comparesAlternatives, cases.indices.contains(index),
      scenario.cases.indices.contains(index)
    else { return ([], nil) }
    let result = cases[index].result
    var simulation = simulation(of: scenario.cases[index], rates: rates[index])
    simulation.routing = result.routing
    simulation.balanced = balanced
    guard simulation.hasPlausibleLayouts(result.schedule) else { return ([], nil) }
    let events = result.events * 5
    let most = StepSimulation.mostPlausibleEvents
    guard events <= most else {
      return (
        [],
        "Other cuts of the model are not simulated: about \(grouped(events)) events are more than "
          + "the \(grouped(most)) that are spent on them."
      )
    }
    return (simulation.plausibleLayouts(of: result), nil)
  }

  /// The routing of an earlier case that differs in the schedule alone, if there is one.
  private func routing(
    of one: ScenarioCase, among done: Zip2Sequence<[ScenarioCase], [CaseOutcome]>
  ) -> StepRouting? {
    for (other, outcome) in done {
      guard let routing = outcome.result.routing else { continue }
      var plan = other.plan
      plan.schedule = one.plan.schedule
      if plan == one.plan, other.cluster == one.cluster, other.model == one.model { return routing }
    }
    return nil
  }

  private func run(
    _ one: ScenarioCase, _ simulation: StepSimulation, searching: (SearchProgress) -> Void
  ) throws(StudyError) -> CaseOutcome {
    let clock = ContinuousClock()
    let start = clock.now
    let result: StepResult
    do {
      result = try simulation.run(progress: searching)
    } catch {
      throw .step(case: one.name, error: error)
    }
    let took = start.duration(to: clock.now).components
    var outcome = outcome(
      one, result, wallClock: Double(took.seconds) + Double(took.attoseconds) * 1e-18)
    var estimator = StepEstimator(simulation)
    outcome.estimate = try? estimator.estimate(one.plan)
    var advised = simulation
    advised.routing = result.routing
    outcome.memorySentence = outcome.sentence(
      outcome.fits || !comparesAlternatives
        ? MemoryAdvice()
        : advised.memoryAdvice(for: result, capacity: outcome.memoryCapacity))
    return outcome
  }

  /// The step of a case.
  func simulation(of one: ScenarioCase, rates: KernelRates) -> StepSimulation {
    var simulation = StepSimulation(
      model: one.model, cluster: one.cluster, rates: rates, plan: one.plan)
    simulation.expands = expands
    return simulation
  }

  private func outcome(
    _ one: ScenarioCase, _ result: StepResult, wallClock: Double
  ) -> CaseOutcome {
    let plan = one.plan
    let model = one.model
    let gpu = one.cluster.node.gpu
    let run = one.tokens.map { tokens in
      RunProjection(
        tokens: tokens, tokensPerStep: plan.tokensPerStep, step: result.step, gpus: plan.gpus)
    }
    return CaseOutcome(
      name: one.name, schedule: plan.schedule.name, gpus: plan.gpus, result: result,
      tokensPerStep: plan.tokensPerStep,
      causalFLOPsPerToken: model.trainingFLOPsPerToken(
        sequenceLength: plan.sequenceLength, causal: true),
      noncausalFLOPsPerToken: model.trainingFLOPsPerToken(
        sequenceLength: plan.sequenceLength, causal: false),
      peak: gpu.peak(.bf16), memoryCapacity: gpu.memory.value, run: run,
      rent: run.flatMap { run in one.rent?.cost(gpuHours: run.gpuHours) },
      wallClock: wallClock, point: one.point)
  }

  /// Every catalogue number that is a guess, and what the simulation itself assumes.
  private func assumptions(rates: [KernelRates]) -> [String] {
    var sentences: [String] = []
    func add(_ more: [String]) { sentences += more.filter { !sentences.contains($0) } }
    for one in scenario.cases {
      add(
        one.resolved.compactMap { key in
          guard case .catalogue(let source, Status.assumed.rawValue) = key.origin else {
            return nil
          }
          return "\(key.path) is \(key.value): \(source)."
        })
      if let device = one.device { add(device.assumptions) }
    }
    for rates in rates {
      add(
        rates.takenAsCopies.map { operation in
          "No kernel of class \(operation.rawValue) was measured: it is taken to reach the share of "
            + "the memory bandwidth that copies do on H800."
        })
    }
    for (one, rates) in zip(scenario.cases, rates) {
      let simulation = StepSimulation(
        model: one.model, cluster: one.cluster, rates: rates, plan: one.plan)
      add(simulation.assumptions)
    }
    return sentences
  }
}

extension Device {
  /// What its curves leave to the catalogue's; nothing where all classes were measured.
  fileprivate var assumptions: [String] {
    let missing = rates.unmeasured
    guard !missing.isEmpty else { return [] }
    return [
      "\(name) has no measurements of \(missing.joined(separator: ", ")), which are taken to reach "
        + "the shares of peak of the catalogue's H800 kernels."
    ]
  }
}
