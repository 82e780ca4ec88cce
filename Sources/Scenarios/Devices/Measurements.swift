public import Hardware
public import Kernels
import Quantities

/// Times of kernels, read from a file of comma-separated values.
///
///     class,precision,m,n,k,bytes,microseconds
///     dense,bf16,4096,4096,4096,,215
///     dense,bf16,8192,4096,4096,,401
///     copy,,,,,67108864,48
///     copy,,,,,268435456,171
///
/// The header is required; its columns stand in any order. The time's column says its unit. Lines
/// that start with `#` are comments. There are two rows or more for each class, of different sizes.
public struct Measurements: Sendable, Equatable {
  /// The measured kernels, in the order of the file.
  public let rows: [KernelMeasurement]

  /// Columns of time with the seconds of their unit.
  static let times: [(column: String, factor: Double)] = [
    ("seconds", 1), ("s", 1), ("milliseconds", 1e-3), ("ms", 1e-3), ("microseconds", 1e-6),
    ("us", 1e-6), ("nanoseconds", 1e-9), ("ns", 1e-9),
  ]
  /// Columns of time as they are best written.
  static let timeNames = ["microseconds", "milliseconds", "seconds", "nanoseconds"]
  /// Seconds a kernel may take.
  static let possible = 1e-9...1e4
  /// Most rows that are read.
  static let mostRows = 10_000

  /// Reads text.
  ///
  /// - Parameters:
  ///   - file: what problems call the text's file.
  ///   - gpu: what it was measured on.
  /// - Throws: `ScenarioError` with every problem, up to 20.
  public init(text: String, file: String, gpu: GPU) throws(ScenarioError) {
    var reader = MeasurementsReader(file: file, gpu: gpu)
    reader.read(text)
    guard reader.problems.isEmpty else { throw reader.error }
    rows = reader.rows.map(\.measurement)
  }

  /// The seconds of a column of time, which is called by its unit, `time_` before it or not; nil
  /// where it is no such column.
  static func seconds(of column: String) -> Double? {
    let unit = column.hasPrefix("time_") ? String(column.dropFirst(5)) : column
    return times.first { $0.column == unit }?.factor
  }
}

/// A row of the file with where it stands.
struct MeasuredRow {
  var measurement: KernelMeasurement
  var line: Int
  /// The time as it was written.
  var time: String
}

/// Reads the file and keeps what is wrong with it.
struct MeasurementsReader {
  let file: String
  let gpu: GPU
  private(set) var rows: [MeasuredRow] = []
  private(set) var problems: [Problem] = []
  private var more = 0
  /// Place and seconds of the column of time, and its name.
  private var time = (index: 0, factor: 1.0, name: "")
  private var columns: [MeasurementColumn?] = []
  /// Classes of rows that were left out because they are wrong, which may be all but one.
  private var broken: [KernelClass] = []

  private static let mostProblems = 20

  init(file: String, gpu: GPU) {
    self.file = file
    self.gpu = gpu
  }

  var error: ScenarioError {
    var error = ScenarioError(problems: problems)
    if more > 0 { error.problems.append(Problem(place: .file(file), fault: .more(more))) }
    return error
  }

  private mutating func report(_ fault: CalibrationFault, line: Int? = nil, column: Int = 0) {
    guard problems.count < Self.mostProblems else {
      more += 1
      return
    }
    let place = line.map { Place.line(file: file, line: $0, column: column) } ?? .file(file)
    problems.append(Problem(place: place, fault: .calibration(fault)))
  }

  mutating func read(_ text: String) {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated().map { (number: $0 + 1, cells: DurationsReader.cells($1)) }
      .filter { $0.cells != [""] && !$0.cells[0].hasPrefix("#") }
    guard let header = lines.first else { return report(.empty) }
    guard readHeader(header.cells, line: header.number) else { return }
    if lines.count == 1 { report(.noRows, line: header.number) }
    for line in lines.dropFirst().prefix(Measurements.mostRows) {
      guard line.cells.count == columns.count else {
        report(.header(.cells(line.cells.count, columns: columns.count)), line: line.number)
        continue
      }
      if let row = row(line.cells, line: line.number) { rows.append(row) }
    }
    if lines.count - 1 > Measurements.mostRows {
      report(.tooManyRows(lines.count - 1, most: Measurements.mostRows))
    }
    checkClasses()
  }

  /// Finds the columns; false where the header cannot be used.
  private mutating func readHeader(_ names: [String], line: Int) -> Bool {
    var times: [(name: String, index: Int)] = []
    var others: [String] = []
    let isTime = { (name: String) in
      Measurements.seconds(of: name) != nil || name == "time" || name.hasPrefix("time_")
        || name.hasSuffix("seconds")
    }
    for (index, name) in names.enumerated() {
      if isTime(name) { times.append((name, index)) } else { others.append(name) }
    }
    let header = CSVHeader<MeasurementColumn>(others) { $0 == .kernelClass }
    for (fault, column) in header.faults { report(.header(fault), line: line, column: column) }
    for time in times where Measurements.seconds(of: time.name) == nil {
      report(
        .unknownUnit(column: shortened(time.name), columns: Measurements.timeNames), line: line)
    }
    if times.isEmpty { report(.noTime(columns: Measurements.timeNames), line: line) }
    if times.count > 1 { report(.severalTimes(times.map(\.name)), line: line) }
    guard problems.isEmpty, let first = times.first else { return false }
    time = (first.index, Measurements.seconds(of: first.name) ?? 1, first.name)
    columns = names.map { MeasurementColumn(rawValue: $0) }
    return true
  }

  /// A row; nil where something is wrong with it.
  private mutating func row(_ cells: [String], line: Int) -> MeasuredRow? {
    let before = problems.count + more
    func cell(_ column: MeasurementColumn) -> String {
      columns.firstIndex(of: column).map { cells[$0] } ?? ""
    }
    func place(_ column: MeasurementColumn) -> Int {
      columns.firstIndex(of: column).map { $0 + 1 } ?? 0
    }
    let written = cells[time.index]
    let seconds = number(written).map { $0 * time.factor }
    if seconds.map({ !Measurements.possible.contains($0) }) ?? true {
      let range =
        Measurements.possible.lowerBound / time.factor...Measurements.possible.upperBound
        / time.factor
      report(
        .notInRange(
          column: time.name, value: shortened(written), range: range, isWhole: false), line: line,
        column: time.index + 1)
    }
    let format = NumberFormat(rawValue: cell(.precision).isEmpty ? "bf16" : cell(.precision))
    if format == nil {
      report(
        .unknownPrecision(shortened(cell(.precision))), line: line, column: place(.precision))
    }
    guard let kernelClass = KernelClass(name: cell(.kernelClass), format: format ?? .bf16) else {
      let name = cell(.kernelClass)
      report(
        .unknownClass(
          shortened(name), classes: KernelClass.names,
          suggestion: suggestion(for: name, among: KernelClass.names)), line: line,
        column: place(.kernelClass))
      return nil
    }
    checkPrecision(cell(.precision), of: kernelClass, line: line)
    var values: [MeasurementColumn: Double] = [:]
    for column in MeasurementColumn.allCases where column.isSize {
      if let value = size(column, cell(column), of: kernelClass, line: line, at: place(column)) {
        values[column] = value
      }
    }
    let share = multiprocessorShare(cell(.multiprocessors), line: line, at: place(.multiprocessors))
    guard problems.count + more == before, let seconds else {
      broken.append(kernelClass)
      return nil
    }
    let work = kernelClass.work { values[$0] }
    let name = cell(.name).isEmpty ? "line \(line)" : shortened(cell(.name))
    let measurement = KernelMeasurement(
      role: name, work: work, seconds: seconds, multiprocessorShare: share, source: file)
    checkPeak(measurement, line: line)
    return MeasuredRow(measurement: measurement, line: line, time: shortened(written))
  }

  private mutating func checkPrecision(_ text: String, of kernelClass: KernelClass, line: Int) {
    guard !text.isEmpty else { return }
    guard case .matrix(_, let format) = kernelClass else {
      report(.precisionUnused(shortened(text), kernelClass: kernelClass.name), line: line)
      return
    }
    if format == .fp8, gpu.fp8Peak == nil { report(.noFP8(gpu: gpu.name), line: line) }
  }

  /// A size of a kernel; nil where it is left out or wrong.
  private mutating func size(
    _ column: MeasurementColumn, _ text: String, of kernelClass: KernelClass, line: Int,
    at place: Int
  ) -> Double? {
    guard let size = kernelClass.sizes.first(where: { $0.column == column }) else {
      if !text.isEmpty {
        report(
          .unusedSize(
            column: column.rawValue, value: shortened(text), kernelClass: kernelClass.name,
            sizes: kernelClass.sizes.map(\.column.rawValue)), line: line, column: place)
      }
      return nil
    }
    if text.isEmpty {
      if size.isRequired {
        report(
          .missingSize(column: column.rawValue, kernelClass: kernelClass.name), line: line,
          column: place)
      }
      return nil
    }
    let isWhole = column != .gflop
    guard let value = number(text), size.range.contains(value),
      !isWhole || value == value.rounded()
    else {
      report(
        .notInRange(
          column: column.rawValue, value: shortened(text), range: size.range, isWhole: isWhole),
        line: line, column: place)
      return nil
    }
    return value
  }

  private mutating func multiprocessorShare(_ text: String, line: Int, at place: Int) -> Double {
    guard !text.isEmpty else { return 1 }
    let most = Double(max(gpu.multiprocessors.value, 1))
    guard let value = number(text), (1...most).contains(value), value == value.rounded() else {
      report(
        .notInRange(
          column: "multiprocessors", value: shortened(text), range: 1...most, isWhole: true),
        line: line, column: place)
      return 1
    }
    return value / most
  }

  /// A decimal number; no hexadecimal, infinity or NaN.
  private func number(_ text: String) -> Double? {
    guard text.allSatisfy({ "0123456789.eE+-".contains($0) }), let value = Double(text),
      value.isFinite
    else { return nil }
    return value
  }

  /// No kernel beats the peak of the multiprocessors it has.
  private mutating func checkPeak(_ row: KernelMeasurement, line: Int) {
    let peak: FLOPRate
    let flops: FLOPs
    switch row.work {
    case .matrix(let product): (flops, peak) = (product.flops, gpu.peak(product.operands))
    case .attention(let work, _): (flops, peak) = (work, gpu.peak(.bf16))
    case .memory, .small: return
    }
    let most = peak * row.multiprocessorShare
    guard flops.value / row.seconds > most.value else { return }
    report(
      .abovePeak(
        rate: Dimension.computeRate.text(flops.value / row.seconds),
        peak: Dimension.computeRate.text(most.value), gpu: gpu.name), line: line)
  }

  /// Every class has rows of two sizes or more, and of two times.
  private mutating func checkClasses() {
    var classes: [KernelClass] = []
    for row in rows where !classes.contains(row.measurement.work.kernelClass) {
      classes.append(row.measurement.work.kernelClass)
    }
    for kernelClass in classes where !broken.contains(kernelClass) {
      let own = rows.filter { $0.measurement.work.kernelClass == kernelClass }
      let name = "\(kernelClass)"
      let lines = own.map(\.line)
      if own.count == 1 {
        report(.onePoint(kernelClass: name), line: lines[0])
      } else if kernelClass != .small,
        own.allSatisfy({ $0.measurement.work == own[0].measurement.work })
      {
        let columns = kernelClass.sizes.filter(\.isRequired).map(\.column.rawValue)
        report(.constantSize(kernelClass: name, columns: columns, lines: lines), line: lines[0])
      } else if own.count > 2, kernelClass != .small,
        own.allSatisfy({ $0.measurement.seconds == own[0].measurement.seconds })
      {
        report(
          .constantTime(
            kernelClass: name, column: time.name, value: own[0].time, lines: lines),
          line: lines[0])
      }
    }
  }
}

extension MeasurementColumn {
  /// Whether it sizes kernels of some class.
  fileprivate var isSize: Bool {
    switch self {
    case .m, .n, .k, .groups, .gflop, .bytes, .count: true
    case .name, .kernelClass, .precision, .multiprocessors: false
    }
  }
}
