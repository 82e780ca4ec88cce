/// How many weights a model has, exactly and by part.
///
///     ModelCatalogue.model(named: "deepseek-v3")?.architecture.parameters   // 671026419200
///
/// Counted are matrices, biases, norms, the router's bias and attention sinks. Invariant:
/// `parameters` is the sum of the parts, and equals the published size of a checkpoint without
/// its multi-token-prediction layers, such as 405,853,388,800 of Llama-3.1-405B. Counts that do
/// not fit stop at `Int.max`.
extension Architecture {
  /// All weights of the model without multi-token-prediction layers; the embedding counts twice
  /// where the head is not tied to it.
  public var parameters: Int {
    Count.sum(
      embeddingParameters,
      Count.product(denseLayers, layerParameters(active: false, experts: false)),
      Count.product(expertLayers, layerParameters(active: false, experts: true)),
      finalNormParameters, headParameters)
  }

  /// Weights a token passes through: as `parameters`, but with the routed experts of one token.
  /// The whole embedding and the whole head are counted, as model cards do.
  public var activeParameters: Int {
    Count.sum(embeddingParameters, activeLayerParameters, finalNormParameters, headParameters)
  }

  /// Weights that make work for a token, the N of 6N: as `activeParameters`, without the input
  /// embedding (which is looked up, not multiplied), and with the head's matrix even where it is
  /// tied. Norms and biases, under 0.1 %, stay in.
  public var activeMatmulParameters: Int {
    Count.sum(activeLayerParameters, finalNormParameters, Count.product(vocabulary, hidden))
  }

  /// Own weights of all multi-token-prediction layers: each a transformer layer, the projection
  /// of twice the width and two norms. Embedding and head are the model's (arXiv 2412.19437,
  /// section 2.2).
  public var predictionParameters: Int {
    Count.product(predictionLayers, predictionLayerParameters)
  }

  /// Layers that keep the plain feed-forward part; all of them in a model without experts.
  public var denseLayers: Int {
    experts == nil ? max(layers, 0) : min(max(leadingDenseLayers, 0), max(layers, 0))
  }

  /// Layers that are mixtures of experts, prediction layers aside.
  public var expertLayers: Int { max(layers, 0) - denseLayers }

  private var activeLayerParameters: Int {
    Count.sum(
      Count.product(denseLayers, layerParameters(active: true, experts: false)),
      Count.product(expertLayers, layerParameters(active: true, experts: true)))
  }

  private func layerParameters(active: Bool, experts: Bool) -> Int {
    let feedForward = feedForwardParameters(experts: experts)
    return Count.sum(
      attentionParameters, layerNormParameters, active ? feedForward.active : feedForward.total)
  }

  private var predictionLayerParameters: Int {
    Count.sum(
      layerParameters(active: false, experts: experts != nil),
      predictionProjectionParameters, Count.product(2, normalizationWeights(of: hidden)))
  }
}

/// The parts that stand once in a model.
extension Architecture {
  /// The embedding table (vocabulary × hidden), learned positions and the embedding's norm.
  public var embeddingParameters: Int {
    Count.sum(
      Count.product(vocabulary, hidden), Count.product(learnedPositions, hidden),
      embeddingNormalization ? normalizationWeights(of: hidden) : 0)
  }

  /// The output head, hidden × vocabulary; 0 where it shares the embedding's weights.
  public var headParameters: Int { tiedEmbeddings ? 0 : Count.product(vocabulary, hidden) }

  /// The norm before the head.
  public var finalNormParameters: Int { normalizationWeights(of: hidden) }

  /// The projection of one multi-token-prediction layer, 2 hidden × hidden.
  public var predictionProjectionParameters: Int { Count.product(2, hidden, hidden) }

  /// Weights of one norm over `elements`.
  func normalizationWeights(of elements: Int) -> Int {
    switch normalization {
    case .rootMeanSquare: elements
    case .layer: Count.product(2, elements)
    }
  }
}

/// The parts of one layer.
extension Architecture {
  /// The two norms of a layer, before attention and before the feed-forward part.
  public var layerNormParameters: Int { Count.product(2, normalizationWeights(of: hidden)) }

  /// One layer's attention: projections, their biases, the norms inside it, sinks and indexer.
  /// Every layer's is alike.
  public var attentionParameters: Int {
    switch attention {
    case .grouped(let attention): groupedParameters(attention)
    case .latent(let attention):
      Count.sum(latentParameters(attention), indexerParameters)
    }
  }

  /// The indexer of one layer's sparse attention, part of `attentionParameters`; 0 without one.
  ///
  /// Queries from the query's low rank (rank × heads · dimension), one shared key (hidden ×
  /// dimension) with a LayerNorm, and a weight for each head (hidden × heads). Source:
  /// deepseek-ai/DeepSeek-V3.2-Exp, inference/model.py.
  public var indexerParameters: Int {
    guard case .latent(let attention) = attention, let indexer = attention.indexer else {
      return 0
    }
    return Count.sum(
      Count.product(attention.queryRank ?? hidden, indexer.heads, indexer.headDimension),
      Count.product(hidden, indexer.headDimension), Count.product(2, indexer.headDimension),
      Count.product(hidden, indexer.heads))
  }

  /// Query and output are hidden × heads · dimension, key and value hidden × key-value heads ·
  /// dimension.
  private func groupedParameters(_ attention: GroupedAttention) -> Int {
    let query = Count.product(attention.heads, attention.headDimension)
    let keyValue = Count.product(attention.keyValueHeads, attention.headDimension)
    return Count.sum(
      Count.product(2, hidden, query), Count.product(2, hidden, keyValue),
      attention.queryKeyValueBias ? Count.sum(query, keyValue, keyValue) : 0,
      attention.outputBias ? hidden : 0,
      attention.queryKeyNorm ? Count.product(2, attention.headDimension) : 0,
      attention.sinks ? attention.heads : 0)
  }

  /// Source: arXiv 2405.04434, section 2.1; the low ranks are normalized (RMSNorm).
  private func latentParameters(_ attention: LatentAttention) -> Int {
    let head = Count.sum(attention.contentDimension, attention.rotaryDimension)
    let query: Int
    if let rank = attention.queryRank {
      query = Count.sum(
        Count.product(hidden, rank), rank, Count.product(rank, attention.heads, head))
    } else {
      query = Count.product(hidden, attention.heads, head)
    }
    let rank = attention.keyValueRank
    let upwards = Count.sum(attention.contentDimension, attention.valueDimension)
    return Count.sum(
      query, Count.product(hidden, Count.sum(rank, attention.rotaryDimension)), rank,
      Count.product(rank, attention.heads, upwards),
      Count.product(attention.heads, attention.valueDimension, hidden))
  }

  /// Attention weights of one layer on one of `tensor` ranks: those it holds a part of, and those
  /// it holds whole, which are latent attention's down-projections and indexer, or one key-value
  /// head where there are fewer heads than ranks.
  public func attentionParameters(
    tensor: Int
  ) -> (sharded: Double, replicated: Double) {
    let all = Double(attentionParameters)
    guard tensor > 1 else { return (all, 0) }
    let ranks = Double(tensor)
    switch attention {
    case .latent(let latent):
      let cached = Count.sum(latent.keyValueRank, latent.rotaryDimension)
      let whole = Double(
        Count.sum(
          Count.product(hidden, Count.sum(latent.queryRank ?? 0, cached)), latent.queryRank ?? 0,
          latent.keyValueRank, indexerParameters))
      return ((all - whole) / ranks, whole)
    case .grouped(let grouped):
      guard grouped.keyValueHeads < tensor else { return (all / ranks, 0) }
      let head = Double(Count.product(2, hidden, grouped.headDimension))
      return ((all - head * Double(grouped.keyValueHeads)) / ranks, head)
    }
  }

  /// Feed-forward weights of the layer at `index`, by part; an index from `layers` on stands for
  /// a multi-token-prediction layer.
  public func feedForwardParameters(layer index: Int) -> FeedForwardParameters {
    feedForwardParameters(experts: hasExperts(layer: index))
  }

  private func feedForwardParameters(experts hasExperts: Bool) -> FeedForwardParameters {
    guard hasExperts, let experts else {
      let dense = projections(
        feedForward.intermediate, isGated: feedForward.isGated, bias: feedForward.hasBias)
      return FeedForwardParameters(always: dense)
    }
    let width = experts.sharedIntermediate ?? Count.product(experts.shared, experts.intermediate)
    let shared = projections(width, isGated: feedForward.isGated, bias: experts.hasBias)
    let gate = Count.sum(
      Count.product(hidden, experts.routed), experts.hasGateBias ? experts.routed : 0,
      experts.hasSharedGate ? hidden : 0)
    return FeedForwardParameters(
      always: width > 0 ? shared : 0, gate: gate,
      routedExpert: projections(
        experts.intermediate, isGated: feedForward.isGated, bias: experts.hasBias),
      routedExperts: experts.routed, routedExpertsPerToken: experts.perToken)
  }

  /// Two matrices hidden × width, or three where gated; each projection's bias has the size of
  /// its output.
  private func projections(_ width: Int, isGated: Bool, bias: Bool) -> Int {
    let inputs = isGated ? 2 : 1
    return Count.sum(
      Count.product(inputs + 1, hidden, width),
      bias ? Count.sum(Count.product(inputs, width), hidden) : 0)
  }
}

/// Weights of one layer's feed-forward part. Invariant: `total` is `always`, `gate` and all
/// routed experts together.
public struct FeedForwardParameters: Sendable, Equatable {
  /// Weights every token passes through: the plain feed-forward part, or the shared experts.
  public var always: Int
  /// The router, its bias and the gate of the shared expert; 0 in a layer without experts.
  public var gate = 0
  /// One routed expert; 0 in a layer without experts.
  public var routedExpert = 0
  /// Number of routed experts.
  public var routedExperts = 0
  /// Routed experts one token visits.
  public var routedExpertsPerToken = 0

  /// All weights.
  public var total: Int {
    Count.sum(always, gate, Count.product(routedExpert, routedExperts))
  }

  /// Weights one token passes through.
  public var active: Int {
    Count.sum(always, gate, Count.product(routedExpert, routedExpertsPerToken))
  }
}
