/// A month of a year, to date prices by.
///
///     YearMonth("2024-10")! < YearMonth("2025-01")!     // true
public struct YearMonth: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Year, 0 to 9999.
  public let year: Int
  /// Month, 1 to 12.
  public let month: Int

  /// A month; nil where there is none such.
  public init?(year: Int, month: Int) {
    guard (0...9999).contains(year), (1...12).contains(month) else { return nil }
    self.year = year
    self.month = month
  }

  /// A month written as `2024-10`; nil for any other text.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 7, bytes[4] == UInt8(ascii: "-") else { return nil }
    var digits = 0
    for (index, byte) in bytes.enumerated() where index != 4 {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      digits = digits * 10 + Int(byte - UInt8(ascii: "0"))
    }
    self.init(year: digits / 100, month: digits % 100)
  }

  /// The earlier month is the smaller.
  public static func < (a: YearMonth, b: YearMonth) -> Bool {
    (a.year, a.month) < (b.year, b.month)
  }

  /// `2024-10`.
  public var description: String {
    let year = String(year)
    return String(repeating: "0", count: 4 - year.count) + year + (month < 10 ? "-0" : "-")
      + String(month)
  }
}
