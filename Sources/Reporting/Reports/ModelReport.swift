public import Models
import Quantities

/// What a model weighs and costs to train and to serve, for the `model` verb.
public struct ModelReport {
  private let architecture: Architecture
  private let source: String
  private let sequenceLength: Int

  /// A report on `architecture`, whose numbers come from `source`, at sequences of that length.
  public init(architecture: Architecture, source: String, sequenceLength: Int) {
    self.architecture = architecture
    self.source = source
    self.sequenceLength = sequenceLength
  }

  /// The five numbers, as scripts read them.
  public var json: JSONValue {
    .object([
      ("parameters", .integer(architecture.parameters)),
      ("active_parameters", .integer(architecture.activeParameters)),
      ("training_flops_per_token_causal", .number(flops(causal: true))),
      ("training_flops_per_token_noncausal", .number(flops(causal: false))),
      ("kv_bytes_per_token", .number(architecture.keyValueBytesPerToken().value)),
    ])
  }

  /// The same as lines for people.
  public var text: String {
    let length = DisplayText.number(sequenceLength)
    let rows = [
      ("parameters", DisplayText.number(architecture.parameters)),
      ("active parameters a token", DisplayText.number(architecture.activeParameters)),
      ("prediction layers add", DisplayText.number(architecture.predictionParameters)),
      ("training FLOPs a token, causal", gigaflops(causal: true)),
      ("training FLOPs a token, full square", gigaflops(causal: false)),
      ("KV cache a token, BF16", bytes(architecture.keyValueBytesPerToken())),
    ]
    let left = rows.map(\.0.count).max() ?? 0
    let right = rows.map(\.1.count).max() ?? 0
    let lines = rows.map { "  \(DisplayText.left($0.0, left))  \(DisplayText.right($0.1, right))" }
    return "\(architecture.name), sequences of \(length) tokens\n"
      + lines.joined(separator: "\n") + "\n  source: \(source)\n"
  }

  private func flops(causal: Bool) -> Double {
    architecture.trainingFLOPsPerToken(sequenceLength: sequenceLength, causal: causal).value
  }

  private func gigaflops(causal: Bool) -> String {
    DisplayText.number(flops(causal: causal) / 1e9, decimals: 1) + " G"
  }

  private func bytes(_ amount: Bytes) -> String {
    DisplayText.number(amount.value, decimals: 0) + " bytes"
  }
}
