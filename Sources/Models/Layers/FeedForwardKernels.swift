import Kernels
import Quantities

/// The kernels of a plain feed-forward part, or of shared experts, on one GPU.
struct FeedForwardKernels {
  /// Width between the projections on this GPU.
  let intermediate: Double
  let isGated: Bool
  let hidden: Int
  let tokens: Double
  let shape: LayerShape
  /// Whether these are shared experts, which take tokens as the gate casts them.
  var isShared = false

  private var width: Double { Double(hidden) }
  /// Columns of the first projection: gate and up together, or up alone.
  private var first: Double { isGated ? 2 * intermediate : intermediate }

  var forward: [Kernel] {
    (isShared ? [] : shape.cast("feed-forward input cast", width, tokens: tokens))
      + [
        product("gate, up", n: first, k: width),
        memory("activation", .activation, first * 2 + intermediate * shape.format.bytesWithScale),
        product("down", n: width, k: intermediate),
      ] + shape.cast(name("activation input, kept"), first, tokens: tokens)
  }

  var input: [Kernel] {
    var kernels = isShared ? [] : shape.cast("feed-forward gradient cast", width, tokens: tokens)
    kernels += shape.castBack(name("activation input back"), first, tokens: tokens)
    kernels += [product("down input", n: intermediate, k: width)]
    kernels += shape.transposition(name("gradient"), width, tokens: tokens)
    if shape.isFP8 {
      kernels += [
        memory(
          "activation again, transposed", .activationTranspose,
          first * 2 + intermediate * shape.format.bytesWithScale)
      ]
    }
    kernels += [
      memory("activation backward", .activationBackward, first * 4 + intermediate * 2)
    ]
    if shape.recompute == .selective {
      kernels += [shape.norm("second norm again", width)]
      kernels += shape.cast("second norm again, cast", width, tokens: tokens)
    }
    kernels += shape.castBack(name("input back"), width, tokens: tokens)
    kernels += shape.weightTransposition(name("gate, up"), n: first, k: width)
    kernels += shape.cast(name("activation gradient cast"), first, tokens: tokens)
    kernels += [product("gate, up input", n: width, k: first)]
    kernels += shape.transposition(name("activation gradient"), first, tokens: tokens)
    return kernels + shape.transposition(name("input"), width, tokens: tokens)
  }

  var weight: [Kernel] {
    [
      shape.gradient(name("down weight"), n: width, k: intermediate, tokens: tokens),
      shape.gradient(name("gate, up weight"), n: first, k: width, tokens: tokens),
    ]
  }

  private func name(_ text: String) -> String { isShared ? "shared " + text : text }

  private func product(_ text: String, n: Double, k: Double) -> Kernel {
    Kernel(name(text), .matrix(MatrixProduct(m: tokens, n: n, k: k, operands: shape.format)))
  }

  private func memory(_ text: String, _ operation: MemoryOperation, _ bytes: Double) -> Kernel {
    shape.memory(name(text), operation, bytes, tokens: tokens)
  }
}
