/// The sentences of what can be wrong with a config.json.
extension ConfigError: CustomStringConvertible {
  /// One sentence for each problem, one a line.
  public var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}

extension ConfigProblem: CustomStringConvertible {
  /// What is wrong, where, and what would do.
  public var description: String {
    switch self {
    case .missing(let keys):
      "\(Self.alternatives(keys)) is missing: add it with the model's value"
    case .wrongKind(let key, let value, let kind):
      "\(key) is \(value): it must be \(kind.description)"
    case .tooSmall(let key, let value, let least):
      "\(key) is \(value): it must be at least \(least)"
    case .tooLarge(let key, let value, let most):
      "\(key) is \(value): it must be at most \(most)"
    case .notDivisible(let key, let value, let divisorKey, let divisor):
      "\(key) is \(value), which is not a multiple of \(divisorKey), \(divisor)"
        + (divisorKey == "num_attention_heads" && key == "hidden_size"
          ? ": correct one of them, or give head_dim" : ": correct one of them")
    case .exceeds(let key, let value, let limitKey, let limit):
      "\(key) is \(value), more than \(limitKey), \(limit): correct one of them"
    case .unsupported(let key, let value, let feature):
      "\(key) is \(value), which asks for \(feature.description): that is not modelled"
    case .tooManyParameters:
      "the model would have 2^62 parameters or more: check the widths and the number of layers"
    case .unknownFamily(let name):
      "model_type \"\(name)\" is not a family known here: such a config is read under the common "
        + "key names of Llama and DeepSeek, and needs all of them"
    }
  }

  private static func alternatives(_ keys: [String]) -> String {
    guard let first = keys.first else { return "a key" }
    let others = keys.dropFirst()
    return others.isEmpty ? first : "\(first) (or \(others.joined(separator: ", ")))"
  }
}

extension ConfigProblem.Kind: CustomStringConvertible {
  /// The kind of value, as a noun.
  public var description: String {
    switch self {
    case .integer: "a whole number"
    case .boolean: "true or false"
    case .text: "a text"
    case .textList: "a list of texts"
    }
  }
}

extension ConfigProblem.Feature: CustomStringConvertible {
  /// What is not modelled, as a noun.
  public var description: String {
    switch self {
    case .encoder: "an encoder beside the decoder"
    case .otherAttention: "linear, compressed or state-space layers"
    case .scatteredExperts: "experts in some of the later layers only"
    case .irregularWindows: "sliding windows in an irregular pattern of layers"
    case .latentBias: "biases in latent attention"
    }
  }
}
