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

  /// A product of `m x k` by `k x n`.
  public init(
    m: Double, n: Double, k: Double, groups: Double = 1, operands: NumberFormat,
    accumulates: Bool = false
  ) {
    self.m = m
    self.n = n
    self.k = k
    self.groups = groups
    self.operands = operands
    self.accumulates = accumulates
  }

  /// Which rates it reaches.
  public var kind: MatrixKind {
    accumulates ? .weightGradient : (groups > 1 ? .grouped : .dense)
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
public enum MatrixKind: Sendable, CaseIterable {
  /// One product a launch.
  case dense
  /// One product an expert, in one launch.
  case grouped
  /// Products that add up weight gradients in FP32.
  case weightGradient
}

/// Kinds of kernels whose time is bytes over an achieved bandwidth.
public enum MemoryOperation: Sendable, CaseIterable {
  /// Normalization, forward.
  case norm
  /// Normalization, backward.
  case normBackward
  /// Quantization to FP8 by token, and back.
  case cast
  /// Quantization by channel with transposition, for weight gradients.
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
  /// What surrounds attention's backward kernel: row sums before, query gradients after.
  case attentionEdge
}
