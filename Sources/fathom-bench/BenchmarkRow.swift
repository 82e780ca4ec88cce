/// One line of the table.
struct BenchmarkRow {
  /// What was measured.
  var name: String
  /// How large the problem was.
  var size: Int
  /// What came out, in `unit`.
  var value: Double
  /// The unit of `value` and of `twin`.
  var unit: String
  /// What the twin reached on the same problem, if there is one.
  var twin: Double?
  /// How many times as fast as the twin, if there is one; above 1 is faster.
  var ratio: Double?
}

/// The rows under a header, in columns; numbers stand to the right.
func table(of rows: [BenchmarkRow]) -> String {
  let header = ["benchmark", "size", "value", "unit", "twin", "ratio"]
  let cells = rows.map { row in
    [
      row.name, String(row.size), decimal(row.value), row.unit,
      row.twin.map { decimal($0) } ?? "-", row.ratio.map { decimal($0) } ?? "-",
    ]
  }
  let lines = [header] + cells
  let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
  return lines.map { line in
    zip(line, widths).enumerated().map { column, cell in
      let padding = String(repeating: " ", count: cell.1 - cell.0.count)
      return isText(column) ? cell.0 + padding : padding + cell.0
    }.joined(separator: "  ")
  }.joined(separator: "\n")
}

/// Whether a column holds words: the name and the unit.
private func isText(_ column: Int) -> Bool { column == 0 || column == 3 }

/// A number that is not negative, with two decimals: `decimal(1.5)` is `1.50`.
private func decimal(_ value: Double) -> String {
  guard value >= 0, value < 1e15 else { return String(value) }
  let hundredths = Int((value * 100).rounded())
  let fraction = hundredths % 100
  return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
}
