/// A tensor that a micro-batch leaves on a GPU, by what it is to its layer.
public enum ActivationTensor: UInt8, Sendable, CaseIterable {
  /// What enters the layer; all that full recompute keeps.
  case layerInput
  /// The residual stream between attention and the feed-forward part.
  case residualStream
  /// Norm outputs, which enter attention and the feed-forward part.
  case attentionInput, feedForwardInput
  /// Masks of the two dropouts on the residual stream, a byte an element.
  case dropoutMasks
  /// A block's input from all tensor-parallel GPUs, while it is worked on.
  case gatheredInput
  /// Latent attention's down-projections, and their norms' outputs.
  case latents, normedLatents
  /// Queries and keys as they enter their norms.
  case unnormedQueriesKeys
  case queriesKeysValues
  /// Keys and values of other context-parallel GPUs on their way round.
  case keyValueBlocks
  /// Row statistics of a fused kernel in FP32.
  case logSumExp
  /// Softmax before and after dropout, and the mask, of a kernel that writes the scores.
  case scores, scoresMask
  case attentionResult
  /// Sparse attention's indexer, and what it picked.
  case indexer, selectedTokens
  case routerScores
  /// Tokens in the order of the experts of this GPU.
  case dispatchedRows
  case expertOutputs
  case gateUpOutput, activationOutput
  case sharedGateUpOutput, sharedActivationOutput
  /// The hidden state and the embedding that a prediction layer joins, and their norms' outputs.
  case predictionInputs, normedPredictionInputs
  case headInput, normedHeadInput
  case logits
  /// The softmax over the vocabulary in FP32.
  case softmax
  case streamGradient, attentionOutputGradient, feedForwardOutputGradient
  case attentionResultGradient, queriesKeysValuesGradient, latentsGradient
  /// FP32 sums of query gradients of a fused kernel.
  case queryGradientSums
  case scoresGradient
  case gateUpGradient, activationGradient, sharedGateUpGradient, sharedOutputGradient
  case dispatchedRowsGradient, predictionGradient, logitsGradient

  /// The tensor in words, such as `attention log-sum-exp`.
  public var word: String {
    switch self {
    case .layerInput: "layer input"
    case .residualStream: "residual stream"
    case .attentionInput: "attention input"
    case .feedForwardInput: "feed-forward input"
    case .dropoutMasks: "dropout masks"
    case .gatheredInput: "gathered input"
    case .latents: "latents"
    case .normedLatents: "normalized latents"
    case .unnormedQueriesKeys: "queries, keys before norm"
    case .queriesKeysValues: "queries, keys, values"
    case .keyValueBlocks: "key, value blocks of others"
    case .logSumExp: "attention log-sum-exp"
    case .scores: "attention scores"
    case .scoresMask: "attention dropout mask"
    case .attentionResult: "attention result"
    case .indexer: "indexer queries, keys"
    case .selectedTokens: "selected tokens"
    case .routerScores: "router scores"
    case .dispatchedRows: "dispatched rows"
    case .expertOutputs: "expert outputs"
    case .gateUpOutput: "gate, up output"
    case .activationOutput: "activation output"
    case .sharedGateUpOutput: "shared gate, up output"
    case .sharedActivationOutput: "shared activation output"
    case .predictionInputs: "prediction inputs"
    case .normedPredictionInputs: "normalized prediction inputs"
    case .headInput: "head input"
    case .normedHeadInput: "normalized head input"
    case .logits: "logits"
    case .softmax: "softmax of logits"
    case .streamGradient: "residual stream gradient"
    case .attentionOutputGradient: "attention output gradient"
    case .feedForwardOutputGradient: "feed-forward output gradient"
    case .attentionResultGradient: "attention result gradient"
    case .queriesKeysValuesGradient: "queries, keys, values gradient"
    case .latentsGradient: "latents gradient"
    case .queryGradientSums: "query gradient sums"
    case .scoresGradient: "attention scores gradient"
    case .gateUpGradient: "gate, up gradient"
    case .activationGradient: "activation gradient"
    case .sharedGateUpGradient: "shared gate, up gradient"
    case .sharedOutputGradient: "shared output gradient"
    case .dispatchedRowsGradient: "dispatched rows gradient"
    case .predictionGradient: "prediction gradient"
    case .logitsGradient: "logits gradient"
    }
  }
}

/// How long a tensor stays in memory.
public enum Lifetime: UInt8, Sendable, CaseIterable {
  /// From the forward pass until the input gradient is done.
  case input
  /// From the end of an input gradient on its own until the weight gradient is done.
  case weight
  /// While one of the layer's blocks is worked on.
  case attentionForward, feedForwardForward, attentionBackward, feedForwardBackward

  /// Blocks of a forward pass.
  public static let forwardBlocks: [Lifetime] = [.attentionForward, .feedForwardForward]
  /// Blocks of a backward pass.
  public static let backwardBlocks: [Lifetime] = [.attentionBackward, .feedForwardBackward]
}
