import Kernels
import Quantities

/// The kernels of multi-head, grouped-query or multi-query attention on one GPU.
struct GroupedKernels {
  private let shape: LayerShape
  private let hidden: Double
  private let heads, keyValueHeads, dimension: Double
  private let hasNorm: Bool
  /// Tokens a query looks back on, if not on all.
  private let window: Int?

  init(_ grouped: GroupedAttention, hidden: Int, window: Int?, shape: LayerShape) {
    self.window = window
    self.shape = shape
    self.hidden = Double(hidden)
    heads = Double(grouped.heads) / shape.tensor
    // A key-value head is copied where there are fewer of them than tensor-parallel ranks.
    keyValueHeads = max(Double(grouped.keyValueHeads) / shape.tensor, 1)
    dimension = Double(grouped.headDimension)
    hasNorm = grouped.queryKeyNorm
  }

  /// Widths of all heads' queries, and of keys and values together.
  private var queries: Double { heads * dimension }
  private var keysValues: Double { 2 * keyValueHeads * dimension }

  /// Scores and values, 2 operations an element for each token attended to.
  var core: FLOPs {
    FLOPs(2 * shape.tokens * heads * 2 * dimension * shape.attendedTokens(limit: window))
  }

  var forward: [Kernel] {
    [shape.norm("norm", hidden)] + projection
      + [Kernel("attention", .attention(flops: core, backward: false))]
      + shape.cast("attention result cast", queries)
      + [shape.product("output", n: hidden, k: queries), shape.residual(Int(hidden))]
      + [shape.norm("second norm", hidden), Kernel("small", .small(count: 4))]
  }

  var input: [Kernel] {
    var kernels = [shape.normBackward("second norm", hidden)]
    kernels += shape.cast("output gradient cast", hidden)
    kernels += [shape.product("output input", n: queries, k: hidden)]
    kernels += shape.transposition("output operands", queries)
    kernels += shape.transposition("output gradient", hidden)
    kernels += shape.attentionBackward(
      core: core, key: dimension, value: dimension, queries: queries, values: queries)
    kernels += [rotary("rotary backward")]
    if hasNorm {
      kernels += [
        shape.memory(
          "query, key norm backward", .normBackward, (queries + keysValues / 2) * 8)
      ]
    }
    kernels += shape.cast("query, key, value gradient cast", queries + keysValues)
    kernels += shape.transposition("query, key, value gradient", queries + keysValues)
    kernels += [shape.product("query, key, value input", n: hidden, k: queries + keysValues)]
    if shape.recompute == .selective { kernels += [shape.norm("norm again", hidden)] }
    kernels += shape.transposition("input", hidden)
    kernels += [shape.normBackward("norm", hidden), shape.residual(Int(hidden))]
    return kernels + [Kernel("small", .small(count: 6))]
  }

  var weight: [Kernel] {
    [
      shape.gradient("output weight", n: hidden, k: queries),
      shape.gradient("query, key, value weight", n: queries + keysValues, k: hidden),
    ]
  }

  private var projection: [Kernel] {
    shape.cast("input cast", hidden)
      + [shape.product("query, key, value", n: queries + keysValues, k: hidden)]
      + (hasNorm ? [shape.memory("query, key norm", .norm, (queries + keysValues / 2) * 4)] : [])
      + [rotary("rotary")]
  }

  /// Positions turned into queries and keys, read and written in BF16.
  private func rotary(_ name: String) -> Kernel {
    shape.memory(name, .rotary, (queries + keysValues / 2) * 4)
  }
}
