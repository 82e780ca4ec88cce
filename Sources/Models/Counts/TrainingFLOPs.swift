public import Quantities

/// The useful work of training, as the MFU of papers counts it.
///
///     deepseekV3.trainingFLOPsPerToken(sequenceLength: 4096, causal: true)    // 250.5e9
///     deepseekV3.trainingFLOPsPerToken(sequenceLength: 4096, causal: false)   // 281.2e9
///
/// Recomputed work and multi-token-prediction layers are not useful work and left out. Sources:
/// 6N from arXiv 2001.08361; the two conventions of attention from arXiv 2505.09343.
extension Architecture {
  /// Operations of forward and backward for one token in a sequence of `sequenceLength` tokens:
  /// 6 × `activeMatmulParameters` + 3 × the forward work of attention scores.
  ///
  /// - Parameter causal: whether only the half of the attention square that is not masked counts.
  public func trainingFLOPsPerToken(sequenceLength: Int, causal: Bool) -> FLOPs {
    let attention = attentionForwardFLOPsPerToken(sequenceLength: sequenceLength, causal: causal)
    return FLOPs(6 * Double(activeMatmulParameters)) + attention * 3
  }

  /// Forward operations of attention scores for one token, over all layers.
  public func attentionForwardFLOPsPerToken(sequenceLength: Int, causal: Bool) -> FLOPs {
    guard sequenceLength > 0 else { return .zero }
    let full = scoreFLOPs(sequenceLength: sequenceLength, window: nil, causal: causal)
    let windowed = scoreFLOPs(
      sequenceLength: sequenceLength, window: window?.tokens, causal: causal)
    let fullLayers = fullAttentionLayers
    let all = full * Double(fullLayers) + windowed * Double(max(layers, 0) - fullLayers)
    return all / Double(sequenceLength)
  }

  /// Forward operations of attention scores (queries times keys, and probabilities times values)
  /// for one whole sequence in the layer at `index`: 2 × heads × (query-key + value dimension)
  /// for each pair of tokens that is looked at, and 2 × heads × dimension of the indexer, if
  /// there is one, for every pair.
  ///
  /// Sparse attention is counted in the form of one head at a time, not in the wider one of its
  /// kernels, which share the low rank among heads. Projections are weights, and not in here.
  ///
  /// - Parameter causal: whether only the half of the attention square that is not masked counts.
  public func attentionForwardFLOPs(
    layer index: Int, sequenceLength: Int, causal: Bool
  ) -> FLOPs {
    scoreFLOPs(
      sequenceLength: sequenceLength,
      window: hasFullAttention(layer: index) ? nil : window?.tokens, causal: causal)
  }

  /// Whether the layer at `index` has no sliding window.
  public func hasFullAttention(layer index: Int) -> Bool {
    guard let window else { return true }
    guard let every = window.fullEvery, every > 0 else { return false }
    return index % every == every - 1
  }

  private var window: SlidingWindow? {
    if case .grouped(let attention) = attention { attention.window } else { nil }
  }

  private var fullAttentionLayers: Int {
    guard let window else { return max(layers, 0) }
    guard let every = window.fullEvery, every > 0 else { return 0 }
    return max(layers, 0) / every
  }

  private func scoreFLOPs(sequenceLength: Int, window: Int?, causal: Bool) -> FLOPs {
    let seen: Int?
    let heads: Int
    let dimensions: Double
    var indexing = 0.0
    switch attention {
    case .grouped(let attention):
      seen = window
      heads = attention.heads
      dimensions = 2 * Double(attention.headDimension)
    case .latent(let attention):
      seen = attention.indexer?.tokensKept
      heads = attention.heads
      dimensions =
        Double(attention.contentDimension) + Double(attention.rotaryDimension)
        + Double(attention.valueDimension)
      if let indexer = attention.indexer {
        indexing = 2 * Double(indexer.heads) * Double(indexer.headDimension)
      }
    }
    let pairs = tokenPairs(sequenceLength: sequenceLength, seen: seen, causal: causal)
    let all = tokenPairs(sequenceLength: sequenceLength, seen: nil, causal: causal)
    return FLOPs(2 * Double(heads) * dimensions * pairs + indexing * all)
  }
}

/// Pairs of tokens in a sequence of which one looks at the other.
///
/// Where each token sees at most `seen` others, a causal sequence has a triangle of `seen` at its
/// start and a band of that width after it. The triangle is half its square, as in the papers,
/// not the half and its diagonal.
private func tokenPairs(sequenceLength: Int, seen: Int?, causal: Bool) -> Double {
  let tokens = Double(max(sequenceLength, 0))
  let width = min(tokens, Double(max(seen ?? sequenceLength, 0)))
  return causal ? width * width / 2 + (tokens - width) * width : tokens * width
}
