/// What can be wrong with the money, the stages or the failures of a run.
public enum CostFault: Sendable, Equatable {
  /// A text that is no value, range or distribution.
  case spread(key: String, value: String, error: SpreadError)
  /// Neither `run.tokens` nor `run.stages`.
  case noRun
  /// Both of two keys, of which one would do nothing.
  case oneOf(key: String, other: String)
  /// A stage that does not say how much is done; the ways to say it.
  case noAmount(stage: String, ways: [String])
  /// A key of a stage that its kind does not take.
  case notOfKind(key: String, kind: String, keys: [String])
  /// A sweep, where one run is asked about.
  case sweep
  /// Every stage is stated, so there is no step to simulate.
  case nothingToSimulate
  /// No price is known for the node.
  case noPrice(key: String, node: String)
  /// A date that is no month.
  case noMonth(key: String, value: String)
  /// A number that must be above its least value.
  case notAbove(key: String, value: String, least: String)
  /// A server that draws more at rest than at full load, in W a GPU.
  case idleAboveMaximum(idle: Double, maximum: Double)
  /// More spare nodes than the cluster has nodes.
  case sparesAboveCluster(spares: Int, nodes: Int)
}

extension CostFault: CustomStringConvertible {
  /// One sentence: the value, the rule and the remedy.
  public var description: String {
    switch self {
    case .spread(let key, let value, let error): "\(key) is \(value): \(error.description)"
    case .noRun:
      "run.tokens is missing: a cost is that of a run; add run: {tokens: 1T}, or run.stages"
    case .oneOf(let key, let other):
      "\(key) stands beside \(other), which says the same; remove one of the two"
    case .noAmount(let stage, let ways):
      "\(stage) does not say how much is done; give \(either(ways))"
    case .notOfKind(let key, let kind, let keys):
      "\(key) is no key of a stage of kind \(kind), which takes \(keys.joined(separator: ", ")); "
        + "remove it"
    case .sweep:
      "sweep has several points: a cost is that of one; set its keys with --set, or remove it"
    case .nothingToSimulate:
      "every stage of run.stages is stated, so there is no step to simulate; use `fathom cost`, or "
        + "name a model"
    case .noPrice(let key, let node):
      "\(key) is missing: the catalogue has no rental price for \(node) at that date; add one, such "
        + "as \(key.split(separator: ".").last ?? "rent"): 2 USD/GPU-hour"
    case .noMonth(let key, let value):
      "\(key) is \(value): it must be a month; write it like 2024-12"
    case .notAbove(let key, let value, let least):
      "\(key) is \(value): it must be above \(least); give a larger one"
    case .idleAboveMaximum(let idle, let maximum):
      "price.own.idle_power is \(significant(idle)) W and maximum_power \(significant(maximum)) W: a "
        + "server draws no more at rest than at full load; lower the first or raise the second"
    case .sparesAboveCluster(let spares, let nodes):
      "reliability.spares is \(spares): a cluster of \(counted(nodes, "node")) has no more spare "
        + "nodes than nodes; use \(nodes) or fewer"
    }
  }
}
