/// Reads a file of flows and keeps what is wrong with it.
struct FlowCaseReader {
  private var found: FlowCase
  private var problems: [Problem] = []
  private var more = 0
  private var linkOfID: [FlowID: Int32] = [:]
  /// Number of the first entry of each id.
  private var flowOfID: [FlowID: Int32] = [:]

  private static let mostProblems = 20
  /// Entries of a list, and links in all paths.
  private static let mostEntries = 20_000_000
  private static let mostUses = 200_000_000

  static func read(_ bytes: [UInt8], file: String) throws(ScenarioError) -> FlowCase {
    var reader = FlowCaseReader(found: FlowCase(file: file))
    bytes.withUnsafeBufferPointer { reader.read(JSONScanner($0)) }
    guard reader.problems.isEmpty else { throw reader.error }
    return reader.found
  }

  private init(found: FlowCase) { self.found = found }

  private var error: ScenarioError {
    var error = ScenarioError(problems: problems)
    if more > 0 { error.problems.append(Problem(place: .file(found.file), fault: .more(more))) }
    return error
  }

  private mutating func report(_ fault: FlowsFault) {
    guard problems.count < Self.mostProblems else {
      more += 1
      return
    }
    problems.append(Problem(place: .file(found.file), fault: .flows(fault)))
  }

  /// Links first, wherever they stand: paths name them.
  private mutating func read(_ start: JSONScanner) {
    do throws(JSONFault) {
      guard let lists = try lists(start) else { return }
      for (key, place) in lists {
        guard let place else {
          report(.missingList(key))
          continue
        }
        var scanner = start.moved(to: place)
        let value = try scanner.value()
        guard value == .list else {
          report(.wrongShape(what: "\(key) is", value: Self.shown(value)))
          continue
        }
        var number = 0
        try scanner.eachElement { (scanner) throws(JSONFault) in
          number += 1
          if number > Self.mostEntries { return try scanner.skip() }
          try readEntry(FlowsEntry(isLink: key == "links", number: number), &scanner)
        }
        if number > Self.mostEntries { report(.tooMany(what: key, most: Self.mostEntries)) }
      }
    } catch {
      let (line, column) = start.line(of: error.position)
      problems = [
        Problem(
          place: .line(file: found.file, line: line, column: column),
          fault: .flows(.notJSON(expected: error.expected)))
      ]
      more = 0
    }
  }

  /// Where the lists stand, after a look at the whole file; nil where it holds no object.
  private mutating func lists(_ start: JSONScanner) throws(JSONFault) -> [(String, Int?)]? {
    var scanner = start
    let value = try scanner.value()
    guard value == .object else {
      try scanner.skip(value)
      report(.wrongShape(what: "the file is", value: Self.shown(value)))
      return nil
    }
    var places: [String: Int] = [:]
    try scanner.eachKey { (scanner, key) throws(JSONFault) in
      if key == "links" || key == "flows" {
        if places[key] != nil { report(.repeatedList(key)) }
        places[key] = scanner.position
      } else if let meant = suggestion(for: key, among: ["links", "flows"]) {
        // Other keys may say what the case is; one that is nearly a list's is a slip.
        report(.unknownTopKey(key, suggestion: meant))
      }
      try scanner.skip()
    }
    try scanner.end()
    return ["links", "flows"].map { ($0, places[$0]) }
  }

  /// What has been read of an entry.
  private struct Fields {
    var entry: FlowsEntry
    var seen: Set<FlowsKey> = []
    var numbers = (capacity: 0.0, latency: 0.0, bytes: 0.0, start: 0.0)
    var path: [String] = []
  }

  private mutating func readEntry(
    _ entry: FlowsEntry, _ scanner: inout JSONScanner
  ) throws(JSONFault) {
    let keys = entry.isLink ? FlowsKey.ofLink : FlowsKey.ofFlow
    let value = try scanner.value()
    guard value == .object else {
      try scanner.skip(value)
      report(
        .notAnObject(entry: entry, value: Self.shown(value), keys: keys.map(\.rawValue)))
      return
    }
    var fields = Fields(entry: entry)
    var faults: [(FlowsEntry) -> FlowsFault] = []
    try scanner.eachKey { (scanner, name) throws(JSONFault) in
      guard let key = FlowsKey(rawValue: name), keys.contains(key) else {
        let names = keys.map(\.rawValue)
        let near = faults.count < Self.mostProblems ? suggestion(for: name, among: names) : nil
        faults.append { .unknownKey(entry: $0, key: name, keys: names, suggestion: near) }
        return try scanner.skip()
      }
      if !fields.seen.insert(key).inserted {
        faults.append { .repeatedKey(entry: $0, key: name) }
      }
      try Self.readValue(of: key, &fields, &scanner, &faults)
    }
    for key in keys where !fields.seen.contains(key) {
      faults.append { .missing(entry: $0, key: key) }
    }
    // The id may stand behind what is wrong.
    for fault in faults { report(fault(fields.entry)) }
    if entry.isLink { addLink(fields) } else { addFlow(fields) }
  }

  private static func readValue(
    of key: FlowsKey, _ fields: inout Fields, _ scanner: inout JSONScanner,
    _ faults: inout [(FlowsEntry) -> FlowsFault]
  ) throws(JSONFault) {
    let value = try scanner.value()
    switch (key, value) {
    case (.id, .text(let id)), (.id, .number(let id)): fields.entry.id = id
    case (.path, .list): try readPath(&fields, &scanner, &faults)
    case (_, .number(let text)) where key.range != nil:
      let number = Double(text) ?? .nan
      if key.range?.contains(number) != true {
        faults.append { .outOfRange(entry: $0, key: key, value: text) }
      }
      switch key {
      case .capacity: fields.numbers.capacity = number
      case .latency: fields.numbers.latency = number
      case .bytes: fields.numbers.bytes = number
      default: fields.numbers.start = number
      }
    default:
      try scanner.skip(value)
      faults.append { .wrongKind(entry: $0, key: key, value: Self.shown(value)) }
    }
  }

  private static func readPath(
    _ fields: inout Fields, _ scanner: inout JSONScanner,
    _ faults: inout [(FlowsEntry) -> FlowsFault]
  ) throws(JSONFault) {
    var path: [String] = []
    var other: JSONScanner.Value?
    try scanner.eachElement { (scanner) throws(JSONFault) in
      let value = try scanner.value()
      switch value {
      case .text(let id), .number(let id): path.append(id)
      default:
        try scanner.skip(value)
        other = other ?? value
      }
    }
    fields.path = path
    if let other {
      let shown = "a list with \(Self.shown(other)) in it"
      faults.append { .wrongKind(entry: $0, key: .path, value: shown) }
    }
  }

  private mutating func addLink(_ fields: Fields) {
    guard let id = fields.entry.id else { return }
    if let first = linkOfID[FlowID(id)] {
      report(.repeatedID(entry: fields.entry, first: Int(first) + 1))
      return
    }
    linkOfID[FlowID(id)] = Int32(found.links.count)
    found.links.append(
      FlowCase.Link(
        id: id, capacity: fields.numbers.capacity, latency: fields.numbers.latency))
  }

  private mutating func addFlow(_ fields: Fields) {
    guard let id = fields.entry.id else { return }
    if let first = flowOfID.updateValue(Int32(fields.entry.number), forKey: FlowID(id)) {
      report(.repeatedID(entry: fields.entry, first: Int(first)))
      return
    }
    for name in fields.path {
      if let link = linkOfID[FlowID(name)] {
        found.paths.append(link)
      } else {
        let near = problems.count < Self.mostProblems && found.links.count < 10_000
        report(
          .unknownLink(
            entry: fields.entry, link: name,
            suggestion: near ? suggestion(for: name, among: found.links.map(\.id)) : nil))
      }
    }
    if found.paths.count > Self.mostUses {
      report(.tooMany(what: "links in all paths", most: Self.mostUses))
      found.paths.removeAll()
    }
    found.ids.append(id)
    found.bytes.append(fields.numbers.bytes)
    found.starts.append(fields.numbers.start)
    found.pathEnds.append(Int32(found.paths.count))
  }

  private static func shown(_ value: JSONScanner.Value) -> String {
    switch value {
    case .null: "null"
    case .boolean(let value): value ? "true" : "false"
    case .number(let text): shortened(text)
    case .text(let text): "\"\(shortened(text))\""
    case .list: "a list"
    case .object: "an object"
    }
  }
}

/// An id, which is another where its bytes are others.
private struct FlowID: Hashable {
  private let text: String

  init(_ text: String) { self.text = text }

  static func == (one: FlowID, other: FlowID) -> Bool {
    // Letters that Unicode holds equal may be written by different bytes.
    one.text == other.text && one.text.utf8.elementsEqual(other.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    let isHashed: Void? = text.utf8.withContiguousStorageIfAvailable {
      hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if isHashed == nil { hasher.combine(text) }
  }
}
