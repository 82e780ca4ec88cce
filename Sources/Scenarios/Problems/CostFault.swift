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
  /// More stages than are read.
  case tooManyStages(count: Int, most: Int)
  /// A key that means something only beside another.
  case without(key: String, needed: String, stage: String)
  /// A ramp that starts above the batch it grows to.
  case rampAbove(key: String, value: String, batch: Int)
  /// A ramp that is longer than its stage.
  case rampBeyond(key: String, value: String, tokens: String)
  /// A ramp under a list of passes, which is for one number of micro-batches.
  case rampOfList(key: String, schedule: String)
  /// Samples or answers longer than the sequences they are trained in; the keys that make them up.
  case longerThanSequence(key: String, tokens: String, sequenceLength: Int)
  /// GPUs that cannot hold a model and one answer of it; how many could.
  case noRoom(key: String, model: String, gpus: Int, least: Int, all: Int)
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
  /// A date that is no month.
  case noMonth(key: String, value: String)
  /// A server that draws more at rest than at full load, in W a GPU.
  case idleAboveMaximum(idle: Double, maximum: Double)
  /// A stage on nodes of another kind than those that are priced.
  case otherNode(key: String, node: String, priced: String)
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
    case .tooManyStages(let count, let most):
      "run.stages has \(count) stages: at most \(most) are read; join some of them"
    case .without(let key, let needed, let stage):
      "\(key) does nothing without \(stage).\(needed); add that, or remove \(last(key))"
    case .rampAbove(let key, let value, let batch):
      "\(key) is \(value): a batch grows, up to the \(batch) sequences of "
        + "training.global_batch; start below them, or remove batch_ramp"
    case .rampBeyond(let key, let value, let tokens):
      "\(key) is \(value): the stage has \(tokens) tokens, so its batch would never be the full "
        + "one; use \(tokens) or fewer"
    case .rampOfList(let key, let schedule):
      "\(key) needs steps of several sizes, and the list \(schedule) is for one; name a schedule, "
        + "or remove batch_ramp"
    case .longerThanSequence(let key, let tokens, let sequenceLength):
      "\(key) makes texts of \(tokens) tokens, which do not fit the stage's sequences of "
        + "\(sequenceLength); set training.sequence_length of the stage to them or more"
    case .noRoom(let key, let model, let gpus, let least, let all):
      "\(key) has \(model) generate on copies of \(counted(gpus, "GPU")), too few for its weights "
        + "and one text; "
        + (least <= all
          ? "use \(least) or more" : "it takes \(least), more than the cluster's \(all)")
    case .sweep:
      "sweep has several points: a cost is that of one; set its keys with --set, or remove it"
    case .nothingToSimulate:
      "every stage of run.stages is stated, so there is no step to simulate; use `fathom cost`, or "
        + "name a model"
    case .tooMany(let key, let count, let most):
      "\(key) has \(count) values: at most \(most) are read; remove some"
    case .headlineNeeds(let figure, let needs):
      "headline.figure is \(figure): without \(needs) the run has none; add \(needs), or compare "
        + "another figure"
    case .headlineBasis(let basis, let isSimulated):
      "headline.basis is \(basis): \(isSimulated ? "a stage" : "no stage") of the run is "
        + "simulated; use \(isSimulated ? "simulated" : "arithmetic")"
    case .noPrice(let key, let node):
      "\(key) is missing: the catalogue has no rental price for \(node) at that date; add one, such "
        + "as \(key.split(separator: ".").last ?? "rent"): 2 USD/GPU-hour"
    case .noMonth(let key, let value):
      "\(key) is \(value): it must be a month; write it like 2024-12"
    case .idleAboveMaximum(let idle, let maximum):
      "price.own.idle_power is \(significant(idle)) W and maximum_power \(significant(maximum)) W: a "
        + "server draws no more at rest than at full load; lower the first or raise the second"
    case .otherNode(let key, let node, let priced):
      "\(key) is \(node): prices, power and failures are those of \(priced), and a run has one kind "
        + "of node; give the stage a scenario of its own"
    case .sparesAboveCluster(let spares, let nodes):
      "reliability.spares is \(spares): a cluster of \(counted(nodes, "node")) has no more spare "
        + "nodes than nodes; use \(nodes) or fewer"
    }
  }
}

/// The last part of a key path.
private func last(_ key: String) -> String {
  key.split(separator: ".").last.map(String.init) ?? key
}
