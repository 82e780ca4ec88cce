#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The folder a scenario's files go to, known to be writable before anything is simulated.
public struct OutputFolder: Sendable {
  /// The folder, such as `output/deepseek-v3-pretraining`.
  public let path: String

  /// Makes `parent/name` and the folders above it, and tries whether files can be made there.
  ///
  /// - Throws: `OutputError`; nothing is left behind but folders.
  public init(_ name: String, in parent: String) throws(OutputError) {
    guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")),
      !name.utf8.contains(0)
    else { throw OutputError(path: name, doing: .naming, code: EINVAL) }
    path = Self.path(of: name, in: parent)
    try Self.makeFolders(path)
    try tryWriting()
  }

  /// Path of `name` in the folder `parent`, which is the current one where it is empty.
  static func path(of name: String, in parent: String) -> String {
    let base = parent.isEmpty ? "." : parent
    return base.hasSuffix("/") ? base + name : base + "/" + name
  }

  /// Makes a folder and those above it, and returns its path.
  static func made(_ path: String) throws(OutputError) -> String {
    try makeFolders(path)
    return path
  }

  /// Path of the file called `name` in the folder.
  public func path(of name: String) -> String { path + "/" + name }

  /// Removes drawings of cases, and tables of GPUs and of routing, that an earlier run had and this
  /// one has not.
  func removeStale(except names: [String]) {
    guard let folder = opendir(path) else { return }
    var stale: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
        field.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
          String(cString: $0)
        }
      }
      let isOurs =
        name == "gpus.csv" || name == "routing.csv"
        || name.hasPrefix("timeline-") && name.hasSuffix(".svg")
      if isOurs, !names.contains(name) {
        stale.append(name)
      }
    }
    closedir(folder)
    for name in stale { unlink(self.path(of: name)) }
  }

  private static func makeFolders(_ path: String) throws(OutputError) {
    var made = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      made += part
      defer { made += "/" }
      if part.isEmpty || part == "." || part == ".." { continue }
      if mkdir(made, 0o777) == 0 {
        WholeFile.made(folder: made)
        continue
      }
      let code = errno
      guard isFolder(made) else {
        throw OutputError(
          path: made, doing: .makingFolder, code: code == EEXIST ? ENOTDIR : code)
      }
    }
  }

  /// Whether a folder is at the path.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private func tryWriting() throws(OutputError) {
    let trial = WholeFile.temporaryPath(for: path(of: "trial"))
    let descriptor = open(trial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw OutputError(path: path, doing: .makingFile, code: errno)
    }
    close(descriptor)
    unlink(trial)
  }
}
