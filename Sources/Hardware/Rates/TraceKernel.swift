import Kernels
public import Statistics

/// A kernel of the public training trace of DeepSeek-V3 beside the curve of its class, which is fitted
/// to it among others.
public struct TraceKernel: Sendable, Equatable {
  /// The phase of a layer that it is part of, such as `attention F`.
  public var block: String
  /// Which of the kernels of its name in the block it is, from 1, and how many there are: of grouped
  /// products each of four layers has its own.
  public var occurrence, occurrences: Int
  /// What was measured and what the curve gives.
  public var row: KernelFit.Row
}

extension KernelRates {
  /// Every kernel of the trace in its order, beside the fitted curves of the GPU it was measured on.
  ///
  ///     try KernelRates.traceKernels()[0].row.measured.role         // "norm"
  ///
  /// - Throws: `FitError` as `fitted(for:)`.
  public static func traceKernels() throws(FitError) -> [TraceKernel] {
    let fits = try fitted(for: HardwareCatalogue.h800).fits
    var kernels: [TraceKernel] = []
    for block in MeasuredKernels.blocks {
      for (index, measured) in block.rows.enumerated() {
        let fit = fits.first { $0.kernelClass == measured.work.kernelClass }
        // Rows that are equal in every number have the same curve.
        guard let row = fit?.rows.first(where: { $0.measured == measured }) else { continue }
        func count(_ rows: ArraySlice<KernelMeasurement>) -> Int {
          rows.count { $0.role == measured.role }
        }
        kernels.append(
          TraceKernel(
            block: block.name, occurrence: count(block.rows[...index]),
            occurrences: count(block.rows[...]), row: row))
      }
    }
    return kernels
  }
}
