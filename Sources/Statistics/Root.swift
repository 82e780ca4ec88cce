import CGSL

/// Why no root was found.
public enum RootError: Error, Equatable, Sendable {
  /// The function has the same sign at both ends, or is no number there.
  case noSignChange(lower: Double, upper: Double)
  /// The interval was not small enough after so many steps.
  case notConverged(iterations: Int)
  /// The solver failed with GSL's error code.
  case solver(code: Int32)
}

/// Where a function crosses zero between two points, by Brent's method (`gsl_root_fsolver_brent`).
///
///     try Root(from: 1, through: 2) { $0 * $0 - 2 }.value      // 1.4142135623730951
///
/// - Complexity: about ten calls of the function.
public struct Root: Sendable, Equatable {
  /// Where the function is zero.
  public var value: Double
  /// Steps taken.
  public var iterations: Int

  /// The root between `lower` and `upper`, to one part in 10^14.
  ///
  /// - Throws: `RootError.noSignChange` where both ends have the same sign.
  public init(
    from lower: Double, through upper: Double, _ function: (Double) -> Double
  ) throws(RootError) {
    let (low, high) = (function(lower), function(upper))
    if low == 0 || high == 0 {
      self.init(value: low == 0 ? lower : upper, iterations: 0)
      return
    }
    guard lower < upper, low.isFinite, high.isFinite, (low < 0) != (high < 0) else {
      throw .noSignChange(lower: lower, upper: upper)
    }
    let outcome: Result<Root, RootError> = withoutActuallyEscaping(function) { function in
      Self.solve(RealFunction(function), lower, upper)
    }
    self = try outcome.get()
  }

  private init(value: Double, iterations: Int) {
    self.value = value
    self.iterations = iterations
  }

  private static let mostIterations = 200

  private static func solve(
    _ function: RealFunction, _ lower: Double, _ upper: Double
  ) -> Result<Root, RootError> {
    gsl_set_error_handler_off()  // GSL's own handler would end the process
    guard let solver = gsl_root_fsolver_alloc(cgsl_brent()) else {
      return .failure(.solver(code: Int32(GSL_ENOMEM)))
    }
    defer { gsl_root_fsolver_free(solver) }
    return function.withGSL { problem in
      var code = gsl_root_fsolver_set(solver, problem, lower, upper)
      for iteration in 1...mostIterations where code == 0 {
        code = gsl_root_fsolver_iterate(solver)
        let (a, b) = (gsl_root_fsolver_x_lower(solver), gsl_root_fsolver_x_upper(solver))
        if code == 0, gsl_root_test_interval(a, b, 0, 1e-14) == 0 {
          return .success(Root(value: gsl_root_fsolver_root(solver), iterations: iteration))
        }
      }
      return .failure(
        code == 0 ? .notConverged(iterations: mostIterations) : .solver(code: code))
    }
  }
}

/// A function of one number as GSL calls it.
final class RealFunction {
  private let body: (Double) -> Double

  init(_ body: @escaping (Double) -> Double) { self.body = body }

  /// Calls `use` with GSL's form of the function, valid until it returns.
  func withGSL<Value>(_ use: (UnsafeMutablePointer<gsl_function>) -> Value) -> Value {
    withExtendedLifetime(self) {
      var form = gsl_function()
      form.function = { point, object in
        guard let object else { return .nan }
        return Unmanaged<RealFunction>.fromOpaque(object).takeUnretainedValue().body(point)
      }
      form.params = Unmanaged.passUnretained(self).toOpaque()
      return withUnsafeMutablePointer(to: &form, use)
    }
  }
}
