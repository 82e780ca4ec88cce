public import Hardware
public import Kernels
import Quantities
import Statistics

/// Curves fitted to a user's own kernel times, beside the catalogue's.
///
///     var request = DeviceRequest()
///     request.gpu = "h800"
///     let calibration = try Calibration(path: "my.csv", request)
///     calibration.worst?.error                 // how far the worst row is from its curve
///
/// No step-level time is fitted: rows are single kernels.
public struct Calibration: Sendable {
  /// A measured kernel with what the curves give for it.
  public struct Row: Sendable {
    /// What was measured.
    public var measured: KernelMeasurement
    /// Seconds by the curve fitted to the file.
    public var fitted: Double
    /// Seconds by the catalogue's curve, carried to this GPU by its peaks.
    public var catalogue: Double

    /// Fitted over measured time minus one.
    public var error: Double { fitted / measured.seconds - 1 }
    /// The catalogue's over measured time minus one.
    public var catalogueError: Double { catalogue / measured.seconds - 1 }
  }

  /// How a class of kernels was fitted, beside the catalogue's curve of it.
  public struct FittedClass: Sendable {
    /// How it was fitted.
    public var fit: KernelFit
    /// The numbers of its curve, by key of a device file.
    public var curve: [(key: String, value: Double)]
    /// Those of the catalogue's curve on the same GPU.
    public var catalogue: [(key: String, value: Double)]
    /// Its rows in the order of the file.
    public var rows: [Row]

    /// Whether it is of products whose rows all had the same multiprocessors.
    fileprivate var takesContention: Bool {
      switch fit.kernelClass {
      case .matrix(.dense, _), .matrix(.grouped, _):
        rows.allSatisfy {
          $0.measured.multiprocessorShare == rows[0].measured.multiprocessorShare
        }
      case .matrix, .attention, .memory, .small: false
      }
    }
  }

  /// The device.
  public let device: Device
  /// Classes that were measured.
  public let classes: [FittedClass]
  /// The row furthest from its curve.
  public var worst: Row? {
    classes.flatMap(\.rows).max { abs($0.error) < abs($1.error) }
  }
  /// Classes without rows, which take the catalogue's shares of peak.
  public var unmeasured: [String] { device.rates.unmeasured }

  /// Classes of products whose rows do not tell how they slow down beside communication, because all
  /// had the same multiprocessors: in that they are the catalogue's.
  public var withoutCommunication: [KernelClass] {
    classes.filter { $0.takesContention }.map(\.fit.kernelClass)
  }

  /// Fits the rows of the file at `path`.
  ///
  /// - Throws: `ScenarioError` with every problem of the options, or of the file, up to 20.
  public init(path: String, _ request: DeviceRequest) throws(ScenarioError) {
    try self.init(text: Document.contents(of: path), file: path, request)
  }

  /// Fits the rows of a text.
  ///
  /// - Parameter file: what problems call the text's file.
  /// - Throws: as `init(path:_:)`.
  public init(text: String, file: String, _ request: DeviceRequest) throws(ScenarioError) {
    let gpu = try request.resolvedGPU()
    let node = try request.node(of: gpu)
    let rows = try Measurements(text: text, file: file, gpu: gpu).rows
    let catalogue: KernelRates
    var rates: KernelRates
    do {
      catalogue = try KernelRates.fitted(for: gpu)
      rates = try KernelRates(fitting: rows, on: gpu, base: catalogue)
    } catch {
      throw ScenarioError(.calibration(.notFitted(reason: "\(error)")), at: .file(file))
    }
    // What is measured goes before what is published of the GPU's products.
    if rates.fits.contains(where: \.kernelClass.isProduct) { rates.tiled = nil }
    try Self.checkPeaks(rates, file: file)
    device = Device(
      name: gpu.name, source: "kernels of \(file)", gpu: gpu, rates: rates, node: node)
    classes = rates.fits.map { fit in
      let keys = MeasuredCurve.keys(of: fit.kernelClass)
      return FittedClass(
        fit: fit, curve: zip(keys, rates.values(of: fit.kernelClass)).map { ($0, $1) },
        catalogue: zip(keys, catalogue.values(of: fit.kernelClass)).map { ($0, $1) },
        rows: fit.rows.map { row in
          let work = row.measured.work
          return Row(
            measured: row.measured, fitted: row.fitted,
            catalogue: catalogue.seconds(
              work, on: gpu, multiprocessorShare: row.measured.multiprocessorShare)
              - catalogue.gap(before: work))
        })
    }
  }

  /// No curve may let large products beat the peak.
  private static func checkPeaks(_ rates: KernelRates, file: String) throws(ScenarioError) {
    let problems = rates.measuredCurves.compactMap { curve in
      curve.percentAbovePeak.map { percent in
        Problem(
          place: .file(file),
          fault: .calibration(
            .curveAbovePeak(kernelClass: "\(curve.kernelClass)", percent: percent)))
      }
    }
    guard problems.isEmpty else { throw ScenarioError(problems: problems) }
  }
}

extension KernelRates {
  /// Names of the classes without measurements of their own.
  var unmeasured: [String] {
    KernelClass.names.filter { name in !fits.contains { $0.kernelClass.name == name } }
  }
}

extension MeasuredCurve {
  /// The percentage of the peak that large kernels would run at, in words; nil where it is one they
  /// can reach.
  var percentAbovePeak: String? {
    let share = peakShare
    guard share > 1 + 1e-9 else { return nil }
    return share.isFinite ? significant(share * 100) : "more than any"
  }
}
