import Kernels
public import Quantities

/// What one micro-batch leaves on one GPU between the forward and backward passes of a layer.
public struct LayerActivations: Sendable, Equatable {
  /// Freed once the input gradient is done.
  public var untilInput = Bytes.zero
  /// Kept on until the weight gradient is done.
  public var untilWeight = Bytes.zero
  /// Needed only while the layer is worked on.
  public var working = Bytes.zero

  /// Nothing, or the given amounts.
  public init(untilInput: Bytes = .zero, untilWeight: Bytes = .zero, working: Bytes = .zero) {
    self.untilInput = untilInput
    self.untilWeight = untilWeight
    self.working = working
  }

  /// All that is held from forward on.
  public var total: Bytes { untilInput + untilWeight }
}

extension Architecture {
  /// Activations of a layer, tensor by tensor.
  ///
  /// Kept are the inputs of every product and norm, in the format the product reads them (FP8
  /// with scales, or BF16), and what attention's backward needs. Selective recompute drops norm
  /// outputs, latent attention's queries, keys and values, and activation outputs; full recompute
  /// keeps the layer's input alone.
  public func activations(hasExperts: Bool, shape: LayerShape) -> LayerActivations {
    var attention = attentionActivations(shape: shape)
    let feedForward = feedForwardActivations(hasExperts: hasExperts, shape: shape)
    let input = Bytes(shape.localTokens * Double(hidden) * 2)
    attention.untilInput += feedForward.untilInput
    attention.untilWeight += feedForward.untilWeight
    attention.working += feedForward.working
    guard shape.recompute == .full else { return attention }
    return LayerActivations(
      untilWeight: input, working: attention.working + attention.total)
  }

  /// Activations of the head: the input of its norm, and logits that turn into their gradient;
  /// the softmax in FP32 while the loss is worked out.
  public func headActivations(shape: LayerShape) -> LayerActivations {
    let columns = Double(vocabulary) / shape.tensor
    return LayerActivations(
      untilWeight: Bytes(shape.localTokens * Double(hidden) * 2 + shape.tokens * columns * 2),
      working: Bytes(shape.tokens * columns * 4))
  }

  private func attentionActivations(shape: LayerShape) -> LayerActivations {
    let operand = shape.format.bytesWithScale
    let width = Double(hidden)
    let keepsNorms = shape.recompute == .none
    var result = LayerActivations()
    // Input and, after attention, the residual stream; norm outputs unless recomputed.
    result.untilWeight = Bytes(shape.localTokens * width * (keepsNorms ? 4 + 2 * operand : 4))
    switch attention {
    case .latent(let latent):
      let heads = Double(latent.heads) / shape.tensor
      let key = Double(latent.contentDimension + latent.rotaryDimension)
      let value = Double(latent.valueDimension)
      let latents =
        Double(latent.queryRank ?? 0) + Double(latent.keyValueRank + latent.rotaryDimension)
      let projected = Bytes(shape.tokens * heads * (2 * key + value) * 2)
      // The attention result is kept in 12 bits (arXiv 2412.19437, section 3.3.3) under FP8.
      let kept = shape.isFP8 ? 1.5 : 2
      result.untilWeight += Bytes(shape.tokens * (latents * 2 + heads * value * kept))
      result.untilInput += Bytes(shape.tokens * heads * 4)  // log-sum-exp in FP32
      if shape.recompute == .selective {
        result.working = projected * 2  // recomputed, and their gradients
      } else {
        result.untilInput += projected
        result.working = projected
      }
    case .grouped(let grouped):
      let heads = Double(grouped.heads) / shape.tensor
      let keyValueHeads = max(Double(grouped.keyValueHeads) / shape.tensor, 1)
      let dimension = Double(grouped.headDimension)
      let projected = Bytes(shape.tokens * (heads + 2 * keyValueHeads) * dimension * 2)
      result.untilWeight += Bytes(shape.tokens * heads * dimension * 2)
      result.untilInput += projected + Bytes(shape.tokens * heads * 4)
      result.working = projected
    }
    return result
  }

  private func feedForwardActivations(hasExperts: Bool, shape: LayerShape) -> LayerActivations {
    let operand = shape.format.bytesWithScale
    let keepsOutputs = shape.recompute == .none
    func projections(_ intermediate: Double, gated: Bool, rows: Double) -> Bytes {
      let columns = gated ? 2 * intermediate : intermediate
      return Bytes(rows * (columns + (keepsOutputs ? intermediate : 0)) * operand)
    }
    var result = LayerActivations()
    if hasExperts, let experts {
      let rows = shape.localTokens * Double(experts.perToken)
      let width = Double(hidden)
      let intermediate = Double(experts.intermediate)
      // Dispatched rows in the order of their experts, and the activation's input.
      result.untilWeight = Bytes(rows * width * operand)
      result.untilWeight += projections(intermediate, gated: true, rows: rows)
      result.untilWeight += Bytes(shape.localTokens * Double(experts.routed) * 4)  // gate scores
      if experts.shared > 0 {
        let shared = Double(
          experts.sharedIntermediate ?? experts.shared * experts.intermediate)
        result.untilWeight += projections(shared, gated: true, rows: shape.localTokens)
      }
      result.working = Bytes(rows * (width + 2 * intermediate) * 2)
    } else {
      let intermediate = Double(feedForward.intermediate) / shape.tensor
      result.untilWeight = projections(
        intermediate, gated: feedForward.isGated, rows: shape.tokens)
      result.working = Bytes(shape.tokens * intermediate * (feedForward.isGated ? 4 : 2))
    }
    return result
  }
}
