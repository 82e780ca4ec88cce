public import Hardware
import Quantities

/// What a calibration is told of the GPU: one of the catalogue, its numbers, or both, in which case
/// numbers replace the catalogue's. Numbers are written with their units, as in a scenario.
public struct DeviceRequest: Sendable, Equatable {
  /// Name of the device; that of the catalogue's GPU where it is nil.
  public var name: String?
  /// A node or GPU of the catalogue.
  public var gpu: String?
  /// Dense peaks, memory and its bandwidth, with units.
  public var bf16Peak, fp8Peak, memory, memoryBandwidth: String?
  /// Streaming multiprocessors, or compute units.
  public var multiprocessors: Int?
  /// GPUs of a node, and its links, of a device that can stand without a catalogue's node.
  public var gpusPerNode: Int?
  public var nvlink, nic: String?

  /// A request for nothing yet.
  public init() {}

  /// The GPU.
  ///
  /// - Throws: `ScenarioError` with every option that is wrong or missing.
  public func resolvedGPU() throws(ScenarioError) -> GPU {
    var problems: [Problem] = []
    func report(_ fault: CalibrationFault) {
      problems.append(Problem(place: .argument, fault: .calibration(fault)))
    }
    let names = HardwareCatalogue.nodes.map(\.name)
    let known = gpu.flatMap(HardwareCatalogue.gpu(named:))
    if let gpu, known == nil {
      report(
        .unknownGPU(
          shortened(gpu), names: names, suggestion: suggestion(for: gpu, among: names)))
    }
    func amount(
      _ option: String, _ text: String?, _ dimension: Dimension, _ range: ClosedRange<Double>
    ) -> Double? {
      guard let text else { return nil }
      if let value = try? dimension.value(of: text), range.contains(value) { return value }
      report(
        .badOption(
          option: option, value: shortened(text), least: dimension.text(range.lowerBound),
          most: dimension.text(range.upperBound)))
      return nil
    }
    let bf16 = amount("--bf16-peak", bf16Peak, .computeRate, DeviceFile.peaks)
    let fp8 = amount("--fp8-peak", fp8Peak, .computeRate, DeviceFile.peaks)
    let capacity = amount("--memory", memory, .data, DeviceFile.memories)
    let bandwidth = amount(
      "--memory-bandwidth", memoryBandwidth, .bandwidth, DeviceFile.bandwidths)
    if let multiprocessors, !DeviceFile.multiprocessors.contains(multiprocessors) {
      report(
        .badOption(
          option: "--multiprocessors", value: "\(multiprocessors)",
          least: "\(DeviceFile.multiprocessors.lowerBound)",
          most: "\(DeviceFile.multiprocessors.upperBound)"))
    }
    let missing = [
      ("--bf16-peak", bf16Peak == nil), ("--memory", memory == nil),
      ("--memory-bandwidth", memoryBandwidth == nil), ("--multiprocessors", multiprocessors == nil),
      ("--name", name == nil),
    ].filter(\.1).map(\.0)
    if gpu == nil, !missing.isEmpty { report(.missingOptions(missing, names: names)) }
    if let name, !DeviceFile.isName(name) { report(.badName(shortened(name))) }
    guard problems.isEmpty else { throw ScenarioError(problems: problems) }
    let stated = "as given to fathom calibrate"
    func fact<Value>(_ value: Value?, _ old: Fact<Value>?, none: Value) -> Fact<Value> {
      value.map { Fact($0, .stated, stated) } ?? old ?? Fact(none, .stated, stated)
    }
    return GPU(
      name: name ?? known?.name ?? "",
      bf16Peak: fact(bf16.map { FLOPRate($0) }, known?.bf16Peak, none: .zero),
      fp8Peak: fp8.map { Fact(FLOPRate($0), .stated, stated) } ?? known?.fp8Peak,
      memory: fact(capacity.map { Bytes($0) }, known?.memory, none: .zero),
      memoryBandwidth: fact(
        bandwidth.map { Bandwidth($0) }, known?.memoryBandwidth, none: .zero),
      multiprocessors: fact(multiprocessors, known?.multiprocessors, none: 1))
  }

  /// The node, where its GPUs and links are given.
  ///
  /// - Throws: `ScenarioError` with every option that is wrong or missing.
  func node(of gpu: GPU) throws(ScenarioError) -> Node? {
    guard gpusPerNode != nil || nvlink != nil || nic != nil else { return nil }
    guard let gpusPerNode, let nvlink, let nic else {
      throw ScenarioError(.calibration(.partOfNode), at: .argument)
    }
    var problems: [Problem] = []
    func rate(_ option: String, _ text: String) -> Bandwidth {
      let dimension = Dimension.bandwidth
      if let value = try? dimension.value(of: text), DeviceFile.links.contains(value) {
        return Bandwidth(value)
      }
      problems.append(
        Problem(
          place: .argument,
          fault: .calibration(
            .badOption(
              option: option, value: shortened(text),
              least: dimension.text(DeviceFile.links.lowerBound),
              most: dimension.text(DeviceFile.links.upperBound)))))
      return .zero
    }
    let rates = (rate("--nvlink", nvlink), rate("--nic", nic))
    if !DeviceFile.gpusOfNode.contains(gpusPerNode) {
      problems.append(
        Problem(
          place: .argument,
          fault: .calibration(
            .badOption(
              option: "--gpus-per-node", value: "\(gpusPerNode)",
              least: "\(DeviceFile.gpusOfNode.lowerBound)",
              most: "\(DeviceFile.gpusOfNode.upperBound)"))))
    }
    guard problems.isEmpty else { throw ScenarioError(problems: problems) }
    return Node(
      device: gpu, gpus: gpusPerNode, nvlink: rates.0, nic: rates.1,
      source: "as given to fathom calibrate")
  }
}

extension Node {
  /// A node of a device, its links reaching the shares of their peaks that an H100's do.
  init(device gpu: GPU, gpus: Int, nvlink: Bandwidth, nic: Bandwidth, source: String) {
    let like = HardwareCatalogue.node(named: "h100") ?? HardwareCatalogue.nodes[0]
    self = like
    name = gpu.name
    self.gpu = gpu
    self.gpus = gpus
    nics = gpus
    self.nvlink = like.nvlink.scaled(toPeak: nvlink, source: source)
    self.nic = like.nic.scaled(toPeak: nic, source: source)
  }
}
