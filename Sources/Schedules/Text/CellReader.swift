/// Reads single cells of a schedule's text.
struct CellReader {
  /// What a cell holds.
  enum Content {
    /// Something a rank computes.
    case action(Action)
    /// A send, a receive or a memory action of a lowered file.
    case communication
    /// Nothing.
    case idle
  }

  private let bytes: [UInt8]
  private var at = 0
  private var end = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads the cell that takes these bytes.
  mutating func read(_ cell: Range<Int>) throws(CellFault) -> Content {
    (at, end) = (cell.lowerBound, cell.upperBound)
    trim()
    guard at < end else { return .idle }
    if bytes[at] == UInt8(ascii: "\"") {
      guard end - at >= 2, bytes[end - 1] == UInt8(ascii: "\"") else { throw .quote }
      (at, end) = (at + 1, end - 1)
      trim()
      guard at < end else { return .idle }
    }
    let content: Content
    let start = at
    if bytes[at] == UInt8(ascii: "(") {
      content = .action(try pair())
    } else {
      content = try single()
    }
    guard at == end else { throw .trailing(action: text(start..<at)) }
    return content
  }

  // MARK: Grammar

  /// `2F0`, or an action of a lowered file such as `1SEND_F0`.
  private mutating func single() throws(CellFault) -> Content {
    let start = at
    let stage = try stage()
    let word = word()
    if word.count == 1, let kind = PassKind(byte: bytes[word.lowerBound]) {
      return .action(.single(try pass(start, stage, kind)))
    }
    if Self.perMicroBatch.contains(where: { isWord(word, $0) }) {
      _ = try microBatch(start)
      return .communication
    }
    if Self.perStage.contains(where: { isWord(word, $0) }) {
      if at < end, Self.isDigit(bytes[at]) {
        throw .microBatchNotTaken(action: text(start..<word.upperBound))
      }
      return .communication
    }
    throw word.isEmpty ? .form : .unknownAction(text(word))
  }

  private static let perMicroBatch = ["SEND_F", "RECV_F", "SEND_B", "RECV_B"].map { Array($0.utf8) }
  private static let perStage = ["UNSHARD", "RESHARD", "REDUCE_GRAD"].map { Array($0.utf8) }
  private static let overlap = Array("OVERLAP_F_B".utf8)

  /// `(0F4;3B2)OVERLAP_F_B`, blanks allowed between its parts.
  private mutating func pair() throws(CellFault) -> Action {
    at += 1
    let forward = try half()
    guard take(";") else { throw .pairForm }
    let backward = try half()
    guard take(")") else { throw .pairForm }
    skipBlanks()
    let word = word()
    guard isWord(word, Self.overlap) else { throw .pairForm }
    guard forward.kind == .forward, backward.kind == .backward else {
      throw .pairKinds(forward, backward)
    }
    return .overlapped(forward: forward, backward: backward)
  }

  private mutating func half() throws(CellFault) -> Pass {
    skipBlanks()
    let start = at
    let stage = try stage()
    let word = word()
    guard word.count == 1, let kind = PassKind(byte: bytes[word.lowerBound]) else {
      throw .pairForm
    }
    let pass = try pass(start, stage, kind)
    skipBlanks()
    return pass
  }

  private mutating func pass(
    _ start: Int, _ stage: Int, _ kind: PassKind
  ) throws(CellFault) -> Pass {
    Pass(stage, kind, try microBatch(start))
  }

  private mutating func stage() throws(CellFault) -> Int {
    guard at < end, Self.isDigit(bytes[at]) else {
      let word = word()
      throw word.count == 1 && PassKind(byte: bytes[word.lowerBound]) != nil
        ? .missingStage(text(word)) : .form
    }
    return try number(.stage)
  }

  /// The micro-batch of an action that starts at `start`.
  private mutating func microBatch(_ start: Int) throws(CellFault) -> Int {
    guard at < end, Self.isDigit(bytes[at]) else {
      throw .missingMicroBatch(action: text(start..<at))
    }
    return try number(.microBatch)
  }

  private mutating func number(_ name: NumberName) throws(CellFault) -> Int {
    let start = at
    var value = 0
    while at < end, Self.isDigit(bytes[at]) {
      if value <= name.most { value = 10 * value + Int(bytes[at] - UInt8(ascii: "0")) }
      at += 1
    }
    if at - start > 1, bytes[start] == UInt8(ascii: "0") {
      throw .leadingZero(name, text(start..<at))
    }
    guard value <= name.most else { throw .tooLarge(name, text(start..<at)) }
    return value
  }

  // MARK: Bytes

  private mutating func word() -> Range<Int> {
    let start = at
    while at < end, Self.isLetter(bytes[at]) { at += 1 }
    return start..<at
  }

  private func isWord(_ range: Range<Int>, _ word: [UInt8]) -> Bool {
    guard range.count == word.count else { return false }
    return word.indices.allSatisfy { bytes[range.lowerBound + $0] == word[$0] }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard at < end, bytes[at] == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  private mutating func skipBlanks() {
    while at < end, Self.isBlank(bytes[at]) { at += 1 }
  }

  private mutating func trim() {
    skipBlanks()
    while end > at, Self.isBlank(bytes[end - 1]) { end -= 1 }
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  /// Of either case, or the underscore.
  private static func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
  }

  // MARK: Words for problems

  /// A cell is quoted up to this many characters.
  private static let mostShown = 40

  private func text(_ range: Range<Int>) -> String {
    Self.shown(bytes[range]) ?? "this"
  }

  /// The bytes as a sentence quotes them, or nil where they are no text.
  static func shown(_ cell: ArraySlice<UInt8>) -> String? {
    var part = cell.prefix(8 * mostShown)
    // A cut may have gone through a character.
    if part.count < cell.count {
      while let last = part.last, last >= 0x80 { part.removeLast() }
    }
    guard let text = String(validating: part, as: UTF8.self),
      text.unicodeScalars.allSatisfy({ $0 == "\t" || $0.properties.generalCategory != .control })
    else { return nil }
    let clean = text.drop { $0 == " " || $0 == "\t" }
    return clean.count > mostShown || part.count < cell.count
      ? clean.prefix(mostShown - 3) + "..." : String(clean)
  }

  /// What is wrong with a cell that reads well in upper case and without the blanks inside it.
  static func suggestion(_ cell: ArraySlice<UInt8>) -> CellFault? {
    guard cell.count <= 8 * mostShown else { return nil }
    let hasLower = cell.contains { $0 &- UInt8(ascii: "a") < 26 }
    let better = cell.filter { !isBlank($0) }.map {
      $0 &- UInt8(ascii: "a") < 26 ? $0 - 0x20 : $0
    }
    var reader = CellReader(better)
    guard case .action(let action)? = try? reader.read(better.indices) else { return nil }
    return hasLower ? .lowerCase(write: action.description) : .blanks(write: action.description)
  }
}
