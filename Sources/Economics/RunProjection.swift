public import Quantities

/// A whole run at a step's pace: no ramp, failures or evaluation yet.
public struct RunProjection: Sendable, Equatable {
  /// Optimizer steps.
  public var steps: Double
  /// GPU-hours of all GPUs together.
  public var gpuHours: Double
  /// Days on the clock.
  public var wallDays: Double

  /// The run over `tokens`, at `step` seconds for `tokensPerStep`, on `gpus` GPUs.
  public init(tokens: Double, tokensPerStep: Double, step: Time, gpus: Int) {
    steps = tokens / tokensPerStep
    let hours = steps * step.seconds / 3600
    gpuHours = hours * Double(gpus)
    wallDays = hours / 24
  }
}
