import ArgumentParser
import Reporting
import Scenarios

/// `fathom cost`: what a whole run takes and costs.
struct Cost: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what a whole training run takes and costs, as a range.",
    discussion: """
      The step of each stage of the run is simulated; failures, prices and whatever else is given \
      as a range are drawn many times. A scenario with techniques is also run without each of them, \
      and one with a headline is set beside it. Of several scenarios one page is written that says \
      why their numbers differ.

      Examples:
        fathom cost scenarios/deepseek-v3-pretraining.yaml --set 'price.rent=2.0 .. 2.6 USD/GPU-hour'
        fathom cost scenarios/debate-*.yaml
      """)

  @Argument(help: "Paths of scenario files.")
  var scenario: [String]

  @Option(help: ScenarioFile.setHelp)
  var set: [String] = []

  @Option(
    help: ArgumentHelp(
      "Where to make a folder for each scenario's files, and the page of several scenarios.",
      valueName: "dir"))
  var output = "output"

  @Flag(help: "Print exactly one JSON value and nothing else.")
  var json = false

  func validate() throws { try ScenarioFile.check(set) }

  func run() throws {
    try Answer.or(exit: 1) {
      let plans = try scenario.map { try CostPlan.load(path: $0, set: set) }
      let folders = try plans.map { try OutputFolder($0.name, in: output) }
      let reports = try plans.map(report)
      var files: [String] = []
      for (folder, report) in zip(folders, reports) {
        files += try folder.write(report).map(folder.path(of:))
      }
      guard reports.count > 1 else {
        if json { return try Answer.print(reports[0].json) }
        return try Answer.print(reports[0].text + written(files))
      }
      let page = HeadlinePage(reports)
      files += try page.write(in: output)
      if json { return try Answer.print(.list(reports.map(\.json))) }
      try Answer.print("Why the numbers differ:\n\n" + page.text + written(files))
    }
  }

  private func written(_ files: [String]) -> String {
    "\nWritten: \(files.joined(separator: ", "))\n"
  }

  private func report(_ plan: CostPlan) throws -> CostReport {
    var line = ProgressLine()
    let outcome = try CostStudy(plan).run { line.show("\(plan.name), \($0): simulating its step") }
    let techniques = try TechniqueStudy(plan).run(outcome) {
      line.show("\(plan.name), \($0): simulating its step")
    }
    line.end()
    return CostReport(outcome, techniques)
  }
}
