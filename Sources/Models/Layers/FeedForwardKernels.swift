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

  private var width: Double { Double(hidden) }
  /// Columns of the first projection: gate and up together, or up alone.
  private var first: Double { isGated ? 2 * intermediate : intermediate }

  var forward: [Kernel] {
    shape.cast("feed-forward input cast", width, tokens: tokens)
      + [product("gate, up", n: first, k: width), activation("activation", first)]
      + shape.cast("activation input, kept", first, tokens: tokens)
      + [product("down", n: width, k: intermediate)]
  }

  var input: [Kernel] {
    var kernels = shape.dropoutBackward("dropout backward", width, if: dropsOut)
    kernels += shape.biasGradient(
      "down bias gradient", width, if: hasBias, tokens: shape.localTokens)
    kernels += shape.cast("gradient cast", width, tokens: tokens)
    kernels += shape.cast("activation input back", first, tokens: tokens)
    kernels += [product("down input", n: intermediate, k: width)]
    kernels += shape.transposition("gradient", width, tokens: tokens)
    kernels += [activationBackward]
    kernels += shape.biasGradient("up bias gradient", first, if: hasBias, tokens: tokens)
    kernels += shape.transposition("activation", intermediate, tokens: tokens)
    kernels += shape.cast("activation gradient cast", first, tokens: tokens)
    kernels += shape.transposition("activation gradient", first, tokens: tokens)
    if shape.recompute == .selective { kernels += [shape.norm("second norm again", width)] }
    kernels += shape.transposition("input", width, tokens: tokens)
    return kernels + [product("gate, up input", n: width, k: first)]
  }

  var weight: [Kernel] {
    [
      shape.gradient("down weight", n: width, k: intermediate, tokens: tokens),
      shape.gradient("gate, up weight", n: first, k: width, tokens: tokens),
    ]
  }

  private func product(_ name: String, n: Double, k: Double) -> Kernel {
    Kernel(name, .matrix(MatrixProduct(m: tokens, n: n, k: k, operands: shape.format)))
  }

  /// Input and gradient of the result read and gradient of the input written, in BF16; selective
  /// recompute writes the result again in the same kernel, for the weight gradient.
  private var activationBackward: Kernel {
    let passes = 2 * first + intermediate + (shape.recompute == .selective ? intermediate : 0)
    return shape.memory("activation backward", .activation, passes * 2, tokens: tokens)
  }

  /// `columns` read and half as much written (as much, where not gated), in BF16.
  private func activation(_ name: String, _ columns: Double) -> Kernel {
    shape.memory(name, .activation, columns * (isGated ? 3 : 4), tokens: tokens)
  }
}
