import Kernels
import Quantities

/// Kernel times read off the public training trace of DeepSeek-V3 on H800
/// (`train.json` of deepseek-ai/profile-data, rank 0 of 64; medians over four layers, but for
/// grouped products, which are single layers whose rows are known).
///
/// One sequence of 4,096 tokens; compute kernels had 112 of 132 multiprocessors while dispatch
/// and combine held 20. These rows are all that Fathom's compute rates rest on: kernels, and from
/// the spans of single phases the experts' weight gradients and the launch gap. No pair or step was
/// ever fitted. Roles are inferred from order and operation count. Bytes follow `MatrixProduct` for
/// products and, for the rest, each operand read and each result written once.
enum MeasuredKernels {
  static let source = "deepseek-ai/profile-data, train.json (H800, 2025-02)"
  /// Multiprocessors the compute kernels of the trace ran on.
  static let multiprocessors = 112.0

  struct Matrix {
    var role: String
    var kind: MatrixKind
    var m, n, k: Double
    var groups = 1.0
    var microseconds: Double

    var product: MatrixProduct {
      MatrixProduct(
        m: m, n: n, k: k, groups: groups, operands: .fp8, accumulates: kind == .weightGradient)
    }
  }

  static let matrices: [Matrix] = [
    Matrix(role: "query down", kind: .dense, m: 4096, n: 1536, k: 7168, microseconds: 104),
    Matrix(role: "key-value down", kind: .dense, m: 4096, n: 576, k: 7168, microseconds: 53),
    Matrix(role: "query up", kind: .dense, m: 4096, n: 24576, k: 1536, microseconds: 372),
    Matrix(role: "key-value up", kind: .dense, m: 4096, n: 32768, k: 512, microseconds: 243.5),
    Matrix(role: "output", kind: .dense, m: 4096, n: 7168, k: 16384, microseconds: 894),
    Matrix(role: "shared gate, up", kind: .dense, m: 4096, n: 4096, k: 7168, microseconds: 257.5),
    Matrix(role: "shared down", kind: .dense, m: 4096, n: 7168, k: 2048, microseconds: 139),
    Matrix(role: "shared down input", kind: .dense, m: 4096, n: 2048, k: 7168, microseconds: 126),
    Matrix(
      role: "shared gate, up input", kind: .dense, m: 4096, n: 7168, k: 4096,
      microseconds: 240.5),
    Matrix(role: "output input", kind: .dense, m: 4096, n: 16384, k: 7168, microseconds: 925),
    Matrix(role: "query up input", kind: .dense, m: 4096, n: 1536, k: 24576, microseconds: 334.5),
    Matrix(
      role: "key-value up input", kind: .dense, m: 4096, n: 512, k: 32768, microseconds: 221.5),
    Matrix(
      role: "key-value down input", kind: .dense, m: 4096, n: 7168, k: 576, microseconds: 65.5),
    Matrix(role: "query down input", kind: .dense, m: 4096, n: 7168, k: 1536, microseconds: 111.5),
    Matrix(
      role: "experts gate, up", kind: .grouped, m: 31104, n: 4096, k: 7168, groups: 4,
      microseconds: 1739),
    Matrix(
      role: "experts gate, up", kind: .grouped, m: 36864, n: 4096, k: 7168, groups: 4,
      microseconds: 2126),
    Matrix(
      role: "experts down", kind: .grouped, m: 31104, n: 7168, k: 2048, groups: 4,
      microseconds: 997),
    Matrix(
      role: "experts down", kind: .grouped, m: 36864, n: 7168, k: 2048, groups: 4,
      microseconds: 1186),
    Matrix(
      role: "experts down input", kind: .grouped, m: 32704, n: 2048, k: 7168, groups: 4,
      microseconds: 880.5),
    Matrix(
      role: "experts gate, up input", kind: .grouped, m: 32704, n: 7168, k: 4096, groups: 4,
      microseconds: 2035),
    Matrix(
      role: "shared down weight", kind: .weightGradient, m: 7168, n: 2048, k: 4096,
      microseconds: 180.5),
    Matrix(
      role: "shared gate, up weight", kind: .weightGradient, m: 4096, n: 7168, k: 4096,
      microseconds: 365.5),
    Matrix(
      role: "output weight", kind: .weightGradient, m: 7168, n: 16384, k: 4096,
      microseconds: 1506.5),
    Matrix(
      role: "key-value up weight", kind: .weightGradient, m: 32768, n: 512, k: 4096,
      microseconds: 222.5),
    Matrix(
      role: "query up weight", kind: .weightGradient, m: 24576, n: 1536, k: 4096,
      microseconds: 459),
    Matrix(
      role: "key-value down weight", kind: .weightGradient, m: 576, n: 7168, k: 4096,
      microseconds: 69.5),
    Matrix(
      role: "query down weight", kind: .weightGradient, m: 1536, n: 7168, k: 4096,
      microseconds: 135.5),
    // The experts' eight products run on two streams at once. Derived: what the phase's span
    // (5,159 us) leaves after its other kernels, split by operations at 32,768 rows.
    Matrix(
      role: "experts down weight", kind: .weightGradient, m: 8192, n: 7168, k: 8192, groups: 4,
      microseconds: 1343),
    Matrix(
      role: "experts gate, up weight", kind: .weightGradient, m: 28672, n: 4096, k: 8192,
      groups: 4, microseconds: 2685),
  ]

  /// Core attention, causal, BF16: operations in units of 1e9 and microseconds.
  static let attentionForward = (gigaFLOPs: 687.2, microseconds: 1234.5)
  /// Backward main kernel (five products).
  static let attentionBackward = (gigaFLOPs: 1786.7, microseconds: 3834.5)

  struct Memory {
    var role: String
    var kind: MemoryOperation
    var megabytes: Double
    var microseconds: Double
  }

  static let memory: [Memory] = [
    Memory(role: "norm of 7168, forward", kind: .norm, megabytes: 117.4, microseconds: 115),
    Memory(role: "norm of 1536, forward", kind: .norm, megabytes: 25.2, microseconds: 23),
    Memory(role: "norm of 7168, second", kind: .norm, megabytes: 117.4, microseconds: 105.5),
    Memory(role: "norm of 7168, again", kind: .norm, megabytes: 117.4, microseconds: 122),
    Memory(role: "norm of 7168, in backward", kind: .norm, megabytes: 117.4, microseconds: 99),
    Memory(role: "norm backward", kind: .normBackward, megabytes: 234.9, microseconds: 183),
    Memory(role: "norm backward, first", kind: .normBackward, megabytes: 234.9, microseconds: 100),
    Memory(role: "cast of 7168", kind: .cast, megabytes: 89, microseconds: 46),
    Memory(role: "cast of 16384", kind: .cast, megabytes: 205.5, microseconds: 110.5),
    Memory(role: "cast of queries", kind: .cast, megabytes: 305.1, microseconds: 163.5),
    Memory(role: "cast of keys, values", kind: .cast, megabytes: 406.8, microseconds: 208),
    Memory(role: "cast back, shared", kind: .cast, megabytes: 50.9, microseconds: 25.5),
    Memory(role: "cast back, experts", kind: .cast, megabytes: 386.2, microseconds: 173.5),
    Memory(
      role: "transposition, shared", kind: .castTranspose, megabytes: 89, microseconds: 38),
    Memory(
      role: "transposition of 16384", kind: .castTranspose, megabytes: 205.5, microseconds: 84),
    Memory(
      role: "transposition of keys, values", kind: .castTranspose, megabytes: 406.8,
      microseconds: 154),
    Memory(role: "key copy", kind: .copy, megabytes: 268.4, microseconds: 106),
    Memory(role: "key copy, backward", kind: .copy, megabytes: 268.4, microseconds: 93.5),
    Memory(role: "residual addition", kind: .copy, megabytes: 117.4, microseconds: 39.5),
    Memory(role: "rotary", kind: .rotary, megabytes: 134.2, microseconds: 126),
    Memory(role: "rotary keys to heads", kind: .rotary, megabytes: 67.1, microseconds: 84.5),
    Memory(role: "SwiGLU and cast", kind: .activation, megabytes: 320.6, microseconds: 139),
    Memory(
      role: "SwiGLU forward, backward", kind: .activation, megabytes: 702.9,
      microseconds: 330.5),
    Memory(role: "permute", kind: .permute, megabytes: 437.5, microseconds: 185.5),
    Memory(role: "unpermute", kind: .unpermute, megabytes: 861.4, microseconds: 315.5),
    Memory(role: "unpermute, backward", kind: .unpermute, megabytes: 924.5, microseconds: 347.5),
    Memory(role: "top 8 of 256", kind: .topK, megabytes: 4.2, microseconds: 68.5),
    Memory(role: "top 4 of 8 groups", kind: .topK, megabytes: 4.2, microseconds: 69),
    Memory(
      role: "attention row sums", kind: .attentionEdge, megabytes: 268.4, microseconds: 256.5),
    Memory(
      role: "attention query gradients", kind: .attentionEdge, megabytes: 604, microseconds: 219.5),
  ]

  /// Mean of what one of the kernels under 15 microseconds takes; the trace gives their sum a
  /// layer only, so the count behind it is assumed.
  static let smallKernelMicroseconds = 5.0
  /// Mean idle gap before a kernel: phase spans less busy time over the kernels in them
  /// (210 us over 64, 194 over 100, 37 over 20, 60 over 28).
  static let launchGapMicroseconds = (210.0 + 194 + 37 + 60) / (64 + 100 + 20 + 28)
}
