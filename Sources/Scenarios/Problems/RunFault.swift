/// What can be wrong with how a run is written: amounts, keys that do nothing, and numbers that do
/// not go together.
public enum RunFault: Sendable, Equatable {
  /// More of something than a stage has nodes.
  case aboveStage(key: String, value: Int, stage: String, nodes: Int)
  /// A key that no stage of the kind takes.
  case noKeyOfStage(key: String, kind: String, keys: [String], suggestion: String?)
  /// More than one way of saying how much a stage does.
  case severalAmounts(stage: String, ways: [String])
  /// A share of training where nothing was trained.
  case shareOfNothing(key: String, value: String)
  /// A change of the step of a stage that has none.
  case noStep(key: String)
  /// A path into a list that names none of its values.
  case noItem(list: String, item: String, count: Int)
  /// Failures that are neither a name nor a list.
  case noFailures(value: String, names: [String])
  /// Fewer seconds of work between checkpoints than pay for one; the least.
  case checkpointsTooOften(value: String, write: String, least: String)
  /// More stages times samples than are kept.
  case tooManyDraws(samples: Int, stages: Int, most: Int)
  /// A technique that is switched off by nothing.
  case emptyOff(key: String)
  /// A technique without which the run is the same.
  case changesNothing(key: String)
  /// A key that a comparison of techniques does not look at.
  case notCompared(key: String)
}

extension RunFault: CustomStringConvertible {
  /// One sentence: the value, the rule and the remedy.
  public var description: String {
    switch self {
    case .aboveStage(let key, let value, let stage, let nodes):
      "\(key) is \(value): \(stage) runs on \(counted(nodes, "node")), and there can be no more of "
        + "these than nodes; use \(nodes) or fewer"
    case .noKeyOfStage(let key, let kind, let keys, let suggestion):
      "\(key) is no key of a stage of kind \(kind), which takes \(keys.joined(separator: ", ")); "
        + (suggestion.map { "did you mean \($0)?" } ?? "remove it")
    case .severalAmounts(let stage, let ways):
      "\(stage) has \(ways.joined(separator: " and ")), each of which says how much is done; keep "
        + "one of them"
    case .shareOfNothing(let key, let value):
      "\(key) is \(value): no stage before it trains, so it would be a share of nothing; put a "
        + "stage that trains before it, or give tokens"
    case .noStep(let key):
      "\(key) does nothing: no step of the stage is simulated, as its amount is stated; remove it"
    case .noItem(let list, let item, let count):
      "\(list) has items 1 to \(count), and none called \(item); use one of these numbers"
    case .noFailures(let value, let names):
      "reliability.failures is \(value): it must be a list of failures or one of "
        + "\(names.joined(separator: ", ")); write a name, or each failure with a dash and its keys"
    case .checkpointsTooOften(let value, let write, let least):
      "reliability.checkpoint_interval is \(value): a checkpoint takes \(write) to write, and less "
        + "than a hundredth of that between two would leave the run no time to work; use \(least) "
        + "or more, or optimum"
    case .tooManyDraws(let samples, let stages, let most):
      "run.samples is \(samples): over \(counted(stages, "stage")) that is more than the \(most) "
        + "draws of a stage that are kept; use \(most / max(stages, 1)) or fewer"
    case .emptyOff(let key):
      "\(key) is empty: it says what the scenario is without the technique; write its keys, such "
        + "as \(key.split(separator: ".").last ?? "off"): {training: {precision: bf16}}"
    case .changesNothing(let key):
      "\(key) changes nothing: the scenario has these values already; write those it has without "
        + "the technique"
    case .notCompared(let key):
      "\(key) does nothing: techniques are compared at the middle of every input; remove it"
    }
  }
}
