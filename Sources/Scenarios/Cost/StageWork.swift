import Hardware
import Quantities
import Training

/// What a stage comes to on a cluster, failures aside: its step is simulated once, and the rest is
/// arithmetic over what is drawn.
struct StageWork: Sendable {
  /// The stage.
  var stage: RunStage
  /// GPUs it keeps busy.
  var gpus: Int
  /// Nodes it keeps busy.
  var nodes: Int
  /// BF16 dense peak of a GPU.
  var peak: FLOPRate
  /// The simulated step; nil of stated stages.
  var step: CaseOutcome?

  /// Tokens trained on; nil where only hours are known.
  func tokens(_ values: [Double]) -> Double? {
    switch stage.amount {
    case .tokens(let tokens): values[tokens]
    case .steps(let steps): step.map { values[steps] * $0.tokensPerStep }
    case .samples(let samples, let perSample, let epochs):
      values[samples] * values[perSample] * values[epochs]
    case .gpuHours, .duration, .operations: nil
    }
  }

  /// Operations of the model, without recompute and attention over half of the square; nil where
  /// they are not known.
  func operations(_ values: [Double]) -> Double? {
    if case .operations(let flops, _) = stage.amount { return values[flops] }
    guard let step, let tokens = tokens(values) else { return nil }
    return step.causalFLOPsPerToken.value * tokens
  }

  /// Seconds on the clock without a failure, at the pace of the step times `stretch`.
  func seconds(_ values: [Double], stretch: Double) -> Double {
    switch stage.amount {
    case .gpuHours(let hours): return values[hours] * 3600 / Double(gpus)
    case .duration(let duration): return values[duration]
    case .operations(let flops, let utilization):
      return values[flops] / (values[utilization] * peak.value * Double(gpus))
    case .tokens, .steps, .samples:
      guard let step, let tokens = tokens(values) else { return 0 }
      return tokens / step.tokensPerSecond * stretch
    }
  }
}
