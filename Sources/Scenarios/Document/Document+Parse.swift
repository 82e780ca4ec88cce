import Foundation
import Yams

extension Document {
  /// Largest file that is read.
  static let mostBytes = 4_000_000
  /// Most values a file may hold, counting those it repeats through aliases.
  static let mostValues = 1_000_000
  /// Most aliases of a file; a few are a convenience, many nested ones grow without bound.
  static let mostAliases = 16
  /// Most keys that stand twice and are all reported.
  static let mostDuplicates = 20

  /// The values of YAML text; JSON is YAML.
  ///
  /// - Throws: `ScenarioError` with what is malformed; keys that stand twice are kept as `problems`,
  ///   so that they are told with all others.
  public init(text: String, file: String) throws(ScenarioError) {
    guard text.utf8.count <= Self.mostBytes else {
      throw ScenarioError(.tooLarge(bytes: text.utf8.count, most: Self.mostBytes), at: .file(file))
    }
    let aliases = Self.aliases(in: text)
    guard aliases <= Self.mostAliases else {
      throw ScenarioError(
        .tooManyAliases(count: aliases, most: Self.mostAliases), at: .file(file))
    }
    var marked = MarkedText(text: text)
    guard let node = try marked.node(file: file) else {
      throw ScenarioError(.empty, at: .file(file))
    }
    var reader = NodeReader(names: marked.names, file: file, place: nil)
    guard let value = reader.value(node) else {
      throw ScenarioError(.tooManyValues(most: Self.mostValues), at: .file(file))
    }
    guard case .table(let table) = value else {
      if value.isEmpty { throw ScenarioError(.empty, at: .file(file)) }
      throw ScenarioError(.notATable(value: value.quoted), at: reader.place(of: node))
    }
    self.init(file: file, root: table, problems: reader.problems)
  }

  /// The file's table, read from disk.
  ///
  /// - Throws: `ScenarioError` with why it cannot be read, or with what is wrong in its text.
  public init(path: String) throws(ScenarioError) {
    self = try Document(text: Self.contents(of: path), file: path)
  }

  /// The file's text; a byte order mark is no part of it.
  static func contents(of path: String) throws(ScenarioError) -> String {
    let data = try bytes(of: path, most: mostBytes)
    guard let text = String(bytes: data, encoding: .utf8) else {
      throw ScenarioError(.notUTF8, at: .file(path))
    }
    return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
  }

  /// The bytes of a file that holds at most so many.
  static func bytes(of path: String, most: Int) throws(ScenarioError) -> Data {
    var isFolder: ObjCBool = false
    guard !path.isEmpty, FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    else { throw ScenarioError(.noSuchFile, at: .file(path)) }
    guard !isFolder.boolValue else { throw ScenarioError(.isFolder, at: .file(path)) }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw ScenarioError(.unreadable, at: .file(path))
    }
    defer { try? handle.close() }
    // One byte more than is allowed tells a file that is too large, even one without an end.
    // At the end of a file, and so in an empty one, there is no data to read.
    guard let data = try? handle.read(upToCount: most + 1) ?? Data() else {
      throw ScenarioError(.unreadable, at: .file(path))
    }
    guard data.count <= most else {
      throw ScenarioError(.tooLarge(bytes: nil, most: most), at: .file(path))
    }
    return data
  }

  /// How many words of the text could be aliases: `*name` where a value starts, outside comments.
  private static func aliases(in text: String) -> Int {
    var count = 0
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      var startsWord = true
      var afterStar = false
      for byte in line {
        if byte == UInt8(ascii: "#"), startsWord { break }
        if afterStar, byte > UInt8(ascii: " ") { count += 1 }
        afterStar = startsWord && byte == UInt8(ascii: "*")
        startsWord = [0x20, 0x09, 0x2C, 0x3A, 0x5B, 0x7B].contains(byte)  // blank , : [ {
      }
    }
    return count
  }
}
