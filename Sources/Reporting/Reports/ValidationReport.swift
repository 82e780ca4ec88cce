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
          ("basis", .text(row.basis.name)),
          ("rests_on", .text(row.basis.reason)),
          ("others", row.others.map(Self.json) ?? .null),
        ])
      })
  }

  /// Every row as a table for people, and a line for each group.
  public var text: String {
    let titles = ["figure", "published", "Fathom", "unit", "error", "basis", "status"]
    let cells = rows.map { row in
      [
        row.name, Self.number(row.published), Self.number(row.simulated), row.unit,
        Self.signed(row.error), row.basis.name, row.status.rawValue,
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
      + (sentences + [Self.basis]).map { DisplayText.wrapped($0, indent: "") + "\n" }.joined()
      + "--json adds source, set-up and what each row rests on.\n"
  }

  /// What the tables do not show: how near the fitted kernels are, and what other set-ups give.
  private var sentences: [String] {
    var sentences: [String] = []
    let kernels = rows.filter { $0.group == .traceKernel }
    if !kernels.isEmpty {
      let near = kernels.count { abs($0.error) <= 0.1 }
      let worst = kernels.prefix(3).map { "\($0.name) (\(Self.signed($0.error)))" }
      sentences.append(
        "Of the trace's \(kernels.count) kernels, which the compute rates are fitted to, \(near) are "
          + "within 10 %; furthest off are \(worst.joined(separator: ", ")).")
    }
    for row in rows {
      guard let others = row.others else { continue }
      sentences.append(
        "\(row.name): \(others.count) \(others.what) give "
          + "\(Self.number(others.range.lowerBound)) to \(Self.number(others.range.upperBound)) "
          + "\(row.unit), beside \(Self.number(row.simulated)) above.")
    }
    return sentences
  }

  /// What is fitted to what.
  private static let basis =
    "No step, pair of layers or cost of a run is fitted. Fitted are four rates of dispatch and "
    + "combine, to the rows of dispatch and combine alone, and the rates of compute kernels, to the "
    + "kernels of the trace. Partly fitted are eight phases of the trace: the gap between kernels comes "
    + "from the spans of the four F and I phases, the slow-down of exchanges beside compute from the "
    + "four exchanges. All other rows are predictions, those of the same trace with that gap and that "
    + "slow-down in them."

  private static func json(_ others: PublishedFigure.Others) -> JSONValue {
    .object([
      ("what", .text(others.what)), ("count", .number(Double(others.count))),
      ("least", .number(others.range.lowerBound)), ("most", .number(others.range.upperBound)),
    ])
  }

  /// The README's tables, in Markdown: the groups, and the rows that are furthest off or matter most.
  public var markdown: String {
    let groups = summaries.map { summary in
      "| \(summary.group.rawValue) | \(summary.count) | "
        + "\(DisplayText.percent(summary.meanMagnitude)) | "
        + "\(Self.signed(summary.worst.error)) (\(summary.worst.name)) |"
    }
    let free = rows.filter { $0.group != .traceKernel }
    return """
      | group | figures | mean error | worst |
      |---|---:|---:|---|
      \(groups.joined(separator: "\n"))

      \(sentences.joined(separator: "\n\n"))

      The \(Self.worstShown) furthest off, the trace's kernels aside:

      \(Self.table(Array(free.prefix(Self.worstShown))))

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
    "| figure | published | Fathom | error | basis |\n|---|---:|---:|---:|---|\n"
      + rows.map(line).joined(separator: "\n")
  }

  /// A row of the README's tables.
  public static func line(_ row: PublishedFigure) -> String {
    "| \(row.name), \(row.unit) | \(number(row.published)) | \(number(row.simulated)) | "
      + "\(signed(row.error)) | \(row.basis.name) |"
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
