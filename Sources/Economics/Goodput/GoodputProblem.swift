/// What is wrong with the description of a run and its failures, in one sentence each.
public enum GoodputProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// A number outside of what it may be.
  case outside(what: String, value: Double, least: Double, most: Double)
  /// More nodes of a kind than the job has.
  case moreThanNodes(what: String, value: Int, nodes: Int)
  /// More kinds of failure than can be told apart.
  case tooManySources(count: Int, most: Int)

  /// The sentence.
  public var description: String {
    switch self {
    case .outside(let what, let value, let least, let most):
      "\(what) is \(plain(value)): it must be a number from \(plain(least)) to \(plain(most));"
        + " write one of these"
    case .moreThanNodes(let what, let value, let nodes):
      "\(what) are \(value), but the job has only \(nodes) nodes; write \(nodes) or fewer"
    case .tooManySources(let count, let most):
      "there are \(count) sources of failure, of at most \(most); put some of them together"
    }
  }
}

/// A number as people write it: `8` and not `8.0`.
private func plain(_ value: Double) -> String {
  abs(value) < 1e15 && value == value.rounded() ? String(Int(value)) : String(value)
}

/// All that is wrong with a run at once.
public struct GoodputError: Error, Equatable, Sendable {
  /// The problems, in the order of the description; at least one.
  public var problems: [GoodputProblem]

  /// So many problems.
  public init(problems: [GoodputProblem]) { self.problems = problems }
}

/// Numbers that must lie within bounds, and which do not.
struct GoodputChecks {
  /// The longest time that can be given: about 3,000 years.
  static let longest = 1e11
  /// The most nodes, sources of failure and lemons.
  static let mostNodes = 10_000_000
  static let mostSources = 100
  static let mostLemons = 10_000.0

  private(set) var problems: [GoodputProblem] = []

  mutating func check(_ what: String, _ value: Double, _ least: Double, _ most: Double) {
    guard !(value >= least && value <= most) else { return }
    problems.append(.outside(what: what, value: value, least: least, most: most))
  }

  mutating func check(_ what: String, _ value: Int, ofNodes nodes: Int) {
    check(what, Double(value), 0, Double(Self.mostNodes))
    if value > nodes { problems.append(.moreThanNodes(what: what, value: value, nodes: nodes)) }
  }

  /// All problems of a run.
  init(productive: Double, nodes: Int, patience: Double, _ reliability: Reliability) {
    let longest = Self.longest
    check("productive time (s)", productive, 1e-3, longest)
    check("nodes", Double(nodes), 1, Double(Self.mostNodes))
    check("patience", patience, 1, 1e6)
    check("checkpoint write (s)", reliability.checkpointWrite, 0, longest)
    if case .every(let seconds) = reliability.interval {
      check("checkpoint interval (s)", seconds, 1e-3, longest)
    }
    if let spares = reliability.spares { check("spares", spares, ofNodes: nodes) }
    check("swap (s)", reliability.swap, 0, longest)
    check("chance of a failed start", reliability.startFailure, 0, 0.999)
    if let lemons = reliability.lemons {
      check("lemons", lemons.nodes, ofNodes: nodes)
      check("lemons", Double(lemons.nodes), 0, Self.mostLemons)
      check("lemons' factor", lemons.factor, 1, 1e6)
      if let strikes = lemons.strikes { check("lemons' strikes", Double(strikes), 1, 1e9) }
    }
    if let stragglers = reliability.stragglers {
      check("stragglers' episodes (1/node-day)", stragglers.episodesPerNodeDay, 0, 1e6)
      check("stragglers' duration (s)", stragglers.duration, 1e-3, longest)
      check("stragglers' slowdown", stragglers.slowdown, 1, 1e6)
    }
    check(reliability.sources)
  }

  private mutating func check(_ sources: [FailureSource]) {
    if sources.count > Self.mostSources {
      problems.append(.tooManySources(count: sources.count, most: Self.mostSources))
      return
    }
    for source in sources {
      let name = "of \(source.name), "
      check(name + "failures (1/node-day)", source.perNodeDay, 0, 1e6)
      check(name + "shape", source.shape, 0.2, 20)
      check(name + "observed nodes", Double(source.observedNodes), 1, Double(Self.mostNodes))
      check(name + "detection (s)", source.detection, 0, Self.longest)
      check(name + "restart (s)", source.restart, 0, Self.longest)
      check(name + "repair (s)", source.repair, 0, Self.longest)
    }
  }
}
