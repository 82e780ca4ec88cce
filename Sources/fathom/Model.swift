import ArgumentParser
import Reporting
import Scenarios

/// `fathom model`: what a model weighs.
struct Model: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a model's parameters, training FLOPs and cache bytes.",
    discussion: """
      Examples:
        fathom model deepseek-v3
        fathom model path/to/config.json --sequence-length 8192 --json
      """)

  @Argument(help: "A name from 'fathom catalog models', or the path of a Hugging Face config.json.")
  var model: String

  @Option(help: "Tokens of a training sequence.")
  var sequenceLength = 4096

  @Flag(help: "Print exactly one JSON value and nothing else.")
  var json = false

  private static let longestSequence = 1 << 31

  func validate() throws {
    guard (1...Self.longestSequence).contains(sequenceLength) else {
      throw ValidationError(
        "--sequence-length takes 1 to \(Self.longestSequence) tokens; \(sequenceLength) is not"
          + " in that range.")
    }
  }

  func run() throws {
    try Answer.or(exit: 1) {
      let found = try loadModel(model)
      let report = ModelReport(
        architecture: found.architecture, source: found.source, sequenceLength: sequenceLength)
      if json { try Answer.print(report.json) } else { try Answer.print(report.text) }
    }
  }
}
