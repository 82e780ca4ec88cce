import Quantities
import Scenarios

/// 'Why the numbers differ': the claims of several runs side by side, what each covers and leaves
/// out, and Fathom's figure for the same thing.
///
///     let page = HeadlinePage(reports)
///     try page.write(in: "output")        // why-the-numbers-differ.html and .csv
public struct HeadlinePage {
  let rows: [Row]

  /// A run with its claim.
  struct Row {
    var name: String
    /// Stages that do not fit the GPU's memory, with what they need.
    var unfit: [String]
    var figures: [CostFigure]
    var headline: HeadlineOutcome?

    func figure(_ key: CostFigure.Key) -> CostFigure? { figures.first { $0.key == key } }

    /// A figure as a cell of a table; empty where the run has none.
    func text(_ key: CostFigure.Key) -> String {
      figure(key).map { key.text($0.value) } ?? ""
    }

    /// What 5 and 95 of 100 draws of a figure lie below.
    func range(_ key: CostFigure.Key) -> String {
      figure(key).map { $0.low <= $0.high ? DisplayText.brief($0.low...$0.high) : "" } ?? ""
    }
  }

  /// Name of the files, without their endings.
  public static let name = "why-the-numbers-differ"

  /// A page of runs, in their order.
  public init(_ reports: [CostReport]) {
    rows = reports.map { report in
      Row(
        name: report.cost.plan.name, unfit: report.cost.unfitStages, figures: report.cost.figures,
        headline: report.headline)
    }
  }

  /// The page as people read it in a terminal: what each run takes, the claims beside Fathom's
  /// figures, and what each claim covers.
  public var text: String {
    let title = "Why the numbers differ"
    let claimed = rows.filter { $0.headline != nil }
    var text = "\(title)\n\nThe runs:\n\(runsText)"
    for row in rows where !row.unfit.isEmpty {
      let unfit = row.unfit.joined(separator: "; ")
      let sentence = "\(row.name) does not fit the GPU's memory: \(unfit)."
      text += "  \(DisplayText.wrapped(DisplayText.plain(sentence), indent: "  "))\n"
    }
    guard !claimed.isEmpty else { return text }
    text += "\nThe claims:\n\(claimsText)"
    for row in claimed {
      guard let one = row.headline else { continue }
      let claim = "\(row.name): \(one.headline.claim) (\(one.headline.source))"
      text += "\n\(DisplayText.wrapped(DisplayText.plain(claim), indent: ""))\n\(one.listsText)"
    }
    return text
  }

  private var runsText: String {
    DisplayText.table(
      ["scenario", "GPU-hours", "5 % .. 95 %", "days", "rent, USD", "effective, %"],
      rows.map { row in
        [
          DisplayText.plain(row.name), row.text(.gpuHours), row.range(.gpuHours),
          row.text(.wallDays), row.text(.rent), row.text(.effectiveTimeRatio),
        ]
      })
  }

  private var claimsText: String {
    DisplayText.table(
      ["scenario", "figure", "claimed", "Fathom", "error", "basis", "status"],
      rows.compactMap { row in
        guard let one = row.headline else { return nil }
        let figure = one.headline.figure
        return [
          DisplayText.plain(row.name), figure.key, figure.text(one.headline.value),
          figure.text(one.value), one.errorText, one.headline.basis.rawValue,
          one.headline.status.rawValue,
        ]
      })
  }

  /// Writes `why-the-numbers-differ.html` and `.csv` into the folder; returns their paths.
  ///
  /// - Throws: `OutputError`; both are written, or none.
  public func write(in folder: String) throws(OutputError) -> [String] {
    let base = OutputFolder.path(of: Self.name, in: try OutputFolder.made(folder))
    try WholeFile.writeAll([
      (base + ".csv", { writeTable(to: &$0) }), (base + ".html", { writePage(to: &$0) }),
    ])
    return [base + ".html", base + ".csv"]
  }

  /// The table, for a spreadsheet.
  func writeTable(to writer: inout ByteWriter) {
    let figures: [CostFigure.Key] = [.gpuHours, .wallDays, .rent, .effectiveTimeRatio]
    writer.putRow(
      header: HeadlineRow.columns.map(\.key)
        + figures.flatMap { [$0.rawValue, $0.rawValue + "_p5", $0.rawValue + "_p95"] })
    for row in rows {
      let one = HeadlineRow(name: row.name, of: row.headline)
      writer.putRow(
        HeadlineRow.columns.map { $0.value(one) }
          + figures.flatMap { key -> [JSONValue] in
            guard let figure = row.figure(key) else { return [.null, .null, .null] }
            return [.number(figure.value), .number(figure.low), .number(figure.high)]
          })
    }
  }
}
