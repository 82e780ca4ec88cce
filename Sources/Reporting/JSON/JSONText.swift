public import Quantities

/// A JSON value whose keys keep the order they are given in, so that the same value always gives
/// the same bytes.
public enum JSONValue: Sendable {
  /// Nothing known.
  case null
  /// `true` or `false`.
  case boolean(Bool)
  /// A whole number.
  case integer(Int)
  /// A number as its shortest text; `null` where it is not finite.
  case number(Double)
  /// A time in seconds, exact to the picosecond.
  case seconds(Time)
  /// A text.
  case text(String)
  /// A list.
  case list([JSONValue])
  /// Keys with their values, in this order.
  case object([(key: String, value: JSONValue)])
}

extension JSONValue {
  /// The value as text of several lines, ending in a line end.
  public var text: String { ByteWriter.text { self.write(to: &$0) } }

  /// Writes the value and a line end.
  ///
  /// Lists and objects take a line an element, indented by two spaces, except those that hold
  /// plain values and stand inside others more than `lineDepth` deep: a rank takes one line.
  public func write(to writer: inout ByteWriter) {
    write(to: &writer, depth: 0)
    writer.put(UInt8(ascii: "\n"))
  }

  private static let lineDepth = 4

  private func write(to writer: inout ByteWriter, depth: Int) {
    switch self {
    case .null: writer.put("null")
    case .boolean(let value): writer.put(value ? "true" : "false")
    case .integer(let value): writer.put(value)
    case .number(let value): if !writer.put(value) { writer.put("null") }
    case .seconds(let time): writer.put(time)
    case .text(let text): writer.put(quoted: text)
    case .list(let values):
      Self.write(values.count, between: "[]", to: &writer, depth: depth) { writer, index in
        values[index].write(to: &writer, depth: depth + 1)
      }
    case .object(let fields):
      Self.write(fields.count, between: "{}", to: &writer, depth: depth) { writer, index in
        writer.put(quoted: fields[index].key)
        writer.put(": ")
        fields[index].value.write(to: &writer, depth: depth + 1)
      }
    }
  }

  private static func write(
    _ count: Int, between brackets: StaticString, to writer: inout ByteWriter, depth: Int,
    element: (inout ByteWriter, Int) -> Void
  ) {
    writer.put(brackets.utf8Start[0])
    let inLine = depth >= lineDepth || count == 0
    for index in 0..<count {
      if index > 0 { writer.put(inLine ? ", " : ",") }
      if !inLine { writer.putLine(indent: depth + 1) }
      element(&writer, index)
    }
    if !inLine { writer.putLine(indent: depth) }
    writer.put(brackets.utf8Start[1])
  }
}

extension ByteWriter {
  /// A text in JSON's quotes, with what JSON does not take as it is escaped.
  public mutating func put(quoted text: String) {
    put(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        put(UInt8(ascii: "\\"))
        put(byte)
      case UInt8(ascii: "\n"): put("\\n")
      case UInt8(ascii: "\t"): put("\\t")
      case UInt8(ascii: "\r"): put("\\r")
      case 0..<0x20:
        put("\\u00")
        put(hexadecimal: byte >> 4)
        put(hexadecimal: byte & 15)
      default: put(byte)
      }
    }
    put(UInt8(ascii: "\""))
  }

  /// A line end, and two spaces for each level of `indent`.
  mutating func putLine(indent: Int) {
    put(UInt8(ascii: "\n"))
    for _ in 0..<indent { put("  ") }
  }

  private mutating func put(hexadecimal digit: UInt8) {
    put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
  }
}
