import Kernels
public import Quantities

/// What one micro-batch leaves on one GPU between the passes of a layer.
public struct LayerActivations: Sendable, Equatable {
  /// Kept from forward until the input gradient is done.
  public var held = Bytes.zero
  /// Kept from the end of an input gradient on its own until the weight gradient is done: the
  /// input of each product and the gradient of its result.
  public var pendingWeight = Bytes.zero
  /// Needed only while the layer is worked on.
  public var working = Bytes.zero

  /// Nothing, or the given amounts.
  public init(held: Bytes = .zero, pendingWeight: Bytes = .zero, working: Bytes = .zero) {
    self.held = held
    self.pendingWeight = pendingWeight
    self.working = working
  }

  static func + (a: LayerActivations, b: LayerActivations) -> LayerActivations {
    LayerActivations(
      held: a.held + b.held, pendingWeight: a.pendingWeight + b.pendingWeight,
      working: a.working + b.working)
  }
}

extension Architecture {
  /// Activations of a layer, tensor by tensor.
  ///
  /// Held are the inputs of products, norms and activation functions, and what attention's
  /// backward needs. Selective recompute drops norm outputs, latent attention's queries, keys and
  /// values, and activation outputs; full recompute holds the layer's input alone. A weight
  /// gradient that comes later needs each product's input and the gradient of its result: 32 bytes
  /// a token and element of width for a plain layer in BF16, as the Zero Bubble paper counts.
  public func activations(hasExperts: Bool, shape: LayerShape) -> LayerActivations {
    let all =
      attentionActivations(shape: shape)
      + feedForwardActivations(hasExperts: hasExperts, shape: shape)
    guard shape.recompute == .full else { return all }
    return LayerActivations(
      held: Bytes(shape.localTokens * Double(hidden) * 2), pendingWeight: all.pendingWeight,
      working: all.working + all.held)
  }

  /// Activations of the head: the input of its norm, and logits that turn into their gradient;
  /// the softmax in FP32 while the loss is worked out.
  public func headActivations(shape: LayerShape) -> LayerActivations {
    let columns = Double(vocabulary) / shape.tensor
    let kept = Bytes(shape.localTokens * Double(hidden) * 2 + shape.tokens * columns * 2)
    return LayerActivations(
      held: kept, pendingWeight: kept, working: Bytes(shape.tokens * columns * 4))
  }

  private func attentionActivations(shape: LayerShape) -> LayerActivations {
    let operand = shape.format.bytesWithScale
    let width = Double(hidden)
    let local = shape.localTokens
    var result = LayerActivations()
    // The layer's input and, after attention, the residual stream; norm outputs if kept.
    result.held = Bytes(local * width * (shape.recompute == .none ? 4 + 2 * operand : 4))
    switch attention {
    case .latent(let latent):
      let heads = Double(latent.heads) / shape.tensor
      let key = Double(latent.contentDimension + latent.rotaryDimension)
      let value = Double(latent.valueDimension)
      let ranks = Double(latent.queryRank ?? 0) + Double(latent.keyValueRank)
      let latents = ranks + Double(latent.rotaryDimension)
      let projected = heads * (2 * key + value)
      // The attention result is kept in 12 bits (arXiv 2412.19437, section 3.3.3) under FP8.
      let kept = shape.isFP8 ? 1.5 : 2
      result.held += Bytes(shape.tokens * (latents * 2 + heads * (value * kept + 4)))
      if shape.recompute == .none { result.held += Bytes(shape.tokens * projected * 2) }
      result.working = Bytes(shape.tokens * projected * (shape.recompute == .none ? 2 : 4))
      let up = heads * (key + Double(latent.contentDimension) + value)
      result.pendingWeight = Bytes(
        (local * 2 * width + shape.tokens * (ranks + heads * value + up + latents)) * operand)
    case .grouped(let grouped):
      let heads = Double(grouped.heads) / shape.tensor
      let keyValueHeads = max(Double(grouped.keyValueHeads) / shape.tensor, 1)
      let dimension = Double(grouped.headDimension)
      let projected = (heads + 2 * keyValueHeads) * dimension
      // Queries, keys, values, the result, and log-sum-exp in FP32.
      result.held += Bytes(shape.tokens * (projected * 2 + heads * (dimension * 2 + 4)))
      result.working = Bytes(shape.tokens * projected * 2)
      result.pendingWeight = Bytes(
        (local * 2 * width + shape.tokens * (heads * dimension + projected)) * operand)
    }
    return result
  }

  private func feedForwardActivations(hasExperts: Bool, shape: LayerShape) -> LayerActivations {
    let width = Double(hidden)
    guard hasExperts, let experts else {
      let intermediate = Double(feedForward.intermediate) / shape.tensor
      var result = projections(
        intermediate, gated: feedForward.isGated, rows: shape.tokens, inputs: shape.localTokens,
        shape: shape)
      result.working = Bytes(shape.tokens * intermediate * (feedForward.isGated ? 4 : 2))
      return result
    }
    let rows =
      shape.localTokens * Double(experts.perToken) * shape.expertLoad * shape.expertTensor
    let intermediate = Double(experts.intermediate) / shape.expertTensor
    var result = projections(
      intermediate, gated: true, rows: rows, inputs: rows, shape: shape)
    // Dispatched rows in the order of their experts, and the gate's scores.
    result.held += Bytes(
      rows * width * shape.format.bytesWithScale
        + shape.localTokens * Double(experts.routed) * 4)
    if experts.shared > 0 {
      let shared = Double(experts.sharedIntermediate ?? experts.shared * experts.intermediate)
      result =
        result
        + projections(
          shared, gated: true, rows: shape.localTokens, inputs: shape.localTokens, shape: shape)
    }
    result.working = Bytes(rows * (width + 2 * intermediate) * 2)
    return result
  }

  /// What two projections with an activation function between them keep, without their input until
  /// the input gradient: that is the layer's, or the caller's.
  private func projections(
    _ intermediate: Double, gated: Bool, rows: Double, inputs: Double, shape: LayerShape
  ) -> LayerActivations {
    let operand = shape.format.bytesWithScale
    let columns = gated ? 2 * intermediate : intermediate
    let keepsOutput = shape.recompute == .none
    return LayerActivations(
      held: Bytes(rows * (columns + (keepsOutput ? intermediate : 0)) * operand),
      pendingWeight: Bytes(
        (inputs * 2 * Double(hidden) + rows * (intermediate + columns)) * operand))
  }
}
