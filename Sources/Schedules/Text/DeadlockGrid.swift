/// The actions of the ranks of a deadlock around the places where they wait, one line a rank.
///
///     rank 0      0F0  >0B0< [0F1]  0B1          waits for 1B0 of rank 1
///     rank 1           >1F1<  1F0  [1B0]  1B1    waits for 0F1 of rank 0
///
/// What a rank waits at stands in one column, marked `>0B0<`; what another waits for is `[0F1]`.
struct DeadlockGrid {
  let schedule: Schedule
  let waits: [Wait]
  /// For each wait the place of what it waits for, in the list of that rank.
  let needed: [Int]

  /// Most actions shown on either side of the place.
  private static let widestSpan = 3
  private static let mostColumns = 100

  /// The lines.
  var text: String {
    let drawings = (1...Self.widestSpan).reversed().lazy.map { lines(span: $0) }
    let narrow = drawings.first { $0.allSatisfy { $0.count <= Self.mostColumns } }
    var text = (narrow ?? lines(span: 1)).joined(separator: "\n")
    if waits.count > shown.count { text += "\n  and \(waits.count - shown.count) more ranks" }
    return text
  }

  private var shown: ArraySlice<Wait> { waits.prefix(Deadlock.mostRanks) }

  private func lines(span: Int) -> [String] {
    let rows = shown.map { cells($0, span: span) }
    let widths = (0..<(2 * span + 3)).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let nameWidth = shown.map { "rank \($0.rank)".count }.max() ?? 0
    return zip(shown, rows).map { wait, cells in
      let padded = zip(cells, widths).map { Self.padded($0, $1) }.joined(separator: " ")
      return "  \(Self.padded("rank \(wait.rank)", nameWidth))  \(padded)  waits for "
        + "\(wait.waitsFor) of rank \(wait.onRank)"
    }
  }

  /// What is left out before, the actions around the place, what is left out after.
  private func cells(_ wait: Wait, span: Int) -> [String] {
    let list = schedule.actions[wait.rank]
    let window = (wait.position - span)...(wait.position + span)
    let neededHere = zip(waits, needed).filter { $0.0.onRank == wait.rank }.map(\.1)
    let cells = window.map { position in
      guard list.indices.contains(position) else { return "" }
      let text = Self.short(list[position])
      if position == wait.position { return ">\(text)<" }
      return neededHere.contains(position) ? "[\(text)]" : " \(text) "
    }
    return [window.lowerBound > 0 ? "..." : ""] + cells
      + [window.upperBound < list.count - 1 ? "..." : ""]
  }

  /// A pair without its long word.
  private static func short(_ action: Action) -> String {
    switch action {
    case .single(let pass): pass.description
    case .overlapped(let forward, let backward): "(\(forward);\(backward))"
    }
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
