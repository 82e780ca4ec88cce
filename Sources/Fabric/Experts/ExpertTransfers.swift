public import Hardware
public import Quantities

/// Dispatch and combine of an expert-parallel group under balanced routing, as DeepEP moves them.
///
/// A token crosses the NIC once for each other node that holds one of its experts, to the GPU of
/// the same index there, which forwards it over NVLink to each rank that needs it (cut-through: one
/// flow over both). What stays in the node moves over NVLink alone; a token's own rank is free.
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
  /// Time the group takes to exchange counts and meet, once all have arrived.
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
    group: Group, topology: Topology
  ) {
    let members = group.perNode
    let nodes = Double(group.nodes)
    let ranksPerNode = spread.ranksPerToken / spread.nodesPerToken
    // Of the ranks a token needs in a node, one in `members` is where it already is.
    let forwarded = ranksPerNode * (members - 1) / members
    let remote = tokens * spread.nodesPerToken * (nodes - 1) / nodes
    let local = tokens * spread.nodesPerToken / nodes * forwarded
    func transfer(_ row: Bytes, latency: Time) -> Transfer {
      var flows: [TransferFlow] = []
      if remote > 0 {
        var uses = [PortUse(port: .nicOut), PortUse(port: .nicIn)]
        if forwarded > 0 {
          uses.append(PortUse(port: .nvlinkOut, share: forwarded))
          uses.append(PortUse(port: .nvlinkIn, share: forwarded))
        }
        flows.append(TransferFlow(bytes: row * remote, uses: uses))
      }
      if local > 0 {
        flows.append(
          TransferFlow(
            bytes: row * local, uses: [PortUse(port: .nvlinkOut), PortUse(port: .nvlinkIn)]))
      }
      guard !flows.isEmpty else { return .none }
      let wire = nodes > 1 ? topology.latency.value : Cluster.nvlinkLatency.value
      return Transfer(latency: latency + wire, flows: flows)
    }
    let notify = Self.notifyLatency.value
    dispatch = transfer(rowBytes.dispatch, latency: notify + Self.layoutLatency.value)
    cachedDispatch = transfer(rowBytes.dispatch, latency: notify)
    combine = transfer(rowBytes.combine, latency: notify)
  }
}
