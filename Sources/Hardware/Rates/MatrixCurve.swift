public import Kernels
public import Quantities

/// Time of a matrix product over its shape.
///
///     seconds = mainLoopCost · contention · waves · flops / (peak · share of the multiprocessors)
///             + (rowCost · left operand + weightCost · right operand + outputCost · result) / bandwidth
///             + fixed
///
/// The main loop runs in tiles, one a multiprocessor at a time; `waves` is what the last, unfull
/// round of tiles costs. What prologue and epilogue move is hardly hidden behind the main loop, which
/// the three costs stand for: they are in times of what the bytes take at full memory bandwidth.
/// Beside communication, which takes its part of memory and cache, the main loop is slower than its
/// share of the multiprocessors explains: that is `contention`.
public struct MatrixCurve: Sendable, Equatable {
  /// The products it holds for.
  public var kind: MatrixKind
  /// Format of their operands.
  public var format: NumberFormat
  /// Times that the main loop takes over its operations at peak.
  public var mainLoopCost: Double
  /// How much longer the main loop takes while 20 of 132 multiprocessors communicate, their absence
  /// aside; 1 where it is not slowed.
  public var contention = 1.0
  /// Times that a byte of the left operand, of the right one, and of the result takes.
  public var rowCost, weightCost, outputCost: Double
  /// Seconds a launch takes whatever its size.
  public var fixed: Double

  /// A curve from its parts.
  public init(
    kind: MatrixKind, format: NumberFormat, mainLoopCost: Double, contention: Double = 1,
    rowCost: Double, weightCost: Double, outputCost: Double, fixed: Double
  ) {
    self.kind = kind
    self.format = format
    self.mainLoopCost = mainLoopCost
    self.contention = contention
    self.rowCost = rowCost
    self.weightCost = weightCost
    self.outputCost = outputCost
    self.fixed = fixed
  }

  /// Seconds of a product on a GPU that gives it a share of the multiprocessors.
  public func seconds(
    _ product: MatrixProduct, on gpu: GPU, multiprocessorShare share: Double
  ) -> Double {
    let parts = MatrixParts(product, on: gpu, multiprocessorShare: share)
    let slowed = 1 + (contention - 1) * parts.communication
    return parts.mainLoop * slowed * mainLoopCost + parts.rows * rowCost
      + parts.weights * weightCost + parts.output * outputCost + fixed
  }
}

/// What a product's time is made of, each in seconds at peak.
struct MatrixParts {
  /// Operations at the peak of the multiprocessors it has, whole rounds of tiles.
  var mainLoop: Double
  /// Operands and result at the memory's peak.
  var rows, weights, output: Double
  /// Multiprocessors that communicate beside it, over those beside the measured kernels.
  ///
  /// Contention was measured beside 20 of 132; it is taken to grow with the part that communicates.
  var communication: Double

  /// Share of the multiprocessors that communicated beside the measured products.
  static let measuredCommunicationShare = 1 - MeasuredKernels.multiprocessors / 132

  init(_ product: MatrixProduct, on gpu: GPU, multiprocessorShare share: Double) {
    let memory = gpu.memoryBandwidth.value
    let bytes = product.operands.bytesWithScale
    rows = Bytes(product.m * product.k * bytes) / memory
    // Without rows there is nothing to read weights for.
    let weightReads = product.m > 0 ? product.groups : 0
    weights = Bytes(weightReads * product.n * product.k * bytes) / memory
    output = product.outputBytes / memory
    communication = (1 - share) / Self.measuredCommunicationShare
    let processors = Double(gpu.multiprocessors.value) * share
    mainLoop =
      product.flops / (gpu.peak(product.operands) * share)
      * Self.waves(product, multiprocessors: processors)
  }

  /// `MatrixProduct.waves` with the tiles of DeepGEMM's kernels, of 64 or 128 rows and columns.
  static func waves(_ product: MatrixProduct, multiprocessors: Double) -> Double {
    product.waves(tiles: tiles, multiprocessors: multiprocessors)
  }

  private static let tiles: [(rows: Double, columns: Double)] = [
    (64, 64), (64, 128), (128, 64), (128, 128),
  ]
}

extension MatrixProduct {
  /// Work in whole rounds of tiles over the work there is, for the best of some sizes of tiles; 1
  /// where tiles fill every round or there is no work. Each multiprocessor has a tile at a time, and
  /// each group tiles of its own.
  ///
  /// Source: NVIDIA, Matrix Multiplication Background User's Guide, 'Wave Quantization'.
  func waves(tiles: [(rows: Double, columns: Double)], multiprocessors: Double) -> Double {
    let processors = max(multiprocessors.rounded(.down), 1)
    guard m * n > 0 else { return 1 }
    var least = Double.infinity
    for tile in tiles {
      let count =
        groups * (groupRows / tile.rows).rounded(.up) * (n / tile.columns).rounded(.up)
      let rounds = (count / processors).rounded(.up)
      least = min(least, rounds * processors * tile.rows * tile.columns)
    }
    return max(least / (m * n), 1)
  }
}
