/// One GPU kernel: what it is called and what it has to do.
///
/// The common word of models, which say what kernels a layer needs, and of hardware, which says
/// how long they take. Neither has to know the other.
public struct Kernel: Sendable, Equatable {
  /// What the kernel does, in the field's words.
  public var name: String
  /// How much work it is.
  public var work: KernelWork

  /// A kernel called `name`.
  public init(_ name: String, _ work: KernelWork) {
    self.name = name
    self.work = work
  }
}
