import Quantities
import Scenarios

extension HeadlineOutcome {
  /// The claim and what it rests on, as people read it.
  var text: String {
    var text =
      "\nThe claim: \(DisplayText.plain(headline.claim)) (\(DisplayText.plain(headline.source)); "
      + "\(headline.status.rawValue))\n\n"
    text += DisplayText.table(
      ["\(headline.figure.title), \(headline.basis.rawValue)", "claimed", "Fathom", "error"]
        + (range == nil ? [] : ["5 %", "95 %"]),
      [
        ["", headline.figure.text(headline.value), headline.figure.text(value), errorText]
          + (range.map { [$0.lowerBound, $0.upperBound].map(headline.figure.text) } ?? [])
      ])
    return text + listsText
  }

  /// What the claim covers and does not, and why Fathom differs, a sentence each.
  var listsText: String {
    lists.filter { !$0.words.isEmpty }.map { title, words in
      let text = DisplayText.plain("\(title): \(words.joined(separator: "; ")).")
      return "  \(DisplayText.wrapped(text, indent: "  "))\n"
    }.joined()
  }

  /// What the claim covers and does not, and why Fathom differs.
  var lists: [(title: String, words: [String])] {
    [
      ("Includes", headline.includes), ("Leaves out", headline.leavesOut),
      ("Fathom may differ because", headline.differsBecause),
    ]
  }

  /// The error with its sign.
  var errorText: String {
    let text = DisplayText.percent(error)
    return text.hasPrefix("-") || text == "0.0 %" ? text : "+" + text
  }

  /// The claim as scripts read it.
  var json: JSONValue {
    .object(
      HeadlineRow.columns.dropFirst().map { ($0.key, $0.value(HeadlineRow(name: "", of: self))) })
  }
}

extension Headline.Figure {
  /// Its name in a table.
  var title: String {
    switch self {
    case .cost(let key): key.title
    case .operations: "FLOPs"
    case .memory: "memory of the fullest GPU, GB"
    case .gpuHoursRatio: "GPU-hours over those without techniques, %"
    case .memoryRatio: "memory over that without techniques, %"
    case .operationsRatio: "FLOPs over those without techniques, %"
    }
  }

  /// A value as a cell of a table.
  func text(_ value: Double) -> String {
    switch self {
    case .cost(let key): key.text(value)
    case .operations: DisplayText.short(value.rounded(toDigits: 4))
    case .memory: DisplayText.gigabytes(Bytes(value))
    case .gpuHoursRatio, .memoryRatio, .operationsRatio:
      DisplayText.number(value * 100, decimals: 1)
    }
  }
}

extension Double {
  /// The number with so many significant digits.
  fileprivate func rounded(toDigits digits: Int) -> Double {
    guard self > 0, isFinite else { return self }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    var size = 1.0
    while self >= size { size *= 10 }
    while self < size / 10 { size /= 10 }
    return (self / size * scale).rounded() / scale * size
  }
}

/// A scenario with its claim, as files have it.
struct HeadlineRow: Sendable {
  var name: String
  var of: HeadlineOutcome?

  private static func words(_ list: [String]?) -> String { (list ?? []).joined(separator: "; ") }

  static let columns: [Column<HeadlineRow>] = [
    .text("scenario", \.name),
    .text("claim") { $0.of?.headline.claim ?? "" },
    .text("source") { $0.of?.headline.source ?? "" },
    .text("status") { $0.of?.headline.status.rawValue ?? "" },
    .text("basis") { $0.of?.headline.basis.rawValue ?? "" },
    .text("figure") { $0.of?.headline.figure.key ?? "" },
    .number("claimed") { $0.of?.headline.value },
    .number("fathom") { $0.of?.value },
    .number("error_ratio") { $0.of?.error },
    .number("fathom_p5") { $0.of?.range?.lowerBound },
    .number("fathom_p95") { $0.of?.range?.upperBound },
    .text("includes") { words($0.of?.headline.includes) },
    .text("leaves_out") { words($0.of?.headline.leavesOut) },
    .text("differs_because") { words($0.of?.headline.differsBecause) },
  ]
}
