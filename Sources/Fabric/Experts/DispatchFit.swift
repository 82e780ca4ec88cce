import Hardware
public import Quantities
public import Statistics

/// `ExchangeRates` fitted to the published bandwidths of DeepEP's normal kernels.
///
///     let fit = try DispatchFit()
///     fit.rates.nic.value / 1e9                // 44
///     fit.rows.map(\.error)                    // none beyond 0.03
///
/// Least squares of the relative errors of eight rows. The catalogue holds what comes out, rounded.
public struct DispatchFit: Sendable {
  /// A published bandwidth.
  public struct Published: Sendable, Equatable {
    /// Ranks of the group, 8 a node.
    public var ranks: Int
    /// Whether rows go back to their tokens.
    public var isCombine: Bool
    /// DeepEP's logical bandwidth; see `ExpertTraffic.logicalBytes`.
    public var bandwidth: Bandwidth
  }

  /// A published bandwidth beside the fitted one.
  public struct Row: Sendable, Equatable {
    /// What was published.
    public var published: Published
    /// What the fitted rates give.
    public var modelled: Bandwidth
    /// The port that decides.
    public var bottleneck: Port
    /// Modelled over published bandwidth minus one.
    public var error: Double { modelled / published.bandwidth - 1 }
  }

  /// One fitted number.
  public struct Parameter: Sendable, Equatable {
    /// Its value.
    public var value: Double
    /// How far it may be off, one standard deviation.
    public var standardError: Double
  }

  /// Where the bandwidths were published.
  public static let source =
    "deepseek-ai/DeepEP README, normal kernels, 2025-04-22: H800, ConnectX-7 400 Gbit/s, 4,096 "
    + "tokens a GPU, hidden 7168, top-8 of 256 experts in at most 4 nodes, FP8 dispatch and BF16 "
    + "combine"

  /// The published bandwidths, in GB/s: ranks, dispatch, combine.
  public static let published: [Published] = [
    (8, 153.0, 158.0), (16, 43, 43), (32, 58, 57), (64, 51, 50),
  ].flatMap { ranks, dispatch, combine in
    [
      Published(ranks: ranks, isCombine: false, bandwidth: Bandwidth(dispatch * 1e9)),
      Published(ranks: ranks, isCombine: true, bandwidth: Bandwidth(combine * 1e9)),
    ]
  }

  /// Multiprocessors the kernels of the table held; V3's training gives them 20.
  public static let multiprocessors = 24
  /// Bytes of a dispatched row, one FP32 scale for each 128 values included, and of a combined one.
  public static let rowBytes = (
    dispatch: ExpertExchange.dispatchedRow(7168), combine: ExpertExchange.combinedRow(7168)
  )

  /// The fitted rates.
  public let rates: ExchangeRates
  /// Their numbers with errors, in bytes/s, 1 and seconds.
  public let nvlink, nic, relayCost, launch: Parameter
  /// Each published row beside the fit's.
  public let rows: [Row]

  /// Makes the fit.
  ///
  /// - Throws: `FitError` where it does not converge, which the published rows give no cause for.
  public init() throws(FitError) {
    let traffic = Self.published.map { Self.traffic($0) }
    // Parameters near 1 each: 140 GB/s, 45 GB/s, 1, 10 us.
    func rates(_ p: [Double]) -> ExchangeRates {
      ExchangeRates(
        nvlink: Bandwidth(p[0] * 140e9), nic: Bandwidth(p[1] * 45e9), relayCost: p[2],
        launch: .zero)
    }
    func seconds(_ p: [Double], _ index: Int) -> Double {
      rates(p).seconds(traffic[index], wire: Self.wire(nodes: traffic[index].nodes)) + p[3] * 1e-5
    }
    let fit = try NonlinearFit(start: [1, 1, 1, 1], residuals: traffic.count) { p in
      traffic.indices.map { index in
        let measured = traffic[index].logicalBytes / Self.published[index].bandwidth
        return seconds(p, index) / measured - 1
      }
    }
    let p = fit.parameters
    let error = fit.standardErrors
    nvlink = Parameter(value: p[0] * 140e9, standardError: error[0] * 140e9)
    nic = Parameter(value: p[1] * 45e9, standardError: error[1] * 45e9)
    relayCost = Parameter(value: p[2], standardError: error[2])
    launch = Parameter(value: p[3] * 1e-5, standardError: error[3] * 1e-5)
    var fitted = rates(p)
    fitted.launch = Time(seconds: p[3] * 1e-5)
    self.rates = fitted
    rows = Self.rows(of: fitted)
  }

  /// The published rows beside those of any rates.
  public static func rows(of rates: ExchangeRates) -> [Row] {
    published.map { row in
      let traffic = traffic(row)
      let seconds = rates.seconds(traffic, wire: wire(nodes: traffic.nodes))
      return Row(
        published: row, modelled: Bandwidth(traffic.logicalBytes.value / seconds),
        bottleneck: rates.busiest(traffic))
    }
  }

  /// The test's traffic of a row.
  private static func traffic(_ row: Published) -> ExpertTraffic {
    let traffic = ExpertTraffic(
      loads[published.firstIndex { $0.ranks == row.ranks } ?? 0], tokens: 4096,
      rowBytes: row.isCombine ? rowBytes.combine : rowBytes.dispatch)
    return row.isCombine ? traffic.reversed : traffic
  }

  /// Where the test's tokens go, for each row: scores alike for all experts, nodes as the gate's
  /// groups, 4 at most.
  private static let loads: [RoutingLoads] = {
    var loads: [RoutingLoads] = []
    for (index, row) in published.enumerated() {
      if index > 0, published[index - 1].ranks == row.ranks {
        loads.append(loads[index - 1])
        continue
      }
      let nodes = max(1, row.ranks / 8)
      let gate = ExpertGate(
        experts: 256, perToken: 8, ranks: row.ranks, nodes: nodes, groups: nodes,
        groupsPerToken: min(nodes, 4))
      loads.append(RoutingLaw(gate, .balanced, layer: 0, seed: 1).loads)
    }
    return loads
  }()

  /// Latency of the test's wire.
  private static func wire(nodes: Int) -> Time {
    nodes > 1 ? Topology.multiPlaneFatTree.latency.value : Cluster.nvlinkLatency.value
  }
}
