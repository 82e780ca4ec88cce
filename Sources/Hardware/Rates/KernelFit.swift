public import Kernels
import Quantities

/// How a class of kernels was fitted: its rows, how far the curve is from each, and the shapes
/// they cover.
public struct KernelFit: Sendable, Equatable {
  /// One fitted number.
  public struct Coefficient: Sendable, Equatable {
    /// What it is, in words.
    public var name: String
    /// Its value.
    public var value: Double
    /// How far it may be off, one standard deviation.
    public var standardError: Double
  }

  /// A measured kernel beside the curve.
  public struct Row: Sendable, Equatable {
    /// What was measured.
    public var measured: KernelMeasurement
    /// What the curve gives, the gap before a kernel left out.
    public var fitted: Double
    /// Fitted over measured time minus one.
    public var error: Double { fitted / measured.seconds - 1 }
  }

  /// The kernels.
  public var kernelClass: KernelClass
  /// What the curve is made of.
  public var coefficients: [Coefficient]
  /// Measured kernels, in their order.
  public var rows: [Row]

  /// The row furthest from the curve.
  public var worst: Row? { rows.max { abs($0.error) < abs($1.error) } }

  /// Least and most of what sizes the measured kernels, in words; nil where there are no rows.
  public var range: String? {
    let works = rows.map(\.measured.work)
    func span(_ name: String, _ values: [Double]) -> String {
      guard let least = values.min(), let most = values.max() else { return "" }
      return least == most ? "\(name) \(short(least))" : "\(name) \(short(least))-\(short(most))"
    }
    let products = works.compactMap(\.product)
    if !products.isEmpty {
      return [
        span("m", products.map(\.groupRows)), span("n", products.map(\.n)),
        span("k", products.map(\.k)),
      ].joined(separator: ", ")
    }
    let sizes = works.compactMap(\.size)
    return sizes.isEmpty ? nil : span(works[0].sizeUnit, sizes)
  }

  /// Whether a kernel of the class lies outside of what was measured: by more than a factor of two
  /// beyond the least or most of any of its sizes.
  public func isOutside(_ work: KernelWork) -> Bool {
    if let product = work.product {
      let measured = rows.compactMap(\.measured.work.product)
      return Self.isOutside(product.groupRows, measured.map(\.groupRows))
        || Self.isOutside(product.n, measured.map(\.n))
        || Self.isOutside(product.k, measured.map(\.k))
    }
    guard let size = work.size else { return false }
    return Self.isOutside(size, rows.compactMap(\.measured.work.size))
  }

  private static func isOutside(_ value: Double, _ measured: [Double]) -> Bool {
    guard let least = measured.min(), let most = measured.max() else { return true }
    return value < least / 2 || value > most * 2
  }
}

/// A size in few characters, such as `117.4M`.
private func short(_ value: Double) -> String {
  for (unit, factor) in [("G", 1e9), ("M", 1e6)] where value >= factor {
    return "\((value / factor * 10).rounded() / 10)" + unit
  }
  return value == value.rounded() ? "\(Int(value))" : "\(value)"
}

extension KernelWork {
  /// The product, if it is one.
  public var product: MatrixProduct? {
    if case .matrix(let product) = self { product } else { nil }
  }

  /// Operations of attention, bytes of a memory-bound kernel.
  fileprivate var size: Double? {
    switch self {
    case .matrix, .small: nil
    case .attention(let flops, _): flops.value
    case .memory(_, let bytes): bytes.value
    }
  }

  fileprivate var sizeUnit: String {
    if case .attention = self { "FLOP" } else { "bytes" }
  }
}

extension MatrixProduct {
  /// Rows of one group.
  public var groupRows: Double { m / groups }
}
