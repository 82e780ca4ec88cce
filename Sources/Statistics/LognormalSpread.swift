import CGSL

/// Factors that scatter about 1 and never go below 0: a lognormal distribution of mean 1.
///
///     let spread = LognormalSpread(deviation: 0.02)
///     var stream = QuickStream(seed: 1, component: "jitter", index: 0)
///     spread.next(from: &stream)           // 0.97 to 1.03 in nine draws of ten
///
/// The logarithm is normal with variance ln(1 + deviation²) and mean minus half of it, which makes
/// the mean 1 and the standard deviation `deviation` exactly.
public struct LognormalSpread: Sendable, Equatable {
  private let scale: Double
  private let shift: Double

  /// Factors of mean 1 and the given standard deviation, from 0 up.
  public init(deviation: Double) {
    let variance = log(1 + deviation * deviation)
    scale = variance.squareRoot()
    shift = -variance / 2
  }

  /// The next factor of a stream.
  public func next(from stream: inout QuickStream) -> Double {
    exp(shift + scale * stream.normal())
  }
}

extension QuickStream {
  /// A standard normal number (mean 0, deviation 1), by Marsaglia's polar method (1964).
  public mutating func normal() -> Double {
    while true {
      let x = 2 * uniform() - 1
      let y = 2 * uniform() - 1
      let square = x * x + y * y
      if square > 0, square < 1 { return x * (-2 * log(square) / square).squareRoot() }
    }
  }
}
