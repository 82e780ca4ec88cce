public import Quantities

/// A matrix product's shape as a GPU sees it: `groups` products that share one launch, `m` rows
/// in all, each group with its own `n x k` matrix.
public struct MatrixWork: Sendable, Equatable {
  /// Rows of all groups together.
  public var m: Double
  /// Columns of the result.
  public var n: Double
  /// Length of the sums.
  public var k: Double
  /// Products in the launch; 1 for an ordinary one.
  public var groups: Double
  /// Format of both operands.
  public var operands: NumberFormat
  /// Bytes moved for an element of the result: 2 for BF16, 8 to add to FP32 in memory.
  public var resultBytes: Double

  /// A product of `m x k` by `k x n`.
  public init(
    m: Double, n: Double, k: Double, groups: Double = 1, operands: NumberFormat,
    resultBytes: Double = 2
  ) {
    self.m = m
    self.n = n
    self.k = k
    self.groups = groups
    self.operands = operands
    self.resultBytes = resultBytes
  }

  /// Multiplications and additions.
  public var flops: FLOPs { FLOPs(2 * m * n * k) }
  /// Operands read once; FP8 carries one FP32 scale for 128 elements.
  public var inputBytes: Bytes {
    let element = operands == .fp8 ? 1 + 4.0 / 128 : operands.bytes
    return Bytes((m * k + groups * n * k) * element)
  }
  /// Result written (and read, where it is added to) once.
  public var outputBytes: Bytes { Bytes(m * n * resultBytes) }
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
public enum MemoryKind: String, Sendable, CaseIterable {
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
  /// SwiGLU and its backward.
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
