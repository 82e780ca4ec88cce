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
  /// More values of a list than it may have.
  case tooMany(key: String, count: Int, most: Int)
  /// A claim about a figure that the run has not; what it would need.
  case headlineNeeds(figure: String, needs: String)
  /// A claim said to be simulated of a run that is not, or the other way round.
  case headlineBasis(basis: String, isSimulated: Bool)
  /// No price is known for the node.
  case noPrice(key: String, node: String)
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
    case .tooMany(let key, let count, let most):
      "\(key) has \(count) values: at most \(most) are simulated; remove some"
    case .headlineNeeds(let figure, let needs):
      "headline.figure is \(figure): without \(needs) the run has none; add \(needs), or compare "
        + "another figure"
    case .headlineBasis(let basis, let isSimulated):
      "headline.basis is \(basis): \(isSimulated ? "a stage" : "no stage") of the run is "
        + "simulated; use \(isSimulated ? "simulated" : "arithmetic")"
    case .noPrice(let key, let node):
      "\(key) is missing: the catalogue has no rental price for \(node) at that date; add one, such "
        + "as \(key.split(separator: ".").last ?? "rent"): 2 USD/GPU-hour"
    }
  }
}
