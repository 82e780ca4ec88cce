import Kernels
import Quantities

/// The kernels of multi-head latent attention (DeepSeek-V2 and V3) on one GPU.
struct LatentKernels {
  private let shape: LayerShape
  private let hidden: Double
  /// Heads on this GPU.
  private let heads: Double
  /// Elements of a head's query and key without position, with position, and of its value.
  private let content, rotary, value: Double
  private let queryRank: Double?
  private let keyValueRank: Double
  private let indexer: Indexer?

  init(_ latent: LatentAttention, hidden: Int, shape: LayerShape) {
    self.shape = shape
    self.hidden = Double(hidden)
    heads = Double(latent.heads) / shape.tensor
    content = Double(latent.contentDimension)
    rotary = Double(latent.rotaryDimension)
    value = Double(latent.valueDimension)
    queryRank = latent.queryRank.map(Double.init)
    keyValueRank = Double(latent.keyValueRank)
    indexer = latent.indexer
  }

  /// Widths of all heads' queries, keys with values, values, and of what is cached.
  private var queries: Double { heads * (content + rotary) }
  private var keysValues: Double { heads * (content + value) }
  private var values: Double { heads * value }
  private var cached: Double { keyValueRank + rotary }

  /// Scores and values, 2 operations an element for each token attended to.
  var core: FLOPs {
    FLOPs(
      2 * shape.tokens * heads * (content + rotary + value)
        * shape.attendedTokens(limit: indexer?.tokensKept))
  }

  /// Forward, kernel by kernel as in the public training trace of DeepSeek-V3 (deepseek-ai/profile-data).
  var forward: [Kernel] {
    [shape.norm("norm", hidden)] + down + up + assembly + indexing
      + [Kernel("attention", .attention(flops: core, backward: false))] + kept
      + shape.cast("attention result cast", values)
      + [shape.product("output", n: hidden, k: values), shape.residual(Int(hidden))]
      + [shape.norm("second norm", hidden), Kernel("small", .small(count: 39))]
  }

  var input: [Kernel] {
    outputInput + again + coreAgain
      + shape.attentionBackward(
        core: core, key: content + rotary, value: value, queries: queries, values: values)
      + [shape.memory("rotary backward", .rotary, heads * rotary * 4)] + queryInput
      + keyValueInput + ending + [Kernel("small", .small(count: 61))]
  }

  /// From the layer's output back to attention's result.
  private var outputInput: [Kernel] {
    var kernels = [
      shape.memory("gradient addition", .addition, hidden * 6, tokens: shape.localTokens),
      shape.memory(
        "second norm backward", .normBackwardOfSum, hidden * 8, tokens: shape.localTokens),
      shape.memory(
        "residual gradient addition", .addition, hidden * 4, tokens: shape.localTokens),
    ]
    if shape.isFP8 {
      kernels += [shape.memory("attention result back", .keptCastBack, values * Self.keptBytes)]
    }
    kernels += shape.cast("output gradient cast", hidden)
    kernels += shape.weightTransposition("output", n: hidden, k: values)
    kernels += [shape.product("output input", n: values, k: hidden)]
    kernels += shape.transposition("attention result", values)
    return kernels + shape.transposition("output gradient", hidden)
  }

  /// What selective recompute repeats.
  private var again: [Kernel] {
    guard shape.recompute == .selective else { return [] }
    let norm = queryRank.map { [shape.memory("query norm", .norm, $0 * 4)] } ?? []
    return (norm + up + assembly).map(\.again)
  }

  /// What recompute of attention's core repeats, right before its backward.
  private var coreAgain: [Kernel] {
    guard shape.recompute == .attention else { return [] }
    return [Kernel("attention", .attention(flops: core, backward: false)).again]
  }

  private var queryInput: [Kernel] {
    guard let queryRank else {
      return shape.cast("query gradient cast", queries)
        + [shape.product("query input", n: hidden, k: queries)]
        + shape.transposition("query gradient", queries)
    }
    return shape.weightTransposition("query up", n: queries, k: queryRank)
      + shape.cast("query gradient cast", queries)
      + [shape.product("query up input", n: queryRank, k: queries)]
      + shape.transposition("query gradient", queries)
      + [shape.memory("query norm backward", .normBackward, queryRank * 8)]
      + [shape.product("query down input", n: hidden, k: queryRank)]
  }

  private var keyValueInput: [Kernel] {
    [
      shape.memory("rotary key gradient sum", .reduction, heads * rotary * 2),
      shape.memory("key gradient copy", .copy, heads * content * 4),
      shape.memory("value gradient copy", .copy, heads * value * 4),
    ] + shape.weightTransposition("key-value up", n: keysValues, k: keyValueRank)
      + shape.cast("key-value gradient cast", keysValues)
      + [shape.product("key-value up input", n: keyValueRank, k: keysValues)]
      + shape.transposition("key-value gradient", keysValues)
      + [shape.product("key-value down input", n: hidden, k: cached)]
  }

  /// To the layer's input.
  private var ending: [Kernel] {
    (shape.recompute == .selective ? [shape.norm("norm", hidden).again] : [])
      + shape.transposition("input", hidden)
      + shape.transposition("input for keys and values", hidden)
      + [
        shape.memory("input gradient addition", .addition, hidden * 6, tokens: shape.localTokens),
        shape.normBackward("norm", hidden),
      ]
  }

  /// Attention's result kept in 12 bits for its backward (arXiv 2412.19437, section 3.3.3).
  private var kept: [Kernel] {
    guard shape.isFP8 else { return [] }
    return [shape.memory("attention result, kept", .keptCast, values * Self.keptBytes)]
  }

  /// Bytes of an element read in BF16 and written in 12 bits, or the other way.
  private static let keptBytes = 3.5

  var weight: [Kernel] {
    let query =
      if let queryRank {
        [
          shape.gradient("query up weight", n: queries, k: queryRank),
          shape.gradient("query down weight", n: queryRank, k: hidden),
        ]
      } else {
        [shape.gradient("query weight", n: queries, k: hidden)]
      }
    return query + [
      shape.gradient("output weight", n: hidden, k: values),
      shape.gradient("key-value up weight", n: keysValues, k: keyValueRank),
      shape.gradient("key-value down weight", n: cached, k: hidden),
    ]
  }

  /// Down-projections with the queries' norm: cheap, and kept rather than recomputed. The norm of
  /// keys and values is one of the small kernels.
  private var down: [Kernel] {
    let keysValues =
      shape.cast("key-value input cast", hidden)
      + [shape.product("key-value down", n: cached, k: hidden)]
    guard let queryRank else { return shape.cast("query input cast", hidden) + keysValues }
    return shape.cast("query input cast", hidden)
      + [shape.product("query down", n: queryRank, k: hidden)] + keysValues
      + [shape.memory("query norm", .norm, queryRank * 4)]
      + shape.cast("query latent cast", queryRank)
  }

  /// Up-projections.
  private var up: [Kernel] {
    [
      shape.product("query up", n: queries, k: queryRank ?? hidden),
      shape.product("key-value up", n: keysValues, k: keyValueRank),
    ]
  }

  /// Putting heads' keys together from their parts, and rotary positions.
  private var assembly: [Kernel] {
    [
      shape.memory("key copy", .copy, heads * content * 4),
      shape.memory("rotary keys to heads", .broadcast, heads * rotary * 2),
      shape.memory("rotary", .rotary, heads * rotary * 4),
    ]
  }

  /// Sparse attention's choice of tokens: projections, scores of the whole causal square, top-k.
  private var indexing: [Kernel] {
    guard let indexer, let queryRank else { return [] }
    let width = Double(indexer.heads * indexer.headDimension)
    let scores = FLOPs(shape.tokens * shape.sequenceLength * width)
    return [
      shape.product("indexer queries", n: width, k: queryRank),
      shape.product("indexer keys", n: Double(indexer.headDimension), k: hidden),
      Kernel("indexer scores", .attention(flops: scores, backward: false)),
      shape.memory("indexer top-k", .topK, shape.sequenceLength / 2 * 4),
    ]
  }
}
