import CGSL

/// Why an integral was not found: the solver failed with GSL's error code.
public struct IntegralError: Error, Equatable, Sendable {
  /// GSL's error code.
  public var code: Int32
}

/// The area under a function between two points, by adaptive Gauss-Kronrod rules
/// (`gsl_integration_qag`).
///
///     try Integral(from: 0, to: 1) { $0 * $0 }.value           // 0.333...
///
/// - Complexity: 61 calls of the function for each part it has to be cut into.
public struct Integral: Sendable, Equatable {
  /// The area.
  public var value: Double
  /// How far it may be off.
  public var error: Double

  /// The area between `lower` and `upper`, to one part in 10^11.
  ///
  /// - Throws: `IntegralError` for a function that cannot be integrated so exactly.
  public init(
    from lower: Double, to upper: Double, _ function: (Double) -> Double
  ) throws(IntegralError) {
    gsl_set_error_handler_off()  // GSL's own handler would end the process
    let parts = 1_000
    guard let workspace = gsl_integration_workspace_alloc(parts) else {
      throw IntegralError(code: Int32(GSL_ENOMEM))
    }
    defer { gsl_integration_workspace_free(workspace) }
    var (area, spread) = (0.0, 0.0)
    let code = withoutActuallyEscaping(function) { function in
      RealFunction(function).withGSL { problem in
        gsl_integration_qag(
          problem, lower, upper, 0, 1e-11, parts, Int32(GSL_INTEG_GAUSS61), workspace, &area,
          &spread)
      }
    }
    // A result as exact as rounding allows is an end.
    guard code == 0 || code == Int32(GSL_EROUND) else { throw IntegralError(code: code) }
    (value, error) = (area, spread)
  }
}
