public import Fabric

/// Reads what `routing.distribution` or `--distribution` says: a distribution's text, or the path of
/// a counts file.
///
/// - Throws: `ScenarioError` with every problem of the text or the file.
public func loadDistribution(
  _ text: String
) throws(ScenarioError) -> RoutingDistribution {
  try loadDistribution(text, key: "--distribution", scenario: nil, place: .argument)
}

/// - Parameters:
///   - scenario: path of the scenario that names the file; its folder is looked in first.
///   - place: where the text stands.
func loadDistribution(
  _ text: String, key: String, scenario: String?, place: Place
) throws(ScenarioError) -> RoutingDistribution {
  if RoutingDistribution.isCountsPath(text) {
    guard let path = existingFile(text, besides: scenario) else {
      throw ScenarioError(.noCountsFile(key: key, value: shortened(text)), at: place)
    }
    return .counts(try CountsFile.counts(path: path, source: text))
  }
  do throws(RoutingError) {
    return try RoutingDistribution(text)
  } catch {
    throw ScenarioError(.routing(key: key, value: shortened(text), error: error), at: place)
  }
}

/// Token counts read from a file of comma-separated values, `layer,expert,tokens` or for all layers
/// `expert,tokens`; rows may stand in any order.
///
///     layer,expert,tokens
///     3,0,1480
///     3,1,977
public enum CountsFile {
  /// Highest layer or expert.
  static let highestIndex = 65_535
  private static let mostProblems = 20

  /// Reads the file at a path.
  ///
  /// - Parameter source: how the user named it.
  /// - Throws: `ScenarioError` with every problem, up to 20.
  static func counts(path: String, source: String) throws(ScenarioError) -> RoutingCounts {
    try counts(text: Document.contents(of: path), file: path, source: source)
  }

  /// Reads text.
  ///
  /// - Parameters:
  ///   - file: what problems call the text's file.
  ///   - source: how the user named it.
  /// - Throws: `ScenarioError` with every problem, up to 20.
  public static func counts(
    text: String, file: String, source: String
  ) throws(ScenarioError) -> RoutingCounts {
    var reader = CountsReader(file: file)
    let rows = reader.rows(text)
    guard reader.problems.isEmpty else { throw reader.error(most: mostProblems) }
    do throws(RoutingError) {
      return try RoutingCounts(source: source, rows: rows)
    } catch {
      throw ScenarioError(.counts(.refused(error)), at: .file(file))
    }
  }
}

/// Reads the rows and keeps what is wrong with them.
private struct CountsReader {
  let file: String
  private(set) var problems: [Problem] = []

  private struct Cell {
    var layer: Int
    var expert: Int
    var tokens: Double
    var line: Int
  }

  init(file: String) { self.file = file }

  func error(most: Int) -> ScenarioError {
    var error = ScenarioError(problems: Array(problems.prefix(most)))
    if problems.count > most {
      error.problems.append(Problem(place: .file(file), fault: .more(problems.count - most)))
    }
    return error
  }

  private mutating func report(_ fault: CountsFault, line: Int? = nil, column: Int = 0) {
    let place = line.map { Place.line(file: file, line: $0, column: column) } ?? .file(file)
    problems.append(Problem(place: place, fault: .counts(fault)))
  }

  mutating func rows(_ text: String) -> [RoutingCounts.Row] {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated().map { (number: $0 + 1, cells: DurationsReader.cells($1)) }
      .filter { $0.cells != [""] }
    guard let header = lines.first else {
      report(.empty)
      return []
    }
    let columns = header.cells
    guard columns == ["layer", "expert", "tokens"] || columns == ["expert", "tokens"] else {
      report(.header(shortened(columns.joined(separator: ","))), line: header.number)
      return []
    }
    if lines.count == 1 { report(.noRows, line: header.number) }
    var cells: [Cell] = []
    for line in lines.dropFirst() {
      if let cell = cell(line.cells, columns: columns, line: line.number) { cells.append(cell) }
    }
    guard problems.isEmpty else { return [] }
    return table(cells, hasLayers: columns.count == 3)
  }

  private mutating func cell(_ texts: [String], columns: [String], line: Int) -> Cell? {
    guard texts.count == columns.count else {
      report(.cells(texts.count, columns: columns.count), line: line)
      return nil
    }
    let before = problems.count
    var cell = Cell(layer: 0, expert: 0, tokens: 0, line: line)
    for (index, (column, text)) in zip(columns, texts).enumerated() {
      if column == "tokens" {
        if let tokens = Double(text), tokens >= 0, tokens <= RoutingCounts.mostTokens {
          cell.tokens = tokens
        } else {
          report(.notACount(shortened(text)), line: line, column: index + 1)
        }
      } else if let value = Int(text), (0...CountsFile.highestIndex).contains(value) {
        if column == "layer" { cell.layer = value } else { cell.expert = value }
      } else {
        report(.notAnIndex(column: column, value: shortened(text)), line: line, column: index + 1)
      }
    }
    return problems.count == before ? cell : nil
  }

  /// The cells as one row for each layer, each expert in its place.
  private mutating func table(_ cells: [Cell], hasLayers: Bool) -> [RoutingCounts.Row] {
    let sorted = cells.sorted { ($0.layer, $0.expert, $0.line) < ($1.layer, $1.expert, $1.line) }
    var rows: [RoutingCounts.Row] = []
    var start = 0
    while start < sorted.count {
      let layer = sorted[start].layer
      let end = sorted[start...].firstIndex { $0.layer != layer } ?? sorted.count
      rows.append(row(sorted[start..<end], layer: hasLayers ? layer : nil))
      start = end
    }
    return rows
  }

  private mutating func row(_ cells: ArraySlice<Cell>, layer: Int?) -> RoutingCounts.Row {
    let highest = cells.last?.expert ?? 0
    var tokens = [Double?](repeating: nil, count: highest + 1)
    var first: Cell?
    for cell in cells {
      if let first, first.expert == cell.expert {
        report(
          .repeated(layer: layer, expert: cell.expert, firstLine: first.line), line: cell.line)
        continue
      }
      first = cell
      tokens[cell.expert] = cell.tokens
    }
    let missing = tokens.indices.filter { tokens[$0] == nil }
    if !missing.isEmpty {
      report(
        .missing(
          layer: layer, experts: Array(missing.prefix(8)), count: missing.count,
          highest: highest))
    }
    return RoutingCounts.Row(layer: layer, tokens: tokens.map { $0 ?? 0 })
  }
}
