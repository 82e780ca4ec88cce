extension RoutingDistribution {
  /// What can be written, for messages and help.
  public static let forms =
    "balanced, uniform, zipf(1.2), dirichlet(0.5), hot-expert(8), hot-rank(2)"

  /// A distribution with a parameter: its name, an example and the range of the parameter.
  private static let parameterized: [(name: String, example: String, least: Double, most: Double)] =
    [
      ("zipf", "zipf(1.2)", 0, 10), ("dirichlet", "dirichlet(0.5)", 0.001, 1e6),
      ("hot-expert", "hot-expert(8)", 0.001, 1e6), ("hot-rank", "hot-rank(2)", 0.001, 1e6),
    ]

  /// Whether `text` is the path of a counts file in place of a distribution's name.
  public static func isCountsPath(_ text: String) -> Bool { text.lowercased().hasSuffix(".csv") }

  /// Reads a distribution as scenarios write it, such as `zipf(1.2)`; a counts file is read by
  /// whoever may read files.
  ///
  /// - Throws: `RoutingError` with the rule that is broken.
  public init(_ text: String) throws(RoutingError) {
    let parts = Self.parts(of: text)
    let name = parts.name.lowercased()
    if name == "balanced" || name == "uniform" {
      guard parts.parameter == nil else { throw .needlessParameter(name) }
      self = name == "balanced" ? .balanced : .uniform
      return
    }
    guard let form = Self.parameterized.first(where: { $0.name == name }) else {
      throw .unknownDistribution(String(text.prefix(60)), suggestion: Self.suggestion(for: name))
    }
    guard let parameter = parts.parameter, !parameter.isEmpty else {
      throw .missingParameter(name, example: form.example)
    }
    guard let value = Double(parameter), value >= form.least, value <= form.most else {
      throw .badParameter(
        name, value: String(parameter.prefix(60)), least: form.least, most: form.most)
    }
    switch name {
    case "zipf": self = .zipf(value)
    case "dirichlet": self = .dirichlet(value)
    case "hot-expert": self = .hotExpert(value)
    default: self = .hotRank(value)
    }
  }

  /// The distribution as scenarios write it.
  public var text: String {
    switch self {
    case .balanced: "balanced"
    case .uniform: "uniform"
    case .zipf(let exponent): "zipf(\(RoutingError.plain(exponent)))"
    case .dirichlet(let alpha): "dirichlet(\(RoutingError.plain(alpha)))"
    case .hotExpert(let factor): "hot-expert(\(RoutingError.plain(factor)))"
    case .hotRank(let factor): "hot-rank(\(RoutingError.plain(factor)))"
    case .counts(let counts): counts.source
    }
  }

  /// What stands before and between the parentheses; no parameter where there are none.
  private static func parts(of text: String) -> (name: String, parameter: String?) {
    let text = trimmed(text)
    guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else {
      return (text, nil)
    }
    let inner = text[text.index(after: open)..<text.index(before: text.endIndex)]
    return (trimmed(text[..<open]), trimmed(inner))
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  /// The name that differs from `name` in fewest letters, if in two at most.
  private static func suggestion(for name: String) -> String? {
    let examples =
      [("balanced", "balanced"), ("uniform", "uniform")]
      + parameterized.map { ($0.name, $0.example) }
    let ranked = examples.map { (distance(Array(name.prefix(40)), Array($0.0)), $0.1) }
    return ranked.min { $0.0 < $1.0 }.flatMap { $0.0 <= 2 ? $0.1 : nil }
  }

  /// Letters to change, add or drop to get from one word to the other.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let change = diagonal + (a[i] == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(change, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}
