public import Training

/// Why a study cannot go on.
public enum StudyError: Error, Sendable {
  /// The measured kernels do not determine the GPU's rates.
  case rates(gpu: String, reason: String)
  /// A case's step cannot be simulated.
  case step(case: String, error: StepError)
  /// A stage of a run that fails too often to be finished: what it meets in the time it was given.
  case endless(stage: String, failures: Double, days: Double)
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
    }
  }
}
