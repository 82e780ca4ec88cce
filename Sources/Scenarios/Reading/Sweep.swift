/// The `sweep` table of a scenario: key paths with the values each takes in turn.
///
///     sweep: {routing.seed: [1, 2], cluster.nic: ['400 Gbit/s', '200 Gbit/s']}
///
/// has four points, the first key changing slowest. A key that `--set` sets is not swept.
struct Sweep {
  /// A swept key.
  struct Axis {
    /// Its path.
    var key: String
    /// Where it stands.
    var place: Place
    /// Its values in written order.
    var values: [Document.Item]
  }

  /// Most points that are simulated in one run.
  static let mostPoints = 100

  /// The keys, in written order.
  private(set) var axes: [Axis] = []
  /// What is wrong with the table.
  private(set) var problems: [Problem] = []
  /// Keys whose lists are wrong.
  private(set) var wrong: [String] = []

  /// The sweep of a document; without keys where it has none.
  init(_ document: Document) {
    guard let entry = document.entry("sweep"), !entry.value.isEmpty else { return }
    guard case .table(let table) = entry.value else {
      report(.notATable(value: entry.value.quoted), at: entry.place)
      return
    }
    collect(table, prefix: "")
    axes.removeAll { axis in
      axis.values.isEmpty || document.entry(axis.key)?.place.isOption == true
    }
    check(in: document)
    if pointCount > Self.mostPoints {
      report(.tooManyPoints(count: pointCount, most: Self.mostPoints), at: entry.place)
      axes = axes.map { Axis(key: $0.key, place: $0.place, values: [$0.values[0]]) }
    }
  }

  /// Points, `Int.max` where they cannot be counted.
  private var pointCount: Int { product(axes.map(\.values.count)) ?? .max }

  /// For each point the place of each axis's value in its list, the first axis changing slowest.
  var points: [[Int]] {
    axes.reduce([[]]) { points, axis in
      points.flatMap { point in axis.values.indices.map { point + [$0] } }
    }
  }

  private mutating func report(_ fault: SweepFault, at place: Place) {
    problems.append(Problem(place: place, fault: .sweep(fault)))
  }

  /// Reads keys, which stand as dotted paths or as tables in each other; of a key that stands twice
  /// the one of `--set` counts.
  private mutating func collect(_ table: Document.Table, prefix: String) {
    for entry in table.entries {
      let key = prefix + entry.key
      if case .table(let inner) = entry.value, axes.count < Self.mostPoints {
        collect(inner, prefix: key + ".")
        continue
      }
      let axis = Axis(key: key, place: entry.place, values: values(of: entry, key: key))
      if let index = axes.firstIndex(where: { $0.key == key }) {
        if entry.place.isOption {
          axes[index] = axis
        } else {
          problems.append(
            Problem(
              place: entry.place,
              fault: .duplicateKey(key: "sweep.\(key)", firstLine: axes[index].place.line)))
        }
      } else {
        axes.append(axis)
      }
    }
  }

  /// The values of a key; none where nothing is written, or where they are wrong.
  private mutating func values(of entry: Document.Entry, key: String) -> [Document.Item] {
    let before = problems.count
    defer { if problems.count > before { wrong.append(key) } }
    if entry.value.isEmpty { return [] }
    guard case .list(let items) = entry.value else {
      report(.notAList(key: shortened(key), value: entry.value.quoted), at: entry.place)
      return []
    }
    if items.isEmpty { report(.emptyList(key: shortened(key)), at: entry.place) }
    let texts = items.map(\.value.flow)
    for index in items.indices where texts[..<index].contains(texts[index]) {
      report(.repeatedValue(key: shortened(key), value: texts[index]), at: items[index].place)
      // A list that goes wrong so often need not be told in full.
      if problems.count > before + 20 { break }
    }
    return problems.count > before ? [] : items
  }

  /// Leaves out keys that no scenario has or that cannot be swept together.
  private mutating func check(in document: Document) {
    var sound: [Axis] = []
    for axis in axes {
      let before = problems.count
      let parts = axis.key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      if parts.count > 8
        || parts.contains(where: { $0.isEmpty || $0.contains(where: \.isWhitespace) })
      {
        report(.badKey(axis.key), at: axis.place)
      } else if ["format", "name", "compare", "sweep"].contains(axis.key) {
        report(.fixedKey(axis.key), at: axis.place)
      } else if let fault = Self.unknown(parts) {
        problems.append(Problem(place: axis.place, fault: fault))
      } else if axis.key == "training.schedule", document.entry("compare") != nil {
        report(.besideCompare, at: axis.place)
      }
      for other in sound
      where axis.key.hasPrefix(other.key + ".") || other.key.hasPrefix(axis.key + ".") {
        report(.inside(key: other.key, other: axis.key), at: axis.place)
      }
      if problems.count == before { sound.append(axis) } else { wrong.append(axis.key) }
    }
    axes = sound
  }

  /// The first part of a key path that its table does not have.
  private static func unknown(_ parts: [String]) -> Fault? {
    var path = ""
    for part in parts {
      guard let keys = ScenarioKeys.tables.first(where: { $0.path == path })?.keys else {
        return nil
      }
      path += path.isEmpty ? part : ".\(part)"
      guard keys.contains(part) else {
        return .unknownKey(key: path, keys: keys, suggestion: suggestion(for: part, among: keys))
      }
    }
    return nil
  }
}

extension Document.Value {
  /// The value on one line, as YAML's flow style writes it but without quotes.
  var flow: String {
    switch self {
    case .scalar(let text, _):
      isEmpty ? "null" : text.split(whereSeparator: \.isNewline).joined(separator: " ")
    case .list(let items): "[" + items.map(\.value.flow).joined(separator: ", ") + "]"
    case .table(let table):
      "{" + table.entries.map { "\($0.key): \($0.value.flow)" }.joined(separator: ", ") + "}"
    }
  }
}
