import Quantities

/// Numbers as people read them, by integer arithmetic.
enum DisplayText {
  /// A number with `decimals` decimals, and commas between thousands.
  ///
  ///     DisplayText.number(1234.567, decimals: 1)     // 1,234.6
  static func number(_ value: Double, decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (value * scale).rounded()
    guard scaled.magnitude < 9e18 else { return value.description }
    let plain = ByteWriter.text { $0.put(Int64(scaled), decimals: decimals) }
    let whole = plain.prefix { $0 != "." }
    return grouped(whole) + plain.dropFirst(whole.count)
  }

  /// A number with `decimals` decimals, or with the more that it takes to show three digits of it.
  ///
  ///     DisplayText.figure(0.01234, decimals: 0)     // 0.0123
  static func figure(_ value: Double, decimals: Int) -> String {
    let size = value.magnitude
    guard size < 1e-4 || !size.isFinite else {
      var (decimals, bound) = (decimals, 1.0)
      for _ in 0..<decimals { bound /= 10 }
      bound *= 100
      while size < bound * 0.9995, decimals < 7 { (decimals, bound) = (decimals + 1, bound / 10) }
      return number(value, decimals: decimals)
    }
    return size == 0 ? number(0, decimals: decimals) : (value < 0 ? "-" : "") + scientific(size)
  }

  /// A large count with four digits and the suffix a scenario may use: `2.664M`.
  static func brief(_ value: Double) -> String {
    for (suffix, size) in [("T", 1e12), ("B", 1e9), ("M", 1e6), ("K", 1e3)]
    where value.magnitude >= size * 10 || value.magnitude >= 0.9995 * size && size > 1e3 {
      let decimals = value >= 99.95 * size ? 1 : value >= 9.995 * size ? 2 : 3
      return number(value / size, decimals: decimals) + suffix
    }
    return figure(value, decimals: 0)
  }

  /// A range of large counts: `2.664M .. 2.812M`.
  static func brief(_ range: ClosedRange<Double>) -> String {
    "\(brief(range.lowerBound)) .. \(brief(range.upperBound))"
  }

  /// A text in one line without control characters and without those that turn the direction of
  /// writing, which could show a reader other words than are there.
  static func plain(_ text: String) -> String {
    var plain = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: plain += " "
      case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: break
      default: plain.unicodeScalars.append(scalar)
      }
    }
    return plain
  }

  /// A number from 0 up with six significant digits, without needless zeros.
  ///
  ///     DisplayText.short(0.1 + 0.2)     // 0.3
  static func short(_ value: Double) -> String {
    guard value >= 1e-4, value < 1e12 else { return scientific(value) }
    var decimals = 5
    var bound = 10.0
    while decimals > 0, value >= bound {
      decimals -= 1
      bound *= 10
    }
    bound = 1
    while value < bound {
      decimals += 1
      bound /= 10
    }
    let text = number(value, decimals: decimals)
    guard decimals > 0 else { return text }
    let digits = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
    return String(digits.reversed())
  }

  /// A very small or large number with six significant digits, such as `5.2e-05`.
  private static func scientific(_ value: Double) -> String {
    guard value > 0, value.isFinite else { return value == 0 ? "0" : value.description }
    var mantissa = value
    var exponent = 0
    while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    while mantissa >= 9.999995 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    let digits = String(exponent.magnitude)
    let power = (digits.count < 2 ? "0" : "") + digits
    return short(max(1, mantissa)) + "e" + (exponent < 0 ? "-" : "+") + power
  }

  /// A whole number with commas between thousands.
  static func number(_ value: Int) -> String { grouped(Substring(String(value))) }

  /// A share as a percentage with `decimals` decimals and the sign.
  static func percent(_ ratio: Double, decimals: Int = 1) -> String {
    number(ratio * 100, decimals: decimals) + " %"
  }

  /// An amount of data in GB (10^9 bytes) with one decimal, without the unit.
  static func gigabytes(_ amount: Bytes) -> String { number(amount.value / 1e9, decimals: 1) }

  /// A large count with the suffix a scenario may use: `269.1B`, `14.8T`.
  static func count(_ value: Double) -> String {
    for (suffix, size) in [("T", 1e12), ("B", 1e9), ("M", 1e6), ("K", 1e3)]
    where value.magnitude >= size {
      return number(value / size, decimals: 1) + suffix
    }
    return number(value, decimals: 0)
  }

  private static func grouped(_ digits: Substring) -> String {
    let isNegative = digits.first == "-"
    let plain = isNegative ? digits.dropFirst() : digits
    var text = isNegative ? "-" : ""
    for (index, digit) in plain.enumerated() {
      if index > 0, (plain.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  /// `text` with spaces before it, `width` characters in all; as it is where it is longer.
  static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// `text` with spaces after it, `width` characters in all; as it is where it is longer.
  static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// Rows below their heads, indented by two: the first column to the left unless it holds numbers,
  /// the others to the right. Every row has as many cells as there are heads.
  static func table(
    _ heads: [String], _ rows: [[String]], startsWithNumber: Bool = false
  ) -> String {
    let lines = [heads] + rows
    let widths = heads.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { cells in
      let padded = cells.indices.map { column in
        column == 0 && !startsWithNumber
          ? left(cells[column], widths[column]) : right(cells[column], widths[column])
      }
      return "  " + padded.joined(separator: "  ") + "\n"
    }.joined()
  }

  /// Text in lines of up to 100 columns, `indent` before each but the first.
  static func wrapped(_ text: String, indent: String) -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      let used = indent.count + line.count
      if !line.isEmpty, used + 1 + word.count > 100 {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    if !line.isEmpty { lines.append(line) }
    return lines.joined(separator: "\n\(indent)")
  }
}
