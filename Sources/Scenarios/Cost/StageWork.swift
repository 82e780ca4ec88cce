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
  /// Step times while the batch grows; nil where it does not.
  var ramp: RampPace?
  /// Share of the step's passes that are forward.
  var forwardShare = 1.0 / 3
  /// What generates texts; nil where nothing does.
  var decoder: Decoder?
  /// What models of reinforcement learning keep a parameter; empty of other stages.
  var states: [StageState] = []

  /// Tokens trained on or evaluated, each as often as it is; nil where only hours are known.
  func tokens(_ values: [Double]) -> Double? {
    switch stage.amount {
    case .tokens(let tokens): values[tokens]
    case .steps(let steps): step.map { values[steps] * $0.tokensPerStep }
    case .samples(let samples, let perSample, let epochs):
      values[samples] * values[perSample] * values[epochs]
    case .distilled(let distillation):
      values[distillation.samples] * values[distillation.tokensPerSample]
        * values[distillation.epochs]
    case .rollouts(let learning):
      answers(learning, values).tokens * values[learning.steps] * values[learning.epochs]
    case .gpuHours, .duration, .operations, .share: nil
    }
  }

  /// Operations of the model, without recompute and attention over half of the square; nil where
  /// they are not known. Those of generation and of judging are counted too.
  func operations(_ values: [Double]) -> Double? {
    if case .operations(let flops, _) = stage.amount { return values[flops] }
    guard let step, let tokens = tokens(values) else { return nil }
    let parts = parts(values, stretch: 1)
    guard parts.isEmpty else { return parts.reduce(0) { $0 + $1.operations } }
    let training = step.causalFLOPsPerToken.value * tokens
    return stage.isTraining ? training : training / 3
  }

  /// Seconds on the clock without a failure, at the pace of the step times `stretch`.
  ///
  /// - Parameter trained: GPU-seconds of the training stages before it.
  func seconds(_ values: [Double], stretch: Double, after trained: Double) -> Double {
    switch stage.amount {
    case .gpuHours(let hours): return values[hours] * 3600 / Double(gpus)
    case .duration(let duration): return values[duration]
    case .operations(let flops, let utilization):
      return values[flops] / (values[utilization] * peak.value * Double(gpus))
    case .share(let share): return values[share] * trained / Double(gpus)
    case .rollouts, .distilled:
      return parts(values, stretch: stretch).reduce(0) { $0 + $1.seconds }
    case .tokens, .steps, .samples:
      guard let step, let tokens = tokens(values) else { return 0 }
      if let growth = stage.ramp, let ramp {
        return stretch
          * ramp.seconds(tokens: tokens, from: values[growth.from], over: values[growth.over])
      }
      return tokens / step.tokensPerSecond * stretch * (stage.isTraining ? 1 : forwardShare)
    }
  }
}

/// One kind of work within a stage, in seconds and operations.
struct PartialWork: Sendable {
  var name: String
  var seconds: Double
  var operations: Double
}

/// Bytes that a model of a stage keeps for each of its parameters.
public struct StageState: Sendable, Equatable {
  /// The model's role, such as `policy`.
  public var name: String
  /// Bytes a parameter.
  public var bytesPerParameter: Double
}

/// One kind of work within a stage.
public struct StagePart: Sendable, Equatable {
  /// What is done, such as `generation`.
  public var name: String
  /// Its share of the stage's billed hours, by time.
  public var gpuHours: Double
  /// Operations of the model.
  public var operations: Double
}

extension StageWork {
  /// The kinds of work with their shares of the stage's billed hours.
  func parts(_ values: [Double], hours: Double, stretch: Double) -> [StagePart] {
    let parts = parts(values, stretch: stretch)
    let all = parts.reduce(0) { $0 + $1.seconds }
    return parts.map {
      StagePart(
        name: $0.name, gpuHours: all > 0 ? hours * $0.seconds / all : 0,
        operations: $0.operations)
    }
  }

  /// The kinds of work of reinforcement learning or distillation; empty of other stages.
  func parts(_ values: [Double], stretch: Double) -> [PartialWork] {
    guard let step else { return [] }
    switch stage.amount {
    case .rollouts(let learning): return parts(of: learning, step, values, stretch)
    case .distilled(let distillation):
      return parts(of: distillation, step, values, stretch)
    default: return []
    }
  }

  private func parts(
    of learning: ReinforcementLearning, _ step: CaseOutcome, _ values: [Double], _ stretch: Double
  ) -> [PartialWork] {
    let (answers, perStep) = answers(learning, values)
    let steps = values[learning.steps]
    let tokens = perStep * steps
    let training = tokens / step.tokensPerSecond * stretch
    let forward = training * forwardShare
    let operations = step.causalFLOPsPerToken.value / 3 * tokens
    let epochs = values[learning.epochs]
    return RolloutRole.allCases.compactMap { role in
      if role == .generation {
        return generation(answers, times: steps, learning.generation, values)
      }
      let passes = learning.forwardPasses(role, epochs: epochs)
      guard passes > 0 else { return nil }
      let seconds: Double =
        switch role {
        case .training: training * epochs
        case .value: training * epochs + forward
        default: forward
        }
      return PartialWork(name: role.rawValue, seconds: seconds, operations: operations * passes)
    }
  }

  private func parts(
    of distillation: Distillation, _ step: CaseOutcome, _ values: [Double], _ stretch: Double
  ) -> [PartialWork] {
    let samples = values[distillation.samples]
    let perSample = values[distillation.tokensPerSample]
    let tokens = samples * perSample * values[distillation.epochs]
    let training = PartialWork(
      name: RolloutRole.training.rawValue, seconds: tokens / step.tokensPerSecond * stretch,
      operations: step.causalFLOPsPerToken.value * tokens)
    // The teacher's prompts are taken to be short beside what it writes.
    let answers = Answers(
      count: samples, prompts: samples, promptTokens: 0, responseTokens: perSample)
    guard let teacher = distillation.teacher,
      let generation = generation(answers, times: 1, teacher.generation, values)
    else { return [training] }
    return [generation, training]
  }

  /// Answers of a step, and their tokens with those of their prompts.
  private func answers(
    _ learning: ReinforcementLearning, _ values: [Double]
  ) -> (answers: Answers, tokens: Double) {
    let prompts = values[learning.prompts]
    let answers = Answers(
      count: prompts * values[learning.rollouts], prompts: prompts,
      promptTokens: values[learning.promptTokens],
      responseTokens: values[learning.responseTokens])
    return (answers, answers.count * (answers.promptTokens + answers.responseTokens))
  }

  private func generation(
    _ answers: Answers, times: Double, _ terms: GenerationTerms, _ values: [Double]
  ) -> PartialWork? {
    guard let decoder else { return nil }
    let generation = decoder.generate(
      answers, bandwidthShare: values[terms.bandwidthShare],
      computeShare: values[terms.computeShare])
    return PartialWork(
      name: RolloutRole.generation.rawValue, seconds: generation.seconds * times,
      operations: generation.operations * times)
  }
}
