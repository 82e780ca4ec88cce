import Quantities
public import Scenarios

/// Published figures beside simulated ones, for the `validate` verb and the README.
public struct ValidationReport {
  private let rows: [PublishedFigure]

  /// A report on rows, the worst first.
  public init(_ rows: [PublishedFigure]) { self.rows = rows }

  /// Every row, as scripts read it.
  public var json: JSONValue {
    .list(
      rows.map { row in
        .object([
          ("name", .text(row.name)),
          ("source", .text(row.source)),
          ("published", .number(row.published)),
          ("simulated", .number(row.simulated)),
          ("unit", .text(row.unit)),
          ("error_ratio", .number(row.error)),
          ("group", .text(row.group.rawValue)),
          ("status", .text(row.status.rawValue)),
          ("set_up", .text(row.setUp)),
        ])
      })
  }

  /// Every row as a table for people, and a line for each group.
  public var text: String {
    let titles = ["figure", "published", "Fathom", "unit", "error", "status"]
    let cells = rows.map { row in
      [
        row.name, Self.number(row.published), Self.number(row.simulated), row.unit,
        Self.signed(row.error), row.status.rawValue,
      ]
    }
    let groups = summaries.map { summary in
      [
        summary.group.rawValue, DisplayText.number(summary.count),
        DisplayText.percent(summary.meanMagnitude), Self.signed(summary.worst.error),
      ]
    }
    return DisplayText.table(titles, cells) + "\n"
      + DisplayText.table(["group", "figures", "mean error", "worst"], groups) + "\n"
      + "Nothing is fitted to these figures but the rates of dispatch and combine alone. --json adds\n"
      + "source and set-up of each.\n"
  }

  /// The README's tables, in Markdown: the groups, and the rows that are furthest off or matter most.
  public var markdown: String {
    let groups = summaries.map { summary in
      "| \(summary.group.rawValue) | \(summary.count) | "
        + "\(DisplayText.percent(summary.meanMagnitude)) | "
        + "\(Self.signed(summary.worst.error)) (\(summary.worst.name)) |"
    }
    return """
      | group | figures | mean error | worst |
      |---|---:|---:|---|
      \(groups.joined(separator: "\n"))

      The \(Self.worstShown) furthest off:

      \(Self.table(Array(rows.prefix(Self.worstShown))))

      DeepSeek-V3's run and trace, and Megatron-LM's steps:

      \(Self.table(rows.filter { Self.shownInFull.contains($0.group) }))

      """
  }

  /// Rows of all groups that the README shows.
  static let worstShown = 15
  /// Groups of which the README shows every row.
  private static let shownInFull: [PublishedFigure.Group] = [
    .trainingRun, .tracePhase, .megatronStep,
  ]

  private static func table(_ rows: [PublishedFigure]) -> String {
    let lines = rows.map { row in
      "| \(row.name), \(row.unit) | \(number(row.published)) | \(number(row.simulated)) | "
        + "\(signed(row.error)) |"
    }
    return "| figure | published | Fathom | error |\n|---|---:|---:|---:|\n"
      + lines.joined(separator: "\n")
  }

  /// What is said of a group.
  private struct Summary {
    var group: PublishedFigure.Group
    var count: Int
    /// Mean of the errors' magnitudes.
    var meanMagnitude: Double
    var worst: PublishedFigure
  }

  private var summaries: [Summary] {
    PublishedFigure.Group.allCases.compactMap { group in
      let own = rows.filter { $0.group == group }
      guard let worst = own.first else { return nil }
      let sum = own.reduce(0) { $0 + abs($1.error) }
      return Summary(
        group: group, count: own.count, meanMagnitude: sum / Double(own.count), worst: worst)
    }
  }

  /// An error with its sign, in percent.
  private static func signed(_ error: Double) -> String {
    let text = DisplayText.percent(error)
    if text.hasPrefix("-") { return text == "-0.0 %" ? "0.0 %" : text }
    return text == "0.0 %" ? text : "+" + text
  }

  /// Four digits of small numbers, and whole large ones.
  private static func number(_ value: Double) -> String {
    if value >= 10_000 { return DisplayText.number(value, decimals: 0) }
    return DisplayText.number(value, decimals: value >= 1_000 ? 0 : value >= 100 ? 1 : 2)
  }
}
