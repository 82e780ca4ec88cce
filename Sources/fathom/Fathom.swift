import ArgumentParser

/// The command.
@main
struct Fathom: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fathom",
    abstract: "Simulates the training of large language models on GPU clusters.",
    discussion: """
      A scenario is a commented YAML file that names a model, a cluster, a plan and schedules \
      to compare. Fathom simulates one step of each, kernel by kernel and transfer by transfer, \
      and says how long it takes, whether it fits memory and what it costs.

      Example:
        fathom run scenarios/deepseek-v3-pretraining.yaml
      """,
    version: "0.1.0",
    subcommands: [
      Run.self, Explain.self, ScheduleVerbs.self, Flows.self, CollectiveVerb.self, Routing.self,
      Cost.self, Model.self, Catalog.self, Calibrate.self, Validate.self,
    ])

  static func main() {
    let listeners = Interruption.listen()
    withExtendedLifetime(listeners) { main(nil) }
  }
}
