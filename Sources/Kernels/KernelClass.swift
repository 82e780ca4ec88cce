public import Quantities

/// Kernels that follow one curve of time over shape.
public enum KernelClass: Sendable, Equatable {
  /// Products of a kind with operands in a format.
  case matrix(MatrixKind, NumberFormat)
  /// The core of attention, forward or backward.
  case attention(backward: Bool)
  /// Kernels limited by memory.
  case memory(MemoryOperation)
  /// Kernels so small that launching them is what takes time.
  case small
}

extension KernelClass: CustomStringConvertible {
  /// The class in words, such as `dense product, fp8`.
  public var description: String {
    switch self {
    case .matrix(let kind, let format): "\(kind.rawValue) product, \(format.rawValue)"
    case .attention(let backward): backward ? "attention backward" : "attention forward"
    case .memory(let operation): operation.rawValue
    case .small: "small kernel"
    }
  }
}

extension KernelWork {
  /// The class the work belongs to.
  public var kernelClass: KernelClass {
    switch self {
    case .matrix(let product): .matrix(product.kind, product.operands)
    case .attention(_, let backward): .attention(backward: backward)
    case .memory(let operation, _): .memory(operation)
    case .small: .small
    }
  }
}
