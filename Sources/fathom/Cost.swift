import ArgumentParser
import Foundation
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
      let plans = try plans()
      let folders = try plans.map { try OutputFolder($0.name, in: output) }
      var reports: [CostReport] = []
      for (path, plan) in zip(scenario, plans) { reports.append(try report(plan, path)) }
      var files: [String] = []
      for (folder, report) in zip(folders, reports) {
        files += try folder.write(report).map(folder.path(of:))
      }
      guard reports.count > 1 else {
        if json { return try Answer.print(reports[0].json) }
        return try Answer.print(
          reports[0].text + "\nWritten: \(files.joined(separator: ", "))\n")
      }
      let page = HeadlinePage(reports)
      let pages = try page.write(in: output)
      if json { return try Answer.print(.list(reports.map(\.json))) }
      try Answer.print(page.text + written(folders, pages))
    }
  }

  /// The plans of all files; none where one file or two together are wrong.
  private func plans() throws -> [CostPlan] {
    var plans: [CostPlan] = []
    var sentences: [String] = []
    for (index, path) in scenario.enumerated() {
      if isSame(path, amongFirst: index) {
        sentences.append("\(path) stands twice on the command line; name it once.")
        continue
      }
      do {
        let plan = try CostPlan.load(path: path, set: set)
        plans.append(plan)
      } catch {
        sentences += error.problems.map(\.description)
      }
    }
    if sentences.isEmpty { sentences = sharedNames(of: plans) }
    var told: [String] = []
    // A wrong --set is wrong in every file.
    for sentence in sentences where !told.contains(sentence) { told.append(sentence) }
    guard told.isEmpty else { throw Answer.Refusal(sentences: told) }
    return plans
  }

  /// Whether an earlier path leads to the same file.
  private func isSame(_ path: String, amongFirst count: Int) -> Bool {
    func file(_ path: String) -> String {
      URL(filePath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
    return scenario.prefix(count).contains { file($0) == file(path) }
  }

  /// A sentence for each scenario whose name, and so whose folder, an earlier one has.
  private func sharedNames(of plans: [CostPlan]) -> [String] {
    plans.indices.compactMap { index in
      let name = plans[index].name
      guard let first = plans.prefix(index).firstIndex(where: { $0.name == name }) else {
        return nil
      }
      return "\(scenario[first]) and \(scenario[index]) both have the name \(name), so that one "
        + "would overwrite the other's files; give them different names or run them one by one."
    }
  }

  /// The folders and the page, which together hold too many files to name each.
  private func written(_ folders: [OutputFolder], _ pages: [String]) -> String {
    let names = folders.map { $0.path + "/" } + pages
    return "\nWritten:\n" + names.map { "  \($0)\n" }.joined()
  }

  private func report(_ plan: CostPlan, _ path: String) throws -> CostReport {
    do {
      return try report(plan)
    } catch let error as StudyError {
      guard scenario.count > 1 else { throw error }
      throw Answer.Refusal(sentences: ["\(path): \(error.description)"])
    }
  }

  private func report(_ plan: CostPlan) throws -> CostReport {
    var line = ProgressLine()
    defer { line.end() }
    let outcome = try CostStudy(plan).run { line.show("\(plan.name), \($0): simulating its step") }
    let techniques = try TechniqueStudy(plan).run(outcome) {
      line.show("\(plan.name), \($0): simulating its step")
    }
    return CostReport(outcome, techniques)
  }
}
