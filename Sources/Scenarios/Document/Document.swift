/// The values of a YAML or JSON file with where each stands.
///
///     let document = try Document(text: "training: {micro_batch: 2}", file: "a.yaml")
///     document.entry("training.micro_batch")?.place        // a.yaml:1
///
/// Invariant: no table holds a key twice.
public struct Document: Sendable, Equatable {
  /// Path of the file, as the user gave it.
  public var file: String
  /// The file's table.
  public var root: Table
  /// Keys that stand twice, of which `root` holds the first, and keys that are no words.
  var problems: [Problem] = []

  /// A table, in the order of the file.
  public struct Table: Sendable, Equatable {
    /// Keys with their values.
    public var entries: [Entry]

    /// The entry of a key, if there is one.
    public subscript(key: String) -> Entry? { entries.first { $0.key == key } }
  }

  /// A key with its value.
  public struct Entry: Sendable, Equatable {
    /// The key.
    public var key: String
    /// Where the key stands.
    public var place: Place
    /// Its value.
    public var value: Value
  }

  /// A value.
  public indirect enum Value: Sendable, Equatable {
    /// A text, a number or anything else that is one word or line; quoted or plain.
    case scalar(text: String, isQuoted: Bool)
    /// A list.
    case list([Item])
    /// A table.
    case table(Table)
  }

  /// A value of a list.
  public struct Item: Sendable, Equatable {
    /// Where it stands.
    public var place: Place
    /// The value.
    public var value: Value
  }

  /// The entry at a dotted path such as `training.micro_batch`; `compare.2` is the second value of
  /// a list.
  public func entry(_ path: String) -> Entry? {
    var value = Value.table(root)
    var found: Entry?
    for key in path.split(separator: ".", omittingEmptySubsequences: false) {
      switch value {
      case .table(let table): found = table[String(key)]
      case .list(let items):
        let item = Int(key).flatMap { items.indices.contains($0 - 1) ? items[$0 - 1] : nil }
        found = item.map { Entry(key: String(key), place: $0.place, value: $0.value) }
      case .scalar: found = nil
      }
      guard let found else { return nil }
      value = found.value
    }
    return found
  }
}

extension Document.Value {
  /// Whether nothing was written: `key:`, `~` or `null`.
  var isEmpty: Bool {
    guard case .scalar(let text, false) = self else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// The plain or quoted text of a scalar that is not empty.
  var text: String? {
    guard !isEmpty, case .scalar(let text, _) = self else { return nil }
    return text
  }

  /// The value as a sentence quotes it: on one line, and no longer than it needs to be.
  var quoted: String {
    switch self {
    case .list(let items): items.isEmpty ? "an empty list" : "a list"
    case .table: "a table"
    case .scalar(let text, let isQuoted):
      isEmpty ? "empty" : (isQuoted ? "\"\(shortened(text))\"" : shortened(text))
    }
  }
}

/// `text` without control characters and cut after 60 characters, fit to stand in a sentence.
func shortened(_ text: String) -> String {
  let clean = String(
    String.UnicodeScalarView(
      text.unicodeScalars.prefix(400).map { $0.properties.generalCategory == .control ? " " : $0 }))
  return clean.count > 60 ? clean.prefix(57) + "..." : clean
}
