public import Kernels
import Quantities

/// The curve of one class of kernels as a device file holds it: its numbers in the order of `keys`,
/// and the measured kernels it rests on.
public struct MeasuredCurve: Sendable, Equatable {
  /// The kernels.
  public var kernelClass: KernelClass
  /// One number for each of the class's keys.
  public var values: [Double]
  /// Measured kernels, in their order.
  public var rows: [KernelMeasurement]

  /// A curve from its parts.
  public init(kernelClass: KernelClass, values: [Double], rows: [KernelMeasurement]) {
    self.kernelClass = kernelClass
    self.values = values
    self.rows = rows
  }

  /// The share of the GPU's peak operations that its largest kernels come to; zero of routers' products
  /// and other kernels limited by memory, which a cache may beat, but infinite where they take no time.
  ///
  ///     // main_loop: 1.25                   0.8
  ///     // main_loop: 0                      infinite
  public var peakShare: Double {
    switch kernelClass {
    case .matrix(.gate, _), .small: 0
    case .memory: values[0].isFinite ? 0 : .infinity
    case .matrix: 1 / values[0]
    case .attention: values[0]
    }
  }

  /// What the numbers of a class's curve are: costs in times of what operations and bytes take at
  /// peak, shares of peak, and microseconds of a launch.
  public static func keys(of kernelClass: KernelClass) -> [String] {
    switch kernelClass {
    case .matrix: ["main_loop", "contention", "left", "right", "result", "launch_us"]
    case .attention: ["share"]
    case .memory: ["share", "launch_us"]
    case .small: ["launch_us"]
    }
  }
}

extension KernelRates {
  /// The curves of the classes that were measured, in the order they were fitted in.
  public var measuredCurves: [MeasuredCurve] {
    fits.map { fit in
      MeasuredCurve(
        kernelClass: fit.kernelClass, values: values(of: fit.kernelClass),
        rows: fit.rows.map(\.measured))
    }
  }

  /// The numbers of a class's curve, in the order of `MeasuredCurve.keys`.
  public func values(of kernelClass: KernelClass) -> [Double] {
    switch kernelClass {
    case .matrix(let kind, let format):
      let curve = curve(kind, format)
      return [
        curve.mainLoopCost, curve.contention, curve.rowCost, curve.weightCost, curve.outputCost,
        curve.fixed * 1e6,
      ]
    case .attention(let backward):
      return [backward ? attentionBackwardShare : attentionForwardShare]
    case .memory(let operation):
      return [curve(operation).share, curve(operation).fixed * 1e6]
    case .small: return [smallKernel * 1e6]
    }
  }

  /// Rates of some measured classes, and of all others those of `base`.
  public init(
    curves: [MeasuredCurve], on gpu: GPU, base: KernelRates, launchGap: Double, source: String
  ) {
    self = base
    self.launchGap = launchGap
    provenance = Fact("\(gpu.name) kernels", .measured, source)
    for curve in curves.reversed() { put(curve) }
    if curves.contains(where: \.kernelClass.isProduct) { tiled = nil }
    fits = curves.map { curve in
      KernelFit(
        kernelClass: curve.kernelClass,
        coefficients: zip(MeasuredCurve.keys(of: curve.kernelClass), curve.values).map {
          KernelFit.Coefficient(name: $0, value: $1, standardError: 0)
        },
        rows: curve.rows.map { row in
          KernelFit.Row(
            measured: row,
            fitted: kernelSeconds(
              row.work, on: gpu, multiprocessorShare: row.multiprocessorShare))
        })
    }
  }

  private mutating func put(_ curve: MeasuredCurve) {
    let values = curve.values
    switch curve.kernelClass {
    case .matrix(let kind, let format):
      matrices.removeAll { $0.kind == kind && $0.format == format }
      matrices.insert(
        MatrixCurve(
          kind: kind, format: format, mainLoopCost: values[0], contention: values[1],
          rowCost: values[2], weightCost: values[3], outputCost: values[4],
          fixed: values[5] * 1e-6), at: 0)
    case .attention(backward: false): attentionForwardShare = values[0]
    case .attention(backward: true): attentionBackwardShare = values[0]
    case .memory(let operation):
      guard let index = MemoryOperation.allCases.firstIndex(of: operation) else { return }
      memory[index] = MemoryCurve(
        operation: operation, share: values[0], fixed: values[1] * 1e-6)
    case .small: smallKernel = values[0] * 1e-6
    }
  }
}

extension KernelClass {
  /// Whether it is a class of products.
  public var isProduct: Bool {
    if case .matrix = self { true } else { false }
  }
}
