import Economics
import Hardware
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
  private let scenario: Scenario
  private let expands: Bool

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
    // Cases differ in the schedule alone, so they have one routing.
    var routing: StepRouting?
    for one in scenario.cases {
      let outcome = try run(one, rates: rates, routing: routing) { searching(one.name, $0) }
      routing = outcome.result.routing
      cases.append(outcome)
      progress(outcome)
    }
    let verdict = Verdict(cases: cases)
    let others = plausible(cases, winner: verdict.winner, rates: rates)
    return Outcome(
      scenario: scenario, cases: cases, winner: verdict.winner, reason: verdict.reason,
      searches: cases.compactMap(\.searchSentence), plausibleLayouts: others.layouts,
      plausibleNote: others.note,
      equalTerms: Terms(scenario: scenario, cases: cases).sentences,
      assumptions: assumptions(rates: rates))
  }

  /// Other cuts of the model under the winner (the first case if none fits), unless they would take
  /// long to simulate.
  private func plausible(
    _ cases: [CaseOutcome], winner: Int?, rates: KernelRates
  ) -> (layouts: [PlausibleLayout], note: String?) {
    let index = winner ?? 0
    guard cases.indices.contains(index), scenario.cases.indices.contains(index) else {
      return ([], nil)
    }
    let result = cases[index].result
    let simulation = simulation(of: scenario.cases[index], rates: rates, routing: result.routing)
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

  private func simulation(
    of one: ScenarioCase, rates: KernelRates, routing: StepRouting?
  ) -> StepSimulation {
    var simulation = StepSimulation(
      model: scenario.model, cluster: scenario.cluster, rates: rates, plan: one.plan)
    simulation.expands = expands
    simulation.routing = routing
    return simulation
  }

  private func rates() throws(StudyError) -> KernelRates {
    let gpu = scenario.cluster.node.gpu
    do {
      return try KernelRates.fitted(for: gpu)
    } catch {
      throw .rates(gpu: gpu.name, reason: "\(error)")
    }
  }

  private func run(
    _ one: ScenarioCase, rates: KernelRates, routing: StepRouting?,
    searching: (SearchProgress) -> Void
  ) throws(StudyError) -> CaseOutcome {
    let clock = ContinuousClock()
    let start = clock.now
    let simulation = simulation(of: one, rates: rates, routing: routing)
    let result: StepResult
    do {
      result = try simulation.run(progress: searching)
    } catch {
      throw .step(case: one.name, error: error)
    }
    let took = start.duration(to: clock.now).components
    return outcome(
      one, result, wallClock: Double(took.seconds) + Double(took.attoseconds) * 1e-18)
  }

  private func outcome(
    _ one: ScenarioCase, _ result: StepResult, wallClock: Double
  ) -> CaseOutcome {
    let plan = one.plan
    let model = scenario.model
    let gpu = scenario.cluster.node.gpu
    let run = scenario.tokens.map { tokens in
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
      rent: run.flatMap { run in scenario.rent?.cost(gpuHours: run.gpuHours) },
      wallClock: wallClock)
  }

  /// Every catalogue number that is a guess, and what the simulation itself assumes.
  private func assumptions(rates: KernelRates) -> [String] {
    var sentences = scenario.resolved.compactMap { key -> String? in
      guard case .catalogue(let source, Status.assumed.rawValue) = key.origin else { return nil }
      return "\(key.path) is \(key.value): \(source)."
    }
    for one in scenario.cases {
      let simulation = StepSimulation(
        model: scenario.model, cluster: scenario.cluster, rates: rates, plan: one.plan)
      sentences += simulation.assumptions.filter { !sentences.contains($0) }
    }
    return sentences
  }
}
