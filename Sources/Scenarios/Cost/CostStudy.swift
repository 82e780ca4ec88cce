import Dispatch
import Economics
import Foundation
import Hardware
import Quantities
import Statistics
import Training

/// Works out what a run takes and costs: the step of each stage by simulation, and the rest by
/// drawing every input many times.
///
///     let outcome = try CostStudy(plan).run()
///     outcome.figures[0]                  // gpu_hours, with its range
public struct CostStudy: Sendable {
  let plan: CostPlan
  /// Threads that draw; the figures do not depend on it.
  public var threads = ProcessInfo.processInfo.activeProcessorCount

  /// A study of a checked plan.
  public init(_ plan: CostPlan) { self.plan = plan }

  /// Simulates the steps, then draws the run.
  ///
  /// - Parameter progress: called with the name of each stage before its step is simulated.
  /// - Throws: `StudyError` of the first step that cannot be simulated.
  public func run(progress: (String) -> Void = { _ in }) throws(StudyError) -> CostOutcome {
    var works: [StageWork] = []
    var assumptions: [String] = []
    for planned in plan.stages {
      let work = try work(of: planned, among: works, assumptions: &assumptions, progress)
      works.append(work)
    }
    let clusters = [plan.cluster] + plan.stages.map(\.cluster)
    let largest = clusters.reduce(plan.cluster) { $1.nodes > $0.nodes ? $1 : $0 }
    let model = CostModel(terms: plan.terms, stages: works, cluster: largest)
    if let refusal = model.refusal { throw refusal }
    let middle = model.account(of: plan.terms.middles, index: nil)
    if let stage = middle.stages.first(where: { !$0.isFinished }) {
      throw .endless(
        stage: stage.stage.name, failures: stage.checkpoints?.failures ?? 0, days: stage.wallDays)
    }
    let draws = draws(of: model)
    let figures = CostFigure.Key.allCases.compactMap { key -> CostFigure? in
      guard let value = middle[key] else { return nil }
      let all = draws.map { $0[key] ?? 0 }.sorted()
      return CostFigure(
        key: key, value: value, low: quantile(all, 0.05), median: quantile(all, 0.5),
        high: quantile(all, 0.95))
    }
    return CostOutcome(
      plan: plan, stages: ranged(middle.stages, draws), figures: figures,
      parts: middle.parts(works, plan.terms),
      ownership: middle.ownership, breakEvenMonths: middle.breakEvenMonths(plan.terms),
      tornado: tornado(model, of: model.headline, middle),
      ownTornado: tornado(model, of: .own, middle), headline: model.headline,
      unfinishedDraws: draws.count { $0.stages.contains { !$0.isFinished } },
      draws: draws.map { draw in figures.map { draw[$0.key] ?? 0 } }, assumptions: assumptions)
  }

  /// The stages with what 5 and 95 of 100 draws of their hours and days lie below.
  private func ranged(_ stages: [StageOutcome], _ draws: [RunAccount]) -> [StageOutcome] {
    stages.indices.map { index in
      func range(_ figure: (StageOutcome) -> Double) -> ClosedRange<Double>? {
        let all = draws.map { figure($0.stages[index]) }.sorted()
        let (low, high) = (quantile(all, 0.05), quantile(all, 0.95))
        return low <= high ? low...high : nil
      }
      var stage = stages[index]
      stage.gpuHoursRange = range(\.gpuHours)
      stage.wallDaysRange = range(\.wallDays)
      return stage
    }
  }

  /// Every draw of the run, in order; each rests on the seed and its number alone.
  private func draws(of model: CostModel) -> [RunAccount] {
    let count = plan.terms.samples
    let parts = max(1, min(threads, count))
    let inputs = plan.terms.inputs
    let seed = plan.terms.seed
    return [RunAccount](unsafeUninitializedCapacity: count) { buffer, filled in
      nonisolated(unsafe) let base = buffer.baseAddress
      DispatchQueue.concurrentPerform(iterations: parts) { part in
        for index in (count * part / parts)..<(count * (part + 1) / parts) {
          var stream = RandomStream(seed: seed, component: "cost inputs", index: UInt64(index))
          let values = inputs.map { input in
            input.spread.isSpread ? input.value(stream.uniform()) : input.value(0.5)
          }
          (base! + index).initialize(to: model.account(of: values, index: UInt64(index)))
        }
      }
      filled = count
    }
  }

  /// The figure with each spread input at its 5 % and 95 %, the widest swing first.
  private func tornado(
    _ model: CostModel, of key: CostFigure.Key, _ middle: RunAccount
  ) -> [TornadoRow] {
    let middles = plan.terms.middles
    var rows: [TornadoRow] = []
    for (index, input) in plan.terms.inputs.enumerated() where input.spread.isSpread {
      let ends = [0.05, 0.95].map { input.value($0) }
      let figures = ends.map { end -> Double in
        var values = middles
        values[index] = end
        return model.account(of: values, index: nil, known: middle)[key] ?? 0
      }
      rows.append(
        TornadoRow(
          input: input.path, inputs: (input.text(of: ends[0]), input.text(of: ends[1])),
          figures: (figures[0], figures[1])))
    }
    return rows.filter { $0.swing > 0 }.enumerated().sorted {
      $0.element.swing == $1.element.swing
        ? $0.offset < $1.offset : $0.element.swing > $1.element.swing
    }.map(\.element)
  }
}
