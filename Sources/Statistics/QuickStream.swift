import CGSL

/// A seeded stream for millions of draws: xoshiro256++ (Blackman and Vigna, 2018).
///
///     var gate = QuickStream(seed: 1, component: "gate", index: 0)
///     gate.next()                          // the same number on every run
///
/// Seeded like `RandomStream`, one for each (component, index); a draw costs about a nanosecond.
@frozen
public struct QuickStream: @unchecked Sendable {
  @usableFromInline var a, b, c, d: UInt64
  /// Kept for the life of the program and never written again, so it may be shared.
  @usableFromInline let layers: UnsafePointer<Ziggurat.Layer>

  /// The stream of a component's `index`-th part under the scenario's seed.
  public init(seed: UInt64, component: StaticString, index: UInt64) {
    let state = RandomStream.state(seed: seed, component: component, index: index)
    a = RandomStream.mixed(state)
    b = RandomStream.mixed(state &+ 1)
    c = RandomStream.mixed(state &+ 2)
    d = RandomStream.mixed(state &+ 3) | 1  // not all may be zero
    layers = Ziggurat.layers
  }

  /// 64 random bits.
  @inlinable
  public mutating func next() -> UInt64 {
    let sum = a &+ d
    let result = ((sum << 23) | (sum >> 41)) &+ a
    let shifted = b << 17
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 45) | (d >> 19)
    return result
  }

  /// A number from (0, 1], every one of 2^53 steps equally likely.
  @inlinable
  public mutating func uniform() -> Double { Double((next() >> 11) &+ 1) * 0x1p-53 }

  /// A whole number from 0 up to and without `bound`, which is above zero.
  @inlinable
  public mutating func index(below bound: Int) -> Int {
    Int(truncatingIfNeeded: UInt64(bound).multipliedFullWidth(by: next()).high)
  }

  /// An exponential number of mean 1.
  @inlinable
  public mutating func exponential() -> Double {
    let bits = next()
    // Ziggurat of 256 layers (Marsaglia and Tsang, 2000): 99 of 100 draws end here.
    let layer = Int(truncatingIfNeeded: bits & 0xFF)
    let x = Double(bits >> 11) * layers[layer].width
    return x < layers[layer].edge ? x : slowExponential(layer, x)
  }

  @usableFromInline
  mutating func slowExponential(_ layer: Int, _ x: Double) -> Double {
    var layer = layer
    var x = x
    while true {
      if x < layers[layer].edge { return x }
      if layer == 0 { return Ziggurat.tail - log(uniform()) }
      let below = layers[layer].height
      if below + uniform() * (layers[layer + 1].height - below) < exp(-x) { return x }
      let bits = next()
      layer = Int(truncatingIfNeeded: bits & 0xFF)
      x = Double(bits >> 11) * layers[layer].width
    }
  }
}

/// Layers of equal area under exp(-x).
@usableFromInline
enum Ziggurat {
  @frozen
  @usableFromInline
  struct Layer {
    /// What turns 53 random bits into a point of the layer.
    @usableFromInline var width = 0.0
    /// Points left of it lie under the curve.
    @usableFromInline var edge = 0.0
    /// The curve at the layer's right end, its lowest.
    @usableFromInline var height = 0.0
  }

  /// Right end of the lowest layer's box, and the area of each layer.
  static let tail = 7.697_117_470_131_05
  static let area = 0.003_949_659_822_581_557

  nonisolated(unsafe) static let layers: UnsafePointer<Layer> = {
    var x = [Double](repeating: 0, count: 257)
    x[0] = area / exp(-tail)
    x[1] = tail
    for layer in 2..<256 { x[layer] = -log(area / x[layer - 1] + exp(-x[layer - 1])) }
    let layers = UnsafeMutablePointer<Layer>.allocate(capacity: 257)
    layers.initialize(repeating: Layer(height: 1), count: 257)
    for layer in 0..<256 {
      layers[layer] = Layer(
        width: x[layer] * 0x1p-53, edge: x[layer + 1], height: layer > 0 ? exp(-x[layer]) : 0)
    }
    return UnsafePointer(layers)
  }()
}

/// Powers and logarithms for the layers that have the standard library alone.
public enum Elementary {
  /// `base` to the power of `exponent`.
  public static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
  /// The natural logarithm.
  public static func logarithm(_ value: Double) -> Double { log(value) }
  /// e to the power of `exponent`.
  public static func exponential(_ exponent: Double) -> Double { exp(exponent) }
  /// e to the power of `exponent`, less 1, without loss where that is small.
  public static func exponentialLessOne(_ exponent: Double) -> Double { expm1(exponent) }
  /// The gamma function: (n - 1)! at a whole number n.
  public static func gamma(_ value: Double) -> Double { tgamma(value) }
}
