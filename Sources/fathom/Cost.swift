import ArgumentParser
import Reporting
import Scenarios

/// `fathom cost`: what a whole run takes and costs.
struct Cost: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what a whole training run takes and costs, as a range.",
    discussion: """
      The step of each stage of the run is simulated; failures, prices and whatever else is given \
      as a range are drawn many times.

      Example:
        fathom cost scenarios/deepseek-v3-pretraining.yaml --set 'price.rent=2.0 .. 2.6 USD/GPU-hour'
      """)

  @OptionGroup var file: ScenarioFile

  @Option(help: ArgumentHelp("Where to make the folder of the results.", valueName: "folder"))
  var output = "output"

  @Flag(help: "Print exactly one JSON value and nothing else.")
  var json = false

  func run() throws {
    try Answer.or(exit: 1) {
      let plan = try CostPlan.load(path: file.scenario, set: file.set)
      let folder = try OutputFolder(plan.name, in: output)
      var line = ProgressLine()
      let outcome = try CostStudy(plan).run { line.show("\($0): simulating its step") }
      line.end()
      let files = try folder.write(outcome)
      if json {
        try Answer.print(outcome.json)
      } else {
        let names = files.joined(separator: ", ")
        try Answer.print(outcome.text + "\nFiles in \(folder.path): \(names)\n")
      }
    }
  }
}
