import Dispatch
import Foundation
import Reporting

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
      source.setEventHandler { WholeFile.removeAllAndExit(128 + number) }
      source.resume()
      return source
    }
  }
}
