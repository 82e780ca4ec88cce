import CGSL

/// How many of so many trials succeed, each with the same probability.
///
///     BinomialLaw(trials: 1_024, probability: 0.001).quantile(0.99)      // 4
public struct BinomialLaw: Sendable, Equatable {
  /// Trials, up to 2^32 - 1.
  public var trials: Int
  /// Chance of each to succeed, from 0 to 1.
  public var probability: Double

  /// The law of so many trials.
  public init(trials: Int, probability: Double) {
    self.trials = trials
    self.probability = probability
  }

  /// The chance of `most` successes or fewer.
  public func cumulative(_ most: Int) -> Double {
    guard most >= 0 else { return 0 }
    gsl_set_error_handler_off()  // GSL's own handler would end the process
    return gsl_cdf_binomial_P(UInt32(clamping: most), probability, UInt32(clamping: trials))
  }

  /// The least number that is not exceeded with a chance of `confidence` (below 1).
  ///
  /// - Complexity: one cumulative probability for each bit of `trials`.
  public func quantile(_ confidence: Double) -> Int {
    var (low, high) = (0, max(0, trials))
    while low < high {
      let middle = low + (high - low) / 2
      if cumulative(middle) >= confidence { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
