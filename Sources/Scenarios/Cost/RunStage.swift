/// One stage of a run: what is done, and what of the scenario is different in it.
///
///     # run.stages of a scenario
///     - {stage: pre-training, tokens: 14.8T}
///     - {stage: context-extension, steps: 1000, training: {sequence_length: 32768}}
///     - {stage: sft, samples: 1.5M, tokens_per_sample: 1K, epochs: 2}
///     - {stage: stated, gpu_hours: 5K, source: 'arXiv 2412.19437, Table 1'}
public struct RunStage: Sendable, Equatable {
  /// Key path, such as `run.stages.2`; `run` where the file only names tokens.
  public var path: String
  /// Name in tables.
  public var name: String
  /// What kind of work it is.
  public var kind: StageKind
  /// How much of it is done.
  public var amount: StageAmount
  /// How the batch grows to the stage's own; nil where it is that from the start.
  public var ramp: BatchRamp?
  /// Where a stated amount is published; empty of others.
  public var source = ""
  /// Keys that the stage sets in place of the scenario's, as they were written.
  var changes: [Document.Entry] = []

  /// Whether a step of it is simulated: not where hours, operations or a share of hours are given.
  var isSimulated: Bool {
    if case .share = amount { false } else { kind != .stated }
  }

  /// Whether weights are trained in it: not in an evaluation.
  var isTraining: Bool { kind != .evaluation }
}

/// What kind of work a stage is.
public enum StageKind: String, Sendable, CaseIterable {
  /// Training on tokens, maybe with a batch that grows.
  case preTraining = "pre-training"
  /// Training on longer sequences.
  case contextExtension = "context-extension"
  /// More training of a trained model, maybe of another shape of attention.
  case continuedPreTraining = "continued-pre-training"
  /// Supervised fine-tuning on samples.
  case sft
  /// Reinforcement learning: answers are generated, judged and trained on.
  case rl
  /// Fine-tuning on samples that a teacher generates.
  case distillation
  /// Forward passes that train nothing, or a share of the hours of training so far.
  case evaluation
  /// Hours or operations that a document states; arithmetic and no simulation.
  case stated

  /// The keys it takes beside those that every stage takes.
  var keys: [String] {
    switch self {
    case .preTraining: ["tokens", "steps", "batch_ramp"]
    case .contextExtension, .continuedPreTraining: ["tokens", "steps"]
    case .sft: ["tokens", "samples", "tokens_per_sample", "epochs"]
    case .rl:
      ["algorithm", "steps", "prompts", "rollouts", "prompt_tokens", "response_tokens", "epochs"]
        + ["reward", "old_policy"] + Self.generationKeys
    case .distillation:
      ["samples", "tokens_per_sample", "epochs", "teacher"] + Self.generationKeys
    case .evaluation: ["tokens", "share"]
    case .stated: ["gpu_hours", "duration", "flops", "mfu", "source"]
    }
  }

  /// The ways to say how much a stage of the kind does.
  var ways: [String] {
    switch self {
    case .preTraining, .contextExtension, .continuedPreTraining: ["tokens", "steps"]
    case .sft: ["tokens", "samples with tokens_per_sample"]
    case .rl:
      ["algorithm, steps, prompts, rollouts, prompt_tokens and response_tokens"]
    case .distillation: ["samples with tokens_per_sample"]
    case .evaluation: ["tokens", "share"]
    case .stated: ["gpu_hours", "duration", "flops with mfu"]
    }
  }

  /// The keys of each way to say how much is done, where there are several.
  var amountKeys: [[String]] {
    switch self {
    case .preTraining, .contextExtension, .continuedPreTraining: [["tokens"], ["steps"]]
    case .sft: [["tokens"], ["samples"]]
    case .rl, .distillation: []
    case .evaluation: [["tokens"], ["share"]]
    case .stated: [["gpu_hours"], ["duration"], ["flops", "mfu"]]
    }
  }

  /// Keys of the estimate of generation.
  static let generationKeys = [
    "generation_gpus", "generation_bandwidth", "generation_compute",
  ]
}

/// How much a stage does; each number is one of the inputs of `CostTerms`.
public enum StageAmount: Sendable, Equatable {
  /// Tokens trained on, or passed forward in an evaluation.
  case tokens(InputReference)
  /// Optimizer steps of the stage's own batch.
  case steps(InputReference)
  /// Samples of that many tokens, each seen in that many epochs.
  case samples(InputReference, tokensPerSample: InputReference, epochs: InputReference)
  /// Samples that a teacher generates, each seen in that many epochs.
  case distilled(Distillation)
  /// Answers that are generated, judged and trained on.
  case rollouts(ReinforcementLearning)
  /// A share of the hours of the training stages before it.
  case share(InputReference)
  /// GPU-hours as they were billed.
  case gpuHours(InputReference)
  /// Time on the clock, on all GPUs of the cluster.
  case duration(InputReference)
  /// Operations, at a share of the BF16 dense peak over all billed hours.
  case operations(InputReference, utilization: InputReference)
}
