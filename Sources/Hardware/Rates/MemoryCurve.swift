public import Kernels
public import Quantities

/// Time of a kind of memory-bound kernel over its bytes: `fixed + bytes / (share · bandwidth)`,
/// whatever multiprocessors it gets.
public struct MemoryCurve: Sendable, Equatable {
  /// The kernels it holds for.
  public var operation: MemoryOperation
  /// Share of the memory bandwidth they reach.
  public var share: Double
  /// Seconds a launch takes whatever its size.
  public var fixed: Double

  /// A curve from its parts.
  public init(operation: MemoryOperation, share: Double, fixed: Double) {
    self.operation = operation
    self.share = share
    self.fixed = fixed
  }

  /// Seconds of a kernel that moves some bytes.
  public func seconds(_ bytes: Bytes, on gpu: GPU) -> Double {
    bytes / (gpu.memoryBandwidth.value * share) + fixed
  }
}
