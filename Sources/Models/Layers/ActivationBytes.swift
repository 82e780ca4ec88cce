import Kernels
import Quantities

extension Architecture {
  /// Activations of a layer, tensor by tensor.
  ///
  /// Held to the input gradient are the inputs of products, norms and activation functions, and
  /// what attention's backward needs. Selective recompute drops norm outputs, latent attention's
  /// queries, keys and values, and activation outputs; recompute of attention drops its core;
  /// full recompute holds the layer's input alone. A weight gradient that comes later needs each
  /// product's input and the gradient of its result: 32 bytes a token and element of width for a
  /// plain layer in BF16, as the Zero Bubble paper counts (arXiv 2401.10241).
  public func activations(hasExperts: Bool, shape: LayerShape) -> LayerActivations {
    let first = attentionActivations(shape: shape)
    let second = feedForwardActivations(hasExperts: hasExperts, shape: shape)
    guard shape.recompute == .full else { return first + second }
    return Self.repeated(first, .attentionForward) + Self.repeated(second, .feedForwardForward)
  }

  /// A part of a layer that is done again from the layer's input: what it would keep is there while
  /// its forward is worked on, and again in the layer's backward.
  private static func repeated(_ part: LayerActivations, _ forward: Lifetime) -> LayerActivations {
    LayerActivations(
      part.parts.flatMap { part -> [LayerActivations.Part] in
        guard part.lifetime == .input, part.tensor != .layerInput else { return [part] }
        return ([forward] + Lifetime.backwardBlocks).map { .init(part.tensor, $0, part.bytes) }
      })
  }

  /// Activations of the head: the input of its norm and of its product, and logits that turn into
  /// their gradient; the softmax in FP32 while the loss is worked out.
  public func headActivations(shape: LayerShape) -> LayerActivations {
    let rows = shape.localTokens * Double(hidden) * 2
    let logits = shape.tokens * Double(vocabulary) / shape.tensor * 2
    var result = LayerActivations()
    result.add(.headInput, rows, .input)
    if shape.keepsNorms { result.add(.normedHeadInput, rows, .input) }
    result.add(.logits, logits, .input)
    result.add(.normedHeadInput, rows, .weight)
    result.add(.logitsGradient, logits, .weight)
    result.add(.softmax, logits * 2, .feedForwardForward)
    result.add(.streamGradient, rows, .feedForwardBackward)
    return result
  }

  /// What a prediction layer keeps besides an ordinary layer: the two halves it joins, their norms'
  /// outputs, and for its projection's weights the gradient of the result.
  public func predictionActivations(shape: LayerShape) -> LayerActivations {
    let halves = shape.localTokens * Double(hidden) * 2
    let operand = shape.format.bytesWithScale
    var result = LayerActivations()
    result.add(.predictionInputs, halves * 2, .input)
    if shape.keepsNorms { result.add(.normedPredictionInputs, halves * operand, .input) }
    result.add(.normedPredictionInputs, halves * operand, .weight)
    result.add(
      .predictionGradient, shape.tokens * Double(hidden) / shape.tensor * operand, .weight)
    return result
  }

  private func attentionActivations(shape: LayerShape) -> LayerActivations {
    let operand = shape.format.bytesWithScale
    let row = shape.localTokens * Double(hidden)
    var result = LayerActivations()
    result.add(.layerInput, row * 2, .input)
    result.add(.residualStream, row * 2, .input)
    if shape.keepsNorms {
      result.add(.attentionInput, row * operand, .input)
      result.add(.feedForwardInput, row * operand, .input)
    } else {
      result.add(.attentionInput, row * operand, .attentionForward, .attentionBackward)
      result.add(.feedForwardInput, row * operand, .feedForwardForward, .feedForwardBackward)
    }
    if trainsWithDropout { result.add(.dropoutMasks, row * 2, .input) }
    if shape.tensor > 1, shape.sequenceParallel {
      result.add(
        .gatheredInput, shape.tokens * Double(hidden) * 2, .attentionForward, .attentionBackward)
    }
    result.add(.streamGradient, row * 2, .attentionBackward, .feedForwardBackward)
    result.add(.attentionInput, row * operand, .weight)
    result.add(.attentionOutputGradient, row * operand, .weight)
    switch attention {
    case .latent(let latent): addLatent(latent, shape: shape, to: &result)
    case .grouped(let grouped): addGrouped(grouped, shape: shape, to: &result)
    }
    return result
  }

  private func addLatent(
    _ latent: LatentAttention, shape: LayerShape, to result: inout LayerActivations
  ) {
    let operand = shape.format.bytesWithScale
    let tokens = shape.tokens
    let heads = Double(latent.heads) / shape.tensor
    let key = Double(latent.contentDimension + latent.rotaryDimension)
    let value = Double(latent.valueDimension)
    let ranks = Double(latent.queryRank ?? 0) + Double(latent.keyValueRank)
    let latents = ranks + Double(latent.rotaryDimension)
    let projected = tokens * heads * (2 * key + value)
    result.add(.latents, tokens * latents * 2, .input)
    if shape.keepsNorms {
      result.add(.normedLatents, tokens * ranks * operand, .input)
      result.add(.queriesKeysValues, projected * 2, .input)
    } else {
      result.add(.normedLatents, tokens * ranks * operand, .attentionForward, .attentionBackward)
      result.add(.queriesKeysValues, projected * 2, .attentionForward, .attentionBackward)
    }
    // The attention result is kept in 12 bits (arXiv 2412.19437, section 3.3.3) under FP8.
    let result16 = tokens * heads * value * 2
    result.add(.attentionResult, shape.isFP8 ? result16 * 0.75 : result16, .input)
    addCore(heads: heads, key: key, result: result16, projected: projected, shape, to: &result)
    addContext(tokens * heads * (key + value) * 2, shape, to: &result)
    if let indexer = latent.indexer {
      let width = Double((indexer.heads + 1) * indexer.headDimension)
      let kept = min(Double(indexer.tokensKept), shape.sequenceLength)
      result.add(.indexer, tokens * width * operand, .input)
      result.add(.selectedTokens, tokens * kept * 4, .input)
    }
    result.add(.normedLatents, tokens * ranks * operand, .weight)
    result.add(.attentionResult, tokens * heads * value * operand, .weight)
    let up = heads * (key + Double(latent.contentDimension) + value)
    result.add(.queriesKeysValuesGradient, tokens * up * operand, .weight)
    result.add(.latentsGradient, tokens * latents * operand, .weight)
  }

  private func addGrouped(
    _ grouped: GroupedAttention, shape: LayerShape, to result: inout LayerActivations
  ) {
    let operand = shape.format.bytesWithScale
    let tokens = shape.tokens
    let heads = Double(grouped.heads) / shape.tensor
    // A key-value head is copied where there are fewer of them than tensor-parallel ranks.
    let keyValueHeads = max(Double(grouped.keyValueHeads) / shape.tensor, 1)
    let dimension = Double(grouped.headDimension)
    let projected = tokens * (heads + 2 * keyValueHeads) * dimension
    let values = tokens * heads * dimension
    if grouped.queryKeyNorm, shape.keepsNorms {
      result.add(
        .unnormedQueriesKeys, tokens * (heads + keyValueHeads) * dimension * 2, .input)
    }
    result.add(.queriesKeysValues, projected * 2, .input)
    result.add(.attentionResult, values * 2, .input)
    addCore(
      heads: heads, key: dimension, result: values * 2, projected: projected, shape, to: &result)
    addContext(tokens * 2 * keyValueHeads * dimension * 2, shape, to: &result)
    result.add(.attentionResult, values * operand, .weight)
    result.add(.queriesKeysValuesGradient, projected * operand, .weight)
  }

  /// What the core of attention keeps and what its backward works with. A fused kernel keeps a
  /// number a row and head; an unfused one softmax and, where the model trains with dropout, mask and
  /// result of that: 5 bytes an element of the square then (arXiv 2205.05198, section 4.1).
  private func addCore(
    heads: Double, key: Double, result: Double, projected: Double, _ shape: LayerShape,
    to activations: inout LayerActivations
  ) {
    let isRepeated = shape.recompute == .attention
    switch shape.attentionKernel {
    case .flash:
      let statistics = shape.tokens * heads * 4
      if isRepeated {
        activations.add(.logSumExp, statistics, .attentionBackward)
      } else {
        activations.add(.logSumExp, statistics, .input)
      }
      activations.add(.queryGradientSums, shape.tokens * heads * key * 4, .attentionBackward)
    case .unfused:
      let square = shape.tokens * heads * shape.sequenceLength
      let lifetimes: [Lifetime] = isRepeated ? [.attentionForward, .attentionBackward] : [.input]
      for lifetime in lifetimes {
        activations.add(.scores, square * (trainsWithDropout ? 4 : 2), lifetime)
        if trainsWithDropout { activations.add(.scoresMask, square, lifetime) }
      }
      activations.add(.scoresGradient, square * 2, .attentionBackward)
    }
    activations.add(.attentionResultGradient, result, .attentionBackward)
    activations.add(.queriesKeysValuesGradient, projected * 2, .attentionBackward)
  }

  /// Keys and values of the GPU before, and with them their gradients in backward, while those of
  /// the one before that arrive.
  private func addContext(
    _ block: Double, _ shape: LayerShape, to result: inout LayerActivations
  ) {
    guard shape.context > 1 else { return }
    result.add(.keyValueBlocks, block * 2, .attentionForward)
    result.add(.keyValueBlocks, block * 4, .attentionBackward)
  }
}

extension Architecture {
  private func feedForwardActivations(hasExperts: Bool, shape: LayerShape) -> LayerActivations {
    let width = Double(hidden)
    let operand = shape.format.bytesWithScale
    guard hasExperts, let experts else {
      var result = Projections(
        gateUp: .gateUpOutput, activation: .activationOutput, gradient: .gateUpGradient,
        rows: shape.tokens,
        intermediate: Double(feedForward.intermediate) / shape.divisor(of: .tensorSharded),
        isGated: feedForward.isGated
      ).activations(shape: shape)
      if shape.tensor > 1, shape.sequenceParallel {
        result.add(
          .gatheredInput, shape.tokens * width * 2, .feedForwardForward, .feedForwardBackward)
      }
      result.add(.feedForwardInput, shape.localTokens * width * operand, .weight)
      result.add(.feedForwardOutputGradient, shape.localTokens * width * operand, .weight)
      return result
    }
    // Expert parallelism trades rows: as many come as go. GPUs that share an expert's matrices
    // have each other's rows too, and a part of each row's intermediate values.
    let rows =
      shape.localTokens * Double(experts.perToken) * shape.expertLoad * shape.expertTensor
    var result = Projections(
      gateUp: .gateUpOutput, activation: .activationOutput, gradient: .gateUpGradient, rows: rows,
      intermediate: Double(experts.intermediate) / shape.expertTensor, isGated: true
    ).activations(shape: shape)
    result.add(.dispatchedRows, rows * width * operand, .input)
    result.add(.routerScores, shape.localTokens * Double(experts.routed) * 4, .input)
    result.add(.expertOutputs, rows * width * 2, .feedForwardForward)
    result.add(.feedForwardOutputGradient, rows * width * operand, .feedForwardBackward)
    result.add(.dispatchedRowsGradient, rows * width * 2, .feedForwardBackward)
    result.add(.dispatchedRows, rows * width * operand, .weight)
    result.add(.feedForwardOutputGradient, rows * width * operand, .weight)
    guard experts.shared > 0 else { return result }
    let shared = Double(experts.sharedIntermediate ?? experts.shared * experts.intermediate)
    result =
      result
      + Projections(
        gateUp: .sharedGateUpOutput, activation: .sharedActivationOutput,
        gradient: .sharedGateUpGradient, rows: shape.localTokens, intermediate: shared,
        isGated: true
      ).activations(shape: shape)
    result.add(.feedForwardInput, shape.localTokens * width * operand, .weight)
    result.add(.sharedOutputGradient, shape.localTokens * width * operand, .weight)
    return result
  }
}

/// Two projections with an activation function between them, on one GPU.
private struct Projections {
  var gateUp, activation, gradient: ActivationTensor
  var rows: Double
  /// Columns between the projections.
  var intermediate: Double
  var isGated: Bool

  /// What lies between the projections; their input and the gradient of their result are the
  /// caller's.
  func activations(shape: LayerShape) -> LayerActivations {
    let operand = shape.format.bytesWithScale
    let columns = rows * (isGated ? 2 : 1) * intermediate
    let output = rows * intermediate
    var result = LayerActivations()
    result.add(gateUp, columns * operand, .input)
    // Before it is kept in a format of fewer bits.
    if shape.isFP8 { result.add(gateUp, columns * 2, .feedForwardForward) }
    if shape.keepsNorms {
      result.add(activation, output * operand, .input)
    } else {
      result.add(activation, output * operand, .feedForwardForward, .feedForwardBackward)
    }
    result.add(gradient, columns * 2, .feedForwardBackward)
    result.add(.activationGradient, output * 2, .feedForwardBackward)
    result.add(activation, output * operand, .weight)
    result.add(gradient, columns * operand, .weight)
    return result
  }
}

extension LayerShape {
  /// Whether outputs of norms and activation functions are kept, at least while the layer is there.
  fileprivate var keepsNorms: Bool { recompute != .selective }
}
