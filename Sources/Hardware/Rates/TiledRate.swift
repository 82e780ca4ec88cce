public import Kernels
public import Quantities

/// Time of matrix products on a GPU of which only one large product and its memory are known:
///
///     seconds = max(flops · rounds / (computeShare · peak), operands / bandwidth)
///             + result / bandwidth
///
/// Operands are read ahead of the main loop, the result is written after it.
///
///     let a100 = TiledRate.published(for: gpu)
///     a100?.seconds(product, on: gpu, multiprocessorShare: 1)
///
/// Tiles have 256 x 128 or 128 x 256 results, cuBLAS's most efficient sizes, and each occupies one
/// multiprocessor: a product of 109 tiles takes as long as one of 216 on 108 multiprocessors (NVIDIA,
/// Matrix Multiplication Background User's Guide, 'Wave Quantization').
public struct TiledRate: Sendable, Equatable {
  /// Share of the matrix peak in the main loop of a product that fills its rounds.
  public var computeShare: Fact<Double>
  /// Share of the memory bandwidth that products' operands and results reach.
  public var memoryShare: Fact<Double>

  /// A rate from its two shares.
  public init(computeShare: Fact<Double>, memoryShare: Fact<Double>) {
    self.computeShare = computeShare
    self.memoryShare = memoryShare
  }

  /// Seconds of a product on a GPU that gives it a share of the multiprocessors.
  public func seconds(
    _ product: MatrixProduct, on gpu: GPU, multiprocessorShare share: Double
  ) -> Double {
    let processors = Double(gpu.multiprocessors.value) * share
    let loop =
      product.flops / (gpu.peak(product.operands) * (computeShare.value * share))
      * Self.rounds(product, multiprocessors: processors)
    let bandwidth = gpu.memoryBandwidth.value * memoryShare.value
    return max(loop, product.inputBytes / bandwidth) + product.outputBytes / bandwidth
  }

  /// `MatrixProduct.waves` with the two tiles.
  ///
  ///     TiledRate.rounds(product, multiprocessors: 108)     // 1.125 for 8 x 36 tiles
  public static func rounds(_ product: MatrixProduct, multiprocessors: Double) -> Double {
    product.waves(tiles: [(256, 128), (128, 256)], multiprocessors: multiprocessors)
  }
}

extension TiledRate {
  /// What is published of a GPU's own kernels; nil where nothing is, and shares of the H800's stand
  /// in.
  public static func published(for gpu: GPU) -> TiledRate? {
    gpu.name == HardwareCatalogue.a100.name ? a100 : nil
  }

  /// cuBLAS's 258 of 312 TFLOPS at 8192 x 8192 x 8192 with random operands: the time that is left for
  /// the main loop, whose 2,048 tiles fill 18.96 of 19 rounds, once the result's is taken off.
  static let a100: TiledRate = {
    let gpu = HardwareCatalogue.a100
    let cube = MatrixProduct(m: 8_192, n: 8_192, k: 8_192, operands: .bf16)
    let memoryShare = Fact(
      0.8, .stated,
      "ai-dynamo/aiconfigurator a100_sxm.yaml (2026-08), empirical share of memory bandwidth")
    let seconds = cube.flops.value / 258e12
    let loop = seconds - cube.outputBytes / (gpu.memoryBandwidth.value * memoryShare.value)
    let rounds = TiledRate.rounds(cube, multiprocessors: Double(gpu.multiprocessors.value))
    return TiledRate(
      computeShare: Fact(
        cube.flops / gpu.peak(.bf16) * rounds / loop, .derived,
        "Horace He, 'Strangely, Matrix Multiplications on GPUs Run Faster When Given Predictable "
          + "Data!', 2024: cuBLAS reaches 258 TFLOPS at 8192 x 8192 x 8192 on an A100; recalled"),
      memoryShare: memoryShare)
  }()
}
