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
      entry.value = try changed(entry.value, value, at: keys.dropFirst(), path: path + [key])
    }
    if let index { table.entries[index] = entry } else { table.entries.append(entry) }
  }

  /// A table or a list with the value put into it; the values of a list are numbered from 1.
  private func changed(
    _ outer: Document.Value, _ value: Document.Value, at keys: ArraySlice<String>, path: [String]
  ) throws(ScenarioError) -> Document.Value {
    switch outer {
    case .table(var table):
      try set(value, at: keys, in: &table, path: path)
      return .table(table)
    case .list(var items):
      guard let key = keys.first, let number = Int(key), items.indices.contains(number - 1) else {
        break
      }
      if keys.count > 1 {
        items[number - 1].value = try changed(
          items[number - 1].value, value, at: keys.dropFirst(), path: path + [key])
      } else if case .scalar("null", isQuoted: false) = value {
        items.remove(at: number - 1)
      } else {
        items[number - 1] = Document.Item(place: place, value: value)
      }
      return .list(items)
    case let other where other.isEmpty:
      var table = Document.Table(entries: [])
      try set(value, at: keys, in: &table, path: path)
      return .table(table)
    case .scalar: break
    }
    throw ScenarioError(
      .overrideInValue(key: path.joined(separator: "."), value: outer.quoted), at: place)
  }
}
