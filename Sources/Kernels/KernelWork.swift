public import Quantities

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
  /// Matrices in the launch; 1 for an ordinary product.
  public var groups: Double
  /// Format of both operands.
  public var operands: NumberFormat
  /// Whether the result is added to an FP32 gradient in memory rather than written in BF16.
  public var accumulates: Bool
  /// Which rates it reaches.
  public var kind: MatrixKind

  /// A product of `m x k` by `k x n`; its kind follows from groups and result unless it is named.
  public init(
    m: Double, n: Double, k: Double, groups: Double = 1, operands: NumberFormat,
    accumulates: Bool = false, kind: MatrixKind? = nil
  ) {
    self.m = m
    self.n = n
    self.k = k
    self.groups = groups
    self.operands = operands
    self.accumulates = accumulates
    self.kind = kind ?? (accumulates ? .weightGradient : (groups > 1 ? .grouped : .dense))
  }

  /// Multiplications and additions.
  public var flops: FLOPs { FLOPs(2 * m * n * k) }
  /// Operands read once; FP8 carries one FP32 scale for 128 elements.
  public var inputBytes: Bytes {
    Bytes((m * k + groups * n * k) * operands.bytesWithScale)
  }
  /// The result written in BF16, or an FP32 gradient read and written.
  public var outputBytes: Bytes { Bytes(m * n * (accumulates ? 8 : 2)) }
}

extension NumberFormat {
  /// Bytes of an element as products read it: FP8 with its share of one FP32 scale for 128.
  public var bytesWithScale: Double { self == .fp8 ? bytes + 4.0 / 128 : bytes }
}

/// Kinds of matrix kernels that reach different rates.
public enum MatrixKind: String, Sendable, CaseIterable {
  /// One product a launch.
  case dense
  /// One product an expert, in one launch.
  case grouped
  /// Products that add up weight gradients in FP32.
  case weightGradient = "weight_gradient"
  /// A router's products.
  case gate
}

/// Kinds of kernels whose time is bytes over an achieved bandwidth.
public enum MemoryOperation: String, Sendable, CaseIterable {
  /// Normalization, forward.
  case norm
  /// Normalization, backward.
  case normBackward = "norm_backward"
  /// The same for a norm whose result several parts read, which adds up their gradients.
  case normBackwardOfSum = "norm_backward_of_sum"
  /// Quantization to FP8 by token.
  case cast
  /// FP8 back to BF16.
  case castBack = "cast_back"
  /// Quantization to 12 bits, of attention's result, and back.
  case keptCast = "kept_cast"
  case keptCastBack = "kept_cast_back"
  /// Quantization by channel with transposition, for weight gradients.
  case castTranspose = "cast_transpose"
  /// Transposition of FP8 weights, for products with their rows and columns exchanged.
  case transpose
  /// Copies that put tensors together from parts.
  case copy
  /// Element by element, as residual additions and dropout.
  case addition
  /// One vector written to every head.
  case broadcast
  /// Sums over heads.
  case reduction
  /// Rotary position embedding.
  case rotary
  /// The non-linear part between projections, forward; softmax and loss too.
  case activation
  /// Its backward.
  case activationBackward = "activation_backward"
  /// Its forward again with quantization by channel.
  case activationTranspose = "activation_transpose"
  /// Its backward for experts, whose results are weighed by the gate.
  case weightedActivationBackward = "weighted_activation_backward"
  /// Copying tokens into the order of their experts.
  case permute
  /// Adding expert results back into token order.
  case unpermute
  /// Putting the scales of permuted rows in order.
  case scales
  /// Counting the rows of each expert.
  case expertCount = "expert_count"
  /// Finding each row's place among its expert's.
  case expertMapping = "expert_mapping"
  /// Picking the top experts of each token.
  case topK = "top_k"
  /// Row sums before attention's backward kernel.
  case attentionRowSums = "attention_row_sums"
  /// Query gradients after it.
  case attentionGradients = "attention_gradients"
  /// The optimizer's update.
  case optimizer
}
