import Quantities

/// A key of JSON and column of CSV: its name, which ends in its unit, and how its value follows
/// from a row.
struct Column<Row>: Sendable {
  /// Name in files.
  let key: String
  /// Value for a row.
  let value: @Sendable (Row) -> JSONValue

  static func text(_ key: String, _ value: @escaping @Sendable (Row) -> String) -> Self {
    Self(key: key) { .text(value($0)) }
  }

  static func integer(_ key: String, _ value: @escaping @Sendable (Row) -> Int) -> Self {
    Self(key: key) { .integer(value($0)) }
  }

  static func boolean(_ key: String, _ value: @escaping @Sendable (Row) -> Bool) -> Self {
    Self(key: key) { .boolean(value($0)) }
  }

  static func number(_ key: String, _ value: @escaping @Sendable (Row) -> Double?) -> Self {
    Self(key: key) { row in value(row).map { .number($0) } ?? .null }
  }

  static func seconds(_ key: String, _ value: @escaping @Sendable (Row) -> Time?) -> Self {
    Self(key: key) { row in value(row).map { .seconds($0) } ?? .null }
  }
}
