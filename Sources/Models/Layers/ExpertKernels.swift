import Kernels
import Quantities

/// The kernels of a mixture of experts on one GPU. Under balanced routing its experts receive as
/// many rows as its tokens send; `LayerShape.expertLoad` says how many times as many they do.
struct ExpertKernels {
  private let experts: Experts
  private let hidden: Int
  private let shape: LayerShape

  init(_ experts: Experts, hidden: Int, shape: LayerShape) {
    self.experts = experts
    self.hidden = hidden
    self.shape = shape
  }

  private var width: Double { Double(hidden) }
  /// Width of an expert on this GPU.
  private var intermediate: Double { Double(experts.intermediate) / shape.expertTensor }
  /// Experts on this GPU.
  private var local: Double { Double(experts.routed) / shape.expertDegree }
  /// Rows this GPU's experts work on.
  private var rows: Double {
    shape.localTokens * Double(experts.perToken) * shape.expertLoad * shape.expertTensor
  }
  /// Bytes of an element of a dispatched row.
  private var dispatched: Double { shape.format.bytesWithScale }

  private var shared: FeedForwardKernels? {
    guard experts.shared > 0 else { return nil }
    let total = experts.sharedIntermediate ?? experts.shared * experts.intermediate
    return FeedForwardKernels(
      intermediate: Double(total), isGated: true, hidden: hidden, tokens: shape.localTokens,
      shape: shape, isShared: true)
  }

  /// The gate stands at the end of the attention block: dispatch waits for it.
  var gateForward: [Kernel] {
    let scores = Double(experts.routed) * 4
    let groups =
      experts.groups > 1
      ? [shape.memory("top groups", .topK, scores, tokens: shape.localTokens)] : []
    return [gate("gate", m: shape.localTokens, n: Double(experts.routed), k: width)] + groups + [
      shape.memory("top experts", .topK, scores, tokens: shape.localTokens)
    ] + shape.cast("dispatch cast", width, tokens: shape.localTokens)
  }

  var gateInput: [Kernel] {
    [
      gate("gate input", m: shape.localTokens, n: width, k: Double(experts.routed)),
      gate("gate weight", m: Double(experts.routed), n: width, k: shape.localTokens),
    ]
  }

  var forward: [Kernel] {
    [
      shape.memory("expert count", .expertCount, 8, tokens: rows),
      shape.memory("expert mapping", .expertMapping, 8, tokens: rows),
      shape.memory("permute", .permute, 2 * width * dispatched, tokens: rows),
    ] + weightTransposition("experts gate, up", 2 * intermediate) + scales + [
      grouped("experts gate, up", n: 2 * intermediate, k: width),
      shape.memory(
        "experts activation", .activation, intermediate * (4 + dispatched), tokens: rows),
    ] + weightTransposition("experts down", intermediate) + [
      grouped("experts down", n: width, k: intermediate)
    ] + shape.cast("experts activation input, kept", 2 * intermediate, tokens: rows) + [
      shape.memory("unpermute", .unpermute, width * 4, tokens: rows)
    ] + (shared?.forward ?? []) + [Kernel("small", .small(count: 6))]
  }

  var input: [Kernel] {
    var kernels = [shape.memory("permute", .permute, 2 * width * dispatched, tokens: rows)]
    kernels += scales
    kernels += shape.castBack("experts activation input back", 2 * intermediate, tokens: rows)
    kernels += [grouped("experts down input", n: intermediate, k: width)]
    kernels += [
      shape.memory(
        "experts activation backward", .weightedActivationBackward, intermediate * 12,
        tokens: rows),
      shape.memory(
        "experts routing weight gradient", .weightedActivationBackward, intermediate * 4,
        tokens: rows),
    ]
    kernels += shape.transposition("experts activation", intermediate, tokens: rows)
    kernels += shape.cast("experts activation gradient cast", 2 * intermediate, tokens: rows)
    kernels += [grouped("experts gate, up input", n: width, k: 2 * intermediate)]
    kernels += [shape.memory("unpermute", .unpermute, width * 4, tokens: rows)]
    kernels += shape.transposition("experts activation gradient", 2 * intermediate, tokens: rows)
    if let shared {
      kernels += shared.input
    } else if shape.recompute == .selective {
      kernels += [shape.norm("second norm", width).again]
    }
    return kernels + [Kernel("small", .small(count: 10))]
  }

  var weight: [Kernel] {
    shape.transposition("experts gradient", width, tokens: rows)
      + shape.transposition("experts input", width, tokens: rows)
      + [
        // One product an expert; as many launches as experts, each over its own rows.
        expertGradient("experts down weight", n: width, k: intermediate),
        expertGradient("experts gate, up weight", n: 2 * intermediate, k: width),
      ] + (shared?.weight ?? [])
  }

  /// Scales of permuted rows put in the order the products read them.
  private var scales: [Kernel] {
    shape.isFP8
      ? [shape.memory("experts scales", .scales, width / 128 * 8, tokens: rows)] : []
  }

  /// All local experts' weights transposed for the input gradients to come.
  private func weightTransposition(_ name: String, _ columns: Double) -> [Kernel] {
    shape.weightTransposition(name, n: local * columns, k: width)
  }

  private func gate(_ name: String, m: Double, n: Double, k: Double) -> Kernel {
    Kernel(name, .matrix(MatrixProduct(m: m, n: n, k: k, operands: .bf16, kind: .gate)))
  }

  private func grouped(_ name: String, n: Double, k: Double) -> Kernel {
    Kernel(
      name, .matrix(MatrixProduct(m: rows, n: n, k: k, groups: local, operands: shape.format)))
  }

  /// Weight gradients of all local experts: the sums are `rows / local` long, the results `local`
  /// times as many, which one product of `local · k` rows describes.
  private func expertGradient(_ name: String, n: Double, k: Double) -> Kernel {
    Kernel(
      name,
      .matrix(
        MatrixProduct(
          m: k * local, n: n, k: rows / local, groups: local, operands: shape.format,
          accumulates: true)))
  }
}
