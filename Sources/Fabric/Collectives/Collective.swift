public import Quantities

/// What a collective does with the buffers of its group.
public enum CollectiveKind: String, Sendable, CaseIterable {
  /// Everyone gets the sum of all buffers.
  case allReduce = "all-reduce"
  /// Everyone gets everyone's part.
  case allGather = "all-gather"
  /// Everyone gets its part of the sum.
  case reduceScatter = "reduce-scatter"
  /// Everyone gets the first GPU's buffer.
  case broadcast = "broadcast"
  /// Everyone sends an equal part of its buffer to everyone, itself included.
  case allToAll = "all-to-all"
  /// The first GPU sends its buffer to the last.
  case send = "p2p"

  /// Algorithms that can do it.
  public var algorithms: [CollectiveAlgorithm] {
    switch self {
    case .allReduce: [.ring, .tree, .halvingDoubling, .hierarchical, .inSwitch]
    case .allGather, .reduceScatter: [.ring, .halvingDoubling, .hierarchical]
    case .broadcast: [.ring, .tree]
    case .allToAll: [.direct, .twoHop]
    case .send: [.direct]
    }
  }

  /// Those the fastest is taken of where none is named, as NCCL does by size: rings and trees,
  /// steps that double for what is not reduced on the way (its PAT), and for all-to-all a direct
  /// way or one that stays on the sender's rail (its PXN). Others may be faster where they are named.
  public var candidates: [CollectiveAlgorithm] {
    switch self {
    case .allReduce, .broadcast: [.ring, .tree]
    case .allGather, .reduceScatter: [.ring, .halvingDoubling]
    case .allToAll: [.direct, .twoHop]
    case .send: [.direct]
    }
  }

  /// Bus bandwidth over algorithm bandwidth in a group of `count`, as nccl-tests defines it
  /// (doc/PERFORMANCE.md): the share of the buffer that the busiest port of a flat network has to
  /// carry at least.
  public func busFactor(_ count: Int) -> Double {
    let others = Double(count - 1) / Double(count)
    switch self {
    case .allReduce: return 2 * others
    case .allGather, .reduceScatter, .allToAll: return others
    case .broadcast, .send: return 1
    }
  }
}

/// How a collective moves its bytes.
public enum CollectiveAlgorithm: String, Sendable, CaseIterable {
  /// Around rings over all GPUs.
  case ring
  /// Up and down two binary trees over the nodes, each node a chain.
  case tree
  /// In as many steps as the group doubles, with partners ever farther or nearer.
  case halvingDoubling = "halving-doubling"
  /// Inside nodes over NVLink, and between GPUs of the same index over their NICs.
  case hierarchical
  /// Summed by NVLink and network switches: each port carries the buffer once each way.
  case inSwitch = "in-switch"
  /// From each GPU straight to each other one.
  case direct
  /// To another node first to the GPU of the sender's index there, which forwards over NVLink.
  case twoHop = "two-hop"
}

/// One collective operation of a group of GPUs.
///
///     let sum = Collective(.allReduce, among: Array(0..<64), bytes: Bytes(1e9))
///     let time = try sum.time(on: LinkGraph(cluster))
///     time.algorithm         // ring
///     time.time.seconds      // 0.0115
///
/// `bytes` is nccl-tests' size: the whole buffer. Each GPU contributes all of it to an all-reduce
/// or reduce-scatter, 1/N of it to an all-gather, and 1/N to each GPU in an all-to-all.
public struct Collective: Sendable, Equatable {
  /// What it does.
  public var kind: CollectiveKind
  /// GPUs of the cluster, in the order of their ranks.
  public var members: [Int]
  /// Size of the buffer.
  public var bytes: Bytes
  /// How it is done; nil takes the fastest candidate.
  public var algorithm: CollectiveAlgorithm?
  /// Rings or pairs of trees at the same time; nil takes one for each GPU of the fullest node, so
  /// that every NIC is used, up to 128.
  public var channels: Int?

  /// A collective of `members`.
  public init(
    _ kind: CollectiveKind, among members: [Int], bytes: Bytes,
    algorithm: CollectiveAlgorithm? = nil, channels: Int? = nil
  ) {
    self.kind = kind
    self.members = members
    self.bytes = bytes
    self.algorithm = algorithm
    self.channels = channels
  }

  /// How long the collective takes on a network without other traffic, and what it loads.
  ///
  /// - Parameter expanded: whether each flow is simulated; if not, equal ones are folded, which
  ///   gives the same times.
  /// - Throws: `CollectiveError`, also for a time that the links' rates do not allow.
  public func time(
    on graph: LinkGraph, expanded: Bool = false
  ) throws(CollectiveError) -> CollectiveTime {
    try check(on: graph, expanded: expanded)
    var best = try time(by: algorithm ?? kind.candidates[0], on: graph)
    for other in algorithm == nil ? kind.candidates.dropFirst() : [] {
      let time: CollectiveTime
      do throws(CollectiveError) {
        time = try self.time(by: other, on: graph)
      } catch .tooManyUses {
        // Too much to simulate, where another is not.
        continue
      } catch {
        throw error
      }
      if time.time < best.time { best = time }
    }
    if expanded, let chosen = best.algorithm {
      best = try time(by: chosen, on: graph, expanded: true)
    }
    best.lowerBound = CollectiveBound(self, by: best.algorithm, on: graph).time
    try best.checkAgainstBound()
    try best.checkBalance()
    return best
  }

  /// What the collective puts on the links: steps that follow each other, most often one.
  public func steps(
    by algorithm: CollectiveAlgorithm, on graph: LinkGraph, expanded: Bool = false
  ) throws(CollectiveError) -> [CollectiveStep] {
    var builder = StepBuilder(self, on: graph)
    switch algorithm {
    case .direct, .twoHop:
      let messages = Messages(self, on: graph, isForwarded: algorithm == .twoHop)
      return [try expanded ? messages.expanded() : messages.folded()]
    case .ring: try builder.addRings()
    case .tree: try builder.addTrees()
    case .halvingDoubling: try builder.addDoublings()
    case .hierarchical: try builder.addLanes()
    case .inSwitch: try builder.addSwitchLanes()
    }
    return expanded ? builder.steps : CollectiveStep.folded(builder.steps, on: graph)
  }

  private func time(
    by algorithm: CollectiveAlgorithm, on graph: LinkGraph, expanded: Bool = false
  ) throws(CollectiveError) -> CollectiveTime {
    var time = try CollectiveTime(
      try steps(by: algorithm, on: graph, expanded: expanded), on: graph)
    time.algorithm = algorithm
    return time
  }
}
