public import Kernels
import Quantities

extension KernelClass {
  /// Names of classes, in the order they are listed; those of products stand for every precision.
  static let names: [String] =
    MatrixKind.allCases.map(\.rawValue) + ["attention_forward", "attention_backward", "small"]
    + MemoryOperation.allCases.map(\.rawValue)

  /// Name in files of measurements and devices.
  public var name: String {
    switch self {
    case .matrix(let kind, _): kind.rawValue
    case .attention(let backward): backward ? "attention_backward" : "attention_forward"
    case .memory(let operation): operation.rawValue
    case .small: "small"
    }
  }

  /// The class of a name, of products in a format.
  init?(name: String, format: NumberFormat) {
    if let kind = MatrixKind(rawValue: name) {
      self = .matrix(kind, format)
    } else if let operation = MemoryOperation(rawValue: name) {
      self = .memory(operation)
    } else if name == "small" {
      self = .small
    } else if name == "attention_forward" || name == "attention_backward" {
      self = .attention(backward: name == "attention_backward")
    } else {
      return nil
    }
  }

  /// The columns that size its kernels, and the values each may have.
  var sizes: [(column: MeasurementColumn, range: ClosedRange<Double>, isRequired: Bool)] {
    switch self {
    case .matrix:
      [
        (.m, 1...1e9, true), (.n, 1...1e9, true), (.k, 1...1e9, true), (.groups, 1...1e6, false),
      ]
    case .attention: [(.gflop, 1e-3...1e12, true)]
    case .memory: [(.bytes, 1...1e15, true)]
    case .small: [(.count, 1...1e6, false)]
    }
  }

  /// The work of a kernel of the class; a size that is left out is 1.
  func work(_ size: (MeasurementColumn) -> Double?) -> KernelWork {
    switch self {
    case .matrix(let kind, let format):
      .matrix(
        MatrixProduct(
          m: size(.m) ?? 1, n: size(.n) ?? 1, k: size(.k) ?? 1, groups: size(.groups) ?? 1,
          operands: format, accumulates: kind == .weightGradient, kind: kind))
    case .attention(let backward):
      .attention(flops: FLOPs((size(.gflop) ?? 1) * 1e9), backward: backward)
    case .memory(let operation): .memory(operation, Bytes(size(.bytes) ?? 1))
    case .small: .small(count: Int(size(.count) ?? 1))
    }
  }
}

/// A column of a file of measurements besides those of time.
enum MeasurementColumn: String, CaseIterable, Sendable {
  case name
  case kernelClass = "class"
  case precision
  case m, n, k, groups, gflop, bytes, count, multiprocessors
}
