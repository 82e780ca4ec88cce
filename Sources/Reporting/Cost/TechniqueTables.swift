import Quantities
import Scenarios

/// What each technique is worth, for people and scripts.
extension TechniqueOutcome {
  /// Rows of both tables with the name of theirs, the full scenario first.
  private var rows: [TableRow] {
    [TableRow(table: "full", row: full)] + alone.map { TableRow(table: "alone", row: $0) }
      + added.map { TableRow(table: "added", row: $0) }
  }

  /// Both tables as people read them.
  var text: String {
    "\nEach technique switched off alone:\n\n" + Self.table([full] + alone, ratio: "x all of them")
      + "\nTechniques added in order:\n\n" + Self.table(added, ratio: "x row above")
  }

  private static func table(_ rows: [TechniqueRow], ratio: String) -> String {
    let hasRent = rows.contains { $0.rent != nil }
    let heads = ["", "GPU-hours", "days"] + (hasRent ? ["rent, USD"] : [])
    return DisplayText.table(
      heads + ["step, s", "memory, GB", "fits", ratio],
      rows.map { row in
        [
          DisplayText.plain(row.name), DisplayText.figure(row.gpuHours, decimals: 0),
          DisplayText.figure(row.wallDays, decimals: 1),
        ] + (hasRent ? [row.rent.map { DisplayText.figure($0, decimals: 0) } ?? ""] : [])
          + [
            row.stepSeconds.map { DisplayText.number($0, decimals: 3) } ?? "",
            row.memory.map { DisplayText.gigabytes($0.peak) } ?? "", row.fitText,
            row.ratio.map { DisplayText.number($0, decimals: 3) } ?? "",
          ]
      })
  }

  /// Both tables as scripts read them.
  var json: JSONValue {
    .list(rows.map { row in .object(TableRow.columns.map { ($0.key, $0.value(row)) }) })
  }

  /// `techniques.csv`: a row for the full scenario, each technique off alone, and each step of the
  /// ladder.
  func write(to writer: inout ByteWriter) {
    writer.putRow(header: TableRow.columns.map(\.key))
    for row in rows { writer.putRow(TableRow.columns.map { $0.value(row) }) }
  }
}

extension TechniqueRow {
  /// Whether the step fits memory, and if not how much it needs of what there is.
  fileprivate var fitText: String {
    guard let memory else { return "" }
    return memory.fits ? "yes" : "no, of \(DisplayText.gigabytes(memory.capacity))"
  }
}

/// A row of techniques and which of the tables it is of.
private struct TableRow: Sendable {
  var table: String
  var row: TechniqueRow

  static let columns: [Column<TableRow>] = [
    .text("table", \.table),
    // In files the table says that it is added; a sign in front would read as a formula.
    .text("name") { $0.row.name.hasPrefix("+ ") ? String($0.row.name.dropFirst(2)) : $0.row.name },
    .text("schedule", \.row.schedule),
    .number("gpu_hours", \.row.gpuHours), .number("wall_days", \.row.wallDays),
    .number("rent_usd", \.row.rent), .number("step_s", \.row.stepSeconds),
    .number("peak_memory_bytes") { $0.row.memory?.peak.value },
    .number("memory_capacity_bytes") { $0.row.memory?.capacity.value },
    Column(key: "fits") { row in row.row.memory.map { .boolean($0.fits) } ?? .null },
    .number("noncausal_flops", \.row.operations), .number("gpu_hours_ratio", \.row.ratio),
  ]
}
