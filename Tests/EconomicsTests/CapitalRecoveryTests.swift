import Economics
import Testing

/// Payments that pay a price back with interest.
@Suite struct CapitalRecoveryTests {
  static let rates: [(rate: Double, years: Double, printed: Double)] = [
    (0.10, 4, 0.3155), (0.13, 4, 0.3362), (0.10, 5, 0.2638), (0.08, 6, 0.2163),
  ]

  /// The textbook formula r(1+r)ⁿ/((1+r)ⁿ-1) by repeated multiplication, to 1e-9, and its printed
  /// digits.
  @Test(arguments: rates)
  func factor(rate: Double, years: Double, printed: Double) {
    let factor = CapitalRecovery(costOfCapital: rate, life: years).factor
    var growth = 1.0
    for _ in 0..<Int(years) { growth *= 1 + rate }
    #expect(abs(factor / (rate * growth / (growth - 1)) - 1) < 1e-9)
    #expect((factor * 1e4).rounded() / 1e4 == printed)
  }

  /// A loan of 1 with interest added each year and the factor paid at its end is paid off at the
  /// end of its life.
  @Test(arguments: rates)
  func loanIsPaidOff(rate: Double, years: Double, printed: Double) {
    let factor = CapitalRecovery(costOfCapital: rate, life: years).factor
    var owed = 1.0
    for _ in 0..<Int(years) { owed = owed * (1 + rate) - factor }
    #expect(abs(owed) < 1e-12)
  }

  /// Capital that costs nothing is paid back in equal parts, and a tiny interest adds half of a
  /// year's worth for each year beyond one: r (n + 1) / 2 n.
  @Test func smallInterest() {
    #expect(CapitalRecovery(costOfCapital: 0, life: 4).factor == 0.25)
    let tiny = CapitalRecovery(costOfCapital: 1e-12, life: 4).factor
    #expect(abs((tiny - 0.25) / (1e-12 * 5 / 8) - 1) < 1e-3)
    #expect(CapitalRecovery(costOfCapital: 0, life: 4).years(toRecover: 6, savingPerYear: 2) == 3)
  }

  /// A saving of the factor takes the life; a saving of the interest or less never ends.
  @Test(arguments: rates)
  func yearsToRecover(rate: Double, years: Double, printed: Double) throws {
    let recovery = CapitalRecovery(costOfCapital: rate, life: years)
    let whole = try #require(
      recovery.years(toRecover: 38_000, savingPerYear: 38_000 * recovery.factor))
    #expect(abs(whole / years - 1) < 1e-9)
    #expect(recovery.years(toRecover: 38_000, savingPerYear: 38_000 * rate) == nil)
    #expect(recovery.years(toRecover: 38_000, savingPerYear: 0) == nil)
    #expect(recovery.years(toRecover: 38_000, savingPerYear: -1) == nil)
    #expect(recovery.years(toRecover: 0, savingPerYear: 1) == 0)
    // One year's growth and one payment: a saving of (1 + r) times the price takes one year.
    let one = try #require(recovery.years(toRecover: 5, savingPerYear: 5 * (1 + rate)))
    #expect(abs(one - 1) < 1e-9)
  }

  /// Nonsense gives numbers or none, and never ends the program.
  @Test func nonsense() {
    for rate in [-2.0, -1, 0, 1e300, .nan, .infinity] {
      for life in [-1.0, 0, 1e300, .nan, .infinity] {
        let recovery = CapitalRecovery(costOfCapital: rate, life: life)
        _ = recovery.factor
        for saving in [-1.0, 0, 1e300, .nan] {
          _ = recovery.years(toRecover: 1, savingPerYear: saving)
        }
      }
    }
  }
}
