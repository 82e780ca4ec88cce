import Kernels
import Quantities

/// The kernels of a plain feed-forward part, or of shared experts, on one GPU.
struct FeedForwardKernels {
  /// Width between the projections on this GPU.
  let intermediate: Double
  let isGated: Bool
  let hidden: Int
  let tokens: Double
  /// Whether both projections have biases.
  var hasBias = false
  /// Whether the result is dropped out before it is added to the residual stream.
  var dropsOut = false
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
    var kernels = shape.dropoutBackward("dropout backward", width, if: dropsOut)
    kernels += shape.biasGradient(
      "down bias gradient", width, if: hasBias, tokens: shape.localTokens)
    if !isShared { kernels += shape.cast("feed-forward gradient cast", width, tokens: tokens) }
    kernels += shape.castBack(name("activation input back"), first, tokens: tokens)
    kernels += [product("down input", n: intermediate, k: width)]
    kernels += shape.transposition(name("gradient"), width, tokens: tokens)
    kernels += activationBackward
    kernels += shape.biasGradient("up bias gradient", first, if: hasBias, tokens: tokens)
    if shape.recompute == .selective {
      let norm =
        [shape.norm("second norm", width)]
        + shape.cast("second norm cast", width, tokens: tokens)
      kernels += norm.map(\.again)
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

  /// Input and gradient of the result read and gradient of the input written. The result is worked
  /// out again for the weight gradient: under FP8 by a kernel that transposes it too, under selective
  /// recompute in BF16 by the same kernel.
  private var activationBackward: [Kernel] {
    let transposed = memory(
      "activation transposed", .activationTranspose,
      first * 2 + intermediate * shape.format.bytesWithScale)
    let again =
      shape.isFP8 ? [shape.recompute == .none ? transposed : transposed.again] : []
    let written = !shape.isFP8 && shape.recompute == .selective ? intermediate * 2 : 0
    return again + [
      memory(
        "activation backward", .activationBackward, first * 4 + intermediate * 2 + written)
    ]
  }
}
