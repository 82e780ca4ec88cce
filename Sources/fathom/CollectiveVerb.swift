import ArgumentParser
import Reporting
import Scenarios

/// `fathom collective`: how long one collective takes.
struct CollectiveVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collective",
    abstract: "Time one collective operation, as nccl-tests would report it.",
    discussion: """
      The group is the first N GPUs of a cluster that does nothing else. Without --algorithm the \
      fastest for the size is taken of those NCCL chooses from (ring and tree; ring and \
      halving-doubling; direct and two-hop). hierarchical, and in-switch, which assumes NVLink and \
      network switches that sum, are taken only where they are named. \
      p2p sends from the first GPU of the group to the last.

      Examples:
        fathom collective all-reduce --cluster h800 --gpus 64 --bytes 1GB
        fathom collective all-to-all --cluster h800 --gpus 256 --bytes 64MiB --expand --json
        fathom collective all-gather --cluster scenarios/deepseek-v3-pretraining.yaml --gpus 128 \
      --stride 16 --bytes 2GiB
      """)

  @Argument(help: "One of \(CollectiveChoice.kinds.joined(separator: ", ")).")
  var kind: String

  @Option(help: "A node from 'fathom catalog clusters', or the path of a scenario.")
  var cluster: String

  @Option(help: "GPUs of the group; of a named node, as many nodes as they fill.")
  var gpus: Int

  @Option(
    help: ArgumentHelp(
      """
      Size of the buffer, such as 64MiB: what a GPU gives to an all-reduce, reduce-scatter or \
      broadcast and in all to an all-to-all, and what it gets by an all-gather.
      """))
  var bytes: String?

  @Option(help: "GPUs from one of the group to the next.")
  var stride = 1

  @Option(help: "One of \(CollectiveChoice.fabrics.joined(separator: ", ")).")
  var fabric: String?

  @Option(help: "One of \(CollectiveChoice.algorithms.joined(separator: ", ")).")
  var algorithm: String?

  @Option(help: "Tokens of each GPU, for dispatch and combine.")
  var tokens: Int?

  @Option(help: "Hidden size of a token, for dispatch and combine.")
  var hidden: Int?

  @Option(help: "Experts of each token, for dispatch and combine.")
  var topK: Int?

  @Option(help: "Experts of the layer, for dispatch and combine.")
  var experts: Int?

  @Option(
    help: ArgumentHelp(
      "Most nodes a token's experts may stand on, for dispatch and combine; as many as the group "
        + "has, or more, is no limit (default: no limit)."))
  var nodeLimit: Int?

  @Flag(help: "Simulate every flow, in place of one for all that are alike.")
  var expand = false

  @Flag(help: "Print exactly one JSON value and nothing else.")
  var json = false

  func validate() throws {
    if let misuse = choice.misuse { throw ValidationError(misuse) }
  }

  func run() throws {
    try Answer.or(exit: 1) {
      let report = CollectiveReport(try choice.answer())
      if json { try Answer.print(report.json) } else { try Answer.print(report.text) }
    }
  }

  private var choice: CollectiveChoice {
    var choice = CollectiveChoice(kind, cluster: cluster, gpus: gpus)
    choice.fabric = fabric
    choice.stride = stride
    choice.bytes = bytes
    choice.tokens = tokens
    choice.hidden = hidden
    choice.topK = topK
    choice.experts = experts
    choice.nodeLimit = nodeLimit
    choice.algorithm = algorithm
    choice.isExpanded = expand
    return choice
  }
}
