public import Quantities

/// The nodes a scenario can name, each number with its source.
public enum HardwareCatalogue {
  /// All nodes, in the order they are listed.
  public static let nodes: [Node] = [
    node("h800", h800, nvlink: h800NVLink, nic: connectX7),
    node("h100", h100, nvlink: nvlink4, nic: connectX7),
    node("h200", h200, nvlink: nvlink4, nic: connectX7),
    node("h20", h20, nvlink: nvlink4, nic: connectX7),
    node("a100", a100, nvlink: nvlink3, nic: connectX6),
    node("b200", b200, nvlink: nvlink5, nic: connectX7),
    node("gb200-nvl72", gb200, gpus: 72, nvlink: nvlink5, nic: connectX7),
    node("mi300x", mi300x, nvlink: infinityFabric, nic: connectX7),
  ]

  /// The node called `name`, or nil.
  public static func node(named name: String) -> Node? { nodes.first { $0.name == name } }

  static let h800 = gpu(
    "H800 SXM", bf16: 989, fp8: 1979, gigabytes: 80, terabytesPerSecond: 3.35, processors: 132,
    "as H100 SXM but for NVLink; multiprocessors read off deepseek-ai/profile-data")
  static let h100 = gpu(
    "H100 SXM", bf16: 989, fp8: 1979, gigabytes: 80, terabytesPerSecond: 3.35, processors: 132,
    "NVIDIA H100 datasheet; ai-dynamo/aiconfigurator h100_sxm.yaml (2026-08)")
  static let h200 = gpu(
    "H200 SXM", bf16: 989, fp8: 1979, gigabytes: 141, terabytesPerSecond: 4.8, processors: 132,
    "NVIDIA H200 datasheet; ai-dynamo/aiconfigurator h200_sxm.yaml (2026-08)")
  static let h20 = gpu(
    "H20 SXM", bf16: 148, fp8: 296, gigabytes: 96, terabytesPerSecond: 4, processors: 78,
    "secondary pages for the 96 GB variant; FP8 recalled")
  static let a100 = gpu(
    "A100 80GB SXM", bf16: 312, fp8: nil, gigabytes: 80, terabytesPerSecond: 2.039,
    processors: 108, "NVIDIA A100 datasheet; ai-dynamo/aiconfigurator a100_sxm.yaml (2026-08)")
  static let b200 = gpu(
    "B200 SXM", bf16: 2250, fp8: 4500, gigabytes: 180, terabytesPerSecond: 8, processors: 148,
    "ai-dynamo/aiconfigurator b200_sxm.yaml and InferenceX (2026-08); sources give 7.7 or 8 TB/s")
  static let gb200 = gpu(
    "GB200", bf16: 2500, fp8: 5000, gigabytes: 192, terabytesPerSecond: 8, processors: 148,
    "ai-dynamo/aiconfigurator gb200.yaml and InferenceX (2026-08)")
  static let mi300x = gpu(
    "MI300X", bf16: 1307, fp8: 2615, gigabytes: 192, terabytesPerSecond: 5.3, processors: 304,
    "AMD MI300X datasheet; InferenceX (2026-08)")

  private static func gpu(
    _ name: String, bf16: Double, fp8: Double?, gigabytes: Double, terabytesPerSecond: Double,
    processors: Int, _ source: String
  ) -> GPU {
    GPU(
      name: name, bf16Peak: Fact(FLOPRate(bf16 * 1e12), .stated, source),
      fp8Peak: fp8.map { Fact(FLOPRate($0 * 1e12), .stated, source) },
      memory: Fact(Bytes(gigabytes * 1e9), .stated, source),
      memoryBandwidth: Fact(Bandwidth(terabytesPerSecond * 1e12), .stated, source),
      multiprocessors: Fact(processors, .stated, source))
  }

  private static func node(
    _ name: String, _ gpu: GPU, gpus: Int = 8, nvlink: LinkRate, nic: LinkRate
  ) -> Node {
    let nics = self.nics(ofNode: name) ?? Fact(gpus, .assumed, "one NIC for each GPU")
    return Node(name: name, gpu: gpu, gpus: gpus, nvlink: nvlink, nic: nic, nics: nics.value)
  }

  /// NICs of a node by its name, storage NICs left out; nil where there is no such node.
  public static func nics(ofNode name: String) -> Fact<Int>? {
    switch name {
    case "h800":
      Fact(
        8, .stated, "arXiv 2505.09343: eight 400 Gbit/s NICs a node, one for each GPU")
    case "gb200-nvl72":
      Fact(72, .assumed, "one 400 Gbit/s NIC for each GPU, four for the four GPUs of a tray")
    case "h100", "h200", "b200":
      Fact(8, .stated, "NVIDIA DGX H100, H200 and B200 datasheets: eight ConnectX-7; recalled")
    case "a100": Fact(8, .stated, "NVIDIA DGX A100 datasheet: eight ConnectX-6; recalled")
    case "h20", "mi300x":
      Fact(8, .assumed, "one NIC for each GPU, as in the H800's node")
    default: nil
    }
  }
}

extension HardwareCatalogue {
  /// Payload rate of the H800's NVLink: what DeepEP's one-node kernels reach on the wire, 7/8 of
  /// their logical bandwidth (a token's own rank is no traffic) after the launch.
  static let h800NVLink = LinkRate(
    peak: Fact(
      Bandwidth(200e9), .stated, "400 GB/s both directions, arXiv 2505.09343, section 2"),
    achieved: Fact(
      Bandwidth(138.5e9), .derived,
      "fit to DeepEP's normal kernels, README 2025-04-22 (`fathom catalog transfers`): 138.5 +/- "
        + "4.3 GB/s on the wire; arXiv 2505.09343 says about 160"))

  /// Payload rate of a 400 Gbit/s NIC: the wire part of DeepEP's logical bandwidths, about 3/4 of
  /// them at EP32 and 7/8 at EP64 (own-node traffic stays on NVLink).
  static let connectX7 = LinkRate(
    peak: Fact(Bandwidth(50e9), .stated, "ConnectX-7, 400 Gbit/s"),
    achieved: Fact(
      Bandwidth(44e9), .derived,
      "fit to DeepEP's normal kernels, README 2025-04-22 (`fathom catalog transfers`): 44.0 +/- "
        + "0.7 GB/s on the wire"))

  static let connectX6 = assumed(
    peak: 25e9, like: connectX7, "ConnectX-6, 200 Gbit/s; aiconfigurator a100_sxm.yaml")
  /// Payload rate of the A100's NVLink: bus bandwidth of large all-reduces.
  static let nvlink3 = LinkRate(
    peak: Fact(Bandwidth(300e9), .stated, "NVLink 3, 600 GB/s both directions"),
    achieved: Fact(
      Bandwidth(230e9), .stated,
      "bus bandwidth of NCCL's all-reduce of large buffers on one DGX A100, NVIDIA/nccl-tests; "
        + "recalled"))
  static let nvlink4 = assumed(
    peak: 450e9, like: h800NVLink, "NVLink 4, 900 GB/s both directions")
  static let nvlink5 = assumed(
    peak: 900e9, like: h800NVLink, "NVLink 5, 1800 GB/s both directions")
  static let infinityFabric = assumed(
    peak: 448e9, like: h800NVLink, "7 links of 64 GB/s one direction; InferenceX (2026-08)")

  private static func assumed(peak: Double, like known: LinkRate, _ source: String) -> LinkRate {
    LinkRate(
      peak: Fact(Bandwidth(peak), .stated, source),
      achieved: Fact(
        Bandwidth(peak) * (known.achieved.value / known.peak.value), .assumed,
        "the share of peak that the H800's port reaches (\(known.achieved.source))"))
  }
}
