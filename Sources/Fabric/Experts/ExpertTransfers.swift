public import Quantities

/// Dispatch and combine of an expert-parallel group under balanced routing, folded to the ports of
/// one member; see `ExpertTraffic` for what moves and `ExpertExchange` for the time.
public struct ExpertTransfers: Sendable, Equatable {
  /// Tokens to their experts, and in backward the gradients of combined results.
  public var dispatch: Transfer
  /// Results back to their tokens, and in backward the gradients of dispatched tokens.
  public var combine: Transfer
  /// Dispatch with a layout already known, as in the backward pass.
  public var cachedDispatch: Transfer

  /// Time dispatch takes to count where tokens go (`ep_layout`).
  public static let layoutLatency = Fact(
    Time(seconds: 97e-6), .measured, "deepseek-ai/profile-data, train.json, median of 4")
  /// Time the group takes to exchange counts that are not known yet, once all have arrived.
  public static let notifyLatency = Fact(
    Time(seconds: 50e-6), .assumed,
    "the trace's notify kernels (0.75 ms and more) include waiting for slower ranks")

  /// The transfers of one GPU with `tokens` tokens.
  ///
  /// - Parameters:
  ///   - rowBytes: bytes of a dispatched token, scales included, and of a combined one.
  ///   - group: the expert-parallel group.
  public init(
    tokens: Double, rowBytes: (dispatch: Bytes, combine: Bytes), spread: RoutingSpread,
    group: Group, latency: Time
  ) {
    self.init(
      loads: RoutingLoads(spread, ranks: group.size, nodes: group.nodes), tokens: tokens,
      rowBytes: rowBytes, latency: latency)
  }

  /// The transfers of the mean member of a group with any loads.
  public init(
    loads: RoutingLoads, tokens: Double, rowBytes: (dispatch: Bytes, combine: Bytes),
    latency: Time
  ) {
    func transfer(_ kind: ExpertExchange.Kind) -> Transfer {
      ExpertExchange(
        kind, loads, tokens: tokens,
        rowBytes: kind == .combine ? rowBytes.combine : rowBytes.dispatch
      ).transfer(latency: latency)
    }
    dispatch = transfer(.dispatch)
    cachedDispatch = transfer(.cachedDispatch)
    combine = transfer(.combine)
  }
}
