import CGSL

/// Why a fit could not be made.
public enum FitError: Error, Equatable, Sendable {
  /// Fewer rows than coefficients.
  case tooFewRows(rows: Int, coefficients: Int)
  /// The best point was not reached in so many steps.
  case notConverged(iterations: Int)
  /// The model gave something that is no finite number, or too few residuals.
  case notFinite
  /// The solver failed with GSL's error code.
  case solver(code: Int32)
}

/// Coefficients, none below zero, that make `rows · coefficients` come closest to `values` in
/// relative error.
///
///     // cost = 2 · x0 + 3 · x1
///     let fit = try LinearFit(rows: [[1, 0], [0, 1], [1, 1]], values: [2, 3, 5])
///     fit.coefficients                     // [2, 3]
///
/// Each row is weighed by 1 / value², so a short kernel counts as much as a long one. A cost
/// cannot fall as work grows: a coefficient that would come out below zero is fixed at zero and
/// the others are fitted again.
public struct LinearFit: Sendable {
  /// One coefficient for each column.
  public var coefficients: [Double]
  /// How far each may be off, one standard deviation; zero for a coefficient fixed at zero, and
  /// where rows are as many as coefficients, which leaves nothing to estimate scatter from.
  public var standardErrors: [Double]
  /// Fitted over measured minus one, for each row.
  public var relativeErrors: [Double]

  /// Fits `values` (all above zero) to the columns of `rows` by weighted least squares
  /// (`gsl_multifit_wlinear`).
  public init(rows: [[Double]], values: [Double]) throws(FitError) {
    let columns = rows.first?.count ?? 0
    guard rows.count >= columns, columns > 0, rows.count == values.count else {
      throw .tooFewRows(rows: rows.count, coefficients: columns)
    }
    var active = Array(0..<columns)
    var result = [Double](repeating: 0, count: columns)
    var errors = result
    while !active.isEmpty {
      let solution = try Self.solve(rows: rows, columns: active, values: values)
      let found = solution.coefficients
      guard let worst = found.indices.min(by: { found[$0] < found[$1] }), found[worst] < 0 else {
        for (index, column) in active.enumerated() {
          result[column] = found[index]
          errors[column] = solution.errors[index]
        }
        break
      }
      active.remove(at: worst)
    }
    coefficients = result
    standardErrors = errors
    relativeErrors = zip(rows, values).map { row, value in
      zip(row, result).reduce(0) { $0 + $1.0 * $1.1 } / value - 1
    }
  }

  private static func solve(
    rows: [[Double]], columns: [Int], values: [Double]
  ) throws(FitError) -> (coefficients: [Double], errors: [Double]) {
    gsl_set_error_handler_off()  // GSL's own handler would end the process
    let n = rows.count
    let p = columns.count
    let matrix = gsl_matrix_alloc(n, p)
    let weights = gsl_vector_alloc(n)
    let measured = gsl_vector_alloc(n)
    let solution = gsl_vector_alloc(p)
    let covariance = gsl_matrix_alloc(p, p)
    let workspace = gsl_multifit_linear_alloc(n, p)
    defer {
      gsl_matrix_free(matrix)
      gsl_vector_free(weights)
      gsl_vector_free(measured)
      gsl_vector_free(solution)
      gsl_matrix_free(covariance)
      gsl_multifit_linear_free(workspace)
    }
    for (i, row) in rows.enumerated() {
      for (j, column) in columns.enumerated() { gsl_matrix_set(matrix, i, j, row[column]) }
      gsl_vector_set(weights, i, 1 / (values[i] * values[i]))
      gsl_vector_set(measured, i, values[i])
    }
    var residual = 0.0
    let code = gsl_multifit_wlinear(
      matrix, weights, measured, solution, covariance, &residual, workspace)
    guard code == 0 else { throw .solver(code: code) }
    // Weights are relative, so the scatter is what the residuals leave.
    let variance = n > p ? residual / Double(n - p) : 0
    return (
      (0..<p).map { gsl_vector_get(solution, $0) },
      (0..<p).map { (variance * max(0, gsl_matrix_get(covariance, $0, $0))).squareRoot() }
    )
  }
}
