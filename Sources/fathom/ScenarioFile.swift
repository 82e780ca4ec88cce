import ArgumentParser

/// A scenario file with changes to it, as several verbs take them.
struct ScenarioFile: ParsableArguments {
  @Argument(help: "Path of the scenario file.")
  var scenario: String

  @Option(help: Self.setHelp)
  var set: [String] = []

  /// What `--set` does.
  static let setHelp = ArgumentHelp(
    """
    A key of the file set to another value, or taken out with null; may be given several times. \
    training.schedule set here runs in place of the file's compare list.
    """,
    valueName: "key.path=value")

  func validate() throws { try Self.check(set) }

  /// Refuses changes that are none.
  static func check(_ set: [String]) throws {
    for change in set {
      guard let sign = change.firstIndex(of: "="), sign != change.startIndex else {
        throw ValidationError(
          "--set takes key.path=value, as in --set training.micro_batch=2;"
            + " '\(change)' is not of that form.")
      }
    }
  }
}
