/// A GPU with curves fitted to a user's own measurements.
public struct Device: Sendable, Equatable {
  /// Name, which is that of its GPU as well.
  public var name: String
  /// Where the measurements are from.
  public var source: String
  /// The GPU.
  public var gpu: GPU
  /// What kernels achieve on it; those that were not measured, the shares of peak of the catalogue's.
  public var rates: KernelRates
  /// The node it stands in; nil where a scenario has to name one.
  public var node: Node?

  /// A device from its parts.
  public init(name: String, source: String, gpu: GPU, rates: KernelRates, node: Node? = nil) {
    self.name = name
    self.source = source
    self.gpu = gpu
    self.rates = rates
    self.node = node
  }
}

extension HardwareCatalogue {
  /// The GPU of the node called `name`, or the GPU of that name; nil where there is neither.
  public static func gpu(named name: String) -> GPU? {
    node(named: name)?.gpu ?? nodes.first { $0.gpu.name == name }?.gpu
  }
}
