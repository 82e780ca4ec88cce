/// One stage of a run: what is done, and what of the scenario is different in it.
///
///     # run.stages of a scenario
///     - {stage: pre-training, tokens: 14.8T}
///     - {stage: context-extension, steps: 1000, training: {sequence_length: 32768}}
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
  /// Where a stated amount is published; empty of others.
  public var source = ""
  /// Keys that the stage sets in place of the scenario's, as they were written.
  var changes: [Document.Entry] = []
}

/// What kind of work a stage is.
public enum StageKind: String, Sendable, CaseIterable {
  /// Training on tokens, maybe with a batch that grows.
  case preTraining = "pre-training"
  /// Training on longer sequences.
  case contextExtension = "context-extension"
  /// Supervised fine-tuning on samples.
  case sft
  /// Hours or operations that a document states; arithmetic and no simulation.
  case stated

  /// Whether its steps are simulated.
  var isSimulated: Bool { self != .stated }

  /// The keys it takes beside those that every stage takes.
  var keys: [String] {
    switch self {
    case .preTraining, .contextExtension: ["tokens", "steps"]
    case .sft: ["tokens", "samples", "tokens_per_sample", "epochs"]
    case .stated: ["gpu_hours", "duration", "flops", "mfu", "source"]
    }
  }
}

/// How much a stage does; each number is one of the inputs of `CostTerms`.
public enum StageAmount: Sendable, Equatable {
  /// Tokens trained on.
  case tokens(InputReference)
  /// Optimizer steps of the stage's own batch.
  case steps(InputReference)
  /// Samples of that many tokens, each seen in that many epochs.
  case samples(InputReference, tokensPerSample: InputReference, epochs: InputReference)
  /// GPU-hours as they were billed.
  case gpuHours(InputReference)
  /// Time on the clock, on all GPUs of the cluster.
  case duration(InputReference)
  /// Operations, at a share of the BF16 dense peak over all billed hours.
  case operations(InputReference, utilization: InputReference)
}
