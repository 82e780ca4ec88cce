public import Fabric

/// What can be wrong with a file of token counts.
public enum CountsFault: Sendable, Equatable {
  /// Nothing but blanks.
  case empty
  /// The header is none of the two there are.
  case header(String)
  /// No row follows the header.
  case noRows
  /// A row has another number of cells than the header.
  case cells(Int, columns: Int)
  /// A layer or an expert that is no index.
  case notAnIndex(column: String, value: String)
  /// Tokens that are no count.
  case notACount(String)
  /// Two rows for one expert.
  case repeated(layer: Int?, expert: Int, firstLine: Int)
  /// Rows that make no table of counts.
  case refused(RoutingError)
  /// Experts below the highest without a row.
  case missing(layer: Int?, experts: [Int], count: Int, highest: Int)
}

extension CountsFault: CustomStringConvertible {
  /// Value, rule and remedy.
  public var description: String {
    switch self {
    case .empty:
      return "the file is empty: it starts with the names of its columns; write expert,tokens and "
        + "a row for each expert"
    case .header(let header):
      return "the header is \(header): it must be layer,expert,tokens or expert,tokens; write one "
        + "of them"
    case .refused(let error): return error.description
    case .noRows: return "no row follows the header; write one for each expert"
    case .cells(let count, let columns):
      return "the row has \(count) \(count == 1 ? "cell" : "cells") but the header \(columns): "
        + "each column has a cell; write \(columns)"
    case .notAnIndex(let column, let value):
      return "\(column) is \(value.isEmpty ? "empty" : value): it must be a whole number from 0 to "
        + "\(CountsFile.highestIndex); correct it"
    case .notACount(let value):
      return "tokens is \(value.isEmpty ? "empty" : value): it must be a number from 0 to 1e15; "
        + "correct it"
    case .repeated(let layer, let expert, let firstLine):
      return "\(Self.place(layer))expert \(expert) stands here and on line \(firstLine): each "
        + "expert has one row; remove one"
    case .missing(let layer, let experts, let count, let highest):
      let named = experts.map(\.description).joined(separator: ", ")
      let rest = count > experts.count ? " and \(count - experts.count) more" : ""
      return "\(Self.place(layer))expert \(named)\(rest) has no row: there is one for each expert "
        + "up to the highest, \(highest); write 0 tokens where there were none"
    }
  }

  private static func place(_ layer: Int?) -> String { layer.map { "layer \($0) " } ?? "" }
}
