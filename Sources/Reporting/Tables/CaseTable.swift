import Economics
import Hardware
import Quantities
public import Scenarios
import Training

/// The table of a run on the terminal: a row a case, printed as the case finishes.
///
/// Columns have their widths before the first case is known, so that rows stand below each other.
/// The winner is named in words after the table, since it is known only then.
public struct CaseTable {
  private let scenario: Scenario
  private let isStyled: Bool
  private let columns: [Column]

  /// A column of the table.
  private struct Column {
    var lines: (String, String)
    var width: Int
    var isText = false
    var cell: @Sendable (CaseOutcome) -> String
  }

  /// A table for the cases of `scenario`.
  ///
  /// - Parameter isStyled: Whether to set the heading in bold and what does not fit in red, for
  ///   terminals. Words say the same.
  public init(_ scenario: Scenario, isStyled: Bool) {
    self.scenario = scenario
    self.isStyled = isStyled
    let longest = scenario.cases.map(\.name.count).max() ?? 0
    var columns = [
      Column(lines: ("case", ""), width: max(longest, 4), isText: true) { $0.name },
      Column(lines: ("step", "s"), width: 8) {
        DisplayText.number($0.stepSeconds, decimals: 3)
      },
      Column(lines: ("bubble", "%"), width: 6) {
        DisplayText.number($0.result.bubbleRatio * 100, decimals: 1)
      },
      Column(lines: ("MFU", "causal %"), width: 8) {
        DisplayText.number($0.causalMFU * 100, decimals: 1)
      },
      Column(lines: ("peak", "GB"), width: 7) { DisplayText.gigabytes($0.peakMemory) },
      Column(lines: ("tokens", "a day"), width: 8) { DisplayText.count($0.tokensPerDay) },
      Column(lines: ("GPU-hours a", "T tokens"), width: 11) {
        DisplayText.number($0.gpuHoursPerTrillionTokens, decimals: 0)
      },
    ]
    if scenario.cases.contains(where: { $0.tokens != nil && $0.rent != nil }) {
      let below =
        Self.common(scenario.cases.map(\.tokens))
        .map { "\(DisplayText.count($0)) tokens" } ?? "the run"
      columns.append(
        Column(lines: ("rent, USD for", below), width: max(13, below.count)) {
          $0.rent.map { DisplayText.number($0.value, decimals: 0) } ?? ""
        })
    }
    let capacity: Bytes? = Self.common(scenario.cases.map(\.cluster.node.gpu.memory.value))
    let memory = capacity.map { "of \(DisplayText.gigabytes($0)) GB" } ?? ""
    columns.append(
      Column(lines: ("memory", memory), width: 10, isText: true) {
        $0.fits
          ? "fits, \(DisplayText.gigabytes($0.memoryCapacity - $0.peakMemory)) GB free"
          : "exceeds by \(DisplayText.gigabytes($0.peakMemory - $0.memoryCapacity)) GB"
      })
    self.columns = columns
  }

  /// The value that all cases have; nil where they differ or have none.
  private static func common<Value: Equatable>(_ values: [Value?]) -> Value? {
    guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
    return first
  }

  /// The two lines above the rows.
  public var heading: String {
    let upper = line(columns.map(\.lines.0))
    let lower = line(columns.map(\.lines.1))
    return "\(styled(upper, "1"))\n\(styled(lower, "1"))\n"
  }

  /// The row of a case.
  public func row(_ outcome: CaseOutcome) -> String {
    let text = line(columns.map { $0.cell(outcome) })
    return (outcome.fits ? text : styled(text, "31")) + "\n"
  }

  /// What follows the table: the winner and why, what was held equal, what is assumed, and where
  /// the files are.
  public func closing(_ outcome: Outcome, files: [String], folder: String) -> String {
    let winner = outcome.cases.count > 1 ? "Winner: \(outcome.winnerName ?? "none")." : ""
    let verdict = DisplayText.wrapped(
      [winner, outcome.reason].filter { !$0.isEmpty }.joined(separator: " "), indent: "")
    var text = "\n\(styled(winner, "1"))\(verdict.dropFirst(winner.count))\n"
    text += outcome.tracedCase.map { WaterfallText.text($0) } ?? ""
    text += outcome.whatIf?.text ?? ""
    if let memory = outcome.memory { text += MemoryTable(memory).text }
    text += Self.list(
      "Memory:", outcome.cases.filter { !$0.fits }.map { "\($0.name) \($0.memorySentence)." })
    text += Self.estimates(outcome)
    text += Self.list("Searched:", outcome.searches)
    text += plausible(outcome)
    text += Self.list("Held equal:", outcome.equalTerms)
    text += Self.list("Assumed, neither measured nor stated:", outcome.assumptions)
    text += "\nFiles in \(folder): \(files.joined(separator: ", "))\n"
    return text
  }

  /// How far the closed form, which simulates no events, is from the simulated steps.
  private static func estimates(_ outcome: Outcome) -> String {
    let differences = outcome.cases.compactMap { one in
      one.estimate.map { "\(one.name) \(DisplayText.percent($0.seconds / one.stepSeconds - 1))" }
    }
    guard !differences.isEmpty else { return "" }
    let text =
      "The closed form without events, which searches use, differs from the simulated step by: "
      + differences.joined(separator: ", ") + "."
    return "\n\(DisplayText.wrapped(text, indent: ""))\n"
  }

  /// Other cuts of the model into stages, the longest step first told by how much longer it is.
  private func plausible(_ outcome: Outcome) -> String {
    if let note = outcome.plausibleNote {
      return "\n\(DisplayText.wrapped(note, indent: ""))\n"
    }
    guard !outcome.plausibleLayouts.isEmpty,
      let one = outcome.winner.map({ outcome.cases[$0] }) ?? outcome.cases.first
    else { return "" }
    let memory = scenario.cluster.node.gpu.memory.value
    let rows = outcome.plausibleLayouts.map { other in
      [
        other.name, DisplayText.number(other.step.seconds, decimals: 3),
        DisplayText.percent(other.step.seconds / one.stepSeconds - 1),
        DisplayText.gigabytes(other.peakMemory), other.peakMemory <= memory ? "yes" : "no",
      ]
    }
    let table = DisplayText.table(
      ["layers on the stages", "step, s", "longer by", "peak, GB", "fits"], rows)
    let layouts = ["layout"] + outcome.plausibleLayouts.map { Self.folded(layout: $0.layout) }
    let lines = zip(table.split(separator: "\n"), layouts).map { "\($0)  \($1)\n" }
    let own = Self.folded(layout: one.result.placement.description)
    return "\nOther cuts of the model under \(one.name), whose own, \(own), is assumed:\n"
      + lines.joined()
  }

  /// A layout with three or more like stages in a row written once.
  ///
  ///     Et*2|t*4|t*4|t*4|tL      // Et*2|(t*4|)*3,tL
  static func folded(layout: String) -> String {
    let stages = layout.split(separator: "|", omittingEmptySubsequences: false)
    var text = ""
    var next = 0
    while next < stages.count - 1 {
      var end = next
      while end < stages.count - 1, stages[end] == stages[next] { end += 1 }
      text +=
        end - next < 3
        ? String(repeating: "\(stages[next])|", count: end - next)
        : "(\(stages[next])|)*\(end - next),"
      next = end
    }
    return text + (stages.last ?? "")
  }

  private static func list(_ title: String, _ sentences: [String]) -> String {
    guard !sentences.isEmpty else { return "" }
    return "\n\(title)\n"
      + sentences.map { "  - \(DisplayText.wrapped($0, indent: "    "))\n" }.joined()
  }

  private func line(_ cells: [String]) -> String {
    let padded = zip(columns, cells).map { column, cell in
      column.isText
        ? DisplayText.left(cell, column.width) : DisplayText.right(cell, column.width)
    }
    let text = padded.joined(separator: "  ")
    return String(text.reversed().drop { $0 == " " }.reversed())
  }

  private func styled(_ text: String, _ code: String) -> String {
    isStyled ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}
