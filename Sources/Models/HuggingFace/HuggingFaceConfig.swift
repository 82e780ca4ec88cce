/// A value of a config.json, as the reader of its text hands it over.
public enum ConfigValue: Sendable {
  /// A number without fraction or exponent.
  case integer(Int)
  /// Any other number.
  case number(Double)
  /// A text.
  case text(String)
  /// `true` or `false`.
  case boolean(Bool)
  /// No value.
  case null
  /// A list.
  case list([ConfigValue])
  /// A table, in the order of the file.
  case table([(String, ConfigValue)])
}

extension Architecture {
  /// The model a Hugging Face config.json describes.
  ///
  ///     let fields: [(key: String, value: ConfigValue)] = [
  ///       ("model_type", .text("llama")), ("hidden_size", .integer(4096)),
  ///       ("num_hidden_layers", .integer(32)), ("num_attention_heads", .integer(32)),
  ///       ("num_key_value_heads", .integer(8)), ("intermediate_size", .integer(14_336)),
  ///       ("vocab_size", .integer(128_256)),
  ///     ]
  ///     try Architecture(huggingFace: fields, name: "mine").parameters   // 8030261248
  ///
  /// Keys and defaults are those of huggingface/transformers; what a family has without saying so
  /// (Qwen2's biases, gpt-oss's sinks) comes from `model_type`. An unknown family is read like
  /// Llama or DeepSeek. Keys that are not needed are ignored, and of a key that stands twice the
  /// last counts. The language part of a config with a `text_config` is read from there.
  ///
  /// - Throws: `ConfigError` with all problems at once. Every number is at most 2^31, layers at
  ///   most 10,000 and parameters below 2^62.
  public init(
    huggingFace fields: [(key: String, value: ConfigValue)], name: String
  ) throws(ConfigError) {
    var reader = ConfigReader(fields: fields)
    let architecture = reader.architecture(name: name)
    guard let architecture, reader.problems.isEmpty else {
      throw ConfigError(problems: reader.problems)
    }
    self = architecture
  }

  /// Whether `modelType`, the `model_type` of a config.json, is a family whose implied biases and
  /// norms are known; of another the caller may want to warn that they are taken as absent.
  public static func isKnownFamily(_ modelType: String) -> Bool {
    ConfigFamily(rawValue: modelType) != nil
  }
}

/// Reads typed values by key, and collects what is wrong with them.
struct ConfigReader {
  static let mostLayers = 10_000
  static let mostExperts = 65_536
  static let mostExpertsPerToken = 1_024
  static let mostOfAny = 1 << 31
  static let mostParameters = (1 << 62) - 1

  private let fields: [(key: String, value: ConfigValue)]
  private(set) var problems: [ConfigProblem] = []

  init(fields: [(key: String, value: ConfigValue)]) {
    var fields = fields
    let isNested = !fields.contains { $0.key == "hidden_size" }
    if isNested, case .table(let inner)? = fields.last(where: { $0.key == "text_config" })?.value {
      fields = inner.map { (key: $0.0, value: $0.1) }
    }
    self.fields = fields
  }

  mutating func report(_ problem: ConfigProblem) { problems.append(problem) }

  /// The first of `keys` that has a value other than null.
  func present(_ keys: [String]) -> (key: String, value: ConfigValue)? {
    for key in keys {
      if let found = fields.last(where: { $0.key == key }) {
        if case .null = found.value { continue }
        return found
      }
    }
    return nil
  }

  /// A whole number from `least` to `most` under one of `keys`, or nil where the key is absent or
  /// null, or where the value is reported.
  mutating func integer(
    _ keys: String..., least: Int = 1, most: Int = ConfigReader.mostOfAny
  ) -> Int? {
    integer(keys: keys, least: least, most: most)
  }

  /// As `integer`, but an absent key is reported, too.
  mutating func requiredInteger(
    _ keys: String..., most: Int = ConfigReader.mostOfAny
  ) -> Int? {
    if present(keys) == nil {
      report(.missing(keys: keys))
      return nil
    }
    return integer(keys: keys, least: 1, most: most)
  }

  private mutating func integer(keys: [String], least: Int, most: Int) -> Int? {
    guard let (key, value) = present(keys) else { return nil }
    let number: Int
    switch value {
    case .integer(let integer): number = integer
    case .number(let double) where double.rounded() == double && double.isFinite:
      number = Int(exactly: double) ?? (double < 0 ? .min : .max)
    default:
      report(.wrongKind(key: key, value: value.text, kind: .integer))
      return nil
    }
    if number < least {
      report(.tooSmall(key: key, value: value.text, least: least))
      return nil
    }
    if number > most {
      report(.tooLarge(key: key, value: value.text, most: most))
      return nil
    }
    return number
  }

  /// `true` or `false` under `key`; nil where it is absent, null or reported.
  mutating func boolean(_ key: String) -> Bool? {
    guard let (_, value) = present([key]) else { return nil }
    if case .boolean(let boolean) = value { return boolean }
    report(.wrongKind(key: key, value: value.text, kind: .boolean))
    return nil
  }

  /// The text under `key`; nil where it is absent, null or reported.
  mutating func text(_ key: String) -> String? {
    guard let (_, value) = present([key]) else { return nil }
    if case .text(let text) = value { return text }
    report(.wrongKind(key: key, value: value.text, kind: .text))
    return nil
  }

  /// The texts under `key`; nil where it is absent, null or reported.
  mutating func texts(_ key: String) -> [String]? {
    guard let (_, value) = present([key]) else { return nil }
    if case .list(let values) = value {
      let texts = values.compactMap { if case .text(let text) = $0 { text } else { nil } }
      if texts.count == values.count { return texts }
    }
    report(.wrongKind(key: key, value: value.text, kind: .textList))
    return nil
  }
}

extension ConfigValue {
  /// The value as an error names it.
  var text: String {
    switch self {
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .text(let text): "\"\(text)\""
    case .boolean(let boolean): "\(boolean)"
    case .null: "null"
    case .list: "a list"
    case .table: "a table"
    }
  }
}
