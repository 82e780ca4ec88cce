public import Economics
public import Hardware
public import Models
public import Training

/// A checked scenario: everything a study needs, with each default marked.
public struct Scenario: Sendable {
  /// Name, which is also the name of the output folder.
  public var name: String
  /// The model of the first case; another one only where the model is swept.
  public var model: Architecture
  /// Where the model's numbers come from.
  public var modelSource: String
  /// The cluster of the first case; cases of a sweep may differ from it.
  public var cluster: Cluster
  /// The plan of the first case; `cases` differ from it.
  public var plan: Plan
  /// Cases to simulate, in written order; one, unless the file has `compare` or `sweep`.
  public var cases: [ScenarioCase]
  /// Tokens of the first case's whole run; nil where the file names none.
  public var tokens: Double?
  /// Rental price of the first case; nil where the file names none.
  public var rent: RentalPrice?
  /// Every key in reading order, as it was resolved; of a key that cases differ in, all its values.
  public var resolved: [ResolvedKey]
  /// Keys that are swept, in written order; none where the file has no `sweep`.
  public var sweep: [SweptKey] = []
}

/// One case of a scenario.
public struct ScenarioCase: Sendable, Equatable {
  /// Name in tables and files: the schedule's, and the values of the sweep's point.
  public var name: String
  /// The model.
  public var model: Architecture
  /// The cluster.
  public var cluster: Cluster
  /// The plan it runs.
  public var plan: Plan
  /// Tokens of the whole run; nil where the file names none.
  public var tokens: Double?
  /// Rental price; nil where the file names none.
  public var rent: RentalPrice?
  /// The device that takes the place of the node's GPU; nil where the catalogue's is taken.
  public var device: Device?
  /// The point of the sweep, a value for each swept key; empty without a sweep.
  public var point: [SweptValue] = []
  /// Every key in reading order, as it was resolved for this case.
  public var resolved: [ResolvedKey] = []
}

/// A key that is swept, with all its values as they were written.
///
///     SweptKey(key: "cluster.nic", values: ["400 Gbit/s", "200 Gbit/s"])
public struct SweptKey: Sendable, Equatable {
  /// Key path, such as `cluster.nic`.
  public var key: String
  /// Values as they were written, each once.
  public var values: [String]
}

/// The value of a swept key at a point of the sweep.
public struct SweptValue: Sendable, Equatable {
  /// Key path, such as `cluster.nic`.
  public var key: String
  /// The value as it was written.
  public var value: String

  /// `cluster.nic=200 Gbit/s`, as `--set` takes it.
  public var text: String { "\(key)=\(value)" }
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
