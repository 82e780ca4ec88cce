import ArgumentParser
import Reporting
import Scenarios

/// `fathom routing`: where a model's tokens go.
struct Routing: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print how a model's tokens spread over experts, GPUs and nodes.",
    discussion: """
      Shows the nodes and ranks a token visits and the load of each rank, with experts in order \
      and placed by DeepSeek's EPLB, and how V3's biases balance the loads step by step.

      Examples:
        fathom routing deepseek-v3 --distribution 'zipf(1.2)' --redundant-experts 64
        fathom routing deepseek-v3 --distribution 'dirichlet(0.5)' --balance-steps 500 --json
      """)

  @Argument(help: "A name from 'fathom catalog models', or the path of a Hugging Face config.json.")
  var model: String

  @Option(help: "GPUs of the expert-parallel group, 8 a node (default: 64, or one an expert).")
  var gpus: Int?

  @Option(
    help: ArgumentHelp(
      "How popular experts are: balanced, uniform, zipf(1.2), dirichlet(0.5), hot-expert(8), "
        + "hot-rank(2), or a file of counts that ends in .csv.", valueName: "text"))
  var distribution = "uniform"

  @Option(
    help: ArgumentHelp(
      "Most nodes a token's experts may stand on, in place of the model's own limit; as many as the "
        + "group has, or more, is no limit (default: the model's gate)."))
  var nodeLimit: Int?

  @Option(help: "Tokens of the whole group (default: 4096 a GPU).")
  var tokens: Int?

  @Option(help: "Expert slots beyond one for each expert.")
  var redundantExperts = 0

  @Option(help: "Steps of balancing by biases.")
  var balanceSteps = 0

  @Option(help: "The layer (default: the first with experts).")
  var layer: Int?

  @Option(help: "Seed of everything random.")
  var seed = 1

  @Flag(help: "Print exactly one JSON value and nothing else.")
  var json = false

  func validate() throws {
    if let misuse = request.misuse { throw ValidationError(misuse) }
  }

  func run() throws {
    try Answer.or(exit: 1) {
      let report = RoutingReport(try RoutingStudy(request))
      if json { try Answer.print(report.json) } else { try Answer.print(report.text) }
    }
  }

  private var request: RoutingRequest {
    var request = RoutingRequest(model: model)
    request.gpus = gpus
    request.distribution = distribution
    request.nodeLimit = nodeLimit
    request.tokens = tokens
    request.redundantExperts = redundantExperts
    request.balanceSteps = balanceSteps
    request.layer = layer
    request.seed = seed
    return request
  }
}
