import CGSL

/// A seeded stream of random numbers (GSL's Mersenne twister), one for each (component, index).
///
///     var gate = RandomStream(seed: 1, component: "gate", index: 0)
///     gate.uniform()                       // the same number on every run
///
/// The stream's seed is hashed from the three values, so that adding a component never shifts
/// the numbers another one draws. Owns its generator and cannot be copied.
public struct RandomStream: ~Copyable {
  private let generator: UnsafeMutablePointer<gsl_rng>

  /// The stream of a component's `index`-th part under the scenario's seed.
  public init(seed: UInt64, component: StaticString, index: UInt64) {
    let state = Self.state(seed: seed, component: component, index: index)
    generator = gsl_rng_alloc(cgsl_mt19937())
    gsl_rng_set(generator, UInt(state & 0xFFFF_FFFF))  // the twister takes 32 bits
  }

  deinit { gsl_rng_free(generator) }

  /// A number from [0, 1), every one of 2^32 steps equally likely.
  public mutating func uniform() -> Double { gsl_rng_uniform(generator) }

  /// A standard normal number (mean 0, deviation 1), by the ziggurat method.
  public mutating func normal() -> Double { gsl_ran_gaussian_ziggurat(generator, 1) }

  /// A number from the gamma distribution of that shape (above zero) and scale 1, whose mean is
  /// `shape`; several, over their sum, are a draw from Dirichlet's distribution.
  public mutating func gamma(shape: Double) -> Double { gsl_ran_gamma(generator, shape, 1) }

  /// An exponential number of mean 1.
  public mutating func exponential() -> Double { gsl_ran_exponential(generator, 1) }

  /// A number from Weibull's distribution: the chance to exceed x is exp(-(x / scale)^shape).
  public mutating func weibull(scale: Double, shape: Double) -> Double {
    gsl_ran_weibull(generator, scale, shape)
  }

  /// How many of `trials` (up to 2^32 - 1) succeed, each with the same probability, from 0 to 1.
  public mutating func binomial(trials: Int, probability: Double) -> Int {
    Int(gsl_ran_binomial(generator, probability, UInt32(clamping: trials)))
  }

  /// Where a stream starts: a hash of what it is the stream of.
  static func state(seed: UInt64, component: StaticString, index: UInt64) -> UInt64 {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a over the component's name
    component.withUTF8Buffer { name in
      for byte in name { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }
    for word in [seed, index] { state = Self.mixed(state ^ Self.mixed(word)) }
    return state
  }

  /// The finalizer of SplitMix64: every bit of the result depends on every bit of `word`.
  static func mixed(_ word: UInt64) -> UInt64 {
    var z = word &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
