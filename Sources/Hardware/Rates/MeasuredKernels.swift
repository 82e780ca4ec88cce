import Kernels
import Quantities

/// The kernel times that Fathom's compute rates rest on: a public trace (`trace`) and the published
/// table of a public kernel library (`deepGEMM`).
///
/// They are kernels, and from the spans of four phases the gap between kernels. No pair or step was
/// ever fitted.
public enum MeasuredKernels {
  /// Every kernel of the trace that has a row of its own, block by block of a layer.
  static let blocks: [(name: String, rows: [KernelMeasurement])] = [
    ("attention F", attentionForward), ("feed-forward F", feedForwardForward),
    ("feed-forward I", feedForwardInput), ("feed-forward W", feedForwardWeight),
    ("attention I", attentionInput), ("attention W", attentionWeight),
  ]

  /// The same without their blocks.
  static let trace: [KernelMeasurement] = blocks.flatMap(\.rows)

  /// All rows.
  static let all: [KernelMeasurement] = trace + deepGEMM

  /// Where the trace was published.
  public static let traceSource = "deepseek-ai/profile-data, train.json (H800, 2025-02)"
  static let deepGEMMSource = "deepseek-ai/DeepGEMM, README of 2025-02 (H800)"
  /// Multiprocessors the trace's compute kernels ran on, of 132.
  static let multiprocessors = 112.0

  /// Mean idle gap before a kernel: spans of four phases less their busy time, over their kernels.
  static let launchGap =
    Double(210 + 194 + 37 + 60) * 1e-6
    / [attentionForward, attentionInput, feedForwardForward, feedForwardInput]
    .joined().reduce(0) { count, row in
      // A grouped product stands once for each of four layers.
      switch row.work {
      case .small(let small): count + Double(small)
      case .matrix(let product) where product.groups > 1: count + 0.25
      default: count + 1
      }
    }

  /// A row of the trace.
  static func row(
    _ role: String, _ work: KernelWork, _ microseconds: Double,
    _ spread: ClosedRange<Double>? = nil
  ) -> KernelMeasurement {
    KernelMeasurement(
      role: role, work: work, seconds: microseconds * 1e-6,
      spread: spread.map { $0.lowerBound * 1e-6...$0.upperBound * 1e-6 },
      multiprocessorShare: multiprocessors / 132, source: traceSource)
  }
}

extension MeasuredKernels {
  /// FP8 products by themselves, with every multiprocessor: dense ones of 64, 128 and 4,096 rows, and
  /// grouped ones with rows one after another and, below 1,024 rows a group, masked.
  static let deepGEMM: [KernelMeasurement] =
    [
      alone(n: 2112, k: 7168, [206, 352, 1058]), alone(n: 24576, k: 1536, [289, 535, 990]),
      alone(n: 32768, k: 512, [219, 358, 590]), alone(n: 7168, k: 16384, [336, 645, 1358]),
      alone(n: 4096, k: 7168, [287, 533, 1304]), alone(n: 7168, k: 2048, [295, 510, 1025]),
    ].flatMap(\.self)
    + [
      alone(groups: 4, rows: 8192, [1297, 1099]), alone(groups: 8, rows: 4096, [1288, 1093]),
      alone(groups: 1, rows: 1024, [1233, 925]), alone(groups: 2, rows: 512, [1040, 916]),
      alone(groups: 4, rows: 256, [932, 815]),
    ].flatMap(\.self)

  private static func alone(n: Double, k: Double, _ teraFLOPs: [Double]) -> [KernelMeasurement] {
    zip([64, 128, 4096], teraFLOPs).map { rows, rate in
      alone(MatrixProduct(m: rows, n: n, k: k, operands: .fp8), rate)
    }
  }

  /// The two products of DeepSeek-V3's experts: gate and up, down.
  private static func alone(
    groups: Double, rows: Double, _ teraFLOPs: [Double]
  ) -> [KernelMeasurement] {
    zip([(4096.0, 7168.0), (7168, 2048)], teraFLOPs).map { shape, rate in
      alone(
        MatrixProduct(
          m: groups * rows, n: shape.0, k: shape.1, groups: groups, operands: .fp8,
          kind: .grouped), rate)
    }
  }

  private static func alone(_ product: MatrixProduct, _ teraFLOPs: Double) -> KernelMeasurement {
    KernelMeasurement(
      role: "\(Int(product.m)) x \(Int(product.n)) x \(Int(product.k))"
        + (product.kind == .grouped ? " in \(Int(product.groups))" : ""),
      work: .matrix(product), seconds: product.flops.value / (teraFLOPs * 1e12),
      source: deepGEMMSource)
  }
}

extension KernelWork {
  /// An FP8 product.
  static func dense(_ m: Double, _ n: Double, _ k: Double) -> KernelWork {
    .matrix(MatrixProduct(m: m, n: n, k: k, operands: .fp8))
  }

  /// An FP8 product whose rows belong to so many matrices.
  static func grouped(_ m: Double, _ n: Double, _ k: Double, groups: Double) -> KernelWork {
    .matrix(MatrixProduct(m: m, n: n, k: k, groups: groups, operands: .fp8))
  }

  /// An FP8 product added to a gradient.
  static func weightGradient(_ m: Double, _ n: Double, _ k: Double) -> KernelWork {
    .matrix(MatrixProduct(m: m, n: n, k: k, operands: .fp8, accumulates: true))
  }

  /// A router's product.
  static func gate(_ m: Double, _ n: Double, _ k: Double) -> KernelWork {
    .matrix(MatrixProduct(m: m, n: n, k: k, operands: .bf16, kind: .gate))
  }

  /// A kernel limited by memory.
  static func memory(_ operation: MemoryOperation, megabytes: Double) -> KernelWork {
    .memory(operation, Bytes(megabytes * 1e6))
  }

  /// Attention's forward, causal.
  static func attention(gigaFLOPs: Double) -> KernelWork {
    .attention(flops: FLOPs(gigaFLOPs * 1e9), backward: false)
  }

  /// Attention's main backward kernel, causal.
  static func attentionBackward(gigaFLOPs: Double) -> KernelWork {
    .attention(flops: FLOPs(gigaFLOPs * 1e9), backward: true)
  }

  /// The kernels of a phase under 15 microseconds, of which only the sum is known; their number is
  /// assumed.
  static func small(_ count: Int) -> KernelWork { .small(count: count) }
}
