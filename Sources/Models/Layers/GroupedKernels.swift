import Kernels
import Quantities

/// The kernels of multi-head, grouped-query or multi-query attention on one GPU.
struct GroupedKernels {
  private let shape: LayerShape
  private let hidden: Double
  private let heads, keyValueHeads, dimension: Double
  private let grouped: GroupedAttention
  private let dropsOut: Bool
  private let core: AttentionCore

  /// - Parameter window: tokens a query looks back on, if not on all.
  init(
    _ grouped: GroupedAttention, hidden: Int, window: Int?, dropsOut: Bool = false,
    shape: LayerShape
  ) {
    self.shape = shape
    self.grouped = grouped
    self.dropsOut = dropsOut
    self.hidden = Double(hidden)
    heads = Double(grouped.heads) / shape.tensor
    // A key-value head is copied where there are fewer of them than tensor-parallel ranks.
    keyValueHeads = max(Double(grouped.keyValueHeads) / shape.tensor, 1)
    dimension = Double(grouped.headDimension)
    core = AttentionCore(
      shape: shape, heads: heads, dimension: dimension, window: window, dropsOut: dropsOut)
  }

  /// Widths of all heads' queries, and of keys and values together.
  private var queries: Double { heads * dimension }
  private var keysValues: Double { 2 * keyValueHeads * dimension }

  var forward: [Kernel] {
    [shape.norm("norm", hidden)] + projection + core.forward
      + shape.cast("attention result cast", queries)
      + [
        shape.product("output", n: hidden, k: queries),
        shape.residual(Int(hidden), dropsOut: dropsOut),
      ]
      + [shape.norm("second norm", hidden), Kernel("small", .small(count: 4))]
  }

  var input: [Kernel] {
    var kernels = [shape.normBackward("second norm", hidden)]
    kernels += shape.dropoutBackward("dropout backward", hidden, if: dropsOut)
    kernels += shape.biasGradient(
      "output bias gradient", hidden, if: grouped.outputBias, tokens: shape.localTokens)
    kernels += shape.cast("output gradient cast", hidden)
    kernels += [shape.product("output input", n: queries, k: hidden)]
    kernels += shape.transposition("output operands", queries)
    kernels += shape.transposition("output gradient", hidden)
    kernels += core.backward + rotary("rotary backward")
    if grouped.queryKeyNorm {
      kernels += [
        shape.memory(
          "query, key norm backward", .normBackward, (queries + keysValues / 2) * 8)
      ]
    }
    kernels += shape.biasGradient(
      "query, key, value bias gradient", queries + keysValues, if: grouped.queryKeyValueBias)
    kernels += shape.cast("query, key, value gradient cast", queries + keysValues)
    kernels += shape.transposition("query, key, value gradient", queries + keysValues)
    kernels += [shape.product("query, key, value input", n: hidden, k: queries + keysValues)]
    if shape.recompute == .selective { kernels += [shape.norm("norm", hidden).again] }
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
      + shape.bias(
        "query, key, value bias", queries + keysValues, if: grouped.queryKeyValueBias)
      + (grouped.queryKeyNorm
        ? [shape.memory("query, key norm", .norm, (queries + keysValues / 2) * 4)] : [])
      + rotary("rotary")
  }

  /// Positions turned into queries and keys, read and written in BF16; nothing where positions are
  /// learned or a bias of the scores.
  private func rotary(_ name: String) -> [Kernel] {
    grouped.hasRotaryPositions
      ? [shape.memory(name, .rotary, (queries + keysValues / 2) * 4)] : []
  }
}
