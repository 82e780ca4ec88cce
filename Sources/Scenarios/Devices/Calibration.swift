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

  /// A class of kernels.
  public struct Class: Sendable {
    /// How it was fitted.
    public var fit: KernelFit
    /// The numbers of its curve, by key of a device file.
    public var curve: [(key: String, value: Double)]
    /// Those of the catalogue's curve on the same GPU.
    public var catalogue: [(key: String, value: Double)]
    /// Its rows in the order of the file.
    public var rows: [Row]
  }

  /// The device.
  public let device: Device
  /// Classes that were measured.
  public let classes: [Class]
  /// The row furthest from its curve.
  public var worst: Row? {
    classes.flatMap(\.rows).max { abs($0.error) < abs($1.error) }
  }
  /// Classes without rows, which take the catalogue's shares of peak.
  public var unmeasured: [String] { device.rates.unmeasured }

  /// Whether any row was measured beside communication; if not, how products slow down beside it is
  /// the catalogue's.
  public let hasCommunication: Bool

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
    hasCommunication = rows.contains { $0.multiprocessorShare < 1 }
    if !hasCommunication { rates.takeContention(of: catalogue) }
    // What is measured goes before what is published of the GPU's products.
    if rates.fits.contains(where: \.kernelClass.isProduct) { rates.tiled = nil }
    try Self.checkPeaks(rates, file: file)
    device = Device(
      name: gpu.name, source: "kernels of \(file)", gpu: gpu, rates: rates, node: node)
    classes = rates.fits.map { fit in
      let keys = MeasuredCurve.keys(of: fit.kernelClass)
      return Class(
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
    var problems: [Problem] = []
    func check(_ kernelClass: KernelClass, _ share: Double) {
      guard share > 1 + 1e-9 else { return }
      problems.append(
        Problem(
          place: .file(file),
          fault: .calibration(
            .curveAbovePeak(
              kernelClass: "\(kernelClass)",
              percent: share.isFinite ? significant(share * 100) : "more than any"))))
    }
    for fit in rates.fits {
      switch fit.kernelClass {
      case .matrix(.gate, _), .small: break
      case .memory(let operation):
        // A cache may beat the memory, but nothing takes no time at all.
        let share = rates.curve(operation).share
        check(fit.kernelClass, share.isFinite ? 0 : share)
      case .matrix(let kind, let format):
        check(fit.kernelClass, 1 / rates.curve(kind, format).mainLoopCost)
      case .attention(let backward):
        check(
          fit.kernelClass,
          backward ? rates.attentionBackwardShare : rates.attentionForwardShare)
      }
    }
    guard problems.isEmpty else { throw ScenarioError(problems: problems) }
  }
}

extension KernelRates {
  /// Slows products beside communication as others do.
  fileprivate mutating func takeContention(of other: KernelRates) {
    for index in matrices.indices {
      matrices[index].contention =
        other.curve(matrices[index].kind, matrices[index].format).contention
    }
  }

  /// Names of the classes without measurements of their own.
  var unmeasured: [String] {
    KernelClass.names.filter { name in !fits.contains { $0.kernelClass.name == name } }
  }
}
