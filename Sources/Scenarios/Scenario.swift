public import Economics
public import Hardware
public import Models
public import Training

/// A checked scenario: everything a study needs, with each default marked.
public struct Scenario: Sendable {
  /// Name, which is also the name of the output folder.
  public var name: String
  /// The model.
  public var model: Architecture
  /// Where the model's numbers come from.
  public var modelSource: String
  /// The cluster.
  public var cluster: Cluster
  /// The plan of the first case; `cases` differ from it.
  public var plan: Plan
  /// Cases to simulate, in written order; one, unless the file has `compare`.
  public var cases: [ScenarioCase]
  /// Tokens of the whole run; nil where the file names none.
  public var tokens: Double?
  /// Rental price; nil where the file names none.
  public var rent: RentalPrice?
  /// Every key in reading order, as it was resolved.
  public var resolved: [ResolvedKey]
}

/// One case of a scenario.
public struct ScenarioCase: Sendable, Equatable {
  /// Name in tables and files.
  public var name: String
  /// The plan it runs.
  public var plan: Plan
}

/// One key of a resolved scenario.
public struct ResolvedKey: Sendable, Equatable {
  /// Where a value came from.
  public enum Origin: Sendable, Equatable {
    /// The scenario file, at a line.
    case file(line: Int)
    /// `--set` on the command line.
    case commandLine
    /// Fathom's default.
    case byDefault
    /// Worked out from other keys.
    case derived
    /// The catalogue, with source and status of the number.
    case catalogue(source: String, status: String)
  }

  /// Dotted path, such as `training.micro_batch`.
  public var path: String
  /// The value as one would write it, with its unit.
  public var value: String
  /// Where it came from.
  public var origin: Origin
}
