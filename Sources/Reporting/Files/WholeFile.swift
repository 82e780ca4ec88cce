#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import Synchronization

/// Files that are written whole or not at all.
///
/// A file grows under a hidden temporary name in its own folder and gets its name when it is
/// finished, so a reader sees the old file or the new one and never half of either. Temporaries
/// are removed when writing fails, and by `removeAll` when the program is told to stop.
public enum WholeFile {
  /// Temporary files that exist now.
  private static let temporaries = Mutex<[String]>([])
  /// Folders that this program has made, the outer before the inner.
  private static let folders = Mutex<[String]>([])

  /// Remembers a folder as made by this program, so that it does not stay behind empty.
  static func made(folder: String) { folders.withLock { $0.append(folder) } }

  /// Writes the file at `path` by what `fill` puts into the writer.
  ///
  /// - Throws: `OutputError`; a file that was there before is then still there, unchanged.
  public static func write(
    to path: String, _ fill: (inout ByteWriter) throws(OutputError) -> Void
  ) throws(OutputError) {
    try publish(try prepare(path, fill), as: path)
  }

  /// Writes several files and gives them their names only when all are finished, in the given
  /// order; on failure every file that was there before is still there, unchanged.
  public static func writeAll(
    _ files: [(path: String, fill: (inout ByteWriter) throws(OutputError) -> Void)]
  ) throws(OutputError) {
    var finished: [(temporary: String, path: String)] = []
    do throws(OutputError) {
      for file in files {
        finished.append((try prepare(file.path, file.fill), file.path))
      }
      // Nothing else can be wrong with giving a file its name beside its temporary.
      for file in files where OutputFolder.isFolder(file.path) {
        throw OutputError(path: file.path, doing: .renaming, code: EISDIR)
      }
    } catch {
      for file in finished { remove(file.temporary) }
      throw error
    }
    for file in finished { try publish(file.temporary, as: file.path) }
  }

  /// Writes the temporary file for `path` and returns its name.
  private static func prepare(
    _ path: String, _ fill: (inout ByteWriter) throws(OutputError) -> Void
  ) throws(OutputError) -> String {
    let temporary = temporaryPath(for: path)
    let descriptor = try open(temporary, for: path)
    do throws(OutputError) {
      var writer = ByteWriter(descriptor: descriptor, path: path)
      try fill(&writer)
      try writer.finish()
    } catch {
      close(descriptor)
      remove(temporary)
      throw error
    }
    // Some file systems report a full disk only here.
    guard close(descriptor) == 0 else {
      let failure = OutputError(path: path, doing: .writing, code: errno)
      remove(temporary)
      throw failure
    }
    return temporary
  }

  /// Removes every temporary file and the folders made for nothing, and lets no other file be made
  /// or finished from then on.
  ///
  /// For a program about to exit: it does not return to other writers what it has locked.
  public static func removeAllAndExit(_ status: Int32) -> Never {
    temporaries.withLock { paths in
      for path in paths { unlink(path) }
      // One that holds something stays.
      folders.withLock { folders in for folder in folders.reversed() { rmdir(folder) } }
      _exit(status)
    }
  }

  /// `.NAME.PROCESS.partial` beside the file, so that two runs at once do not meet.
  static func temporaryPath(for path: String) -> String {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
    let folder = slash.map { String(path[...$0]) } ?? ""
    return "\(folder).\(name).\(getpid()).partial"
  }

  private static func open(_ temporary: String, for path: String) throws(OutputError) -> Int32 {
    let (descriptor, code) = temporaries.withLock { paths -> (Int32, Int32) in
      let descriptor = openForWriting(temporary)
      let code = errno
      if descriptor >= 0 { paths.append(temporary) }
      return (descriptor, code)
    }
    guard descriptor >= 0 else { throw OutputError(path: path, doing: .makingFile, code: code) }
    return descriptor
  }

  private static func publish(_ temporary: String, as path: String) throws(OutputError) {
    let code = temporaries.withLock { paths -> Int32 in
      paths.removeAll { $0 == temporary }
      guard rename(temporary, path) != 0 else { return 0 }
      let code = errno
      unlink(temporary)
      return code
    }
    if code != 0 { throw OutputError(path: path, doing: .renaming, code: code) }
  }

  private static func remove(_ temporary: String) {
    temporaries.withLock { paths in
      paths.removeAll { $0 == temporary }
      unlink(temporary)
    }
  }
}

/// Opens a new or emptied file, readable by all as the user's mask allows.
private func openForWriting(_ path: String) -> Int32 {
  open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
}
