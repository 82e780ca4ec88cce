import Kernels
import Quantities

/// The core of attention on one GPU: scores, softmax and the values they weigh.
///
/// Fused it is one kernel that leaves out the masked half and writes no scores. Unfused it is what
/// Megatron-LM ran before FlashAttention: a batched product that writes every score, a softmax
/// that reads the half the mask leaves and writes all, dropout, and a batched product with the
/// values, each through memory in 16 bit (arXiv 2205.05198, section 4).
struct AttentionCore {
  let shape: LayerShape
  /// Heads on this GPU, and elements of one.
  let heads, dimension: Double
  /// Tokens a query looks back on, if not on all.
  let window: Int?
  /// Whether probabilities are dropped out.
  let dropsOut: Bool

  /// Scores and values, 2 operations an element for each token attended to.
  var flops: FLOPs {
    FLOPs(2 * shape.tokens * heads * 2 * dimension * shape.attendedTokens(limit: window))
  }

  private var width: Double { heads * dimension }
  private var isFused: Bool { shape.attentionKernel == .flash }

  /// The forward pass.
  var forward: [Kernel] {
    guard !isFused else {
      return [Kernel("attention", .attention(flops: flops, backward: false))]
    }
    let kernels =
      [
        batched("scores", n: shape.sequenceLength, k: dimension),
        // 2 bytes read of every other element, 2 written of each.
        square("softmax", .activation, 3),
      ] + dropout("attention dropout") + [
        batched("weighted values", n: dimension, k: shape.sequenceLength),
        shape.memory("heads joined", .copy, width * 4),
      ]
    return kernels.map(\.partOfAttention)
  }

  /// Gradients of queries, keys and values.
  var backward: [Kernel] {
    let recomputed = shape.recompute == .attention ? forward.map(\.again) : []
    guard !isFused else {
      return recomputed
        + shape.attentionBackward(
          core: flops, key: dimension, value: dimension, queries: width, values: width)
    }
    let kernels =
      [
        shape.memory("heads parted", .copy, width * 4),
        batched("probability gradients", n: shape.sequenceLength, k: dimension),
        batched("value gradients", n: dimension, k: shape.sequenceLength),
      ] + dropout("attention dropout backward") + [
        // Half of the probabilities and their gradients read, all written.
        square("softmax backward", .activation, 4),
        batched("query gradients", n: dimension, k: shape.sequenceLength),
        batched("key gradients", n: dimension, k: shape.sequenceLength),
        shape.memory("query, key, value gradients joined", .copy, width * 3 * 4),
      ]
    return recomputed + kernels.map(\.partOfAttention)
  }

  /// A product for each head of each sequence.
  private func batched(_ name: String, n: Double, k: Double) -> Kernel {
    Kernel(
      name,
      .matrix(
        MatrixProduct(
          m: shape.tokens * heads, n: n, k: k,
          groups: heads * max(shape.tokens / shape.sequenceLength, 1), operands: shape.wideFormat,
          kind: .dense)))
  }

  /// A pass over the scores of all heads, masked ones included.
  private func square(
    _ name: String, _ operation: MemoryOperation, _ elementBytes: Double
  ) -> Kernel {
    shape.memory(name, operation, heads * shape.sequenceLength * elementBytes)
  }

  /// Values read and written in 16 bit, and a mask of a byte each.
  private func dropout(_ name: String) -> [Kernel] {
    dropsOut ? [square(name, .addition, 5)] : []
  }
}

extension LayerShape {
  /// Format of products that are not quantized: the operands' own, BF16 where these are FP8.
  var wideFormat: NumberFormat { isFP8 ? .bf16 : format }

  /// A bias added to rows of `width`, or nothing.
  func bias(_ name: String, _ width: Double, if exists: Bool) -> [Kernel] {
    exists ? [memory(name, .copy, width * 4)] : []
  }

  /// A bias's gradient: the sum over all rows of the gradient, read once.
  func biasGradient(_ name: String, _ width: Double, if exists: Bool, tokens: Double? = nil)
    -> [Kernel]
  {
    exists ? [memory(name, .copy, width * 2, tokens: tokens)] : []
  }

  /// Adding a block's result to the residual stream, through bias and dropout where the model has
  /// it: result and stream read, sum and mask written.
  func residual(_ width: Int, dropsOut: Bool) -> Kernel {
    dropsOut
      ? memory("bias, dropout, residual", .addition, Double(width) * 7, tokens: localTokens)
      : residual(width)
  }

  /// A block's dropout in backward: gradient and mask read, gradient written.
  func dropoutBackward(_ name: String, _ width: Double, if dropsOut: Bool) -> [Kernel] {
    dropsOut ? [memory(name, .addition, width * 5, tokens: localTokens)] : []
  }
}
