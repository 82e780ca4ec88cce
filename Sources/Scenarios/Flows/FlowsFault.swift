/// What can be wrong with a file of flows.
public enum FlowsFault: Sendable, Equatable {
  /// The bytes are no JSON.
  case notJSON(expected: String)
  /// The file holds no object, or `links` or `flows` is no list.
  case wrongShape(what: String, value: String)
  /// `links` or `flows` is not there.
  case missingList(String)
  /// `links` or `flows` stands twice.
  case repeatedList(String)
  /// A key beside `links` and `flows` that the file does not take.
  case unknownTopKey(String, suggestion: String?)
  /// A key its entry does not take.
  case unknownKey(entry: FlowsEntry, key: String, keys: [String], suggestion: String?)
  /// An entry is no object.
  case notAnObject(entry: FlowsEntry, value: String, keys: [String])
  /// An entry lacks a key.
  case missing(entry: FlowsEntry, key: FlowsKey)
  /// A key stands twice in an entry.
  case repeatedKey(entry: FlowsEntry, key: String)
  /// Another kind of value than the key needs.
  case wrongKind(entry: FlowsEntry, key: FlowsKey, value: String)
  /// A number outside its range.
  case outOfRange(entry: FlowsEntry, key: FlowsKey, value: String)
  /// An id stands twice.
  case repeatedID(entry: FlowsEntry, first: Int)
  /// A path names a link that is not there.
  case unknownLink(entry: FlowsEntry, link: String, suggestion: String?)
  /// More links, flows, or links in paths than are simulated.
  case tooMany(what: String, most: Int)
  /// A flow that would end later than can be said.
  case noEnd(flow: String)
}

/// An entry of `links` or `flows`.
public struct FlowsEntry: Sendable, Equatable {
  /// Whether it is a link; or else a flow.
  public var isLink: Bool
  /// Its number in the list, from 1.
  public var number: Int
  /// Its id, where it has one.
  public var id: String?
}

/// A key of an entry.
public enum FlowsKey: String, Sendable, CaseIterable {
  /// What the entry is called.
  case id
  /// Payload rate of a link in one direction.
  case capacity = "capacity_Bps"
  /// What a flow waits for each link of its path.
  case latency = "latency_s"
  /// Links a flow crosses.
  case path
  /// Bytes a flow moves.
  case bytes
  /// When a flow enters.
  case start = "start_s"

  /// The keys of a link.
  static let ofLink: [FlowsKey] = [.id, .capacity, .latency]
  /// The keys of a flow.
  static let ofFlow: [FlowsKey] = [.id, .path, .bytes, .start]

  /// What a number may be; nil where it is no number.
  var range: ClosedRange<Double>? {
    switch self {
    case .id, .path: nil
    case .capacity: 1...1e18
    case .latency: 0...1e6
    case .bytes: 0...1e24
    case .start: 0...1e9
    }
  }

  /// The rule in words.
  fileprivate var rule: String {
    switch self {
    case .id: "it must be a text or a number"
    case .path: "it must be a list of link ids"
    case .capacity: "it must be a number from 1 to 1e18, in bytes a second"
    case .latency: "it must be a number from 0 to 1e6, in seconds"
    case .bytes: "it must be a number from 0 to 1e24"
    case .start: "it must be a number from 0 to 1e9, in seconds"
    }
  }

  fileprivate var example: String {
    switch self {
    case .id: "\"id\": \"a\""
    case .path: "\"path\": [\"a\"]"
    case .capacity: "\"capacity_Bps\": 50e9"
    case .latency: "\"latency_s\": 0"
    case .bytes: "\"bytes\": 1e6"
    case .start: "\"start_s\": 0"
    }
  }
}

extension FlowsEntry: CustomStringConvertible {
  /// `link a`, or `link number 3` where it has no id.
  public var description: String {
    (isLink ? "link " : "flow ") + (id.map { shortened($0) } ?? "number \(number)")
  }
}

extension FlowsFault: CustomStringConvertible {
  /// Value, rule and remedy.
  public var description: String {
    switch self {
    case .notJSON(let expected):
      return "this is no JSON: \(expected) is needed here; correct the file"
    case .wrongShape(let what, let value):
      return "\(what) \(value): it must hold "
        + (what == "the file is" ? "an object with links and flows" : "a list of objects")
        + "; correct it"
    case .missingList(let key):
      return "\(key) is missing: it has no default; add \"\(key)\": [...]"
    case .repeatedList(let key):
      return "\(key) stands twice: a key may stand once; remove one of them"
    case .unknownTopKey(let key, let suggestion):
      return "there is no key \(shortened(key)): the file takes links and flows; "
        + Self.remedy(suggestion)
    case .unknownKey(let entry, let key, let keys, let suggestion):
      let kind = entry.isLink ? "link" : "flow"
      return "\(entry): there is no key \(shortened(key)): a \(kind) takes "
        + "\(keys.joined(separator: ", ")); " + Self.remedy(suggestion)
    case .notAnObject(let entry, let value, let keys):
      return "\(entry) is \(value): it must be an object; give it "
        + keys.joined(separator: ", ")
    case .missing(let entry, let key):
      return "\(entry): \(key.rawValue) is missing: it has no default; add it, such as "
        + key.example
    case .repeatedKey(let entry, let key):
      return "\(entry): \(shortened(key)) stands twice: a key may stand once; remove one of them"
    case .wrongKind(let entry, let key, let value):
      return "\(entry): \(key.rawValue) is \(value): \(key.rule); correct it"
    case .outOfRange(let entry, let key, let value):
      return "\(entry): \(key.rawValue) is \(shortened(value)): \(key.rule); correct it"
    case .repeatedID(let entry, let first):
      return "\(entry) stands twice, as number \(first) and number \(entry.number): each id "
        + "stands once; rename one"
    case .unknownLink(let entry, let link, let suggestion):
      return "\(entry): path crosses \(shortened(link)), which is no id in links; "
        + (suggestion.map { "did you mean \(shortened($0))?" } ?? "add that link or correct the id")
    case .tooMany(let what, let most):
      return "the file has more than \(most) \(what): that is the most that is simulated; "
        + "give a smaller case"
    case .noEnd(let flow):
      return "flow \(shortened(flow)) ends later than can be said: give it fewer bytes or its "
        + "links more capacity_Bps"
    }
  }

  private static func remedy(_ suggestion: String?) -> String {
    suggestion.map { "did you mean \($0)?" } ?? "remove it"
  }
}
