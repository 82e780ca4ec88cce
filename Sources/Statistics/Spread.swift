import CGSL

/// A number that is known exactly, or only within a range or a distribution.
///
///     let rent = Spread.uniform(from: 2.0, to: 2.6)
///     rent.middle                    // 2.3
///     rent.quantile(0.95)            // 2.57
///
/// Everything is drawn through `quantile`, so that one uniform number decides a draw: studies that
/// draw the same numbers differ in their inputs alone.
public enum Spread: Sendable, Equatable {
  /// The one value.
  case exactly(Double)
  /// Any value between the two, each as likely.
  case uniform(from: Double, to: Double)
  /// A normal distribution of that mean and standard deviation.
  case normal(mean: Double, deviation: Double)
  /// A lognormal distribution: its median, and the factor that one standard deviation of the
  /// logarithm multiplies or divides it by, above 1.
  case lognormal(median: Double, factor: Double)
  /// A triangle over `from ... to` with its peak at `peak`.
  case triangular(from: Double, peak: Double, to: Double)

  /// The median, which stands for the number where one value is wanted.
  public var middle: Double { quantile(0.5) }

  /// Whether there is more than one value.
  public var isSpread: Bool { if case .exactly = self { false } else { true } }

  /// The value that a share `p` of all draws lies below.
  ///
  /// - Parameter p: from 0 to 1; a normal's ends are taken at 1e-12 from there.
  public func quantile(_ p: Double) -> Double {
    let p = min(max(p, 0), 1)
    let inner = min(max(p, 1e-12), 1 - 1e-12)
    switch self {
    case .exactly(let value): return value
    case .uniform(let from, let to): return from + (to - from) * p
    case .normal(let mean, let deviation):
      return p == 0.5 ? mean : mean + deviation * gsl_cdf_ugaussian_Pinv(inner)
    case .lognormal(let median, let factor):
      return p == 0.5 ? median : median * exp(log(factor) * gsl_cdf_ugaussian_Pinv(inner))
    case .triangular(let from, let peak, let to):
      // The area left of the peak; beyond it the triangle is read from its other end.
      let width = to - from
      guard width > 0 else { return peak }
      let left = (peak - from) / width
      return p <= left
        ? from + (p * width * (peak - from)).squareRoot()
        : to - ((1 - p) * width * (to - peak)).squareRoot()
    }
  }

  /// The same spread, each value times `factor`.
  public func scaled(by factor: Double) -> Spread {
    switch self {
    case .exactly(let value): .exactly(value * factor)
    case .uniform(let from, let to): .uniform(from: from * factor, to: to * factor)
    case .normal(let mean, let deviation):
      .normal(mean: mean * factor, deviation: deviation * factor)
    case .lognormal(let median, let spread): .lognormal(median: median * factor, factor: spread)
    case .triangular(let from, let peak, let to):
      .triangular(from: from * factor, peak: peak * factor, to: to * factor)
    }
  }
}
