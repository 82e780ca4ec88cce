/// One GPU kernel: what it is called and what it has to do.
///
/// The common word of models, which say what kernels a layer needs, and of hardware, which says
/// how long they take. Neither has to know the other.
public struct Kernel: Sendable, Equatable {
  /// What the kernel does, in the field's words.
  public var name: String
  /// How much work it is.
  public var work: KernelWork
  /// Whether backward runs it to compute again what forward did.
  public var isRepeated = false
  /// Whether it is one of those that make up the core of attention where no single kernel does.
  public var isPartOfAttention = false

  /// A kernel called `name`.
  public init(_ name: String, _ work: KernelWork) {
    self.name = name
    self.work = work
  }

  /// The same kernel as one of those that make up the core of attention.
  public var partOfAttention: Kernel {
    var kernel = self
    kernel.isPartOfAttention = true
    return kernel
  }

  /// The same kernel where backward computes again what it did in forward.
  public var again: Kernel {
    var kernel = self
    kernel.name += " again"
    kernel.isRepeated = true
    return kernel
  }
}
