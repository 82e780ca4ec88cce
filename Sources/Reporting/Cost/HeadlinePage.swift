import Quantities
import Scenarios

/// 'Why the numbers differ': the claims of several runs side by side, what each covers and leaves
/// out, and Fathom's figure for the same thing.
///
///     let page = HeadlinePage(reports)
///     try page.write(in: "output")        // why-the-numbers-differ.html and .csv
public struct HeadlinePage {
  private let rows: [Row]

  /// A run with its claim.
  private struct Row {
    var name: String
    var gpuHours: Double
    var rent: Double?
    var headline: HeadlineOutcome?
  }

  /// Name of the files, without their endings.
  public static let name = "why-the-numbers-differ"

  /// A page of runs, in their order.
  public init(_ reports: [CostReport]) {
    rows = reports.map { report in
      func figure(_ key: CostFigure.Key) -> Double? {
        report.cost.figures.first { $0.key == key }?.value
      }
      return Row(
        name: report.cost.plan.name, gpuHours: figure(.gpuHours) ?? 0, rent: figure(.rent),
        headline: report.headline)
    }
  }

  /// The page as a table for a terminal.
  public var text: String {
    DisplayText.table(
      ["scenario", "figure", "claimed", "Fathom", "error", "5 %", "95 %", "basis", "status"],
      rows.map { row in
        guard let one = row.headline else {
          return [row.name, "", "", "", "", "", "", "", ""]
        }
        let figure = one.headline.figure
        return [
          row.name, figure.key, figure.text(one.headline.value), figure.text(one.value),
          one.errorText, one.range.map { figure.text($0.lowerBound) } ?? "",
          one.range.map { figure.text($0.upperBound) } ?? "", one.headline.basis.rawValue,
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
    writer.putRow(header: HeadlineRow.columns.map(\.key) + ["gpu_hours", "rent_usd"])
    for row in rows {
      let one = HeadlineRow(name: row.name, of: row.headline)
      writer.putRow(
        HeadlineRow.columns.map { $0.value(one) } + [
          .number(row.gpuHours), row.rent.map { .number($0) } ?? .null,
        ])
    }
  }

  /// The page: one file that needs no other, in the colours the reader prefers.
  func writePage(to writer: inout ByteWriter) {
    writer.put(Self.head)
    writer.put(
      "<h1>Why the numbers differ</h1>\n<p>Each row is a public claim about a training run beside "
        + "what Fathom makes of the same thing: <b>simulated</b> from model, cluster and layout, or "
        + "<b>arithmetic</b> over stated hours, which predicts nothing. Claims are verified (read "
        + "in the publication), quoted (read in a text that quotes it) or recalled. The numbers "
        + "differ most by what they leave out.</p>\n<table>\n<thead><tr><th>scenario</th>"
        + "<th>claim</th><th>figure</th><th>claimed</th><th>Fathom</th><th>error</th>"
        + "<th>includes</th><th>leaves out</th></tr></thead>\n<tbody>\n")
    for row in rows { write(row, to: &writer) }
    writer.put("</tbody>\n</table>\n</body>\n</html>\n")
  }

  private func write(_ row: Row, to writer: inout ByteWriter) {
    writer.put("<tr><th scope=\"row\">\(Self.escaped(row.name))</th>")
    guard let one = row.headline else {
      writer.put("<td colspan=\"7\">no claim</td></tr>\n")
      return
    }
    let claim = one.headline
    let figure = claim.figure
    var range = ""
    if let drawn = one.range {
      range =
        "<br><small>\(figure.text(drawn.lowerBound)) to \(figure.text(drawn.upperBound))</small>"
    }
    writer.put(
      "<td>\(Self.escaped(claim.claim))<br><small>\(Self.escaped(claim.source)); "
        + "\(claim.status.rawValue)</small></td><td>\(Self.escaped(figure.title))<br>"
        + "<small>\(claim.basis.rawValue)</small></td>"
        + "<td class=\"n\">\(figure.text(claim.value))</td>"
        + "<td class=\"n\">\(figure.text(one.value))\(range)</td>"
        + "<td class=\"n\">\(one.errorText)</td><td>\(Self.list(claim.includes))</td>"
        + "<td>\(Self.list(claim.leavesOut))</td></tr>\n")
    guard !claim.differsBecause.isEmpty else { return }
    writer.put(
      "<tr class=\"why\"><td></td><td colspan=\"7\">Fathom may differ because "
        + "\(Self.escaped(claim.differsBecause.joined(separator: "; "))).</td></tr>\n")
  }

  private static func list(_ words: [String]) -> String {
    words.isEmpty
      ? "" : "<ul>" + words.map { "<li>\(escaped($0))</li>" }.joined() + "</ul>"
  }

  /// A text without what HTML reads as its own, and without control characters.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case _ where scalar.value < 0x20: escaped += " "
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static let head = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Why the numbers differ</title>
    <style>
    :root { color-scheme: light dark; --line: #8886; --quiet: #666; }
    @media (prefers-color-scheme: dark) { :root { --quiet: #aaa; } }
    body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem;
      padding: 0 1rem; }
    table { border-collapse: collapse; width: 100%; }
    th, td { border-top: 1px solid var(--line); padding: .4rem .6rem; text-align: left;
      vertical-align: top; }
    thead th { border-bottom: 2px solid var(--line); }
    .n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
    .why td { border-top: none; color: var(--quiet); padding-top: 0; }
    small { color: var(--quiet); }
    ul { margin: 0; padding-left: 1.1em; }
    @media print { body { margin: 0; font-size: 9pt; } tr { break-inside: avoid; }
      thead { display: table-header-group; } @page { size: landscape; } }
    </style>
    </head>
    <body>

    """
}
