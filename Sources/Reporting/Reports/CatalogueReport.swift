/// A part of the catalogue, for the `catalog` verb: each number with its source and status.
public struct CatalogueReport {
  /// What can be listed.
  public enum Topic: String, CaseIterable, Sendable {
    /// GPUs and their datasheets.
    case gpus
    /// Nodes, what joins their GPUs, and the networks between nodes.
    case clusters
    /// What dispatch and combine reach, fitted to published bandwidths.
    case transfers
    /// Published models.
    case models
    /// Built-in pipeline schedules.
    case schedules
    /// Prices to rent and to own.
    case prices
  }

  /// One number of an entry.
  struct Number {
    /// Key in JSON, which ends in the unit.
    var key: String
    /// Value in JSON.
    var value: JSONValue
    /// Value for people, with its unit; empty where they need not see it.
    var shown: String
    /// How well it is known.
    var status: String
    /// Where it comes from.
    var source: String
  }

  /// One entry.
  struct Entry {
    /// Name as scenarios use it.
    var name: String
    /// Its numbers.
    var numbers: [Number]
  }

  let topic: Topic
  let entries: [Entry]

  /// The part of the catalogue called `topic`.
  public init(_ topic: Topic) {
    self.topic = topic
    entries =
      switch topic {
      case .gpus: Self.gpus
      case .clusters: Self.nodes + Self.networks
      case .transfers: Self.transfers
      case .models: Self.models
      case .schedules: Self.schedules
      case .prices: Self.prices
      }
  }

  /// A list of entries, each with `name` and `numbers`.
  public var json: JSONValue {
    .list(
      entries.map { entry in
        .object([
          ("name", .text(entry.name)),
          (
            "numbers",
            .list(
              entry.numbers.map { number in
                .object([
                  ("key", .text(number.key)), ("value", number.value),
                  ("status", .text(number.status)), ("source", .text(number.source)),
                ])
              })
          ),
        ])
      })
  }

  /// The same as lines for people.
  public var text: String {
    let numbers = entries.flatMap(\.numbers).filter { !$0.shown.isEmpty }
    let keys = numbers.map { Self.words($0.key).count }.max() ?? 0
    let shown = min(40, numbers.map(\.shown.count).max() ?? 0)
    let statuses = numbers.map(\.status.count).max() ?? 0
    var text = ""
    for entry in entries {
      let origin = Self.commonOrigin(entry)
      text += entry.name + (origin.map { "  (\($0))" } ?? "") + "\n"
      for number in entry.numbers where !number.shown.isEmpty {
        let name = DisplayText.left(Self.words(number.key), keys)
        guard origin == nil else {
          let indent = String(repeating: " ", count: keys + 4)
          text += "  \(name)  \(DisplayText.wrapped(number.shown, indent: indent))\n"
          continue
        }
        let value = DisplayText.left(number.shown, shown)
        let status = DisplayText.left(number.status, statuses)
        text += "  \(name)  \(value)  \(status)  \(number.source)\n"
      }
    }
    return text
  }

  /// Status and source, where all numbers of an entry share them.
  private static func commonOrigin(_ entry: Entry) -> String? {
    guard let first = entry.numbers.first,
      entry.numbers.allSatisfy({ $0.status == first.status && $0.source == first.source })
    else { return nil }
    return "\(first.status): \(first.source)"
  }

  /// Units that keys end in, the longer before what they end in.
  private static let units =
    ["_flops_per_s", "_bytes_per_s", "_bytes", "_ratio", "_s"] + priceUnits

  /// A key without its unit, in words.
  private static func words(_ key: String) -> String {
    var key = key
    for unit in units where key.hasSuffix(unit) {
      key.removeLast(unit.count)
      break
    }
    return key.split(separator: "_").joined(separator: " ")
  }
}
