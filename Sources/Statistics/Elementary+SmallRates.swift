import CGSL

extension Elementary {
  /// `exp(value) - 1`, as exact near 0 as elsewhere.
  public static func exponentialMinusOne(_ value: Double) -> Double { expm1(value) }
  /// The natural logarithm of `1 + value`, as exact near 0 as elsewhere.
  public static func logarithmOfOnePlus(_ value: Double) -> Double { log1p(value) }
}
