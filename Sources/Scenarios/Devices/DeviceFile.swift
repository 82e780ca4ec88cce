public import Hardware
import Kernels
import Quantities

/// A device as `fathom calibrate` writes it: a GPU's numbers, the fitted curves of its kernels, and
/// the measured kernels that each rests on, which tell the shapes it holds for.
///
///     format: 1
///     device: my-gpu
///     source: kernels of my.csv
///     gpu: {bf16_peak: 989 TFLOPS, memory: 80 GB, memory_bandwidth: 3.35 TB/s, multiprocessors: 132}
///     launch_gap_us: 4.4
///     kernels:
///       - {class: copy, curve: {share: 0.8, launch_us: 3}, measured: [{bytes: 67108864, us: 28}]}
public enum DeviceFile {
  static let peaks = 1e12...1e18
  static let memories = 1e9...1e15
  static let bandwidths = 1e9...1e15
  static let links = 1e8...1e15
  static let multiprocessors = 1...65_536
  static let gpusOfNode = 1...65_536
  static let mostKernels = 200

  static let root = ["format", "device", "source", "gpu", "node", "launch_gap_us", "kernels"]
  static let gpu = ["bf16_peak", "fp8_peak", "memory", "memory_bandwidth", "multiprocessors"]
  static let node = ["gpus", "nvlink", "nic"]

  /// Whether a text can name a device.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.count <= 60 && text.first != " "
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || " ._-".contains($0)) }
  }

  /// Reads the device at a path.
  ///
  /// - Throws: `ScenarioError` with every problem of the file.
  public static func load(path: String) throws(ScenarioError) -> Device {
    try load(Document(path: path))
  }

  /// Reads the device of a document; as `load(path:)`.
  public static func load(_ document: Document) throws(ScenarioError) -> Device {
    var reader = DeviceReader(document)
    return try reader.device()
  }
}

/// Reads a device's document.
private struct DeviceReader {
  var keys: KeyReader

  init(_ document: Document) {
    keys = KeyReader(document)
    keys.report(document.problems)
  }

  mutating func device() throws(ScenarioError) -> Device {
    keys.check([("", DeviceFile.root), ("gpu", DeviceFile.gpu), ("node", DeviceFile.node)])
    keys.require("format", example: "format: 1")
    if let entry = keys.document.entry("format"), entry.value.text != "1" {
      keys.report(.wrongFormat(value: entry.value.quoted), at: "format")
    }
    keys.require("device", example: "device: my-gpu")
    let name = keys.word("device")
    if let name, !DeviceFile.isName(name) {
      keys.report(.calibration(.badName(shortened(name))), at: "device")
    }
    let source = keys.word("source") ?? keys.document.file
    let gpu = readGPU(name: name ?? "device")
    let gap = number("launch_gap_us", in: 0...1e6)
    let curves = readKernels(multiprocessors: gpu?.multiprocessors.value)
    let node = gpu.flatMap { readNode(of: $0) }
    guard keys.problems.isEmpty, let gpu, let gap, let name else {
      throw ScenarioError(problems: keys.problems)
    }
    let base: KernelRates
    do {
      base = try KernelRates.fitted(for: gpu)
    } catch {
      throw ScenarioError(
        .calibration(.notFitted(reason: "\(error)")), at: .file(keys.document.file))
    }
    let rates = KernelRates(
      curves: curves, on: gpu, base: base, launchGap: gap * 1e-6, source: source)
    return Device(name: name, source: source, gpu: gpu, rates: rates, node: node)
  }

  /// A number that has to be there; nil where it is reported.
  private mutating func number(_ path: String, in range: ClosedRange<Double>) -> Double? {
    keys.require(path, example: "\(path.split(separator: ".").last ?? ""): 1")
    return keys.number(path, in: range)
  }

  private mutating func amount(
    _ path: String, _ dimension: Dimension, _ range: ClosedRange<Double>
  ) -> Double? {
    let key = path.split(separator: ".").last ?? ""
    keys.require(path, example: "\(key): \(dimension.example)")
    return keys.amount(path, dimension, in: range)
  }

  private mutating func readGPU(name: String) -> GPU? {
    let stated = "device file \(keys.document.file)"
    let bf16 = amount("gpu.bf16_peak", .computeRate, DeviceFile.peaks)
    let fp8 = keys.amount("gpu.fp8_peak", .computeRate, in: DeviceFile.peaks)
    let memory = amount("gpu.memory", .data, DeviceFile.memories)
    let bandwidth = amount("gpu.memory_bandwidth", .bandwidth, DeviceFile.bandwidths)
    keys.require("gpu.multiprocessors", example: "multiprocessors: 132")
    let processors = keys.whole(
      "gpu.multiprocessors", in: DeviceFile.multiprocessors, default: nil)
    guard let bf16, let memory, let bandwidth, let processors else { return nil }
    return GPU(
      name: name, bf16Peak: Fact(FLOPRate(bf16), .stated, stated),
      fp8Peak: fp8.map { Fact(FLOPRate($0), .stated, stated) },
      memory: Fact(Bytes(memory), .stated, stated),
      memoryBandwidth: Fact(Bandwidth(bandwidth), .stated, stated),
      multiprocessors: Fact(processors, .stated, stated))
  }

  private mutating func readNode(of gpu: GPU) -> Node? {
    guard keys.has("node") else { return nil }
    keys.require("node.gpus", example: "gpus: 8")
    let gpus = keys.whole("node.gpus", in: DeviceFile.gpusOfNode, default: nil)
    let nvlink = amount("node.nvlink", .bandwidth, DeviceFile.links)
    let nic = amount("node.nic", .bandwidth, DeviceFile.links)
    guard let gpus, let nvlink, let nic else { return nil }
    return Node(
      device: gpu, gpus: gpus, nvlink: Bandwidth(nvlink), nic: Bandwidth(nic),
      source: "device file \(keys.document.file)")
  }

  /// A list of tables; nil where it is reported, as one with too many is.
  private mutating func list(_ path: String, atMost most: Int) -> [Document.Item]? {
    guard let items = keys.list(path, kind: .tables) else { return nil }
    guard items.count > most else { return items }
    keys.report(
      .calibration(.tooManyEntries(key: path, count: items.count, most: most)), at: path)
    return nil
  }

  private mutating func readKernels(multiprocessors: Int?) -> [MeasuredCurve] {
    keys.require("kernels", example: "kernels: [{class: copy, ...}]")
    guard let items = list("kernels", atMost: DeviceFile.mostKernels) else { return [] }
    var curves: [MeasuredCurve] = []
    for index in items.indices {
      guard let curve = readKernel("kernels.\(index + 1)", multiprocessors) else { continue }
      if curves.contains(where: { $0.kernelClass == curve.kernelClass }) {
        let path = "kernels.\(index + 1).class"
        keys.report(
          .calibration(.repeatedClass(key: path, kernelClass: "\(curve.kernelClass)")), at: path)
      }
      curves.append(curve)
    }
    return curves
  }

  private mutating func readKernel(_ path: String, _ multiprocessors: Int?) -> MeasuredCurve? {
    keys.check([(path, ["class", "precision", "curve", "measured"])])
    guard
      let name = keys.name("\(path).class", kind: .kernelClass, among: KernelClass.names),
      let format = keys.name(
        "\(path).precision", kind: .precision, among: NumberFormat.allCases.map(\.rawValue),
        default: "bf16"
      ).flatMap(NumberFormat.init), let kernelClass = KernelClass(name: name, format: format)
    else {
      keys.require("\(path).class", example: "class: copy")
      return nil
    }
    let numbers = MeasuredCurve.keys(of: kernelClass)
    keys.check([("\(path).curve", numbers)])
    let values = numbers.map { key in
      number("\(path).curve.\(key)", in: Self.range(of: key))
    }
    let rows = readRows("\(path).measured", of: kernelClass, multiprocessors)
    let found = values.compactMap(\.self)
    guard found.count == numbers.count else { return nil }
    let curve = MeasuredCurve(kernelClass: kernelClass, values: found, rows: rows)
    if let percent = curve.percentAbovePeak {
      // The first of a curve's numbers is the one that its large kernels rest on.
      let key = "\(path).curve.\(numbers[0])"
      keys.report(
        .calibration(
          .numberAbovePeak(
            key: key, value: keys.document.entry(key)?.value.quoted ?? "",
            kernelClass: "\(kernelClass)", percent: percent)), at: key)
    }
    return curve
  }

  /// What a number of a curve may be: a share of nothing would take for ever, costs of so much are no
  /// kernel's, and communication beside it makes no kernel faster.
  private static func range(of key: String) -> ClosedRange<Double> {
    switch key {
    case "share": 1e-9...1e9
    case "contention": 1...1e9
    default: 0...1e9
    }
  }

  private mutating func readRows(
    _ path: String, of kernelClass: KernelClass, _ multiprocessors: Int?
  ) -> [KernelMeasurement] {
    keys.require(path, example: "measured: [{us: 10}]")
    guard let items = list(path, atMost: Measurements.mostRows) else { return [] }
    let sizes = kernelClass.sizes
    let known = ["name", "us", "multiprocessors"] + sizes.map(\.column.rawValue)
    let most = Double(multiprocessors ?? DeviceFile.multiprocessors.upperBound)
    var rows: [KernelMeasurement] = []
    for index in items.indices {
      if keys.problems.count > 100 { break }
      let row = "\(path).\(index + 1)"
      keys.check([(row, known)])
      var values: [MeasurementColumn: Double] = [:]
      for size in sizes {
        let key = "\(row).\(size.column.rawValue)"
        if size.isRequired { keys.require(key, example: "\(size.column.rawValue): 4096") }
        values[size.column] = keys.number(key, in: size.range)
      }
      let range = Measurements.possible
      let time = number("\(row).us", in: range.lowerBound * 1e6...range.upperBound * 1e6)
      let processors = keys.number("\(row).multiprocessors", in: 1...max(most, 1))
      rows.append(
        KernelMeasurement(
          role: keys.document.entry("\(row).name")?.value.text ?? "row \(index + 1)",
          work: kernelClass.work { values[$0] }, seconds: (time ?? 1) * 1e-6,
          multiprocessorShare: (processors ?? most) / most, source: keys.document.file))
    }
    return rows
  }
}
