import CGSL

/// Parameters that make the residuals of a model smallest, by Levenberg and Marquardt's method in a
/// trust region (`gsl_multifit_nlinear`).
///
///     // y = 3 exp(-2 x), from a rough start
///     let fit = try NonlinearFit(start: [1, 1], residuals: x.count) { p in
///       zip(x, y).map { p[0] * exp(-p[1] * $0) / $1 - 1 }
///     }
///     fit.parameters                       // [3, 2]
///
/// Derivatives are taken by central differences. The standard errors are those of a model that is
/// linear near the best point, its scatter estimated from what the residuals leave.
public struct NonlinearFit: Sendable {
  /// The best parameters.
  public var parameters: [Double]
  /// How far each may be off, one standard deviation; zero where residuals are as many as
  /// parameters, which leaves nothing to estimate scatter from.
  public var standardErrors: [Double]
  /// Residuals at the best parameters.
  public var residuals: [Double]
  /// Steps taken.
  public var iterations: Int

  /// Fits from `start` on.
  ///
  /// - Parameters:
  ///   - start: a first guess at the parameters.
  ///   - count: how many residuals `model` gives, no fewer than parameters.
  ///   - model: residuals at some parameters; one that is no finite number ends the fit.
  public init(
    start: [Double], residuals count: Int, iterations most: Int = 200,
    model: ([Double]) -> [Double]
  ) throws(FitError) {
    guard count >= start.count, !start.isEmpty else {
      throw .tooFewRows(rows: count, coefficients: start.count)
    }
    let outcome: Result<NonlinearFit, FitError> = withoutActuallyEscaping(model) { model in
      Self.run(start, ResidualModel(count: count, model), most)
    }
    self = try outcome.get()
  }

  private init(parameters: [Double], standardErrors: [Double], residuals: [Double], iterations: Int)
  {
    self.parameters = parameters
    self.standardErrors = standardErrors
    self.residuals = residuals
    self.iterations = iterations
  }

  private static func run(
    _ start: [Double], _ model: ResidualModel, _ most: Int
  ) -> Result<NonlinearFit, FitError> {
    gsl_set_error_handler_off()  // GSL's own handler would end the process
    var settings = gsl_multifit_nlinear_default_parameters()
    settings.trs = cgsl_levenberg()
    settings.fdtype = GSL_MULTIFIT_NLINEAR_CTRDIFF
    guard
      let workspace = gsl_multifit_nlinear_alloc(cgsl_trust(), &settings, model.count, start.count)
    else { return .failure(.solver(code: Int32(GSL_ENOMEM))) }
    defer { gsl_multifit_nlinear_free(workspace) }
    var problem = gsl_multifit_nlinear_fdf()
    problem.f = { point, object, residuals in
      guard let point, let object, let residuals else { return Int32(GSL_EFAULT) }
      return Unmanaged<ResidualModel>.fromOpaque(object).takeUnretainedValue()
        .evaluate(point, into: residuals)
    }
    problem.n = model.count
    problem.p = start.count
    problem.params = Unmanaged.passUnretained(model).toOpaque()
    var start = start
    return withExtendedLifetime(model) {
      start.withUnsafeMutableBufferPointer { values in
        withUnsafeMutablePointer(to: &problem) { problem in
          var view = gsl_vector_view_array(values.baseAddress, values.count)
          var code = gsl_multifit_nlinear_init(&view.vector, problem, workspace)
          var info: Int32 = 0
          if code == 0 {
            code = gsl_multifit_nlinear_driver(
              most, 1e-10, 1e-10, 1e-10, nil, nil, &info, workspace)
          }
          guard !model.wasNotFinite else { return .failure(.notFinite) }
          // The best of a model with kinks may leave no step that is better still: that is an end.
          guard code == 0 || code == Int32(GSL_ENOPROG) else {
            return .failure(
              code == Int32(GSL_EMAXITER)
                ? .notConverged(iterations: most) : .solver(code: code))
          }
          return .success(result(workspace, model.count, values.count))
        }
      }
    }
  }

  /// What a finished fit found.
  private static func result(
    _ workspace: UnsafeMutablePointer<gsl_multifit_nlinear_workspace>, _ n: Int, _ p: Int
  ) -> NonlinearFit {
    let covariance = gsl_matrix_alloc(p, p)
    defer { gsl_matrix_free(covariance) }
    gsl_multifit_nlinear_covar(gsl_multifit_nlinear_jac(workspace), 0, covariance)
    let position = gsl_multifit_nlinear_position(workspace)
    let left = gsl_multifit_nlinear_residual(workspace)
    let residuals = (0..<n).map { gsl_vector_get(left, $0) }
    let variance = n > p ? residuals.reduce(0) { $0 + $1 * $1 } / Double(n - p) : 0
    return NonlinearFit(
      parameters: (0..<p).map { gsl_vector_get(position, $0) },
      standardErrors: (0..<p).map {
        (variance * max(0, gsl_matrix_get(covariance, $0, $0))).squareRoot()
      },
      residuals: residuals, iterations: Int(gsl_multifit_nlinear_niter(workspace)))
  }
}

/// A model as GSL calls it.
private final class ResidualModel {
  let count: Int
  private let model: ([Double]) -> [Double]
  private(set) var wasNotFinite = false

  init(count: Int, _ model: @escaping ([Double]) -> [Double]) {
    self.count = count
    self.model = model
  }

  func evaluate(
    _ point: UnsafePointer<gsl_vector>, into residuals: UnsafeMutablePointer<gsl_vector>
  ) -> Int32 {
    let values = model((0..<point.pointee.size).map { gsl_vector_get(point, $0) })
    guard values.count == count, values.allSatisfy(\.isFinite) else {
      wasNotFinite = true
      return Int32(GSL_EBADFUNC)
    }
    for (index, value) in values.enumerated() { gsl_vector_set(residuals, index, value) }
    return 0
  }
}
