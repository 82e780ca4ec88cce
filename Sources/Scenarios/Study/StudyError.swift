public import Training

/// Why a study cannot go on.
public enum StudyError: Error, Sendable {
  /// The measured kernels do not determine the GPU's rates.
  case rates(gpu: String, reason: String)
  /// A case's step cannot be simulated.
  case step(case: String, error: StepError)
}

extension StudyError: CustomStringConvertible {
  /// One sentence that names the case.
  public var description: String {
    switch self {
    case .rates(let gpu, let reason):
      "the kernel rates of \(gpu) cannot be fitted: \(reason); this is a fault of Fathom's own "
        + "measurements, please report it"
    case .step(let name, let error): "case \(name): \(error)"
    }
  }
}
