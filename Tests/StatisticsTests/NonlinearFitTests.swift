import Statistics
import Testing

@Suite struct NonlinearFitTests {
  /// y = 3 / (1 + 2 x) at ten points without error: the two numbers come back.
  @Test func findsTheParametersOfExactData() throws {
    let x = (0..<10).map { Double($0) / 3 }
    let fit = try NonlinearFit(start: [1, 1], residuals: x.count) { p in
      x.map { p[0] / (1 + p[1] * $0) - 3 / (1 + 2 * $0) }
    }
    #expect(abs(fit.parameters[0] - 3) < 1e-7)
    #expect(abs(fit.parameters[1] - 2) < 1e-7)
    #expect(fit.residuals.allSatisfy { abs($0) < 1e-7 })
  }

  /// A straight line: least squares has a closed form, slope Sxy / Sxx and its standard error
  /// sqrt(RSS / (n - 2) / Sxx).
  @Test func standardErrorsAreThoseOfAStraightLine() throws {
    let x = [1.0, 2, 3, 4, 5, 6]
    let y = [2.1, 3.9, 6.2, 7.8, 10.1, 11.9]
    let fit = try NonlinearFit(start: [0, 0], residuals: 6) { p in
      zip(x, y).map { p[0] + p[1] * $0 - $1 }
    }
    let meanX = x.reduce(0, +) / 6
    let meanY = y.reduce(0, +) / 6
    let sxx = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    let sxy = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    let slope = sxy / sxx
    let rss = zip(x, y).reduce(0) {
      let error = $1.1 - meanY - slope * ($1.0 - meanX)
      return $0 + error * error
    }
    #expect(abs(fit.parameters[1] - slope) < 1e-8)
    #expect(abs(fit.parameters[0] - (meanY - slope * meanX)) < 1e-7)
    #expect(abs(fit.standardErrors[1] - (rss / 4 / sxx).squareRoot()) < 1e-7)
  }

  /// Rosenbrock's valley, whose floor bends: (1, 1) from the usual start at (-1.2, 1).
  @Test func followsRosenbrocksValley() throws {
    let fit = try NonlinearFit(start: [-1.2, 1], residuals: 2) { p in
      [10 * (p[1] - p[0] * p[0]), 1 - p[0]]
    }
    #expect(abs(fit.parameters[0] - 1) < 1e-6)
    #expect(abs(fit.parameters[1] - 1) < 1e-6)
    #expect(fit.standardErrors == [0, 0])
  }

  @Test func tooFewStepsAreAnError() {
    #expect(throws: FitError.notConverged(iterations: 2)) {
      _ = try NonlinearFit(start: [-1.2, 1], residuals: 2, iterations: 2) { p in
        [10 * (p[1] - p[0] * p[0]), 1 - p[0]]
      }
    }
  }

  @Test func moreParametersThanResidualsAreAnError() {
    #expect(throws: FitError.tooFewRows(rows: 1, coefficients: 2)) {
      _ = try NonlinearFit(start: [1, 1], residuals: 1) { p in [p[0] + p[1]] }
    }
    #expect(throws: FitError.tooFewRows(rows: 3, coefficients: 0)) {
      _ = try NonlinearFit(start: [], residuals: 3) { _ in [0, 0, 0] }
    }
  }

  @Test func aModelThatGivesNoNumbersIsAnError() {
    #expect(throws: FitError.notFinite) {
      _ = try NonlinearFit(start: [1], residuals: 2) { _ in [.nan, 1] }
    }
    #expect(throws: FitError.notFinite) {
      _ = try NonlinearFit(start: [1], residuals: 2) { _ in [1] }
    }
  }
}
