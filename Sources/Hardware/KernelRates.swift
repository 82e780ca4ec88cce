public import Kernels
public import Quantities
public import Statistics

/// What kernels achieve on a GPU, as shares of its peaks, fitted to measured kernels.
///
/// A matrix product takes
///
///     seconds = flops / (a · peak · multiprocessor share) + input / (b · memory bandwidth)
///             + output / (c · memory bandwidth) + d
///
/// because prologue and epilogue hardly overlap with the main loop; a memory-bound kernel takes
/// bytes over an achieved bandwidth that does not depend on the multiprocessors it gets. Shares
/// of peak are carried to other GPUs than the measured one, and then count as assumed.
public struct KernelRates: Sendable {
  /// Cost of one kind of matrix product, in shares of the peaks.
  public struct MatrixRate: Sendable, Equatable {
    /// Share of the matrix peak in the main loop.
    public var computeShare: Double
    /// Seconds of memory traffic for an operand byte, times the memory bandwidth.
    public var inputCost: Double
    /// Seconds of memory traffic for a result byte, times the memory bandwidth.
    public var outputCost: Double
    /// Seconds a launch takes whatever its size.
    public var fixed: Double
  }

  /// Rates of one product a launch.
  public var dense: MatrixRate
  /// Rates of grouped products.
  public var grouped: MatrixRate
  /// Rates of FP8 weight gradients; in BF16 they are ordinary products.
  public var weightGradient: MatrixRate
  /// Share of the BF16 peak attention's forward reaches.
  public var attentionForwardShare: Double
  /// Share of the BF16 peak attention's backward reaches.
  public var attentionBackwardShare: Double
  /// Share of the memory bandwidth each kind of memory-bound kernel reaches, in `allCases` order.
  public var memoryShares: [Double]
  /// Seconds of one small kernel.
  public var smallKernel: Double
  /// Seconds between two kernels of a stream.
  public var launchGap: Double
  /// What is published of the GPU's own products, which then take the place of carried shares.
  public var tiled: TiledRate?
  /// Where the rates come from.
  public var provenance: Fact<String>

  /// Seconds of a kernel on `gpu` when it has `share` of the multiprocessors, with the gap before
  /// it.
  public func seconds(_ work: KernelWork, on gpu: GPU, multiprocessorShare share: Double) -> Double
  {
    switch work {
    case .matrix(let product):
      if let tiled {
        return tiled.seconds(product, on: gpu, multiprocessorShare: share) + launchGap
      }
      return matrixSeconds(product, on: gpu, multiprocessorShare: share) + launchGap
    case .attention(let flops, let backward):
      let reached = backward ? attentionBackwardShare : attentionForwardShare
      return flops / (gpu.peak(.bf16) * (reached * share)) + launchGap
    case .memory(let operation, let bytes):
      let index = MemoryOperation.allCases.firstIndex(of: operation) ?? 0
      return bytes / (gpu.memoryBandwidth.value * memoryShares[index]) + launchGap
    case .small(let count):
      return Double(count) * (smallKernel + launchGap)
    }
  }

  private func matrixSeconds(
    _ product: MatrixProduct, on gpu: GPU, multiprocessorShare share: Double
  ) -> Double {
    let rate: MatrixRate =
      switch product.kind {
      case .dense: dense
      case .grouped: grouped
      case .weightGradient: product.operands == .fp8 ? weightGradient : dense
      }
    let memory = gpu.memoryBandwidth.value
    return product.flops / (gpu.peak(product.operands) * (rate.computeShare * share))
      + product.inputBytes / memory * rate.inputCost
      + product.outputBytes / memory * rate.outputCost + rate.fixed
  }
}

extension KernelRates {
  /// The rates fitted to the H800 trace, as they apply to `gpu`.
  ///
  /// - Throws: `FitError` when the measured rows do not determine the coefficients.
  public static func fitted(for gpu: GPU) throws(FitError) -> KernelRates {
    let measured = HardwareCatalogue.h800
    let had = MeasuredKernels.multiprocessors / Double(measured.multiprocessors.value)
    let peak = measured.peak(.fp8) * had
    let bf16 = measured.peak(.bf16) * had
    let forward = MeasuredKernels.attentionForward
    let backward = MeasuredKernels.attentionBackward
    func share(_ row: (gigaFLOPs: Double, microseconds: Double)) -> Double {
      FLOPRate(row.gigaFLOPs * 1e9 / (row.microseconds * 1e-6)) / bf16
    }
    let isMeasured = gpu.name == measured.name
    return KernelRates(
      dense: try matrixRate(.dense, peak: peak, memory: measured.memoryBandwidth.value),
      grouped: try matrixRate(.grouped, peak: peak, memory: measured.memoryBandwidth.value),
      weightGradient: try matrixRate(
        .weightGradient, peak: peak, memory: measured.memoryBandwidth.value),
      attentionForwardShare: share(forward), attentionBackwardShare: share(backward),
      memoryShares: MemoryOperation.allCases.map { memoryShare($0, of: measured) },
      smallKernel: MeasuredKernels.smallKernelMicroseconds * 1e-6,
      launchGap: MeasuredKernels.launchGapMicroseconds * 1e-6, tiled: .published(for: gpu),
      provenance: Fact(
        isMeasured ? "\(measured.name) kernels" : "shares of peak of \(measured.name) kernels",
        isMeasured ? .measured : .assumed, MeasuredKernels.source))
  }

  private static func matrixRate(
    _ kind: MatrixKind, peak: FLOPRate, memory: Bandwidth
  ) throws(FitError) -> MatrixRate {
    let rows = MeasuredKernels.matrices.filter { $0.kind == kind }
    let columns = rows.map { row in
      let work = row.product
      // A kind with six rows of two shapes cannot tell a fixed time from the rest.
      let fixed = kind == .grouped ? [] : [1.0]
      return [work.flops / peak, work.inputBytes / memory, work.outputBytes / memory] + fixed
    }
    let fit = try LinearFit(rows: columns, values: rows.map { $0.microseconds * 1e-6 })
    let c = fit.coefficients
    return MatrixRate(
      computeShare: 1 / c[0], inputCost: c[1], outputCost: c[2], fixed: c.count > 3 ? c[3] : 0)
  }

  /// All bytes of the kind's rows over all their time, as a share of the memory bandwidth.
  private static func memoryShare(_ kind: MemoryOperation, of gpu: GPU) -> Double {
    let rows = MeasuredKernels.memory.filter { $0.kind == kind }
    let bytes = rows.reduce(0) { $0 + $1.megabytes * 1e6 }
    let seconds = rows.reduce(0) { $0 + $1.microseconds * 1e-6 }
    return Bandwidth(bytes / seconds) / gpu.memoryBandwidth.value
  }
}
