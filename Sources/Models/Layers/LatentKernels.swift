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

  var forward: [Kernel] {
    [shape.norm("norm", hidden)] + down + up + assembly + indexing
      + [Kernel("attention", .attention(flops: core, backward: false))]
      + shape.cast("attention result, kept", values)
      + shape.cast("attention result cast", values)
      + [shape.product("output", n: hidden, k: values), shape.residual(Int(hidden))]
      + [shape.norm("second norm", hidden), Kernel("small", .small(count: 39))]
  }

  var input: [Kernel] {
    var kernels = [shape.normBackward("second norm", hidden)]
    kernels += shape.cast("attention result back", values)
    kernels += shape.cast("output gradient cast", hidden)
    kernels += [shape.product("output input", n: values, k: hidden)]
    kernels += shape.transposition("output operands", values)
    kernels += shape.transposition("output gradient", hidden)
    if shape.recompute == .selective {
      if let queryRank { kernels += [shape.memory("query norm again", .norm, queryRank * 4)] }
      kernels += up + assembly
    }
    kernels += shape.attentionBackward(
      core: core, key: content + rotary, value: value, queries: queries, values: values)
    kernels += [shape.memory("rotary backward", .rotary, heads * rotary * 4)]
    kernels += [shape.memory("key gradient copies", .copy, heads * content * 8)]
    kernels += shape.cast("query gradient cast", queries)
    kernels += shape.cast("key-value gradient cast", keysValues)
    kernels += shape.transposition("query gradient", queries)
    kernels += shape.transposition("key-value gradient", keysValues)
    kernels += [shape.product("key-value up input", n: keyValueRank, k: keysValues)]
    kernels += [shape.product("key-value down input", n: hidden, k: cached)]
    if let queryRank {
      kernels += [shape.product("query up input", n: queryRank, k: queries)]
      kernels += [shape.memory("query norm backward", .normBackward, queryRank * 8)]
      kernels += [shape.product("query down input", n: hidden, k: queryRank)]
    } else {
      kernels += [shape.product("query input", n: hidden, k: queries)]
    }
    if shape.recompute == .selective { kernels += [shape.norm("norm again", hidden)] }
    kernels += shape.transposition("input", hidden) + shape.transposition("gradient", hidden)
    kernels += [shape.normBackward("norm", hidden), shape.residual(Int(hidden))]
    return kernels + [Kernel("small", .small(count: 61))]
  }

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

  /// Down-projections with their norms: cheap, and kept rather than recomputed.
  private var down: [Kernel] {
    var kernels: [Kernel] = []
    if let queryRank {
      kernels += shape.cast("query input cast", hidden)
      kernels += [shape.product("query down", n: queryRank, k: hidden)]
      kernels += [shape.memory("query norm", .norm, queryRank * 4)]
      kernels += shape.cast("query latent cast", queryRank)
    }
    kernels += shape.cast("key-value input cast", hidden)
    kernels += [shape.product("key-value down", n: cached, k: hidden)]
    return kernels + [shape.memory("key-value norm", .norm, keyValueRank * 4)]
  }

  /// Up-projections, which selective recompute repeats.
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
      shape.memory("rotary keys to heads", .rotary, heads * rotary * 2),
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
