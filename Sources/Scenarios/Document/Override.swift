import Yams

/// One `--set key.path=value` of the command line; `key.path=null` takes the key out of the file.
struct Override {
  /// The text after `--set`.
  let text: String
  /// Which one on the command line, from 0.
  let index: Int

  private var place: Place { .option(text: shortened(text), index: index) }

  /// Puts the value into the document, in place of what stands at the key path.
  func apply(to document: inout Document) throws(ScenarioError) {
    guard let equals = text.firstIndex(of: "=") else {
      throw ScenarioError(.overrideSyntax, at: place)
    }
    let keys = text[..<equals].split(separator: ".", omittingEmptySubsequences: false)
      .map(String.init)
    guard keys.allSatisfy({ !$0.isEmpty && !$0.contains(where: \.isWhitespace) }) else {
      throw ScenarioError(.overrideSyntax, at: place)
    }
    guard keys.count <= 8 else { throw ScenarioError(.overrideTooDeep, at: place) }
    let value = try value(
      of: String(text[text.index(after: equals)...]), path: keys.joined(separator: "."))
    try set(value, at: keys[...], in: &document.root, path: [])
  }

  /// The text as a YAML value.
  private func value(of text: String, path: String) throws(ScenarioError) -> Document.Value {
    var marked = MarkedText(text: text)
    let node: Node?
    do {
      node = try marked.node(file: "")
    } catch {
      throw ScenarioError(
        problems: error.problems.map { Problem(place: place, fault: Self.ofValue($0.fault)) })
    }
    guard let node else { return .scalar(text: "", isQuoted: false) }
    var reader = NodeReader(names: marked.names, file: "", place: place)
    guard let value = reader.value(node, path: path) else {
      throw ScenarioError(.tooManyValues(most: Document.mostValues), at: place)
    }
    guard reader.problems.isEmpty else { throw ScenarioError(problems: reader.problems) }
    return value
  }

  /// What is wrong with the text, as a fault of a value and not of a file's line.
  private static func ofValue(_ fault: Fault) -> Fault {
    switch fault {
    case .malformed(let reason): .overrideMalformed(reason: reason)
    case .severalDocuments: .overrideMalformed(reason: "it holds two documents")
    default: fault
    }
  }

  private func set(
    _ value: Document.Value, at keys: ArraySlice<String>, in table: inout Document.Table,
    path: [String]
  ) throws(ScenarioError) {
    guard let key = keys.first else { return }
    let index = table.entries.firstIndex { $0.key == key }
    var entry =
      index.map { table.entries[$0] }
      ?? Document.Entry(key: key, place: place, value: .scalar(text: "", isQuoted: false))
    if keys.count == 1 {
      if let index, case .scalar("null", isQuoted: false) = value {
        table.entries.remove(at: index)
        return
      }
      entry.value = value
      entry.place = place
    } else {
      var inner: Document.Table
      switch entry.value {
      case .table(let table): inner = table
      case let other where other.isEmpty: inner = Document.Table(entries: [])
      case let other:
        throw ScenarioError(
          .overrideInValue(key: (path + [key]).joined(separator: "."), value: other.quoted),
          at: place)
      }
      try set(value, at: keys.dropFirst(), in: &inner, path: path + [key])
      entry.value = .table(inner)
    }
    if let index { table.entries[index] = entry } else { table.entries.append(entry) }
  }
}
