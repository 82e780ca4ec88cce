import ArgumentParser
import Reporting
import Scenarios

/// `fathom validate`: how far Fathom is from what was published.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print every published figure beside Fathom's own, the worst first.",
    discussion: """
      Steps, phases, kernels, exchanges and counts are computed anew, by the same walk as a \
      scenario's, with nothing to tune a row by. A figure is verified (read in the publication), \
      quoted (read in a text that quotes it) or recalled.

      Example:
        fathom validate --json
      """)

  @Flag(help: "Print exactly one JSON value and nothing else.")
  var json = false

  func run() throws {
    try Answer.or(exit: 1) {
      let report = ValidationReport(try Validation.rows())
      if json { try Answer.print(report.json) } else { try Answer.print(report.text) }
    }
  }
}
