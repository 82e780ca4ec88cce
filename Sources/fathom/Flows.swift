import ArgumentParser
import Reporting
import Scenarios

/// `fathom flows`: when flows that share links end.
struct Flows: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Solve a file of links and flows: when each flow ends.",
    discussion: """
      Flows share links max-min fairly; each waits the latencies of its path once and then drains.

      Example:
        fathom flows case.json --json

      where case.json holds
        {"links": [{"id": "a", "capacity_Bps": 50e9, "latency_s": 1e-6}],
         "flows": [{"id": "f", "path": ["a"], "bytes": 1e6, "start_s": 0}]}
      """)

  @Argument(help: "A JSON file with links and flows.")
  var file: String

  @Flag(help: "Print exactly one JSON value and nothing else.")
  var json = false

  func validate() throws {
    if file.isEmpty {
      throw ValidationError("The file's path is empty: give that of a JSON file of flows.")
    }
  }

  func run() throws {
    try Answer.or(exit: 1) {
      let report = try FlowReport(FlowCase(path: file))
      if json { try Answer.print(report.json) } else { try Answer.print(report.text) }
    }
  }
}
