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
    try KeyChange(keys: keys, value: value, place: place).apply(to: &document)
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
}
