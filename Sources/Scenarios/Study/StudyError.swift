public import Training

/// Why a study cannot go on.
public enum StudyError: Error, Sendable {
  /// The measured kernels do not determine the GPU's rates.
  case rates(gpu: String, reason: String)
  /// A case's step cannot be simulated.
  case step(case: String, error: StepError)
  /// A stage of a run that fails too often to be finished: what it meets in the time it was given.
  case endless(stage: String, failures: Double, days: Double)
  /// A stage that takes longer than failures can be drawn for, in years.
  case tooLong(stage: String, years: Double, most: Double)
  /// More failures over all draws than are simulated; the samples that would do.
  case tooManyFailures(failures: Double, samples: Int, most: Double)
}

extension StudyError: CustomStringConvertible {
  /// One sentence that names the case.
  public var description: String {
    switch self {
    case .rates(let gpu, let reason):
      "the kernel rates of \(gpu) cannot be fitted: \(reason); this is a fault of Fathom's own "
        + "measurements, please report it"
    case .step(let name, let error): "case \(name): \(error)"
    case .endless(let stage, let failures, let days):
      "stage \(stage) does not finish: after \(significant(days)) days and \(significant(failures)) "
        + "failures it was given up, as failures come faster than work is saved; lower "
        + "reliability.rate, detection, restart or checkpoint_write, or give more spares"
    case .tooLong(let stage, let years, let most):
      "stage \(stage) takes \(significant(years)) years without a failure: failures are drawn for at "
        + "most \(significant(most)); give it less to do or more nodes, or set reliability.failures "
        + "to none"
    case .tooManyFailures(let failures, let samples, let most):
      "the run meets about \(significant(failures)) failures over all of its \(samples) samples and "
        + "the ends of its inputs: at most \(significant(most)) are simulated; lower run.samples or "
        + "how often something fails"
    }
  }
}
