/// What can be wrong with the `sweep` table of a scenario. Keys are those that are swept.
public enum SweepFault: Sendable, Equatable {
  /// Something other than a table of lists.
  case notATable(value: String)
  /// Something other than a list for a key.
  case notAList(key: String, value: String)
  /// A list without values.
  case emptyList(key: String)
  /// A value twice in its list.
  case repeatedValue(key: String, value: String)
  /// A key path with a part that is empty or holds blanks, or with too many parts.
  case badKey(String)
  /// A key that cases cannot differ in.
  case fixedKey(String)
  /// A schedule beside a list of them.
  case besideCompare
  /// A key inside another one that is swept, too.
  case inside(key: String, other: String)
  /// More points than are simulated.
  case tooManyPoints(count: Int, most: Int)
}

extension SweepFault: CustomStringConvertible {
  /// Value, rule and remedy.
  public var description: String {
    switch self {
    case .notATable(let value):
      "sweep is \(value): it must be a table from key paths to lists of values; write it like "
        + "sweep: {routing.distribution: [balanced, zipf(0.3)]}"
    case .notAList(let key, let value):
      "sweep.\(key) is \(value): it must be a list of values; write it like [\(value), ...]"
    case .emptyList(let key):
      "sweep.\(key) is an empty list: it holds the values of the key, one for each point; "
        + "add some or remove the key"
    case .repeatedValue(let key, let value):
      "sweep.\(key) has \(shortened(value)) twice: each point is simulated once; remove one of them"
    case .badKey(let key):
      "sweep has \(shortened(key)), which is no key path; write one as --set takes it, such as "
        + "routing.distribution"
    case .fixedKey("compare"):
      "sweep has compare, whose schedules make cases at every point anyway; write compare: "
        + "[1f1b, dualpipe] outside of sweep"
    case .fixedKey(let key):
      "sweep has \(key), which all cases of a scenario share; remove it"
    case .besideCompare:
      "sweep has training.schedule, but compare decides which schedules are simulated, so it would "
        + "do nothing; remove one of the two"
    case .inside(let key, let other):
      "sweep has \(key) and \(other), one inside the other: a point sets each key once; remove one "
        + "of them"
    case .tooManyPoints(let count, let most):
      "sweep has \(count == .max ? "more points than can be counted" : "\(count) points"): at most "
        + "\(most) are simulated in one run; sweep fewer values or keys"
    }
  }
}
