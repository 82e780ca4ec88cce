import Yams

/// YAML text in which keys that stand twice are renamed until the parser, which stops at the
/// first and tells only one of its lines, reads all of it.
struct MarkedText {
  /// The text, with renamed keys.
  var text: String
  /// What each renamed key was called.
  var names: [String: String] = [:]

  init(text: String) { self.text = text }

  /// The root of the text, nil where it holds none.
  mutating func node(file: String) throws(ScenarioError) -> Node? {
    while true {
      do {
        return try Parser(yaml: text, encoding: .utf8).singleRoot()
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        let key = keys.first ?? ""
        guard names.count < Document.mostDuplicates, rename(key, at: context.mark) else {
          let line = context.mark.line
          throw ScenarioError(
            .duplicateKey(key: original(key), firstLine: nil),
            at: .line(file: file, line: line, column: context.mark.column))
        }
      } catch {
        throw Self.malformed(error, text: text, file: file)
      }
    }
  }

  /// The key as the user wrote it.
  func original(_ key: String) -> String { names[key] ?? key }

  /// Puts a mark no file holds before the key at `mark`; false where it does not stand there.
  private mutating func rename(_ key: String, at mark: Mark) -> Bool {
    let scalars = text.unicodeScalars
    guard var index = Self.index(of: mark, in: scalars), index < scalars.endIndex else {
      return false
    }
    if scalars[index] == "\"" || scalars[index] == "'" { index = scalars.index(after: index) }
    guard scalars[index...].starts(with: key.unicodeScalars) else { return false }
    let prefix = "\u{E000}\(names.count)\u{E001}"
    names[prefix + key] = original(key)
    text.unicodeScalars.insert(contentsOf: prefix.unicodeScalars, at: index)
    return true
  }

  /// The place of a mark, with the line breaks of YAML 1.1.
  private static func index(
    of mark: Mark, in scalars: String.UnicodeScalarView
  ) -> String.UnicodeScalarView.Index? {
    var index = scalars.startIndex
    var line = 1
    while line < mark.line {
      guard index < scalars.endIndex else { return nil }
      let scalar = scalars[index]
      index = scalars.index(after: index)
      if scalar == "\r", index < scalars.endIndex, scalars[index] == "\n" { continue }
      if ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar) { line += 1 }
    }
    return scalars.index(index, offsetBy: mark.column - 1, limitedBy: scalars.endIndex)
  }

  /// The parser's complaint with its line.
  private static func malformed(_ error: any Error, text: String, file: String) -> ScenarioError {
    guard let error = error as? YamlError else {
      return ScenarioError(.malformed(reason: "it cannot be parsed"), at: .file(file))
    }
    func at(_ mark: Mark) -> Place { .line(file: file, line: mark.line, column: mark.column) }
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _):
      // libyaml names its own C function here, which would help nobody.
      if problem.contains("nesting level") { return ScenarioError(.tooDeep, at: at(mark)) }
      let reason = [context?.text, problem].compactMap(\.self).joined(separator: ", ")
      return ScenarioError(.malformed(reason: reason), at: at(mark))
    case .composer(let context, let problem, let mark, _):
      if context != nil { return ScenarioError(.severalDocuments, at: at(mark)) }
      return ScenarioError(.malformed(reason: problem), at: at(mark))
    case .reader(let problem, let offset, _, _):
      let before = text.utf8.prefix(offset ?? 0)
      let line = before.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
      return ScenarioError(
        .malformed(reason: problem), at: .line(file: file, line: line, column: 1))
    default:
      return ScenarioError(.malformed(reason: "it cannot be parsed"), at: .file(file))
    }
  }
}

/// Turns the parser's nodes into values with places, and reports keys that stand twice.
struct NodeReader {
  /// What each renamed key was called.
  let names: [String: String]
  /// The file.
  let file: String
  /// Where everything stands, if not in lines of the file.
  let place: Place?
  private(set) var problems: [Problem] = []
  private var count = 0

  init(names: [String: String], file: String, place: Place?) {
    self.names = names
    self.file = file
    self.place = place
  }

  /// Where a node stands.
  func place(of node: Node) -> Place {
    if let place { return place }
    guard let mark = node.mark else { return .file(file) }
    return .line(file: file, line: mark.line, column: mark.column)
  }

  /// The value of a node; nil where its aliases make it too large.
  ///
  /// - Parameter path: the dotted path of the key it belongs to.
  mutating func value(_ node: Node, path: String = "") -> Document.Value? {
    count += 1
    guard count <= Document.mostValues else { return nil }
    switch node {
    case .scalar(let scalar):
      return .scalar(text: scalar.string, isQuoted: scalar.style != .plain)
    case .sequence(let sequence):
      var items: [Document.Item] = []
      for item in sequence {
        guard let value = value(item, path: "\(path).\(items.count + 1)") else { return nil }
        items.append(Document.Item(place: place(of: item), value: value))
      }
      return .list(items)
    case .mapping(let mapping):
      return table(mapping, path: path).map(Document.Value.table)
    case .alias:
      return .scalar(text: "", isQuoted: false)
    }
  }

  private mutating func table(_ mapping: Node.Mapping, path: String) -> Document.Table? {
    var entries: [Document.Entry] = []
    var places: [String: Place] = [:]
    for (node, inner) in mapping {
      let place = place(of: node)
      guard let text = node.scalar?.string else {
        problems.append(Problem(place: place, fault: .keyNotText))
        continue
      }
      let key = names[text] ?? text
      let full = path.isEmpty ? key : "\(path).\(key)"
      if let first = places[key] {
        let line = first.line == place.line ? nil : first.line
        problems.append(
          Problem(place: place, fault: .duplicateKey(key: full, firstLine: line)))
        continue
      }
      guard let value = value(inner, path: full) else { return nil }
      places[key] = place
      entries.append(Document.Entry(key: key, place: place, value: value))
    }
    return Document.Table(entries: entries)
  }
}
