/// A row of the file that has its stage.
struct DurationsRow {
  var stage: Int
  var line: Int
  var values: [DurationsFile.Column: Double]

  subscript(column: DurationsFile.Column) -> Double? { values[column] }
}

/// Reads the file and keeps what is wrong with it.
struct DurationsReader {
  let file: String
  private(set) var problems: [Problem] = []
  private var more = 0

  private static let mostProblems = 20

  init(file: String) { self.file = file }

  var error: ScenarioError {
    var error = ScenarioError(problems: problems)
    if more > 0 { error.problems.append(Problem(place: .file(file), fault: .more(more))) }
    return error
  }

  private mutating func report(_ fault: DurationsFault, line: Int? = nil, column: Int = 0) {
    guard problems.count < Self.mostProblems else {
      more += 1
      return
    }
    let place = line.map { Place.line(file: file, line: $0, column: column) } ?? .file(file)
    problems.append(Problem(place: place, fault: .durations(fault)))
  }

  /// The rows, or nil where the header cannot be used.
  mutating func rows(_ text: String) -> [DurationsRow]? {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated().map { (number: $0 + 1, cells: Self.cells($1)) }
      .filter { $0.cells != [""] }
    guard let header = lines.first else {
      report(.empty)
      return nil
    }
    guard let columns = columns(header.cells, line: header.number) else { return nil }
    if lines.count == 1 { report(.noRows, line: header.number) }
    var rows: [DurationsRow] = []
    var lineOfStage: [Int: Int] = [:]
    for line in lines.dropFirst() {
      guard let row = row(line.cells, columns, line: line.number) else { continue }
      if let first = lineOfStage[row.stage] {
        report(.repeatedStage(row.stage, firstLine: first), line: row.line)
      } else {
        lineOfStage[row.stage] = row.line
        rows.append(row)
      }
    }
    return rows
  }

  static func cells(_ line: Substring) -> [String] {
    line.split(separator: ",", omittingEmptySubsequences: false).map { cell in
      let trimmed = trimmed(cell)
      guard trimmed.count >= 2, trimmed.first == "\"", trimmed.last == "\"" else {
        return String(trimmed)
      }
      return String(Self.trimmed(trimmed.dropFirst().dropLast()))
    }
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  /// The column of each cell, or nil where the header is wrong.
  private mutating func columns(_ names: [String], line: Int) -> [DurationsFile.Column]? {
    let header = CSVHeader<DurationsFile.Column>(names) { $0.isRequired }
    for (fault, column) in header.faults { report(.header(fault), line: line, column: column) }
    return header.faults.isEmpty ? header.columns : nil
  }

  private mutating func row(
    _ cells: [String], _ columns: [DurationsFile.Column], line: Int
  ) -> DurationsRow? {
    guard cells.count == columns.count else {
      report(.header(.cells(cells.count, columns: columns.count)), line: line)
      return nil
    }
    var row = DurationsRow(stage: -1, line: line, values: [:])
    for (index, (cell, column)) in zip(cells, columns).enumerated() {
      if column == .stage {
        if let stage = Int(cell), (0..<DurationsFile.mostStages).contains(stage) {
          row.stage = stage
        } else {
          report(.notAStage(shortened(cell)), line: line, column: index + 1)
        }
      } else if let value = Double(cell), value >= 0, value <= 1e100 {
        row.values[column] = value
      } else {
        report(
          .notADuration(column: column.rawValue, value: shortened(cell)), line: line,
          column: index + 1)
      }
    }
    return row.stage >= 0 ? row : nil
  }

  /// Reports stages below the highest that have no row.
  mutating func checkStages(_ rows: [DurationsRow]) {
    guard problems.isEmpty, let highest = rows.last?.stage, rows.count <= highest else { return }
    let present = Set(rows.map(\.stage))
    let missing = (0...highest).filter { !present.contains($0) }
    report(.missingStages(Array(missing.prefix(8)), count: missing.count, highest: highest))
  }
}
