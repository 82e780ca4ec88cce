/// Why bytes are no JSON, and where.
struct JSONFault: Error, Equatable {
  /// What was expected.
  var expected: String
  /// Byte at which something else stands.
  var position: Int
}

/// Reads JSON byte by byte, as deep as the reader goes and no further; a file of a million entries
/// takes about a second. Numbers may also be `NaN` and `Infinity`, which some programs write, so
/// that whoever reads them can say what is wrong.
struct JSONScanner {
  /// A value; the elements of lists and objects are read with `eachElement` and `eachKey`.
  enum Value: Equatable {
    case null
    case boolean(Bool)
    /// As it is written.
    case number(String)
    case text(String)
    case list
    case object
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private(set) var position = 0
  private var depth = 0

  private static let mostDepth = 128

  /// A scanner at the start of bytes that outlive it.
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// A scanner of the same bytes at another place.
  func moved(to position: Int) -> JSONScanner {
    var copy = self
    copy.position = position
    return copy
  }

  /// The next byte that is no blank; nil at the end.
  private mutating func peek() -> UInt8? {
    while position < bytes.count {
      let byte = bytes[position]
      if byte > 0x20 { return byte }
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position &+= 1
    }
    return nil
  }

  private mutating func take(_ byte: UInt8, _ expected: String) throws(JSONFault) {
    guard peek() == byte else { throw JSONFault(expected: expected, position: position) }
    position &+= 1
  }

  /// Makes sure that nothing follows.
  mutating func end() throws(JSONFault) {
    if peek() != nil { throw JSONFault(expected: "the end of the file", position: position) }
  }

  /// The next value; a list or object is left to be read.
  mutating func value() throws(JSONFault) -> Value {
    switch peek() {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .list
    case UInt8(ascii: "\""): return .text(try text())
    case let byte? where byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte):
      return .number(try number())
    default: return try word()
    }
  }

  private mutating func word() throws(JSONFault) -> Value {
    let start = position
    while position < bytes.count, (0x41...0x5A).contains(bytes[position] & 0xDF) { position &+= 1 }
    switch String(decoding: bytes[start..<position], as: UTF8.self) {
    case "null": return .null
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "NaN": return .number("NaN")
    case "Infinity": return .number("Infinity")
    default: throw JSONFault(expected: "a value", position: start)
    }
  }

  private mutating func number() throws(JSONFault) -> String {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position &+= 1 }
    while position < bytes.count, Self.isOfNumber(bytes[position]) { position &+= 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard Self.isNumber(bytes[start..<position]) || text == "-Infinity" else {
      throw JSONFault(expected: "a number", position: start)
    }
    return text
  }

  /// Whether bytes are a number by JSON's grammar: no zeros in front, digits on both sides of a
  /// point.
  private static func isNumber(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    var rest = bytes
    func digits() -> Int {
      let count = rest.prefix { (0x30...0x39).contains($0) }.count
      rest = rest.dropFirst(count)
      return count
    }
    func take(_ either: String) -> Bool {
      guard let first = rest.first, either.utf8.contains(first) else { return false }
      rest = rest.dropFirst()
      return true
    }
    _ = take("-")
    let isZero = rest.first == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !isZero || whole == 1 else { return false }
    if take("."), digits() == 0 { return false }
    if take("eE") {
      _ = take("+-")
      if digits() == 0 { return false }
    }
    return rest.isEmpty
  }

  private static func isOfNumber(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
  }

  private mutating func text() throws(JSONFault) -> String {
    let opening = position
    position &+= 1
    let start = position
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        guard let text = String(validating: bytes[start..<position], as: UTF8.self) else {
          throw JSONFault(expected: "a text in UTF-8", position: opening)
        }
        position &+= 1
        return text
      case UInt8(ascii: "\\"):
        return try escapedText(from: start)
      case 0..<0x20: throw JSONFault(expected: "the end of a text", position: position)
      default: position &+= 1
      }
    }
    throw JSONFault(expected: "the end of the text that begins here", position: opening)
  }

  /// A text with a backslash in it, from its first byte.
  private mutating func escapedText(from start: Int) throws(JSONFault) -> String {
    var units = [UInt8](bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      position &+= 1
      if byte == UInt8(ascii: "\"") {
        guard let text = String(validating: units, as: UTF8.self) else {
          throw JSONFault(expected: "a text in UTF-8", position: start - 1)
        }
        return text
      }
      guard byte == UInt8(ascii: "\\") else {
        units.append(byte)
        continue
      }
      units.append(contentsOf: Array(String(try escape()).utf8))
    }
    throw JSONFault(expected: "the end of the text that begins here", position: start - 1)
  }

  private mutating func escape() throws(JSONFault) -> Character {
    let place = position
    guard position < bytes.count else { throw JSONFault(expected: "an escape", position: place) }
    position &+= 1
    switch bytes[place] {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "u"):
      let high = try unit()
      var scalar = UInt32(high)
      if (0xD800..<0xDC00).contains(high), position + 1 < bytes.count,
        bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let low = try unit()
        scalar = 0x10000 &+ (UInt32(high) &- 0xD800) << 10 &+ (UInt32(low) &- 0xDC00)
      }
      return Character(Unicode.Scalar(scalar) ?? "\u{FFFD}")
    case let byte where byte == 0x22 || byte == 0x5C || byte == 0x2F:
      return Character(Unicode.Scalar(byte))
    default: throw JSONFault(expected: "an escape", position: place)
    }
  }

  /// Four hexadecimal digits.
  private mutating func unit() throws(JSONFault) -> UInt16 {
    let place = position
    guard position + 4 <= bytes.count,
      let unit = UInt16(
        String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw JSONFault(expected: "four hexadecimal digits", position: place) }
    position += 4
    return unit
  }

  /// Reads a list; `body` reads each element.
  mutating func eachElement(
    _ body: (inout JSONScanner) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    try enter("[")
    if peek() == UInt8(ascii: "]") {
      position &+= 1
    } else {
      while true {
        try body(&self)
        guard try comma(or: UInt8(ascii: "]"), "a comma or ]") else { break }
      }
    }
    depth -= 1
  }

  /// Reads an object; `body` gets each key and reads its value.
  mutating func eachKey(
    _ body: (inout JSONScanner, String) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    try enter("{")
    if peek() == UInt8(ascii: "}") {
      position &+= 1
    } else {
      while true {
        guard peek() == UInt8(ascii: "\"") else {
          throw JSONFault(expected: "a key in quotes", position: position)
        }
        let key = try text()
        try take(UInt8(ascii: ":"), "a colon")
        try body(&self, key)
        guard try comma(or: UInt8(ascii: "}"), "a comma or }") else { break }
      }
    }
    depth -= 1
  }

  private mutating func enter(_ bracket: Character) throws(JSONFault) {
    try take(bracket.asciiValue ?? 0, String(bracket))
    depth += 1
    if depth > Self.mostDepth {
      throw JSONFault(expected: "at most \(Self.mostDepth) lists in each other", position: position)
    }
  }

  private mutating func comma(or end: UInt8, _ expected: String) throws(JSONFault) -> Bool {
    let byte = peek()
    guard byte == end || byte == UInt8(ascii: ",") else {
      throw JSONFault(expected: expected, position: position)
    }
    position &+= 1
    return byte != end
  }

  /// Reads a value to its end and forgets it.
  mutating func skip() throws(JSONFault) { try skip(value()) }

  /// Reads the rest of a value whose first token has been read.
  mutating func skip(_ value: Value) throws(JSONFault) {
    switch value {
    case .list: try eachElement { (scanner) throws(JSONFault) in try scanner.skip() }
    case .object: try eachKey { (scanner, _) throws(JSONFault) in try scanner.skip() }
    default: break
    }
  }

  /// The line of a byte and its place in it, both counted from 1.
  func line(of position: Int) -> (line: Int, column: Int) {
    var (line, column) = (1, 1)
    for byte in bytes.prefix(position) {
      column += 1
      if byte == 0x0A { (line, column) = (line + 1, 1) }
    }
    return (line, column)
  }
}
