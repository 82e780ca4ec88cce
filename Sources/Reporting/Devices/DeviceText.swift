public import Hardware
import Kernels
import Quantities
import Scenarios

/// A device as the YAML file that `cluster.device` of a scenario names.
///
/// Numbers keep all their digits, so that a file read back gives the same curves.
public enum DeviceText {
  /// Writes the device.
  public static func write(_ device: Device, to writer: inout ByteWriter) {
    let gpu = device.gpu
    writer.put("# Fitted by `fathom calibrate`; name it as cluster.device in a scenario.\n")
    writer.put("format: 1\ndevice: ")
    writer.put(quoted: device.name)
    writer.put("\nsource: ")
    writer.put(quoted: device.source)
    writer.put("\ngpu:\n  bf16_peak: \(whole(gpu.bf16Peak.value.value / 1e9)) GFLOPS\n")
    if let fp8 = gpu.fp8Peak { writer.put("  fp8_peak: \(whole(fp8.value.value / 1e9)) GFLOPS\n") }
    writer.put("  memory: \(whole(gpu.memory.value.value)) B\n")
    writer.put("  memory_bandwidth: \(whole(gpu.memoryBandwidth.value.value)) B/s\n")
    writer.put("  multiprocessors: \(gpu.multiprocessors.value)\n")
    if let node = device.node {
      writer.put(
        "node:\n  gpus: \(node.gpus)\n  nvlink: \(whole(node.nvlink.peak.value.value)) B/s\n")
      writer.put("  nic: \(whole(node.nic.peak.value.value)) B/s\n")
    }
    writer.put("launch_gap_us: \(device.rates.launchGap * 1e6)\n")
    writer.put("# Costs are in times of what operations and bytes take at peak.\nkernels:\n")
    for curve in device.rates.measuredCurves { put(curve, of: gpu, to: &writer) }
  }

  private static func put(_ curve: MeasuredCurve, of gpu: GPU, to writer: inout ByteWriter) {
    writer.put("  - class: \(curve.kernelClass.name)\n")
    if case .matrix(_, let format) = curve.kernelClass {
      writer.put("    precision: \(format.rawValue)\n")
    }
    let numbers = zip(MeasuredCurve.keys(of: curve.kernelClass), curve.values)
    writer.put("    curve: {\(numbers.map { "\($0): \($1)" }.joined(separator: ", "))}\n")
    writer.put("    measured:\n")
    for row in curve.rows {
      writer.put("      - {name: ")
      writer.put(quoted: row.role)
      for (key, value) in sizes(of: row.work) { writer.put(", \(key): \(whole(value))") }
      if row.multiprocessorShare < 1 {
        let processors = (row.multiprocessorShare * Double(gpu.multiprocessors.value)).rounded()
        writer.put(", multiprocessors: \(whole(processors))")
      }
      writer.put(", us: \(row.seconds * 1e6)}\n")
    }
  }

  /// What sizes a kernel, by the columns of a file of measurements.
  static func sizes(of work: KernelWork) -> [(key: String, value: Double)] {
    switch work {
    case .matrix(let product):
      let groups = product.groups == 1 ? [] : [("groups", product.groups)]
      return [("m", product.m), ("n", product.n), ("k", product.k)] + groups
    case .attention(let flops, _): return [("gflop", flops.value / 1e9)]
    case .memory(_, let bytes): return [("bytes", bytes.value)]
    case .small(let count): return [("count", Double(count))]
    }
  }

  private static func whole(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }
}
