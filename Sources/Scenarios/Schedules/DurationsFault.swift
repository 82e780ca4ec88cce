/// What can be wrong with a file of durations.
public enum DurationsFault: Sendable, Equatable {
  /// No header.
  case empty
  /// No row behind the header.
  case noRows
  /// The columns are not those of the file.
  case header(HeaderFault)
  /// A stage that is no whole number.
  case notAStage(String)
  /// A value that is no duration.
  case notADuration(column: String, value: String)
  /// A second row of a stage.
  case repeatedStage(Int, firstLine: Int)
  /// Stages without a row; the highest that has one.
  case missingStages([Int], count: Int, highest: Int)
}

extension DurationsFault: CustomStringConvertible {
  /// Value, rule and remedy.
  public var description: String {
    switch self {
    case .empty:
      return "the file is empty: it starts with the names of its columns; write "
        + "stage,forward,input_backward,weight_backward and a row for each stage"
    case .noRows: return "no row follows the header; write one for each stage, from 0"
    case .header(let fault): return fault.description
    case .notAStage(let value):
      return "stage is \(value.isEmpty ? "empty" : value): it must be a whole number from 0 to "
        + "\(DurationsFile.mostStages - 1); correct it"
    case .notADuration(let column, let value):
      return "\(column) is \(value.isEmpty ? "empty" : value): it must be a number from 0 to "
        + "1e100; correct it"
    case .repeatedStage(let stage, let firstLine):
      return "stage \(stage) stands here and on line \(firstLine): each stage has one row; "
        + "remove one"
    case .missingStages(let stages, let count, let highest):
      let named = stages.map(\.description).joined(separator: ", ")
      let rest = count > stages.count ? " and \(count - stages.count) more" : ""
      return (count == 1 ? "stage \(named) has" : "stages \(named)\(rest) have")
        + " no row: there is one for each stage up to the highest, \(highest); add "
        + (count == 1 ? "it" : "them")
    }
  }
}
