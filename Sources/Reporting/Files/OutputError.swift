#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why a file or folder cannot be written, as one sentence with the remedy.
public struct OutputError: Error, Equatable, Sendable {
  /// What was tried.
  public enum Attempt: Equatable, Sendable {
    /// Making the folder.
    case makingFolder
    /// Making a first file in the folder, before the simulation starts.
    case makingFile
    /// Writing to a file that is open.
    case writing
    /// Printing an answer.
    case printing
    /// Giving the finished file its name.
    case renaming
    /// Using a name, which has `/` in it or is one of `.` and `..`, for a folder or file.
    case naming
  }

  /// The file or folder.
  public var path: String
  /// What was tried.
  public var attempt: Attempt
  /// The system's error number.
  public var code: Int32

  /// An attempt at `path` that failed with `code`.
  public init(path: String, doing attempt: Attempt, code: Int32) {
    self.path = path
    self.attempt = attempt
    self.code = code
  }

  /// Whether the reader of a pipe has gone, which is no mistake of anyone.
  public var isBrokenPipe: Bool { code == EPIPE }
}

extension OutputError: CustomStringConvertible {
  /// The sentence.
  public var description: String {
    let reason = String(cString: strerror(code))
    switch attempt {
    case .makingFolder:
      return "\(path): the output folder cannot be made (\(reason)); name another with --output."
    case .makingFile:
      return "\(path): the output folder cannot be written to (\(reason));"
        + " name another with --output."
    case .writing:
      return "\(path): cannot be written (\(reason)); make room there or name another folder"
        + " with --output."
    case .printing:
      return "\(path): the answer cannot be printed (\(reason)); send it elsewhere."
    case .renaming:
      return "\(path): the finished file cannot be put in place (\(reason));"
        + " name another folder with --output."
    case .naming:
      return "\(path): not a name for a folder; a scenario's name may not be empty, '.', '..'"
        + " or hold '/'."
    }
  }
}
