public import Quantities

/// What one micro-batch leaves on one GPU between the passes of a layer, tensor by tensor.
///
///     model.activations(hasExperts: true, shape: shape).bytes(.latents, .input)
///
/// Tensors and their order depend on the layer and the recipe alone, never on sizes: two lists of
/// one layer at different loads match place by place.
public struct LayerActivations: Sendable, Equatable {
  /// One tensor.
  public struct Part: Sendable, Equatable {
    /// What it is.
    public var tensor: ActivationTensor
    /// How long it stays.
    public var lifetime: Lifetime
    /// How large it is.
    public var bytes: Bytes

    /// A tensor from its parts.
    public init(_ tensor: ActivationTensor, _ lifetime: Lifetime, _ bytes: Bytes) {
      self.tensor = tensor
      self.lifetime = lifetime
      self.bytes = bytes
    }
  }

  /// The tensors, in the order a token meets them.
  public private(set) var parts: [Part]

  /// The given tensors.
  public init(_ parts: [Part] = []) { self.parts = parts }

  /// Adds a tensor of so many bytes for each lifetime.
  mutating func add(_ tensor: ActivationTensor, _ bytes: Double, _ lifetimes: Lifetime...) {
    for lifetime in lifetimes { parts.append(Part(tensor, lifetime, Bytes(bytes))) }
  }

  /// Bytes of all tensors of a lifetime.
  public func bytes(_ lifetime: Lifetime) -> Bytes {
    parts.reduce(.zero) { $1.lifetime == lifetime ? $0 + $1.bytes : $0 }
  }

  /// Bytes of one tensor in a lifetime.
  public func bytes(_ tensor: ActivationTensor, _ lifetime: Lifetime) -> Bytes {
    parts.reduce(.zero) { sum, part in
      part.tensor == tensor && part.lifetime == lifetime ? sum + part.bytes : sum
    }
  }

  /// Kept from forward until the input gradient is done.
  public var held: Bytes { bytes(.input) }
  /// Kept from the end of an input gradient on its own until the weight gradient is done: the
  /// input of each product and the gradient of its result.
  public var pendingWeight: Bytes { bytes(.weight) }
  /// Needed only while the layer is worked on: the most of any block.
  public var working: Bytes {
    max(working(Lifetime.forwardBlocks), working(Lifetime.backwardBlocks))
  }

  /// The most that any of some blocks needs while it is worked on.
  public func working(_ blocks: [Lifetime]) -> Bytes { blocks.map(bytes).max() ?? .zero }

  /// Tensors of two parts of a layer.
  public static func + (a: LayerActivations, b: LayerActivations) -> LayerActivations {
    LayerActivations(a.parts + b.parts)
  }

  /// What each tensor gains from `other` to this, which has the same tensors.
  public func minus(_ other: LayerActivations) -> LayerActivations {
    LayerActivations(
      zip(parts, other.parts).map { Part($0.tensor, $0.lifetime, $0.bytes - $1.bytes) })
  }

  /// Every tensor with `share` of its slope added.
  public func plus(_ slope: LayerActivations, times share: Double) -> LayerActivations {
    LayerActivations(
      zip(parts, slope.parts).map { Part($0.tensor, $0.lifetime, $0.bytes + $1.bytes * share) })
  }
}
