import ArgumentParser
import Foundation
import Reporting
import Scenarios

/// What the command prints: answers on standard output, sentences on standard error.
enum Answer {
  /// What a verb refuses in sentences of its own.
  struct Refusal: Error {
    var sentences: [String]
  }

  /// Whether standard output is a terminal that may show bold and red.
  static var isTerminal: Bool {
    isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
  }

  /// Prints a text.
  static func print(_ text: String) throws(OutputError) {
    try write { $0.put(text) }
  }

  /// Prints a JSON value.
  static func print(_ value: JSONValue) throws(OutputError) {
    try write { value.write(to: &$0) }
  }

  /// Prints a row of a table that is not finished; if that fails, so will what is printed last.
  static func printNow(_ text: String) {
    try? print(text)
  }

  /// Prints to standard error what is no part of the answer.
  static func tell(_ text: String) {
    var writer = ByteWriter(descriptor: STDERR_FILENO, path: "standard error")
    writer.put(text)
    // There is nowhere left to say that standard error cannot be written to.
    try? writer.finish()
  }

  /// Runs `work`; what goes wrong becomes sentences on standard error, and the exit status.
  static func or(exit status: Int32, _ work: () throws -> Void) throws {
    do {
      try work()
    } catch let error as ScenarioError {
      throw complain(error.problems.map(\.description), status)
    } catch let error as Refusal {
      throw complain(error.sentences, status)
    } catch let error as OutputError {
      throw complain([error.description], status)
    } catch let error as CollectiveChoiceError {
      throw complain([error.description], status)
    } catch let error as StudyError {
      throw complain([error.description], status)
    }
  }

  private static func complain(_ sentences: [String], _ status: Int32) -> ExitCode {
    tell(sentences.map { $0 + "\n" }.joined())
    return ExitCode(status)
  }

  /// A reader that has gone, as `| head` does, has what it wants: the rest is dropped in silence.
  private static func write(_ fill: (inout ByteWriter) -> Void) throws(OutputError) {
    var writer = ByteWriter(descriptor: STDOUT_FILENO, path: "standard output")
    fill(&writer)
    do throws(OutputError) {
      try writer.finish()
    } catch {
      if error.isBrokenPipe { return }
      throw OutputError(path: error.path, doing: .printing, code: error.code)
    }
  }
}
