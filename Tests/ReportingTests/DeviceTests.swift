import Foundation
import Hardware
import Kernels
import Quantities
import Testing

@testable import Reporting
@testable import Scenarios

/// Device files: written, read back, and named by scenarios.
@Suite struct DeviceTests {
  static let rows = """
    class,precision,m,n,k,bytes,microseconds,multiprocessors
    dense,bf16,4096,4096,4096,,577.7,
    dense,bf16,8192,4096,4096,,1150.3,
    dense,bf16,8192,4096,8192,,3080,48
    copy,,,,,100000000,100,
    copy,,,,,300000000,280,
    gate,bf16,4096,256,4096,,60,
    gate,bf16,8192,256,4096,,110,
    """

  static func device(standalone: Bool = false, slower: Double = 1) throws -> Device {
    var request = DeviceRequest()
    request.name = "unseen"
    request.bf16Peak = "400 TFLOPS"
    request.memory = "96 GB"
    request.memoryBandwidth = "2 TB/s"
    request.multiprocessors = 64
    if standalone {
      request.gpusPerNode = 8
      request.nvlink = "200 GB/s"
      request.nic = "200 Gbit/s"
    }
    let text = rows.split(separator: "\n").map { line in
      var cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      if let time = Double(cells[6]) { cells[6] = "\(time * slower)" }
      return cells.joined(separator: ",")
    }
    return try Calibration(text: text.joined(separator: "\n"), file: "k.csv", request).device
  }

  /// What is read back is what was written, number for number.
  @Test(arguments: [false, true]) func roundTrip(standalone: Bool) throws {
    let device = try Self.device(standalone: standalone)
    let text = ByteWriter.text { DeviceText.write(device, to: &$0) }
    let read = try DeviceFile.load(Document(text: text, file: "d.yaml"))
    #expect(read.name == device.name && read.source == device.source)
    #expect(read.gpu.bf16Peak.value == device.gpu.bf16Peak.value && read.gpu.fp8Peak == nil)
    #expect(read.gpu.memoryBandwidth.value == device.gpu.memoryBandwidth.value)
    #expect(read.node?.nvlink.achieved.value == device.node?.nvlink.achieved.value)
    #expect(read.rates.fits.map(\.kernelClass) == device.rates.fits.map(\.kernelClass))
    for (one, other) in zip(read.rates.fits, device.rates.fits) {
      #expect(one.range == other.range)
      for (a, b) in zip(one.rows, other.rows) {
        #expect(a.measured.work == b.measured.work && a.measured.role == b.measured.role)
        #expect(abs(a.fitted / b.fitted - 1) < 1e-12)
      }
    }
    #expect(ByteWriter.text { DeviceText.write(read, to: &$0) }.utf8.count > 500)
  }

  private func scenario(_ cluster: String) -> String {
    """
    format: 1
    name: named
    model: llama-2-7b
    cluster: \(cluster)
    parallelism: {pipeline: 1}
    training: {sequence_length: 1024, global_batch: 8, schedule: 1f1b}
    """
  }

  /// A scenario runs on a device, beside a node's links or with its own; a slower one takes longer.
  @Test func aScenarioNamesADevice() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "fathom-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func write(_ device: Device, _ name: String) throws {
      try WholeFile.write(to: folder.appending(path: name).path()) {
        DeviceText.write(device, to: &$0)
      }
    }
    try write(Self.device(), "my.yaml")
    try write(Self.device(slower: 1.5), "slow.yaml")
    try write(Self.device(standalone: true), "whole.yaml")
    let file = folder.appending(path: "s.yaml").path()
    func step(_ cluster: String) throws -> Double {
      let document = try Document(text: scenario(cluster), file: file)
      return try Study(Scenario.load(document, set: [])).run { _ in }.cases[0].stepSeconds
    }
    let base = try step("{node: h100, device: my.yaml, nodes: 1}")
    #expect(try step("{node: h100, device: slow.yaml, nodes: 1}") > base)
    #expect(try step("{device: whole.yaml, nodes: 1}") > 0)
    let document = try Document(
      text: scenario("{node: h100, device: my.yaml, nodes: 1}"), file: file)
    let outcome = try Study(Scenario.load(document, set: [])).run { _ in }
    #expect(
      outcome.cases[0].peak == FLOPRate(400e12) && outcome.cases[0].memoryCapacity == Bytes(96e9))
    #expect(
      outcome.assumptions.contains { $0.hasPrefix("unseen has no measurements of grouped, ") })
    #expect(throws: ScenarioError.self) { try step("{device: my.yaml, nodes: 1}") }
    #expect(throws: ScenarioError.self) { try step("{node: h100, device: no.yaml, nodes: 1}") }
  }

  /// All problems of a device file at once, with their lines.
  @Test func wrongDeviceFile() throws {
    let text = """
      format: 2
      device: my-gpu
      gpu: {bf16_peak: 400, memory: 96 GB, memory_bandwidth: 2 TB/s, processors: 64}
      launch_gap_us: -1
      kernels:
        - {class: copi, curve: {share: 1}}
        - {class: copy, curve: {share: 0}, measured: [{us: 10}]}
        - {class: small, curve: {launch_us: 5}, measured: [{us: 5}]}
        - {class: small, curve: {launch_us: 5}, measured: [{us: x}]}
      """
    do {
      _ = try DeviceFile.load(Document(text: text, file: "d.yaml"))
      Issue.record("a wrong device was read")
    } catch {
      let lines = error.problems.map(\.description)
      for part in [
        "d.yaml:1: format is 2", "gpu.processors is not a key",
        "gpu.bf16_peak is 400: it needs a unit",
        "launch_gap_us is -1", "kernels.1.class is copi", "did you mean copy?",
        "kernels.2.curve.share is 0", "kernels.2.curve.launch_us is missing",
        "kernels.2.measured.1.bytes is missing", "kernels.4.measured.1.us is x",
        "kernels.4.class is small kernel again",
      ] {
        #expect(lines.contains { $0.contains(part) }, "\(part) in \(lines)")
      }
    }
  }

  private func problems(kernels: String) -> [String] {
    let text = """
      format: 1
      device: my-gpu
      gpu: {bf16_peak: 400 TFLOPS, memory: 96 GB, memory_bandwidth: 2 TB/s, multiprocessors: 64}
      launch_gap_us: 1
      kernels: \(kernels)
      """
    do throws(ScenarioError) {
      _ = try DeviceFile.load(Document(text: text, file: "d.yaml"))
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  /// A curve by which kernels beat the peak is refused at its number, by a file as by a fit.
  @Test func curvesAboveThePeakAreRefused() {
    func dense(_ loop: String, contention: String = "1") -> String {
      "[{class: dense, curve: {main_loop: \(loop), contention: \(contention), left: 1, right: 1, "
        + "result: 1, launch_us: 1}, measured: [{m: 64, n: 64, k: 64, us: 5}]}]"
    }
    #expect(problems(kernels: dense("1")) == [])
    #expect(
      problems(kernels: dense("0")) == [
        "d.yaml:5: kernels.1.curve.main_loop is 0: large kernels of dense product, bf16 would run at "
          + "more than any % of peak; a share is at most 1, a cost at least 1"
      ])
    #expect(problems(kernels: dense("0.8"))[0].contains("at 125 % of peak"))
    #expect(problems(kernels: dense("1", contention: "0"))[0].contains("contention is 0"))
    let attention =
      "[{class: attention_forward, curve: {share: 1000}, measured: [{gflop: 10, us: 5000}]}]"
    #expect(problems(kernels: attention)[0].contains("kernels.1.curve.share is 1000: large"))
  }

  /// No entry is left out silently.
  @Test func tooManyKernelsAreRefused() {
    let one = "{class: copy, curve: {share: 0.5, launch_us: 1}, measured: [{bytes: 9, us: 5}]}"
    let many = "[" + [String](repeating: one, count: 201).joined(separator: ", ") + "]"
    #expect(
      problems(kernels: many).contains {
        $0.contains("kernels has 201 entries: at most 200 are read; leave some out")
      })
  }

  /// The report names the worst row and has each class's rows, as text and as JSON.
  @Test func report() throws {
    var request = DeviceRequest()
    request.gpu = "h100"
    let text = "class,bytes,us\ncopy,100000000,60\ncopy,200000000,100\ncopy,400000000,240"
    let report = CalibrationReport(try Calibration(text: text, file: "k.csv", request))
    let told = report.text(file: nil)
    #expect(told.contains("copy: 3 rows, bytes 100") && told.contains("Worst row: line 3 of copy"))
    #expect(told.contains("No device file is written"))
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(report.json(file: "d.yaml").text.utf8))
        as? [String: Any])
    #expect(json["file"] as? String == "d.yaml")
    let classes = try #require(json["classes"] as? [[String: Any]])
    #expect((classes[0]["rows"] as? [Any])?.count == 3)
  }
}
