import Kernels
import Quantities

extension Architecture {
  /// The embedding's kernels: a row read and written for each token; in backward, rows added to
  /// the FP32 gradient of the table. Learned positions are added in place.
  public func embeddingKernels(shape: LayerShape) -> LayerKernels {
    var kernels = LayerKernels()
    let width = Double(hidden)
    kernels.attentionForward = [
      shape.memory("embedding", .copy, width * 4, tokens: shape.localTokens)
    ]
    if learnedPositions > 0 {
      kernels.attentionForward += [
        shape.memory("position addition", .copy, width * 4, tokens: shape.localTokens)
      ]
    }
    if trainsWithDropout {
      kernels.attentionForward += [
        shape.memory("embedding dropout", .copy, width * 5, tokens: shape.localTokens)
      ]
    }
    kernels.attentionWeight = [
      shape.memory("embedding weight", .copy, width * 10, tokens: shape.localTokens)
    ]
    return kernels
  }

  /// The output head's kernels: last norm, logits in BF16 and the loss, whose gradient takes the
  /// place of the logits. The head stays in BF16 when other products are FP8
  /// (arXiv 2412.19437, section 3.3.1).
  public func headKernels(shape: LayerShape) -> LayerKernels {
    var kernels = LayerKernels()
    let width = Double(hidden)
    let columns = Double(vocabulary) / shape.tensor
    func product(_ name: String, m: Double, n: Double, k: Double, adds: Bool = false) -> Kernel {
      Kernel(
        name, .matrix(MatrixProduct(m: m, n: n, k: k, operands: .bf16, accumulates: adds)))
    }
    kernels.feedForwardForward = [
      shape.norm("last norm", width),
      product("logits", m: shape.tokens, n: columns, k: width),
      // Logits read once for the maximum and sum, once for the gradient, which is written.
      shape.memory("loss", .activation, columns * 6),
    ]
    kernels.feedForwardInput = [
      product("logits input", m: shape.tokens, n: width, k: columns),
      shape.normBackward("last norm", width),
    ]
    kernels.feedForwardWeight = [
      product("logits weight", m: width, n: columns, k: shape.tokens, adds: true)
    ]
    return kernels
  }

  /// A prediction layer's kernels: two norms and a projection of the joined halves before an
  /// ordinary layer, and the shared head after it (arXiv 2412.19437, section 2.2). The head's
  /// blocks are `headKernels`.
  public func predictionKernels(shape: LayerShape) -> LayerKernels {
    var kernels = self.kernels(hasExperts: experts != nil, shape: shape)
    let width = Double(hidden)
    let norms = [shape.norm("hidden norm", width), shape.norm("embedding norm", width)]
    let cast = shape.cast("projection cast", 2 * width, tokens: shape.localTokens)
    kernels.attentionForward.insert(
      contentsOf: norms + cast + [
        shape.product("projection", n: width / shape.tensor, k: 2 * width)
      ],
      at: 0)
    kernels.attentionInput += [
      shape.product("projection input", n: 2 * width, k: width / shape.tensor),
      shape.normBackward("hidden norm", width), shape.normBackward("embedding norm", width),
    ]
    kernels.attentionWeight += [
      shape.gradient("projection weight", n: width / shape.tensor, k: 2 * width)
    ]
    return kernels
  }
}
