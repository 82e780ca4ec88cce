import ArgumentParser
import Reporting
import Scenarios

/// `fathom explain`: the scenario as it is resolved.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print every key of a scenario with its value and where the value comes from.",
    discussion: """
      Example:
        fathom explain scenarios/deepseek-v3-pretraining.yaml --set parallelism.pipeline=8
      """)

  @OptionGroup var file: ScenarioFile

  @Flag(help: "Print exactly one JSON value and nothing else.")
  var json = false

  func run() throws {
    try Answer.or(exit: 1) {
      let scenario = try Scenario.load(path: file.scenario, set: file.set)
      if json {
        try Answer.print(ResolvedText.json(scenario))
      } else {
        try Answer.print(ByteWriter.text { ResolvedText.write(scenario, to: &$0) })
      }
    }
  }
}
