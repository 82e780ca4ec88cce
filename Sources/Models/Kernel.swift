public import Quantities

/// One GPU kernel of a layer: what it is called and what it has to do.
public struct Kernel: Sendable, Equatable {
  /// What the kernel does, in the field's words.
  public var name: String
  /// How much work it is.
  public var work: KernelWork

  /// A kernel called `name`.
  public init(_ name: String, _ work: KernelWork) {
    self.name = name
    self.work = work
  }
}

/// The work of a kernel, by what limits it.
public enum KernelWork: Sendable, Equatable {
  /// A matrix product, or several in one launch.
  case matrix(MatrixProduct)
  /// The core of attention: operations as a causal kernel does them.
  case attention(flops: FLOPs, backward: Bool)
  /// A kernel limited by memory: each operand read once, each result written once.
  case memory(MemoryOperation, Bytes)
  /// A number of kernels so small that launching them is what takes time.
  case small(count: Int)
}

/// `m x k` times `k x n`; with `groups` the rows are shared among as many matrices.
public struct MatrixProduct: Sendable, Equatable {
  /// Rows of all groups together.
  public var m: Double
  /// Columns of the result.
  public var n: Double
  /// Length of the sums.
  public var k: Double
  /// Matrices in the launch.
  public var groups = 1.0
  /// Format of both operands.
  public var operands: NumberFormat
  /// Whether the result is added to an FP32 gradient in memory.
  public var accumulates = false

  /// Multiplications and additions.
  public var flops: FLOPs { FLOPs(2 * m * n * k) }
}

/// Kinds of memory-bound kernels.
public enum MemoryOperation: Sendable, CaseIterable {
  /// Normalization, forward.
  case norm
  /// Normalization, backward.
  case normBackward
  /// Quantization to FP8 and back.
  case cast
  /// Quantization with transposition, for weight gradients.
  case castTranspose
  /// Copies and in-place additions.
  case copy
  /// Rotary position embedding.
  case rotary
  /// The non-linear part between projections, forward or backward; softmax and loss too.
  case activation
  /// Copying tokens into the order of their experts.
  case permute
  /// Adding expert results back into token order.
  case unpermute
  /// Picking the top experts of each token.
  case topK
  /// Row sums before attention's backward, query gradients after it.
  case attentionEdge
}

/// What is computed again in the backward pass in place of being kept.
public enum Recompute: String, Sendable, CaseIterable {
  /// Nothing.
  case none
  /// Norms, activation functions and latent attention's up-projections (V3's recipe,
  /// arXiv 2412.19437, section 3.2.3).
  case selective
  /// Each layer's whole forward pass, from its input.
  case full
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

  /// Tokens a GPU holds between products, under sequence parallelism.
  var localTokens: Double { tokens / tensor }
  /// Whether operands are quantized before products.
  var isFP8: Bool { format == .fp8 }
}
