/// The shape of a decoder-only transformer: everything its weights, FLOPs, bytes and kernels
/// follow from.
public struct Architecture: Sendable, Equatable {
  /// Name as published, in lower case with hyphens.
  public var name: String
  /// Transformer layers, without multi-token-prediction layers.
  public var layers: Int
  /// Width of the residual stream.
  public var hidden: Int
  /// How tokens look at each other.
  public var attention: Attention
  /// Feed-forward part of the layers that are not mixtures of experts.
  public var feedForward: FeedForward
  /// Mixture of experts, if the model has one.
  public var experts: Experts?
  /// Leading layers that keep the plain feed-forward part; meaningful where `experts` is set.
  public var leadingDenseLayers: Int
  /// Entries of the embedding table.
  public var vocabulary: Int
  /// Whether the output head shares the embedding's weights.
  public var tiedEmbeddings: Bool
  /// Learned position embeddings, if any; rotary and ALiBi positions have no weights.
  public var learnedPositions: Int
  /// Normalization used before attention, before the feed-forward part and at the end.
  public var normalization: Normalization
  /// Whether the embedding is normalized before the first layer (BLOOM).
  public var embeddingNormalization: Bool
  /// Multi-token-prediction layers, each with a projection of twice the width and two norms.
  public var predictionLayers: Int
  /// Whether attention probabilities and the results of attention and feed-forward part are dropped
  /// out in training, as GPT-2's and Megatron-LM's models are.
  public var trainsWithDropout = false

  /// An architecture from its parts.
  public init(
    name: String, layers: Int, hidden: Int, attention: Attention, feedForward: FeedForward,
    experts: Experts? = nil, leadingDenseLayers: Int = 0, vocabulary: Int,
    tiedEmbeddings: Bool = false, learnedPositions: Int = 0,
    normalization: Normalization = .rootMeanSquare, embeddingNormalization: Bool = false,
    predictionLayers: Int = 0
  ) {
    self.name = name
    self.layers = layers
    self.hidden = hidden
    self.attention = attention
    self.feedForward = feedForward
    self.experts = experts
    self.leadingDenseLayers = leadingDenseLayers
    self.vocabulary = vocabulary
    self.tiedEmbeddings = tiedEmbeddings
    self.learnedPositions = learnedPositions
    self.normalization = normalization
    self.embeddingNormalization = embeddingNormalization
    self.predictionLayers = predictionLayers
  }

  /// Whether the layer at `index` is a mixture of experts.
  public func hasExperts(layer index: Int) -> Bool {
    experts != nil && index >= leadingDenseLayers
  }
}

/// How tokens look at each other.
public enum Attention: Sendable, Equatable {
  /// Multi-head, grouped-query or multi-query attention, by the number of key-value heads.
  case grouped(GroupedAttention)
  /// Multi-head latent attention (DeepSeek-V2).
  case latent(LatentAttention)
}

/// Attention with `keyValueHeads` shared among `heads`.
public struct GroupedAttention: Sendable, Equatable {
  /// Query heads.
  public var heads: Int
  /// Key and value heads; equal to `heads` for multi-head attention.
  public var keyValueHeads: Int
  /// Elements of a head.
  public var headDimension: Int
  /// Whether query, key and value projections have biases.
  public var queryKeyValueBias = false
  /// Whether the output projection has a bias.
  public var outputBias = false
  /// Whether queries and keys are normalized by head (one weight an element of a head, each).
  public var queryKeyNorm = false
  /// Whether positions are turned into queries and keys; not where they are learned (GPT-3) or
  /// bias the scores (BLOOM).
  public var hasRotaryPositions = true
  /// Whether each head has a learned sink logit (gpt-oss).
  public var sinks = false
  /// Sliding window of some or all layers; nil where every layer sees every token.
  public var window: SlidingWindow?

  /// Attention without biases, norms, sinks or window, which are set afterwards where a model has
  /// them.
  public init(heads: Int, keyValueHeads: Int, headDimension: Int) {
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headDimension = headDimension
  }
}

/// Attention to the latest tokens only, in all layers or all but every so many.
public struct SlidingWindow: Sendable, Equatable {
  /// Tokens a query sees, itself included.
  public var tokens: Int
  /// Of so many layers in a row the last sees every token; nil where no layer does.
  public var fullEvery: Int?

  /// A window over `tokens`, with every `fullEvery`-th layer free of it.
  public init(tokens: Int, fullEvery: Int?) {
    self.tokens = tokens
    self.fullEvery = fullEvery
  }
}

/// Multi-head latent attention: queries and keys-values pass through low-rank projections.
public struct LatentAttention: Sendable, Equatable {
  /// Heads.
  public var heads: Int
  /// Rank of the query projection; nil where queries are projected directly.
  public var queryRank: Int?
  /// Rank of the shared key-value projection: what is cached, with the rotary part.
  public var keyValueRank: Int
  /// Elements of a head's query and key without position.
  public var contentDimension: Int
  /// Elements of a head's query and key with rotary position.
  public var rotaryDimension: Int
  /// Elements of a head's value.
  public var valueDimension: Int
  /// Sparse attention's indexer (DeepSeek-V3.2), if any.
  public var indexer: Indexer?

  /// Latent attention from its heads, ranks and the three dimensions of a head.
  public init(
    heads: Int, queryRank: Int?, keyValueRank: Int, contentDimension: Int,
    rotaryDimension: Int, valueDimension: Int, indexer: Indexer? = nil
  ) {
    self.heads = heads
    self.queryRank = queryRank
    self.keyValueRank = keyValueRank
    self.contentDimension = contentDimension
    self.rotaryDimension = rotaryDimension
    self.valueDimension = valueDimension
    self.indexer = indexer
  }
}

/// The small network of sparse attention that picks which tokens to attend to.
public struct Indexer: Sendable, Equatable {
  /// Heads of the indexer.
  public var heads: Int
  /// Elements of an indexer head.
  public var headDimension: Int
  /// Tokens kept for each query.
  public var tokensKept: Int

  /// An indexer of `heads` heads that keeps `tokensKept` tokens for each query.
  public init(heads: Int, headDimension: Int, tokensKept: Int) {
    self.heads = heads
    self.headDimension = headDimension
    self.tokensKept = tokensKept
  }
}

/// A plain feed-forward part.
public struct FeedForward: Sendable, Equatable {
  /// Width between the projections.
  public var intermediate: Int
  /// Whether it is gated (three matrices, SwiGLU) or not (two, GELU).
  public var isGated: Bool
  /// Whether the projections have biases.
  public var hasBias = false

  /// A feed-forward part of the given width.
  public init(intermediate: Int, isGated: Bool = true, hasBias: Bool = false) {
    self.intermediate = intermediate
    self.isGated = isGated
    self.hasBias = hasBias
  }
}

/// A mixture of experts.
public struct Experts: Sendable, Equatable {
  /// Routed experts.
  public var routed: Int
  /// Routed experts a token visits.
  public var perToken: Int
  /// Experts every token visits.
  public var shared: Int
  /// Width of one expert.
  public var intermediate: Int
  /// Groups the routed experts form; 1 where routing knows no groups.
  public var groups = 1
  /// Groups a token may visit.
  public var groupsPerToken = 1
  /// Whether the gate has one bias an expert (V3's balancing bias, gpt-oss's router bias).
  public var hasGateBias = false
  /// Whether expert projections have biases (gpt-oss).
  public var hasBias = false
  /// Width of the shared expert where it is not `shared * intermediate`.
  public var sharedIntermediate: Int?
  /// Whether the shared expert has a gate of its own.
  public var hasSharedGate = false

  /// Experts without groups and biases, which are set afterwards where a model has them.
  public init(routed: Int, perToken: Int, shared: Int = 0, intermediate: Int) {
    self.routed = routed
    self.perToken = perToken
    self.shared = shared
    self.intermediate = intermediate
  }
}

/// Normalization, and with it how many weights it holds for each element.
public enum Normalization: Sendable, Equatable {
  /// RMSNorm: one weight an element.
  case rootMeanSquare
  /// LayerNorm: a weight and a bias an element.
  case layer
}
