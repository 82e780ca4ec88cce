import Hardware
public import Quantities
public import Training

/// What one case's step would take if one thing were different at a time.
public struct WhatIfStudy: Sendable {
  /// Name of the case.
  public var caseName: String
  /// Its step as it is.
  public var step: Time
  /// Each change and what it makes of the step, the largest effect first.
  public var answers: [WhatIf]
}

extension Study {
  /// Simulates the winner's step again (the first case's where none fits), with one thing different
  /// at a time; its schedule list, stages and draws stay as they were.
  ///
  /// - Parameter progress: called with the number of steps simulated so far, and of all.
  /// - Throws: `StudyError` where a changed step cannot be simulated.
  public func whatIf(
    _ outcome: Outcome, progress: (Int, Int) -> Void = { _, _ in }
  ) throws(StudyError) -> WhatIfStudy? {
    let index = outcome.winner ?? 0
    guard outcome.cases.indices.contains(index), scenario.cases.indices.contains(index) else {
      return nil
    }
    let one = outcome.cases[index]
    var simulation = simulation(of: scenario.cases[index], rates: try rates()[index])
    simulation.balanced = simulation.balancedLoads()
    do {
      return WhatIfStudy(
        caseName: one.name, step: one.result.step,
        answers: try simulation.whatIf(one.result, progress: progress))
    } catch {
      throw .step(case: one.name, error: error)
    }
  }
}
