import Statistics
import Testing

@Suite struct LinearFitTests {
  @Test func exactDataGiveTheirCoefficients() throws {
    let rows = [[1.0, 2.0, 1.0], [3, 1, 1], [2, 5, 1], [7, 2, 1]]
    let values = rows.map { 2 * $0[0] + 0.5 * $0[1] + 3 }
    let fit = try LinearFit(rows: rows, values: values)
    for (found, wanted) in zip(fit.coefficients, [2, 0.5, 3]) {
      #expect(abs(found - wanted) < 1e-9)
    }
    #expect(fit.relativeErrors.allSatisfy { abs($0) < 1e-9 })
  }

  @Test func aCostNeverFallsAsWorkGrows() throws {
    // Plain least squares would give the second column -1; held at zero, the first carries all.
    let rows = [[1.0, 1.0], [2, 1], [3, 1]]
    let fit = try LinearFit(rows: rows, values: [1, 3, 5])
    #expect(fit.coefficients[1] == 0)
    #expect(fit.coefficients[0] > 0)
  }

  @Test func longAndShortRowsCountAlikeInRelativeError() throws {
    // One column: the best factor for values 1 and 110 at work 1 and 100 lies between 1 and 1.1,
    // the minimum of (x - 1)² + (x / 1.1 - 1)².
    let fit = try LinearFit(rows: [[1], [100]], values: [1, 110])
    let best = (1 + 1 / 1.1) / (1 + 1 / 1.21)
    #expect(abs(fit.coefficients[0] - best) < 1e-12)
  }

  @Test func fewerRowsThanColumnsAreRefused() {
    #expect(throws: FitError.tooFewRows(rows: 1, coefficients: 2)) {
      try LinearFit(rows: [[1, 2]], values: [3])
    }
    #expect(throws: FitError.tooFewRows(rows: 0, coefficients: 0)) {
      try LinearFit(rows: [], values: [])
    }
  }
}
