public import Quantities

/// A GPU as its datasheet gives it; what it achieves is in `KernelRates`.
public struct GPU: Sendable, Equatable {
  /// Product name, such as `H800 SXM`.
  public var name: String
  /// Dense peak of BF16 and FP16 matrix work.
  public var bf16Peak: Fact<FLOPRate>
  /// Dense peak of FP8 matrix work; nil where the GPU has none.
  public var fp8Peak: Fact<FLOPRate>?
  /// Memory capacity.
  public var memory: Fact<Bytes>
  /// Peak memory bandwidth.
  public var memoryBandwidth: Fact<Bandwidth>
  /// Streaming multiprocessors (compute units on AMD).
  public var multiprocessors: Fact<Int>

  /// A GPU from its numbers.
  public init(
    name: String, bf16Peak: Fact<FLOPRate>, fp8Peak: Fact<FLOPRate>?, memory: Fact<Bytes>,
    memoryBandwidth: Fact<Bandwidth>, multiprocessors: Fact<Int>
  ) {
    self.name = name
    self.bf16Peak = bf16Peak
    self.fp8Peak = fp8Peak
    self.memory = memory
    self.memoryBandwidth = memoryBandwidth
    self.multiprocessors = multiprocessors
  }

  /// Dense peak for operands of `format`; FP8 falls back to BF16 where the GPU has no FP8, and
  /// FP32 runs at half of BF16 (TF32).
  public func peak(_ format: NumberFormat) -> FLOPRate {
    switch format {
    case .fp8: (fp8Peak ?? bf16Peak).value
    case .bf16, .fp16: bf16Peak.value
    case .fp32: bf16Peak.value / 2
    }
  }
}

/// A server: GPUs joined by NVLink, with their NICs.
public struct Node: Sendable, Equatable {
  /// Name in scenarios, such as `h800`.
  public var name: String
  /// The GPU it holds.
  public var gpu: GPU
  /// GPUs of the node, or of the scale-up domain where it spans servers (NVL72).
  public var gpus: Int
  /// NVLink (or Infinity Fabric) of one GPU, one direction.
  public var nvlink: LinkRate
  /// One NIC, one direction.
  public var nic: LinkRate
  /// NICs of the node; as many as GPUs, or fewer that neighbouring GPUs share evenly.
  public var nics: Int
}

/// What a port carries in one direction: by its datasheet, and as payload in practice.
public struct LinkRate: Sendable, Equatable {
  /// Datasheet rate.
  public var peak: Fact<Bandwidth>
  /// Payload rate that collectives reach.
  public var achieved: Fact<Bandwidth>

  /// The same achieved share of another peak.
  public func scaled(toPeak peak: Bandwidth, source: String) -> LinkRate {
    let share = achieved.value / self.peak.value
    return LinkRate(
      peak: Fact(peak, .stated, source),
      achieved: Fact(
        peak * share, .derived,
        "\(source), times the \(achieved.status.rawValue) share: \(achieved.source)"))
  }
}
