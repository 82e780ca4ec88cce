import Foundation

/// A line on standard error that says how far something is: rewritten in place on a terminal, a
/// line now and then elsewhere.
struct ProgressLine {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let clock = ContinuousClock()
  private var last: ContinuousClock.Instant?
  private var width = 0

  /// Shows the text if the last one has been there long enough to be read.
  mutating func show(_ text: @autoclosure () -> String) {
    let now = clock.now
    let start = last ?? now
    if last == nil { last = now }
    guard now - start >= (isTerminal ? .milliseconds(100) : .seconds(2)) else { return }
    last = now
    let text = text()
    let padding = String(repeating: " ", count: max(0, width - text.count))
    Answer.tell(isTerminal ? "\r\(text)\(padding)" : text + "\n")
    width = text.count
  }

  /// Clears the line of a terminal.
  mutating func end() {
    guard isTerminal, width > 0 else { return }
    Answer.tell("\r" + String(repeating: " ", count: width) + "\r")
    width = 0
  }
}
