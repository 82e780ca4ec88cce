import Foundation
import Testing

/// The built command, run as a user runs it.
struct Command {
  /// What a run gave.
  struct Result {
    var status: Int32
    var output: Data
    var errors: String

    var text: String { String(decoding: output, as: UTF8.self) }

    /// The one JSON value that is all of the output.
    func json() throws -> Any {
      try JSONSerialization.jsonObject(with: output, options: .fragmentsAllowed)
    }
  }

  /// The executable beside the test bundle; nil where only tests were built.
  static let executable: String? = {
    var places = [Bundle.main.bundleURL.path]
    places += Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent().path }
    if let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
      places.append(URL(filePath: own).deletingLastPathComponent().path)
    }
    return places.map { $0 + "/fathom" }.first(where: FileManager.default.isExecutableFile)
  }()

  static let isBuilt: Bool = {
    if executable == nil { print("CommandTests are skipped: no executable 'fathom' was found.") }
    return executable != nil
  }()

  /// The repository's own folder.
  static let root = URL(filePath: #filePath).appending(path: "../../..").standardized.path

  /// The scenario of the main job.
  static let scenario = root + "/scenarios/deepseek-v3-pretraining.yaml"

  /// Two cases of a small model on few GPUs, a few micro-batches: a run that takes no time.
  static let small = [
    "model=deepseek-v2-lite", "cluster.nodes=4", "parallelism.pipeline=2", "parallelism.expert=16",
    "training.global_batch=128", "compare=[1f1b, dualpipe]",
  ].flatMap { ["--set", $0] }

  /// The command, started.
  static func start(_ arguments: [String]) throws -> (Process, Pipe, Pipe) {
    let process = Process()
    process.executableURL = URL(filePath: try #require(executable))
    process.arguments = arguments
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return (process, output, errors)
  }

  /// Runs the command to its end.
  static func run(_ arguments: String...) throws -> Result { try run(arguments) }

  /// Runs the command to its end.
  static func run(_ arguments: [String]) throws -> Result {
    let (process, output, errors) = try start(arguments)
    // What goes to standard error is short and fits its pipe, so one may be read after the other.
    let data = output.fileHandleForReading.readDataToEndOfFile()
    let sentences = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: data,
      errors: String(decoding: sentences, as: UTF8.self))
  }
}

/// A folder that goes away with its owner.
final class TemporaryFolder {
  let path = FileManager.default.temporaryDirectory
    .appending(path: "fathom-command-\(UUID().uuidString)").path

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Every file below the folder, hidden ones too, sorted.
  var files: [String] {
    let all = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    var isFolder = ObjCBool(false)
    return all.filter {
      FileManager.default.fileExists(atPath: path + "/" + $0, isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }
}
