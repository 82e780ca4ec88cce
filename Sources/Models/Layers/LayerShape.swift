public import Quantities

/// What is computed again in the backward pass in place of being kept.
public enum Recompute: String, Sendable, CaseIterable {
  /// Nothing.
  case none
  /// Norms, activation functions and latent attention's up-projections (V3's recipe,
  /// arXiv 2412.19437, section 3.2.3).
  case selective
  /// The core of attention alone: scores, softmax and what they weigh (Megatron-LM's selective
  /// recompute, arXiv 2205.05198, section 5).
  case attention
  /// Each layer's whole forward pass, from its input.
  case full
}

/// How the core of attention is run.
public enum AttentionKernel: String, Sendable, CaseIterable {
  /// One kernel that never writes the scores to memory (FlashAttention).
  case flash
  /// Scores, softmax and values one after another, each through memory, as before FlashAttention.
  case unfused
}

/// What a layer's kernels depend on besides the architecture.
public struct LayerShape: Sendable, Equatable {
  /// Tokens of a micro-batch: sequences times their length.
  public var tokens: Double
  /// Tokens of one sequence, which attention looks over.
  public var sequenceLength: Double
  /// Tensor-parallel degree; with it, sequence parallelism of what lies between products.
  public var tensor: Double
  /// Expert-parallel degree.
  public var expertDegree: Double
  /// Format of the operands of large products.
  public var format: NumberFormat
  /// What the backward pass computes again.
  public var recompute: Recompute
  /// Rows this GPU's experts work on, over those they would under balanced routing.
  public var expertLoad = 1.0
  /// Context-parallel degree: GPUs among which each sequence is cut.
  public var context = 1.0
  /// GPUs that share each expert's matrices.
  public var expertTensor = 1.0
  /// Whether what lies between products is cut by tokens among tensor-parallel GPUs too.
  public var sequenceParallel = true
  /// How the core of attention is run.
  public var attentionKernel = AttentionKernel.flash

  /// A shape from its parts.
  public init(
    tokens: Double, sequenceLength: Double, tensor: Double, expertDegree: Double,
    format: NumberFormat, recompute: Recompute
  ) {
    self.tokens = tokens
    self.sequenceLength = sequenceLength
    self.tensor = tensor
    self.expertDegree = expertDegree
    self.format = format
    self.recompute = recompute
  }

  /// Tokens a GPU holds between products: its part of them under sequence parallelism, else all.
  var localTokens: Double { sequenceParallel ? tokens / tensor : tokens }
  /// Whether operands are quantized before products.
  var isFP8: Bool { format == .fp8 }
}
