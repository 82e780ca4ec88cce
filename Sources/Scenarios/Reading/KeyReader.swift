import Quantities

/// Reads typed values of a document by dotted path and collects what is wrong with them.
struct KeyReader {
  /// The document.
  let document: Document
  private(set) var problems: [Problem] = []
  /// Tables beside those of `ScenarioKeys` whose keys were checked.
  private var checked: [(path: String, keys: [String])] = []
  /// Keys that the point of a sweep sets.
  var swept: [String] = []

  /// Largest whole number a key takes, unless its range is smaller.
  static let mostOfAny = 1_000_000_000_000_000

  /// What a number of GPUs, or of their groups, is out of; the largest topology joins no more.
  static let gpuCounts = 1...65_536

  init(_ document: Document) { self.document = document }

  /// Adds a problem at the key's place.
  mutating func report(_ fault: Fault, at path: String) {
    problems.append(Problem(place: place(path), fault: fault))
  }

  /// Adds a problem of several keys: at the first of them that `--set` changed, or else that is
  /// swept, or else at the first that stands in the file.
  mutating func report(_ fault: Fault, amid paths: [String]) {
    let entries = paths.compactMap(document.entry)
    let option = entries.first { $0.place.isOption }
    let entry =
      option ?? paths.first(where: swept.contains).flatMap(document.entry) ?? entries.first
    problems.append(Problem(place: entry?.place ?? place(paths.first ?? ""), fault: fault))
  }

  /// Adds problems found elsewhere.
  mutating func report(_ others: [Problem]) { problems += others }

  /// Whether the key is there.
  func has(_ path: String) -> Bool { document.entry(path) != nil }

  /// Where the key stands; where it does not, its table or the file.
  func place(_ path: String) -> Place {
    if let entry = document.entry(path) { return entry.place }
    guard let dot = path.lastIndex(of: ".") else { return .file(document.file) }
    return place(String(path[..<dot]))
  }

  /// Where the value of the key came from.
  func origin(_ path: String) -> ResolvedKey.Origin {
    Self.origin(of: document.entry(path)?.place)
  }

  /// What a value written at the place came from.
  static func origin(of place: Place?) -> ResolvedKey.Origin {
    switch place {
    case .line(_, let line, _): .file(line: line)
    case .option: .commandLine
    case .file, .argument, nil: .byDefault
    }
  }

  /// The value as the user wrote it, for a sentence.
  func quoted(_ path: String) -> String { document.entry(path)?.value.quoted ?? "missing" }

  /// Reports a key that has to be there and is not.
  mutating func require(_ path: String, example: String) {
    guard !has(path), tableIsSound(path), !isMisspelt(path) else { return }
    report(.missing(key: path, example: example), at: path)
  }

  /// A value that stands in place of a table is reported once, not again for each key.
  private func tableIsSound(_ path: String) -> Bool {
    guard let dot = path.lastIndex(of: "."),
      let entry = document.entry(String(path[..<dot]))
    else { return true }
    if case .table = entry.value { return true }
    return entry.value.isEmpty
  }

  /// Whether the key's table has an unknown key that looks like it, which is reported anyway.
  private func isMisspelt(_ path: String) -> Bool {
    let parent = path.lastIndex(of: ".").map { String(path[..<$0]) } ?? ""
    let key = parent.isEmpty ? path : String(path.dropFirst(parent.count + 1))
    let table: Document.Table
    if parent.isEmpty {
      table = document.root
    } else {
      guard case .table(let found)? = document.entry(parent)?.value else { return false }
      table = found
    }
    let keys = (ScenarioKeys.tables + checked).first { $0.path == parent }?.keys ?? []
    return table.entries.contains { entry in
      !keys.contains(entry.key) && suggestion(for: entry.key, among: keys) == key
    }
  }

  /// A whole number in `range`; `fallback` where the key is absent, nil where it is reported.
  mutating func whole(
    _ path: String, in range: ClosedRange<Int> = 1...KeyReader.mostOfAny, default fallback: Int?
  ) -> Int? {
    guard let entry = document.entry(path) else { return fallback }
    let value = entry.value.quoted
    guard case .scalar(let text, false) = entry.value, let number = Self.number(text) else {
      report(.wrongKind(key: path, value: value, kind: .wholeNumber), at: path)
      return nil
    }
    guard number == number.rounded() else {
      report(.notWhole(key: path, value: value), at: path)
      return nil
    }
    // Below 2^53 every whole number is exact, and no range goes further.
    guard number >= Double(range.lowerBound), number <= Double(range.upperBound) else {
      report(.outOfRange(key: path, value: value, range: range), at: path)
      return nil
    }
    return Int(number)
  }

  /// A number in `range`, or also 0 where it is not; nil where the key is absent or reported.
  mutating func number(
    _ path: String, in range: ClosedRange<Double>, orZero takesZero: Bool = false
  ) -> Double? {
    guard let entry = document.entry(path) else { return nil }
    let value = entry.value.quoted
    guard case .scalar(let text, false) = entry.value, let number = Self.number(text) else {
      report(.wrongKind(key: path, value: value, kind: .number), at: path)
      return nil
    }
    if range.contains(number) || takesZero && number == 0 { return number }
    report(
      .numberOutOfRange(key: path, value: value, range: range, orZero: takesZero), at: path)
    return nil
  }

  /// A decimal number, maybe with `_` between digits; nothing that YAML would read in another
  /// base or as a time. Too large ones are infinite.
  private static func number(_ text: String) -> Double? {
    let digits = text.filter { $0 != "_" }
    let unsigned = digits.drop { $0 == "-" || $0 == "+" }
    guard digits.count - unsigned.count <= 1, let first = unsigned.first, first.isASCII,
      first.isNumber, unsigned.allSatisfy({ "0123456789.eE+-".contains($0) }),
      !(first == "0" && unsigned.dropFirst().first?.isNumber == true)
    else { return nil }
    return Double(digits)
  }

  /// An amount of the dimension, in its base unit and within `range`; nil where the key is absent
  /// or reported.
  mutating func amount(
    _ path: String, _ dimension: Dimension, in range: ClosedRange<Double>
  ) -> Double? {
    guard let entry = document.entry(path) else { return nil }
    let value = entry.value.quoted
    guard let text = entry.value.text else {
      report(
        .notAQuantity(
          key: path, value: value, dimension: dimension, error: .notANumber(value)), at: path)
      return nil
    }
    do {
      let amount = try dimension.value(of: text)
      if range.contains(amount) { return amount }
      report(
        .quantityOutOfRange(
          key: path, value: value, least: dimension.text(range.lowerBound),
          most: dimension.text(range.upperBound)), at: path)
    } catch {
      report(
        .notAQuantity(key: path, value: value, dimension: dimension, error: error), at: path)
    }
    return nil
  }

  /// The text under the key; nil where it is absent or reported.
  mutating func word(_ path: String) -> String? {
    guard let entry = document.entry(path) else { return nil }
    if let text = entry.value.text, !text.isEmpty { return text }
    report(.wrongKind(key: path, value: entry.value.quoted, kind: .word), at: path)
    return nil
  }

  /// One of `names`; `fallback` where the key is absent, nil where it is reported.
  mutating func name(
    _ path: String, kind: NameKind, among names: [String], default fallback: String? = nil
  ) -> String? {
    guard has(path) else { return fallback }
    guard let word = word(path) else { return nil }
    if names.contains(word) { return word }
    report(unknown(word, path: path, kind: kind, names: names), at: path)
    return nil
  }

  /// The fault of a name that is not one of `names`.
  func unknown(_ word: String, path: String, kind: NameKind, names: [String]) -> Fault {
    .unknownName(
      key: path, value: shortened(word), kind: kind, names: names,
      suggestion: suggestion(for: word, among: names))
  }

  /// The values of a list that is not empty; nil where the key is absent or reported.
  mutating func list(_ path: String, kind: ValueKind) -> [Document.Item]? {
    guard let entry = document.entry(path) else { return nil }
    guard case .list(let items) = entry.value else {
      report(.wrongKind(key: path, value: entry.value.quoted, kind: kind), at: path)
      return nil
    }
    guard items.isEmpty else { return items }
    report(.emptyList(key: path), at: path)
    return nil
  }

  /// Remembers the keys of a table, so that one which is misspelt is not missing as well.
  mutating func note(_ keys: [String], of path: String) {
    guard !ScenarioKeys.tables.contains(where: { $0.path == path }),
      !checked.contains(where: { $0.path == path })
    else { return }
    checked.append((path, keys))
  }

  /// Whether the table at `path` has an unknown key that most likely means one of `wanted`.
  func isMisspelt(amid wanted: [String], of path: String) -> Bool {
    wanted.contains { !has("\(path).\($0)") && isMisspelt("\(path).\($0)") }
  }

  /// Reports every key that no table of `tables` has, and values where tables are needed.
  ///
  /// - Parameter tables: the keys of each table, the file's own under "".
  mutating func check(_ tables: [(path: String, keys: [String])]) {
    for (path, keys) in tables {
      note(keys, of: path)
      let table: Document.Table
      if path.isEmpty {
        table = document.root
      } else {
        guard let entry = document.entry(path), !entry.value.isEmpty else { continue }
        guard case .table(let found) = entry.value else {
          report(
            .wrongKind(key: path, value: entry.value.quoted, kind: .table(keys: keys)), at: path)
          continue
        }
        table = found
      }
      for entry in table.wholeEntries where !keys.contains(entry.key) {
        let name = path.isEmpty ? entry.key : "\(path).\(entry.key)"
        problems.append(
          Problem(
            place: entry.place,
            fault: .unknownKey(
              key: name, keys: keys, suggestion: suggestion(for: entry.key, among: keys))))
      }
    }
  }
}
