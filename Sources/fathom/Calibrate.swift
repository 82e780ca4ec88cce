import ArgumentParser
import Foundation
import Reporting
import Scenarios

/// `fathom calibrate`: curves fitted to the user's own kernel times.
struct Calibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fit kernel curves to your own measurements, as a device that scenarios can name.",
    discussion: """
      FILE.csv has a row for each measured kernel. Its columns, in any order: class; precision \
      (fp8, bf16, fp16 or fp32) of products; what sizes the kernel: m, n, k and groups of products, \
      gflop of attention as its kernel does it, bytes read and written of kernels bound by memory, \
      count of small ones; microseconds (or milliseconds, seconds, nanoseconds); and, where wanted, \
      name, and multiprocessors that were not busy with communication. Classes are dense, grouped, \
      weight_gradient and gate for products, attention_forward, attention_backward, small, and \
      copy, norm, cast and others bound by memory. Each needs two sizes or more; classes without \
      rows take the catalogue's shares of peak. The GPU is one of the catalogue's, or one that \
      Fathom has never seen, by its numbers.

      Examples:
        fathom calibrate scenarios/calibration-example.csv --gpu h800
        fathom calibrate my.csv --gpu h100 --output my-gpu.yaml
        fathom calibrate my.csv --name my-gpu --bf16-peak '400 TFLOPS' --memory '96 GB' \
      --memory-bandwidth '2 TB/s' --multiprocessors 64 --output my-gpu.yaml
        fathom run scenarios/deepseek-v3-pretraining.yaml --set cluster.device=my-gpu.yaml
      """)

  @Argument(help: "Path of the measurements.")
  var measurements: String

  @Option(help: "A node or GPU of 'fathom catalog gpus' whose numbers hold.")
  var gpu: String?

  @Option(help: "Name of the device; required without --gpu.")
  var name: String?

  @Option(help: "Dense BF16 peak, as '989 TFLOPS'.")
  var bf16Peak: String?

  @Option(help: "Dense FP8 peak; left out for a GPU without FP8.")
  var fp8Peak: String?

  @Option(help: "Memory, as '80 GB'.")
  var memory: String?

  @Option(help: "Peak memory bandwidth, as '3.35 TB/s'.")
  var memoryBandwidth: String?

  @Option(help: "Streaming multiprocessors, or compute units.")
  var multiprocessors: Int?

  @Option(help: "GPUs of a node; with --nvlink and --nic the device needs no cluster.node.")
  var gpusPerNode: Int?

  @Option(help: "NVLink of a GPU, one direction, as '450 GB/s'.")
  var nvlink: String?

  @Option(help: "NIC of a GPU, one direction, as '400 Gbit/s'.")
  var nic: String?

  @Option(help: ArgumentHelp("Device file to write, whole or not at all.", valueName: "file"))
  var output: String?

  @Flag(help: "Print exactly one JSON value and nothing else.")
  var json = false

  func run() throws {
    try Answer.or(exit: 1) {
      var request = DeviceRequest()
      request.gpu = gpu
      request.name = name
      request.bf16Peak = bf16Peak
      request.fp8Peak = fp8Peak
      request.memory = memory
      request.memoryBandwidth = memoryBandwidth
      request.multiprocessors = multiprocessors
      request.gpusPerNode = gpusPerNode
      request.nvlink = nvlink
      request.nic = nic
      if let output, isSameFile(output, measurements) {
        throw ValidationError(
          "--output is \(output): these are the measurements, which it would replace; name another "
            + "file")
      }
      let calibration = try Calibration(path: measurements, request)
      if let output {
        try WholeFile.write(to: output) { DeviceText.write(calibration.device, to: &$0) }
      }
      let report = CalibrationReport(calibration)
      if json {
        try Answer.print(report.json(file: output))
      } else {
        try Answer.print(report.text(file: output))
      }
    }
  }
}

/// Whether two paths lead to one file.
private func isSameFile(_ path: String, _ other: String) -> Bool {
  let paths = [path, other].map {
    URL(filePath: $0).resolvingSymlinksInPath().standardizedFileURL.path()
  }
  return paths[0] == paths[1]
}
