public import Hardware
public import Quantities

/// What bounds a dispatch or combine by DeepEP's normal kernels: two ports' rates, what relaying
/// costs, and the time before the first byte.
///
///     seconds = launch + latency of the wire + largest (bytes x cost / rate of the port)
///
/// The slowest port decides, since rows stream through NIC and NVLink at once (cut-through). The
/// cost is 1 but for NVLink in a group of several nodes: there the kernel's warps take each row out
/// of the NIC's buffer, look up who needs it and copy it on, which reaches a lower rate than the
/// single copy of the kernel for one node. Without this fourth parameter the two-node row, where
/// NVLink decides, and the single-node row pull the NVLink rate apart by a tenth. A sum of both
/// legs' times instead would need a NIC faster than its peak.
public struct ExchangeRates: Sendable, Equatable {
  /// Payload rate of a GPU's NVLink, one direction.
  public var nvlink: Bandwidth
  /// Payload rate of a NIC, one direction.
  public var nic: Bandwidth
  /// NVLink time of a row in a kernel that relays, over that of a row sent directly.
  public var relayCost: Double
  /// Time to launch the kernels and exchange known counts.
  public var launch: Time

  /// Rates from their numbers.
  public init(nvlink: Bandwidth, nic: Bandwidth, relayCost: Double, launch: Time) {
    self.nvlink = nvlink
    self.nic = nic
    self.relayCost = relayCost
    self.launch = launch
  }

  /// The rates on a node's ports.
  public init(_ node: Node) {
    self.init(
      nvlink: node.nvlink.achieved.value, nic: node.nic.achieved.value,
      relayCost: Self.relayCost.value, launch: Self.launch.value)
  }

  static let source =
    "fit to DeepEP's normal kernels, README 2025-04-22 (`fathom catalog transfers`)"
  /// NVLink time of a relayed row over that of a direct one, as DeepEP's kernels show it.
  public static let relayCost = Fact(1.11, .derived, source)
  /// Time to launch the kernels and exchange known counts, as DeepEP's kernels show it.
  public static let launch = Fact(Time(seconds: 20e-6), .derived, source)
  /// Time dispatch takes to count where tokens go (`ep_layout`).
  public static let layoutLatency = Fact(
    Time(seconds: 97e-6), .measured, "deepseek-ai/profile-data, train.json, median of 4")
  /// Time the group takes to exchange counts that are not known yet, once all have arrived.
  public static let notifyLatency = Fact(
    Time(seconds: 50e-6), .assumed,
    "the trace's notify kernels (0.75 ms and more) include waiting for slower ranks")

  /// How much longer a kernel of dispatch or combine runs while compute kernels run beside it: they
  /// contend for memory, cache and the multiprocessors' schedulers.
  public static func overlapSlowdown(_ kind: ExpertExchange.Kind) -> Fact<Double> {
    let source =
      "kernels of deepseek-ai/profile-data, train.json, over DeepEP alone in the same month (README "
      + "2025-02-24, 64 ranks)"
    return switch kind {
    case .dispatch: Fact(1.65, .measured, source)
    case .cachedDispatch: Fact(1.32, .measured, source)
    case .combine: Fact(1.21, .measured, source + ", mean of 1.16 and 1.26")
    }
  }

  /// What a byte on a port costs in a group over `nodes` nodes, as bytes sent directly.
  static func cost(
    _ port: Port, nodes: Int, relayCost: Double = relayCost.value
  ) -> Double {
    switch port {
    case .nvlinkOut, .nvlinkIn: nodes > 1 ? relayCost : 1
    case .nicOut, .nicIn: 1
    }
  }

  /// Seconds a dispatch or combine takes with a known layout and no other traffic.
  public func seconds(_ traffic: ExpertTraffic, wire: Time) -> Double {
    launch.seconds + wire.seconds + busy(busiest(traffic), traffic)
  }

  /// The port that takes longest.
  public func busiest(_ traffic: ExpertTraffic) -> Port {
    Port.allCases.max { busy($0, traffic) < busy($1, traffic) } ?? .nicOut
  }

  /// Seconds the busiest member's port of one kind takes.
  func busy(_ port: Port, _ traffic: ExpertTraffic) -> Double {
    let rate =
      switch port {
      case .nvlinkOut, .nvlinkIn: nvlink
      case .nicOut, .nicIn: nic
      }
    return traffic.largest(port) / rate
      * Self.cost(port, nodes: traffic.nodes, relayCost: relayCost)
  }
}
