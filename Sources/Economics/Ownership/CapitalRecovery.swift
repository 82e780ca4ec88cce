import Statistics

/// Equal yearly payments that pay something back over its life, with interest.
///
///     let recovery = CapitalRecovery(costOfCapital: 0.13, life: 4)
///     recovery.factor                                            // 0.3362 of the price a year
///     recovery.years(toRecover: 38_000, savingPerYear: 20_000)   // 2.32
///
/// Payments fall due at the end of each year. The factor is r (1 + r)ⁿ / ((1 + r)ⁿ - 1), and 1 / n
/// where capital costs nothing.
public struct CapitalRecovery: Sendable, Equatable {
  /// Interest a year, a ratio: 0.1 is ten percent.
  public var costOfCapital: Double
  /// Years until the thing is worth nothing.
  public var life: Double

  /// Payments at `costOfCapital` a year over `life` years.
  public init(costOfCapital: Double, life: Double) {
    self.costOfCapital = costOfCapital
    self.life = life
  }

  /// The yearly payment as a share of the price.
  public var factor: Double {
    guard costOfCapital != 0 else { return 1 / life }
    return -costOfCapital
      / Elementary.exponentialMinusOne(-life * Elementary.logarithmOfOnePlus(costOfCapital))
  }

  /// Years of a yearly saving that pay back `capital` with interest; nil where the saving is not
  /// even the interest.
  ///
  /// A saving of `capital * factor` takes the life, by definition of the factor.
  public func years(toRecover capital: Double, savingPerYear: Double) -> Double? {
    guard capital > 0 else { return 0 }
    guard savingPerYear > 0 else { return nil }
    guard costOfCapital != 0 else { return capital / savingPerYear }
    let interest = capital / savingPerYear * costOfCapital
    guard interest < 1 else { return nil }
    return -Elementary.logarithmOfOnePlus(-interest)
      / Elementary.logarithmOfOnePlus(costOfCapital)
  }
}
