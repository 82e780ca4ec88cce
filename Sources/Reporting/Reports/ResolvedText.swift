public import Scenarios

/// A scenario as it was resolved: a line a key, with where its value came from.
///
///     training.micro_batch: 1        # default
///     cluster.node: h800             # file line 4
///
/// Keys are written as `--set` takes them.
public enum ResolvedText {
  /// Widest value that moves the comments of all lines to the right.
  private static let widest = 64

  /// Writes all lines.
  public static func write(_ scenario: Scenario, to writer: inout ByteWriter) {
    writer.put(
      "# Every key of \(oneLine(scenario.name)) as it was resolved, one a line, as --set takes it.\n"
    )
    let lines = scenario.resolved.map { "\($0.path): \(plain($0.value))" }
    let width = lines.map(\.count).filter { $0 <= widest }.max() ?? 0
    for (line, key) in zip(lines, scenario.resolved) {
      writer.put(DisplayText.left(line, width))
      writer.put("  # ")
      writer.put(oneLine(key.origin.words))
      writer.put("\n")
    }
  }

  /// The same as JSON: each key with its value and origin.
  public static func json(_ scenario: Scenario) -> JSONValue {
    .object([
      ("scenario", .text(scenario.name)),
      ("keys", .list(scenario.resolved.map(json))),
    ])
  }

  private static func json(_ key: ResolvedKey) -> JSONValue {
    var fields: [(key: String, value: JSONValue)] = [
      ("path", .text(key.path)), ("value", .text(key.value)),
    ]
    switch key.origin {
    case .file(let line): fields += [("origin", .text("file")), ("line", .integer(line))]
    case .commandLine: fields.append(("origin", .text("command line")))
    case .byDefault: fields.append(("origin", .text("default")))
    case .derived: fields.append(("origin", .text("derived")))
    case .catalogue(let source, let status):
      fields += [
        ("origin", .text("catalogue")), ("source", .text(source)), ("status", .text(status)),
      ]
    }
    return .object(fields)
  }

  /// A value as YAML reads it back: in quotes where it would be taken for something else.
  private static func plain(_ value: String) -> String {
    let needsQuotes =
      value.isEmpty || value.contains(": ") || value.contains(" #") || value.hasPrefix("#")
      || value.hasPrefix(" ") || value.hasSuffix(" ") || value.hasPrefix("\"")
      || value.hasPrefix("'") || value.contains { $0.isNewline }
    let isList = value.hasPrefix("[") || value.hasPrefix("{")
    return needsQuotes && !isList ? ByteWriter.text { $0.put(quoted: value) } : oneLine(value)
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}

extension ResolvedKey.Origin {
  /// The origin in words, as it stands behind a key.
  var words: String {
    switch self {
    case .file(let line): "file line \(line)"
    case .commandLine: "--set"
    case .byDefault: "default"
    case .derived: "derived"
    case .catalogue(let source, let status): "catalogue: \(source) (\(status))"
    }
  }
}
