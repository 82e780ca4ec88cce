public import Kernels
import Quantities

/// The kernels of one layer on one GPU, in the six blocks a pipeline schedule moves around.
///
/// Communication separates the blocks: dispatch or a tensor-parallel exchange follows the
/// attention block, combine or another exchange follows the feed-forward block. A backward pass
/// runs the blocks in the opposite order. What is recomputed stands in the block that needs it.
public struct LayerKernels: Sendable, Equatable {
  /// Norm, attention, residual, second norm, and the gate of a mixture of experts.
  public var attentionForward: [Kernel] = []
  /// Experts or the plain feed-forward part.
  public var feedForwardForward: [Kernel] = []
  /// Gradients of the feed-forward part's inputs.
  public var feedForwardInput: [Kernel] = []
  /// Gradients of the feed-forward part's weights.
  public var feedForwardWeight: [Kernel] = []
  /// Gradients of attention's inputs.
  public var attentionInput: [Kernel] = []
  /// Gradients of attention's weights.
  public var attentionWeight: [Kernel] = []

  /// The kernels of all blocks.
  public var all: [Kernel] {
    attentionForward + feedForwardForward + feedForwardInput + feedForwardWeight + attentionInput
      + attentionWeight
  }
}

extension Architecture {
  /// The kernels of the layer at `index` on one GPU.
  public func kernels(layer index: Int, shape: LayerShape) -> LayerKernels {
    kernels(
      hasExperts: hasExperts(layer: index), isWindowed: !hasFullAttention(layer: index),
      shape: shape)
  }

  /// The kernels of a layer, with or without experts, with or without the model's sliding window.
  public func kernels(
    hasExperts: Bool, isWindowed: Bool = false, shape: LayerShape
  ) -> LayerKernels {
    var layer = LayerKernels()
    switch attention {
    case .latent(let latent):
      let part = LatentKernels(latent, hidden: hidden, shape: shape)
      layer.attentionForward = part.forward
      layer.attentionInput = part.input
      layer.attentionWeight = part.weight
    case .grouped(let grouped):
      let part = GroupedKernels(
        grouped, hidden: hidden, window: isWindowed ? grouped.window?.tokens : nil,
        dropsOut: trainsWithDropout, shape: shape)
      layer.attentionForward = part.forward
      layer.attentionInput = part.input
      layer.attentionWeight = part.weight
    }
    if hasExperts, let experts {
      let part = ExpertKernels(experts, hidden: hidden, shape: shape)
      let blocks = expertKernels(shape: shape)
      layer.attentionForward += part.gateForward
      layer.attentionInput = part.gateInput + layer.attentionInput
      layer.feedForwardForward = blocks.feedForwardForward
      layer.feedForwardInput = blocks.feedForwardInput
      layer.feedForwardWeight = blocks.feedForwardWeight
    } else {
      let part = FeedForwardKernels(
        intermediate: Double(feedForward.intermediate) / shape.tensor,
        isGated: feedForward.isGated, hidden: hidden, tokens: shape.tokens,
        hasBias: feedForward.hasBias, dropsOut: trainsWithDropout, shape: shape)
      layer.feedForwardForward =
        part.forward + [shape.residual(hidden, dropsOut: trainsWithDropout)]
      layer.feedForwardInput = part.input
      layer.feedForwardWeight = part.weight
    }
    return layer
  }

  /// The feed-forward blocks of a layer with experts, the only ones that depend on the experts' load;
  /// none where the model has no experts.
  public func expertKernels(shape: LayerShape) -> LayerKernels {
    var layer = LayerKernels()
    guard let experts else { return layer }
    let part = ExpertKernels(experts, hidden: hidden, shape: shape)
    layer.feedForwardForward = part.forward
    layer.feedForwardInput = part.input
    layer.feedForwardWeight = part.weight
    return layer
  }
}

extension LayerShape {
  /// A product of every token's row by a weight.
  func product(_ name: String, n: Double, k: Double) -> Kernel {
    Kernel(name, .matrix(MatrixProduct(m: tokens, n: n, k: k, operands: format)))
  }

  /// A weight gradient summed over every token.
  func gradient(_ name: String, n: Double, k: Double, tokens: Double? = nil) -> Kernel {
    Kernel(
      name,
      .matrix(
        MatrixProduct(m: k, n: n, k: tokens ?? self.tokens, operands: format, accumulates: true)))
  }

  /// A memory-bound kernel that moves `elementBytes` for each of the micro-batch's tokens.
  func memory(
    _ name: String, _ operation: MemoryOperation, _ elementBytes: Double, tokens: Double? = nil
  ) -> Kernel {
    Kernel(name, .memory(operation, Bytes((tokens ?? self.tokens) * elementBytes)))
  }

  /// A norm over rows of `width`: read and written in BF16.
  func norm(_ name: String, _ width: Double) -> Kernel {
    memory(name, .norm, width * 4, tokens: localTokens)
  }

  /// A norm's backward: input, its gradient and the residual's read, one written.
  func normBackward(_ name: String, _ width: Double) -> Kernel {
    memory(name + " backward", .normBackward, width * 8, tokens: localTokens)
  }

  /// Adding a result to the residual stream in place.
  func residual(_ width: Int) -> Kernel {
    memory("residual addition", .addition, Double(width) * 4, tokens: localTokens)
  }

  /// Bytes of an element that is read in BF16 and written in FP8 with its scale, or the other way.
  private var castBytes: Double { 2 + format.bytesWithScale }

  /// Quantization of rows of `width` from BF16; nothing unless products are FP8.
  func cast(_ name: String, _ width: Double, tokens: Double? = nil) -> [Kernel] {
    isFP8 ? [memory(name, .cast, width * castBytes, tokens: tokens)] : []
  }

  /// Rows of `width` from FP8 back to BF16; nothing unless they are kept in FP8.
  func castBack(_ name: String, _ width: Double, tokens: Double? = nil) -> [Kernel] {
    isFP8 ? [memory(name, .castBack, width * castBytes, tokens: tokens)] : []
  }

  /// Quantization of rows of `width` by channel, transposed; nothing unless products are FP8.
  func transposition(_ name: String, _ width: Double, tokens: Double? = nil) -> [Kernel] {
    isFP8
      ? [memory(name + " transposed", .castTranspose, width * castBytes, tokens: tokens)] : []
  }

  /// A weight of `n` by `k` transposed for its input gradient; nothing unless products are FP8,
  /// whose operands must both run along the sum.
  func weightTransposition(_ name: String, n: Double, k: Double) -> [Kernel] {
    isFP8 ? [Kernel(name + " transposed", .memory(.transpose, Bytes(n * k * 2)))] : []
  }

  /// Attention's backward with what surrounds the kernel: scores again and the gradients of
  /// queries and keys are products over a head's key, those of probabilities and values over its
  /// value, where forward has one of each.
  func attentionBackward(
    core: FLOPs, key: Double, value: Double, queries: Double, values: Double
  ) -> [Kernel] {
    let products = (3 * key + 2 * value) / (key + value)
    return [
      memory("attention row sums", .attentionRowSums, values * 4),
      Kernel("attention backward", .attention(flops: core * products, backward: true)),
      memory("attention query gradients", .attentionGradients, queries * 6),
    ]
  }

  /// Tokens a query looks at on average: half the sequence, or fewer under sparse attention.
  func attendedTokens(limit: Int?) -> Double {
    guard let limit = limit.map(Double.init), limit < sequenceLength else {
      return sequenceLength / 2
    }
    // The first `limit` queries see half of `limit` on average, the others `limit`.
    return limit - limit * limit / (2 * sequenceLength)
  }
}
