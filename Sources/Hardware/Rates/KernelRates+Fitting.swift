public import Kernels
import Quantities
public import Statistics

extension KernelRates {
  /// The rates of measured H800 kernels, as they apply to `gpu`.
  ///
  /// - Throws: `FitError` when the measured rows do not determine the coefficients.
  public static func fitted(for gpu: GPU) throws(FitError) -> KernelRates {
    let measured = HardwareCatalogue.h800
    var rates = try ofMeasuredKernels.get()
    rates.tiled = .published(for: gpu)
    let isMeasured = gpu.name == measured.name
    rates.provenance = Fact(
      isMeasured ? "\(measured.name) kernels" : "shares of peak of \(measured.name) kernels",
      isMeasured ? .measured : .assumed,
      MeasuredKernels.traceSource + " and " + MeasuredKernels.deepGEMMSource)
    return rates
  }

  /// The H800 kernels' own rates, which do not change: fitted once.
  private static let ofMeasuredKernels: Result<KernelRates, FitError> = {
    do throws(FitError) {
      return .success(
        try KernelRates(
          fitting: MeasuredKernels.all, on: HardwareCatalogue.h800, base: nil,
          launchGap: MeasuredKernels.launchGap))
    } catch {
      return .failure(error)
    }
  }()

  /// Rates fitted to measured kernels of a GPU, class by class.
  ///
  /// - Parameters:
  ///   - base: rates of the classes that have no rows; nil where every class that is needed has.
  ///   - launchGap: seconds between kernels; nil for that of `base`.
  /// - Throws: `FitError` when rows of a class do not determine its coefficients.
  public init(
    fitting rows: [KernelMeasurement], on gpu: GPU, base: KernelRates?, launchGap: Double? = nil
  ) throws(FitError) {
    var fitting = RatesFitting(rows: rows, gpu: gpu, base: base)
    let matrices = try fitting.matrices()
    let forward = try fitting.attention(backward: false)
    let backward = try fitting.attention(backward: true)
    let memory = try fitting.memory()
    let small = try fitting.smallKernel()
    self.init(
      matrices: matrices, attentionForwardShare: forward, attentionBackwardShare: backward,
      memory: memory, smallKernel: small, launchGap: launchGap ?? base?.launchGap ?? 0,
      fits: fitting.fits, tiled: base?.tiled,
      provenance: Fact("\(gpu.name) kernels", .measured, rows.first?.source ?? ""))
  }
}

/// Fits one class after the other.
private struct RatesFitting {
  let rows: [KernelMeasurement]
  let gpu: GPU
  let base: KernelRates?
  /// What was fitted so far.
  var fits: [KernelFit] = []

  init(rows: [KernelMeasurement], gpu: GPU, base: KernelRates?) {
    self.rows = rows
    self.gpu = gpu
    self.base = base
  }

  /// Products of each kind and format that has rows, then those of the base.
  mutating func matrices() throws(FitError) -> [MatrixCurve] {
    var curves: [MatrixCurve] = []
    for kind in MatrixKind.allCases {
      for format in NumberFormat.allCases {
        let columns = MatrixColumns(
          kind, contention: contention(of: kind, format, besides: curves))
        let fitted = try fit(.matrix(kind, format), names: columns.names) { [gpu] row in
          row.work.product.map {
            columns.values(
              MatrixParts($0, on: gpu, multiprocessorShare: row.multiprocessorShare))
          } ?? []
        }
        if let fitted { curves.append(columns.curve(fitted, format: format)) }
      }
    }
    let others = (base?.matrices ?? []).filter { old in
      !curves.contains { $0.kind == old.kind && $0.format == old.format }
    }
    return curves + others
  }

  /// How products of a class are slowed beside communication, where their own rows do not tell
  /// because all had the same multiprocessors: as the base's are; weight gradients as dense products
  /// are. Nil where they tell.
  private func contention(
    of kind: MatrixKind, _ format: NumberFormat, besides curves: [MatrixCurve]
  ) -> Double? {
    if kind == .weightGradient {
      return (curves + (base?.matrices ?? [])).first { $0.kind == .dense }?.contention ?? 1
    }
    let shares = rows.filter { $0.work.kernelClass == .matrix(kind, format) }
      .map(\.multiprocessorShare)
    if kind != .gate, let first = shares.first, shares.contains(where: { $0 != first }) {
      return nil
    }
    return base?.curve(kind, format).contention ?? 1
  }

  mutating func attention(backward: Bool) throws(FitError) -> Double {
    let names = ["time over that at peak"]
    let fitted = try fit(.attention(backward: backward), names: names) { [gpu] row in
      guard case .attention(let flops, _) = row.work else { return [] }
      return [flops / (gpu.peak(.bf16) * row.multiprocessorShare)]
    }
    if let fitted { return 1 / fitted[0] }
    return (backward ? base?.attentionBackwardShare : base?.attentionForwardShare) ?? 1
  }

  /// Every kind; one without rows is taken to be as fast as copies.
  mutating func memory() throws(FitError) -> [MemoryCurve] {
    var curves: [MemoryCurve?] = []
    for operation in MemoryOperation.allCases {
      let names = ["time over that at peak", "seconds of a launch"]
      let sizes = rows.compactMap { $0.work.bytes(of: operation)?.value }
      // Sizes within a factor of two cannot tell a launch from the rest.
      let tellsLaunch = (sizes.max() ?? 0) >= 2 * (sizes.min() ?? 0)
      let fitted = try fit(.memory(operation), names: names) { [gpu] row in
        let bytes = row.work.bytes(of: operation) ?? .zero
        return [bytes / gpu.memoryBandwidth.value, tellsLaunch ? 1 : 0]
      }
      curves.append(
        fitted.map { MemoryCurve(operation: operation, share: 1 / $0[0], fixed: $0[1]) })
    }
    let copy = curves.compactMap(\.self).first { $0.operation == .copy }
    return zip(MemoryOperation.allCases, curves).map { operation, curve in
      curve ?? base?.curve(operation)
        ?? MemoryCurve(operation: operation, share: copy?.share ?? 1, fixed: copy?.fixed ?? 0)
    }
  }

  mutating func smallKernel() throws(FitError) -> Double {
    let fitted = try fit(.small, names: ["seconds of a kernel"]) { row in
      if case .small(let count) = row.work { [Double(count)] } else { [] }
    }
    return fitted?[0] ?? base?.smallKernel ?? 0
  }

  /// Coefficients of a class that has rows: those of the columns that its rows can tell apart, zero
  /// for the others.
  private mutating func fit(
    _ kernelClass: KernelClass, names: [String], columns: (KernelMeasurement) -> [Double]
  ) throws(FitError) -> [Double]? {
    let own = rows.filter { $0.work.kernelClass == kernelClass }
    guard !own.isEmpty else { return nil }
    let all = own.map(columns)
    let kept = Self.independent(all, among: names.indices)
    let fit = try LinearFit(
      rows: all.map { row in kept.map { row[$0] } }, values: own.map(\.seconds))
    var values = [Double](repeating: 0, count: names.count)
    var errors = values
    for (place, column) in kept.enumerated() {
      values[column] = fit.coefficients[place]
      errors[column] = fit.standardErrors[place]
    }
    fits.append(
      KernelFit(
        kernelClass: kernelClass,
        coefficients: names.indices.map {
          KernelFit.Coefficient(name: names[$0], value: values[$0], standardError: errors[$0])
        },
        rows: zip(own, fit.relativeErrors).map { row, error in
          KernelFit.Row(measured: row, fitted: row.seconds * (1 + error))
        }))
    return values
  }

  /// The columns, in their order, that the ones before them do not already give: no more than there
  /// are different rows.
  private static func independent(_ rows: [[Double]], among columns: Range<Int>) -> [Int] {
    // Gram and Schmidt, on columns in which every row counts alike.
    var basis: [[Double]] = []
    var kept: [Int] = []
    for column in columns {
      let scale = rows.map { $0[0] }
      var values = zip(rows, scale).map { $1 > 0 ? $0[column] / $1 : $0[column] }
      let size = norm(values)
      guard size > 0 else { continue }
      for known in basis {
        let along = zip(values, known).reduce(0) { $0 + $1.0 * $1.1 }
        values = zip(values, known).map { $0 - along * $1 }
      }
      let rest = norm(values)
      guard rest > 1e-6 * size else { continue }
      basis.append(values.map { $0 / rest })
      kept.append(column)
    }
    return kept
  }

  private static func norm(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}

extension KernelWork {
  /// Bytes of a memory-bound kernel of a kind; nil for other work.
  fileprivate func bytes(of operation: MemoryOperation) -> Bytes? {
    if case .memory(operation, let bytes) = self { bytes } else { nil }
  }
}

/// What the time of a kind of products is fitted with.
private struct MatrixColumns {
  let kind: MatrixKind
  /// How they are slowed beside communication; nil where that is fitted too.
  let contention: Double?

  init(_ kind: MatrixKind, contention: Double?) {
    self.kind = kind
    self.contention = contention
  }

  /// Names of the columns: a router's products are all memory; of weight gradients both operands
  /// count alike, since either may be the longer.
  var names: [String] {
    switch kind {
    case .dense, .grouped:
      ["main loop", "seconds of a launch", "result", "left operand", "right operand"]
        + (contention == nil ? ["main loop beside communication"] : [])
    case .weightGradient: ["main loop", "seconds of a launch", "result", "operands"]
    case .gate: ["operands and result"]
    }
  }

  func values(_ parts: MatrixParts) -> [Double] {
    let slowed = 1 + ((contention ?? 1) - 1) * parts.communication
    let mainLoop = parts.mainLoop * slowed
    switch kind {
    case .dense, .grouped:
      return [mainLoop, 1, parts.output, parts.rows, parts.weights]
        + (contention == nil ? [parts.mainLoop * parts.communication] : [])
    case .weightGradient:
      return [mainLoop, 1, parts.output, parts.rows + parts.weights]
    case .gate: return [parts.rows + parts.weights + parts.output]
    }
  }

  func curve(_ c: [Double], format: NumberFormat) -> MatrixCurve {
    switch kind {
    case .dense, .grouped:
      MatrixCurve(
        kind: kind, format: format, mainLoopCost: c[0],
        contention: contention ?? (c[0] > 0 ? 1 + c[5] / c[0] : 1), rowCost: c[3],
        weightCost: c[4], outputCost: c[2], fixed: c[1])
    case .weightGradient:
      MatrixCurve(
        kind: kind, format: format, mainLoopCost: c[0], contention: contention ?? 1,
        rowCost: c[3], weightCost: c[3], outputCost: c[2], fixed: c[1])
    case .gate:
      MatrixCurve(
        kind: kind, format: format, mainLoopCost: 0, rowCost: c[0], weightCost: c[0],
        outputCost: c[0], fixed: 0)
    }
  }
}
