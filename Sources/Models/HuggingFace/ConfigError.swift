/// Why a config.json is not a model Fathom can read: every problem found, in the order in which
/// the keys are read. Its `description` is one sentence a line.
public struct ConfigError: Error, Equatable, Sendable {
  /// The problems; never empty.
  public var problems: [ConfigProblem]

  /// An error of the given problems.
  public init(problems: [ConfigProblem]) { self.problems = problems }
}

/// One thing that is wrong with a config.json.
public enum ConfigProblem: Equatable, Sendable {
  /// What a key's value has to be.
  public enum Kind: Equatable, Sendable {
    /// A whole number.
    case integer
    /// `true` or `false`.
    case boolean
    /// A text.
    case text
    /// A list of texts.
    case textList
  }

  /// What Fathom cannot express yet.
  public enum Feature: Equatable, Sendable {
    /// An encoder beside the decoder.
    case encoder
    /// Layers of linear or compressed attention, or state-space layers.
    case otherAttention
    /// Experts in other layers than all after some leading ones.
    case scatteredExperts
    /// Windows that do not come in a regular pattern of layers.
    case irregularWindows
    /// Biases of latent attention.
    case latentBias
  }

  /// None of these keys, which mean the same, is there with a value.
  case missing(keys: [String])
  /// The value is of another kind than the key needs; the value as text.
  case wrongKind(key: String, value: String, kind: Kind)
  /// The number has to be at least `least`; the value as text.
  case tooSmall(key: String, value: String, least: Int)
  /// The number is absurd; the value as text.
  case tooLarge(key: String, value: String, most: Int)
  /// One number has to be a multiple of another.
  case notDivisible(key: String, value: Int, divisorKey: String, divisor: Int)
  /// One number may not be above another.
  case exceeds(key: String, value: Int, limitKey: String, limit: Int)
  /// The key asks for something that is not modelled; the value as text.
  case unsupported(key: String, value: String, feature: Feature)
  /// Each number is possible, but together they make 2^62 weights or more.
  case tooManyParameters
  /// The family is unknown, so that its keys were read under their common names; listed only
  /// beside other problems, which may come from that.
  case unknownFamily(String)
}
