import ArgumentParser
import Reporting
import Scenarios

/// `fathom run`: simulates each case of a scenario.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Simulate each case of a scenario, name the winner and write the traces.",
    discussion: """
      Prints a row for each case as it finishes, and writes DIR/<scenario>/ with tables (CSV), \
      a trace for Perfetto and a drawing of each case. Nothing is written when the scenario is \
      wrong.

      Examples:
        fathom run scenarios/deepseek-v3-pretraining.yaml
        fathom run my.yaml --set cluster.node=h100 --json
      """)

  @OptionGroup var file: ScenarioFile

  @Option(help: ArgumentHelp("Folder that gets a folder for the scenario.", valueName: "dir"))
  var output = "output"

  @Flag(help: "Print exactly one JSON value and nothing else.")
  var json = false

  @Flag(help: "Simulate every GPU even where one can stand for all of its pipeline rank.")
  var expand = false

  @Flag(
    help: """
      Also simulate the winner's step again with one thing different at a time (more NIC bandwidth, \
      less latency, ...), its schedule and stages as they are. Takes ten times as long as the \
      winner's step alone.
      """)
  var whatIf = false

  /// Says so where simulating the winner so often takes long; its schedule is not searched again.
  private func warn(steps: Int, of outcome: Outcome) {
    let seconds = (outcome.tracedCase?.wallClock ?? 0) * Double(steps)
    guard seconds > 20 else { return }
    Answer.tell(
      "What if: \(steps) more steps are simulated, which takes up to \(Int(seconds)) s.\n")
  }

  func run() throws {
    try Answer.or(exit: 1) {
      let scenario = try Scenario.load(path: file.scenario, set: file.set)
      let folder = try OutputFolder(scenario.name, in: output)
      let table = CaseTable(scenario, isStyled: Answer.isTerminal)
      if !json { try Answer.print(table.heading) }
      var line = ProgressLine()
      let study = Study(scenario, expands: expand)
      var outcome = try study.run { name, search in
        line.show("\(name): \(search.line)")
      } progress: { finished in
        line.end()
        if !json { Answer.printNow(table.row(finished)) }
      }
      if whatIf {
        outcome.whatIf = try study.whatIf(outcome) { done, all in
          if done == 0 { warn(steps: all, of: outcome) }
          line.show("what if: \(done) of \(all) steps simulated")
        }
        line.end()
      }
      let files = try folder.write(outcome)
      if json {
        try Answer.print(outcome.json(clock: true))
      } else {
        try Answer.print(table.closing(outcome, files: files, folder: folder.path))
      }
    }
  }
}
