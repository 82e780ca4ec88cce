/// What can be wrong with the columns of comma-separated values.
public enum HeaderFault: Sendable, Equatable {
  /// A name in the header that is no column.
  case unknownColumn(String, columns: [String], suggestion: String?)
  /// A column twice in the header.
  case repeatedColumn(String)
  /// A column that the header lacks.
  case missingColumn(String)
  /// A row with another number of cells than the header.
  case cells(Int, columns: Int)
}

extension HeaderFault: CustomStringConvertible {
  /// Value, rule and remedy.
  public var description: String {
    switch self {
    case .unknownColumn(let name, let columns, let suggestion):
      return "\(name.isEmpty ? "a column without a name" : name) is no column: the columns are "
        + "\(columns.joined(separator: ", ")); "
        + (suggestion.map { "did you mean \($0)?" } ?? "remove it")
    case .repeatedColumn(let name):
      return "column \(name) stands twice: each column stands once; remove one"
    case .missingColumn(let name): return "column \(name) is missing: it has no default; add it"
    case .cells(let count, let columns):
      return "the row has \(count) \(count == 1 ? "cell" : "cells") but the header \(columns): "
        + "each column has a cell; write \(columns)"
    }
  }
}

/// The columns of comma-separated values, in the order of the header.
struct CSVHeader<Column: CaseIterable & RawRepresentable & Equatable>
where Column.RawValue == String {
  /// The columns; of use only where there are no faults.
  private(set) var columns: [Column] = []
  /// What is wrong with them, each with the column's number from 1; 0 for the whole header.
  private(set) var faults: [(fault: HeaderFault, column: Int)] = []

  /// The columns that `names` name.
  init(_ names: [String], isRequired: (Column) -> Bool) {
    let known = Column.allCases.map(\.rawValue)
    for (index, name) in names.enumerated() {
      guard let column = Column(rawValue: name) else {
        let near = suggestion(for: name, among: known)
        faults.append(
          (.unknownColumn(shortened(name), columns: known, suggestion: near), index + 1))
        continue
      }
      if columns.contains(column) { faults.append((.repeatedColumn(name), index + 1)) }
      columns.append(column)
    }
    // What is misspelt is not missing as well.
    guard faults.isEmpty else { return }
    for column in Column.allCases where isRequired(column) && !columns.contains(column) {
      faults.append((.missingColumn(column.rawValue), 0))
    }
  }
}
