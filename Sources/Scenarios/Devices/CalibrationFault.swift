/// What can be wrong with a file of kernel measurements, or with the use of a device.
public enum CalibrationFault: Sendable, Equatable {
  /// No header.
  case empty
  /// No row behind the header.
  case noRows
  /// More rows than are read.
  case tooManyRows(Int, most: Int)
  /// The columns are not those of the file.
  case header(HeaderFault)
  /// A column of time in a unit that is none; the columns that would do.
  case unknownUnit(column: String, columns: [String])
  /// No column of time.
  case noTime(columns: [String])
  /// More than one column of time.
  case severalTimes([String])
  /// A name of no class.
  case unknownClass(String, classes: [String], suggestion: String?)
  /// A precision that is none.
  case unknownPrecision(String)
  /// A precision of a class that has one curve for all.
  case precisionUnused(String, kernelClass: String)
  /// FP8 on a GPU that does not have it.
  case noFP8(gpu: String)
  /// A size that the class needs.
  case missingSize(column: String, kernelClass: String)
  /// A size that the class does not take.
  case unusedSize(column: String, value: String, kernelClass: String, sizes: [String])
  /// A value that is no number in its range.
  case notInRange(column: String, value: String, range: ClosedRange<Double>, isWhole: Bool)
  /// One row of a class.
  case onePoint(kernelClass: String)
  /// Rows of a class that are all of one size; their lines.
  case constantSize(kernelClass: String, columns: [String], lines: [Int])
  /// Rows of a class that took one time whatever their size; their lines.
  case constantTime(kernelClass: String, column: String, value: String, lines: [Int])
  /// A kernel above the GPU's peak.
  case abovePeak(rate: String, peak: String, gpu: String)
  /// A curve whose large products are faster than the peak.
  case curveAbovePeak(kernelClass: String, percent: String)
  /// A number of a device's curve by which large kernels are faster than the peak.
  case numberAbovePeak(key: String, value: String, kernelClass: String, percent: String)
  /// A list of a device file with more entries than are read.
  case tooManyEntries(key: String, count: Int, most: Int)
  /// A class whose rows do not determine its curve.
  case notFitted(reason: String)
  /// Numbers of a GPU that no option and no catalogue gives.
  case missingOptions([String], names: [String])
  /// An option that is no quantity in its range.
  case badOption(option: String, value: String, least: String, most: String)
  /// A name that is none of a device.
  case badName(String)
  /// Some, but not all numbers of a node.
  case partOfNode
  /// A GPU that the catalogue does not have.
  case unknownGPU(String, names: [String], suggestion: String?)
  /// There is no file at the path of a device.
  case noDeviceFile(value: String)
  /// A device's class stands twice.
  case repeatedClass(key: String, kernelClass: String)
}

extension CalibrationFault: CustomStringConvertible {
  /// Value, rule and remedy.
  public var description: String { fileSentence ?? rowSentence ?? deviceSentence ?? "" }

  private var fileSentence: String? {
    switch self {
    case .empty:
      "the file is empty: it starts with the names of its columns; write "
        + "class,precision,m,n,k,microseconds and a row for each kernel"
    case .noRows: "no row follows the header; write one for each measured kernel"
    case .tooManyRows(let count, let most):
      "the file has \(count) rows: at most \(most) are read; leave some out"
    case .header(let fault): fault.description
    case .unknownUnit(let column, let columns):
      "column \(column) is a time in no known unit: write one of \(columns.joined(separator: ", "))"
    case .noTime(let columns):
      "no column is a time: it says its unit in its name; write one of "
        + columns.joined(separator: ", ")
    case .severalTimes(let columns):
      "\(columns.joined(separator: " and ")) are both times: a kernel has one; remove one of them"
    default: nil
    }
  }

  private var rowSentence: String? {
    switch self {
    case .unknownClass(let name, let classes, let suggestion):
      "class is \(name.isEmpty ? "empty" : name): the classes are "
        + "\(classes.joined(separator: ", ")); "
        + (suggestion.map { "did you mean \($0)?" } ?? "use one of them")
    case .unknownPrecision(let value):
      "precision is \(value): the precisions are fp8, bf16, fp16, fp32; use one of them"
    case .precisionUnused(let value, let kernelClass):
      "precision is \(value): \(kernelClass) has one curve for every precision; leave it empty"
    case .noFP8(let gpu):
      "precision is fp8: \(gpu) has no FP8 peak; correct it or give --fp8-peak"
    case .missingSize(let column, let kernelClass):
      "\(column) is empty: \(kernelClass) is sized by it; fill it in"
    case .unusedSize(let column, let value, let kernelClass, let sizes):
      "\(column) is \(value): \(kernelClass) is sized by \(sizes.joined(separator: ", ")) alone; "
        + "leave it empty"
    case .notInRange(let column, let value, let range, let isWhole):
      "\(column) is \(value.isEmpty ? "empty" : value): it must be a "
        + "\(isWhole ? "whole " : "")number from \(plain(range.lowerBound)) to "
        + "\(plain(range.upperBound)); correct it or its unit"
    case .onePoint(let kernelClass):
      "this is the only row of \(kernelClass): a curve needs two sizes or more; add rows or remove "
        + "this one"
    case .constantSize(let kernelClass, let columns, let lines):
      "\(columns.joined(separator: ", ")) of \(kernelClass) "
        + "\(columns.count == 1 ? "is" : "are") the same on lines \(few(lines)): a curve over size "
        + "needs two sizes or more; add rows of another size"
    case .constantTime(let kernelClass, let column, let value, let lines):
      "\(column) of \(kernelClass) is \(value) on lines \(few(lines)) whatever the size: such "
        + "times tell nothing; measure them again"
    case .abovePeak(let rate, let peak, let gpu):
      "the kernel runs at \(rate), but the peak of \(gpu) is \(peak); correct the time, its unit, "
        + "the size or the peak"
    default: nil
    }
  }

  private var deviceSentence: String? {
    switch self {
    case .curveAbovePeak(let kernelClass, let percent):
      "by the rows of \(kernelClass) large products would run at \(percent) % of peak; add larger "
        + "ones or correct the peak"
    case .numberAbovePeak(let key, let value, let kernelClass, let percent):
      "\(key) is \(value): large kernels of \(kernelClass) would run at \(percent) % of peak; a "
        + "share is at most 1, a cost at least 1"
    case .tooManyEntries(let key, let count, let most):
      "\(key) has \(count) entries: at most \(most) are read; leave some out"
    case .notFitted(let reason):
      "the rows do not determine a curve: \(reason); add rows of other sizes"
    case .missingOptions(let options, let names):
      "the GPU's numbers are not known: add \(options.joined(separator: ", ")), or --gpu with one "
        + "of \(names.joined(separator: ", "))"
    case .badOption(let option, let value, let least, let most):
      "\(option) is \(value): it must be from \(least) to \(most); write it with its unit"
    case .badName(let name):
      "--name is \(name): it takes up to 60 letters, digits, blanks, '.', '_' and '-'; use a name "
        + "such as my-gpu"
    case .partOfNode:
      "a node needs --gpus-per-node, --nvlink and --nic; give all of them, or none and name "
        + "cluster.node in scenarios"
    case .unknownGPU(let name, let names, let suggestion):
      "--gpu is \(name): the catalogue has \(names.joined(separator: ", ")); "
        + (suggestion.map { "did you mean \($0)?" } ?? "use one, or give the GPU's numbers")
    case .noDeviceFile(let value):
      "cluster.device is \(value): there is no such file in the scenario's folder or the current "
        + "one; correct the path, or write one with `fathom calibrate`"
    case .repeatedClass(let key, let kernelClass):
      "\(key) is \(kernelClass) again: a class has one curve; remove one of them"
    default: nil
    }
  }
}

/// Line numbers, not too many of them.
private func few(_ lines: [Int]) -> String {
  lines.prefix(6).map(\.description).joined(separator: ", ")
    + (lines.count > 6 ? " and \(lines.count - 6) more" : "")
}

/// A bound without a fraction where it has none.
private func plain(_ value: Double) -> String {
  value >= 1 && value < 1e6 ? "\(Int(value))" : "\(value)"
}
