import ArgumentParser
import Reporting
import Scenarios

/// `fathom validate`: how far Fathom is from what was published.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print every published figure beside Fathom's own, the worst first.",
    discussion: """
      Steps, phases, kernels, exchanges and counts are computed anew, by the same walk as a \
      scenario's. A figure is verified (read in the publication), quoted (read in a text that quotes \
      it) or recalled. Fathom's own is a prediction, or fitted to the figure, or partly: rates are \
      fitted to single kernels and exchanges, never to a step.

      Example:
        fathom validate --json
      """)

  @Flag(help: "Print exactly one JSON value and nothing else.")
  var json = false

  @Flag(help: "Print the tables of the README, in Markdown.")
  var markdown = false

  func validate() throws {
    guard json, markdown else { return }
    throw ValidationError("--json and --markdown are two forms of one answer: give one of them.")
  }

  func run() throws {
    try Answer.or(exit: 1) {
      let report = ValidationReport(try Validation.rows())
      if json {
        try Answer.print(report.json)
      } else {
        try Answer.print(markdown ? report.markdown : report.text)
      }
    }
  }
}
