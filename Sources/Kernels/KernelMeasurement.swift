/// How long one kernel took on a GPU.
public struct KernelMeasurement: Sendable, Equatable {
  /// What the kernel did, in words.
  public var role: String
  /// Its work.
  public var work: KernelWork
  /// Its time.
  public var seconds: Double
  /// Least and most of several, where they are known.
  public var spread: ClosedRange<Double>?
  /// Multiprocessors it could use, over those of the GPU: below 1 where others communicated
  /// beside it.
  public var multiprocessorShare: Double
  /// Where the time was published or read.
  public var source: String

  /// A measurement from its parts.
  public init(
    role: String, work: KernelWork, seconds: Double, spread: ClosedRange<Double>? = nil,
    multiprocessorShare: Double = 1, source: String
  ) {
    self.role = role
    self.work = work
    self.seconds = seconds
    self.spread = spread
    self.multiprocessorShare = multiprocessorShare
    self.source = source
  }
}
