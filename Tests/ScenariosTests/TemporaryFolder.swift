import Foundation

/// A folder of a test's own, removed with it.
final class TemporaryFolder {
  let url = FileManager.default.temporaryDirectory.appending(
    path: "fathom-scenarios-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Path of the folder.
  var path: String { url.path }

  /// Writes a file, with the folders above it, and returns its path.
  @discardableResult
  func write(_ bytes: Data, to name: String) throws -> String {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: file)
    return file.path
  }

  /// Writes a text file and returns its path.
  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    try write(Data(text.utf8), to: name)
  }
}
