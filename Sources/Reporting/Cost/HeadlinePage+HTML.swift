import Quantities
import Scenarios

extension HeadlinePage {
  /// Figures of a run that stand beside its claim.
  private static let figures: [CostFigure.Key] = [.gpuHours, .wallDays, .rent]

  private static let heads = [
    "scenario", "GPU-hours", "days", "rent, USD", "claim", "figure", "claimed", "Fathom", "error",
    "includes", "leaves out",
  ]

  /// The page: one file that needs no other, in the colours the reader prefers.
  func writePage(to writer: inout ByteWriter) {
    let heads = Self.heads.map { "<th scope=\"col\">\($0)</th>" }.joined()
    writer.put(Self.head)
    writer.put(
      "<h1>Why the numbers differ</h1>\n<p>Each row is a public claim about a training run beside "
        + "what Fathom makes of the same thing: <b>simulated</b> from model, cluster and layout, or "
        + "<b>arithmetic</b> over stated hours, which predicts nothing. Claims are verified (read "
        + "in the publication), quoted (read in a text that quotes it) or recalled. The numbers "
        + "differ most by what they leave out. GPU-hours, days and USD are Fathom's, with what 5 "
        + "and 95 of 100 draws lie below.</p>\n")
    writer.put("<table>\n<thead><tr>\(heads)</tr></thead>\n<tbody>\n")
    for row in rows { write(row, to: &writer) }
    writer.put("</tbody>\n</table>\n</body>\n</html>\n")
  }

  private func write(_ row: Row, to writer: inout ByteWriter) {
    writer.put("<tr><th scope=\"row\">\(Self.escaped(row.name))")
    if !row.unfit.isEmpty {
      let unfit = row.unfit.joined(separator: "; ")
      writer.put("<br><small>does not fit the GPU's memory: \(Self.escaped(unfit))</small>")
    }
    writer.put("</th>")
    for key in Self.figures {
      let range = row.figure(key).map { _ in "<br><small>\(row.range(key))</small>" } ?? ""
      writer.put("<td class=\"n\">\(row.text(key))\(range)</td>")
    }
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
      "<tr class=\"why\"><td></td><td colspan=\"10\">Fathom may differ because "
        + "\(Self.escaped(claim.differsBecause.joined(separator: "; "))).</td></tr>\n")
  }

  private static func list(_ words: [String]) -> String {
    words.isEmpty
      ? "" : "<ul>" + words.map { "<li>\(escaped($0))</li>" }.joined() + "</ul>"
  }

  /// A text without what HTML reads as its own, in one line, without control characters.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in DisplayText.plain(text).unicodeScalars {
      switch scalar {
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
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
    body { font: 15px/1.4 system-ui, sans-serif; background: Canvas; color: CanvasText;
      margin: 2rem auto; max-width: 110rem;
      padding: 0 1rem; }
    table { border-collapse: collapse; width: 100%; }
    th, td { border-top: 1px solid var(--line); padding: .4rem .6rem; text-align: left;
      vertical-align: top; }
    thead th { border-bottom: 2px solid var(--line); }
    .n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
    .why td { border-top: none; color: var(--quiet); padding-top: 0; }
    small { color: var(--quiet); }
    ul { margin: 0; padding-left: 1.1em; }
    @media print { :root { color-scheme: light; --quiet: #444; }
      body { margin: 0; font-size: 9pt; } tr { break-inside: avoid; }
      thead { display: table-header-group; } @page { size: landscape; } }
    </style>
    </head>
    <body>

    """
}
