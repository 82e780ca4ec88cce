import Dispatch
import Foundation
import Reporting
import Synchronization

/// What happens when the user stops the command or closes the pipe it prints to.
enum Interruption {
  /// From now on, an interrupt or a request to end removes unfinished files and exits with 128
  /// plus the signal's number, and a closed pipe is an error of writing, no death.
  ///
  /// - Returns: What listens, for as long as it is kept.
  static func listen() -> [any DispatchSourceSignal] {
    signal(SIGPIPE, SIG_IGN)
    return [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(
        signal: number, queue: .global(qos: .userInteractive))
      source.setEventHandler {
        if number == SIGINT, isHandled() { return }
        WholeFile.removeAllAndExit(128 + number)
      }
      source.resume()
      return source
    }
  }

  /// Whether work is under way that ends by itself when it is asked to, and whether it has been.
  private static let request = Mutex<(isAwaited: Bool, isMade: Bool)>((false, false))

  /// Does work that an interrupt ends early, with what it has; a second interrupt ends the program.
  ///
  /// - Parameter work: is given what tells whether it should end.
  static func awaited<Result>(
    _ work: (_ isRequested: () -> Bool) throws -> Result
  ) rethrows -> Result {
    request.withLock { $0 = (true, false) }
    defer { request.withLock { $0 = (false, false) } }
    return try work { request.withLock(\.isMade) }
  }

  /// Passes an interrupt on to the work under way; false if there is none, or it was told before.
  private static func isHandled() -> Bool {
    request.withLock { request in
      guard request.isAwaited, !request.isMade else { return false }
      request.isMade = true
      return true
    }
  }
}
