import Hardware
public import Quantities

/// Why a collective has no time.
public enum CollectiveError: Error, Sendable, Equatable {
  /// Fewer than two GPUs.
  case tooFew(count: Int)
  /// A GPU that the cluster does not have.
  case noSuchGPU(gpu: Int, gpus: Int)
  /// A GPU stands twice in the group.
  case repeatedGPU(gpu: Int)
  /// A size that is not above zero, or no number.
  case badSize(bytes: Double)
  /// No channels, or more than there can be.
  case badChannels(count: Int, most: Int)
  /// An algorithm that does not do this kind.
  case wrongAlgorithm(kind: CollectiveKind, algorithm: CollectiveAlgorithm)
  /// More flows than are simulated one by one.
  case tooManyFlows(flows: Int, most: Int)
  /// Ways that cross more links together than are simulated.
  case tooManyUses(most: Int)
  /// No way from one GPU to another; the dead link on the way, nil where there is no way at all.
  case disconnected(Disconnection)
  /// Longer than the longest time.
  case tooLong
  /// A time below what bytes and rates allow: a fault of the simulation.
  case belowBound(time: Time, bound: Time)
  /// A link that carries more than its rate: a fault of the simulation.
  case aboveRate(link: FabricLink, ratio: Double)
  /// Ports that send other bytes than ports take in: a fault of the simulation.
  case unbalanced(sent: LinkKind, bytes: Bytes, taken: Bytes)
}

extension CollectiveError: CustomStringConvertible {
  /// One sentence with value, rule and remedy.
  public var description: String {
    switch self {
    case .tooFew(let count):
      return "a collective needs at least 2 GPUs, and the group has \(count); name more"
    case .noSuchGPU(let gpu, let gpus):
      return gpus == 0
        ? "GPU \(gpu) is not in the cluster, which has none; give it more nodes"
        : "GPU \(gpu) is not in the cluster, which has GPUs 0 to \(gpus - 1); give it more nodes, "
          + "or take a smaller group"
    case .repeatedGPU(let gpu): return "GPU \(gpu) stands twice in the group; name it once"
    case .badSize(let bytes):
      return "a collective moves more than 0 bytes, and the size is \(bytes); give a larger one"
    case .badChannels(let count, let most):
      return "a collective has 1 to \(most) channels, and \(count) is outside; give another number"
    case .wrongAlgorithm(let kind, let algorithm):
      let names = kind.algorithms.map(\.rawValue).joined(separator: ", ")
      return "\(algorithm.rawValue) does no \(kind.rawValue); it is done by \(names)"
    case .tooManyFlows(let flows, let most):
      return "\(flows) flows are more than the \(most) that are simulated one by one; take a "
        + "smaller group, or leave the flows folded"
    case .tooManyUses(let most):
      return "the messages cross more than \(most) links together, the most that are simulated; "
        + "take a smaller group, or another algorithm"
    case .disconnected(let found): return found.description
    case .tooLong:
      return "the collective takes longer than 106 days, the longest that is simulated; make it "
        + "smaller"
    case .belowBound(let time, let bound):
      return "the simulated time of \(time.seconds) s is below \(bound.seconds) s, which is what "
        + "bytes over bandwidth allow; this is a fault of Fathom, please report it"
    case .aboveRate(let link, let ratio):
      return "\(link.kind.rawValue) \(link.owner) would carry \(ratio) of its rate; this is a "
        + "fault of Fathom, please report it"
    case .unbalanced(let sent, let bytes, let taken):
      return "\(sent.rawValue) would carry \(bytes.value) B and its way back \(taken.value) B; "
        + "this is a fault of Fathom, please report it"
    }
  }
}

extension Collective {
  /// Most flows that are simulated one by one: all pairs of 2,896 GPUs.
  public static let mostFlows = 1 << 23

  /// Most links that all flows of a step cross together: a gigabyte.
  static let mostUses = 1 << 26

  /// Ordered pairs of the group.
  var pairs: Int {
    let (pairs, overflow) = members.count.multipliedReportingOverflow(by: members.count - 1)
    return overflow ? .max : pairs
  }

  /// Refuses what has no time.
  func check(on graph: LinkGraph, expanded: Bool) throws(CollectiveError) {
    guard members.count > 1 else { throw .tooFew(count: members.count) }
    guard bytes.value > 0, bytes.value.isFinite else { throw .badSize(bytes: bytes.value) }
    let gpus = graph.cluster.gpus
    var seen = [Bool](repeating: false, count: gpus)
    for gpu in members {
      guard gpu >= 0, gpu < gpus else { throw .noSuchGPU(gpu: gpu, gpus: gpus) }
      guard !seen[gpu] else { throw .repeatedGPU(gpu: gpu) }
      seen[gpu] = true
    }
    if let algorithm, !kind.algorithms.contains(algorithm) {
      throw .wrongAlgorithm(kind: kind, algorithm: algorithm)
    }
    if let channels, !(1...members.count).contains(channels) {
      throw .badChannels(count: channels, most: members.count)
    }
    if expanded, kind == .allToAll {
      guard pairs <= Self.mostFlows else {
        throw .tooManyFlows(flows: pairs, most: Self.mostFlows)
      }
    }
  }
}
