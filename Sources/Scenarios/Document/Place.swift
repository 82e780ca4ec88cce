/// Where in what the user gave a value stands.
///
///     Place.line(file: "a.yaml", line: 7, column: 3).description     // a.yaml:7
///     Place.option(text: "training.micro_batch=0", index: 0).description
///     // --set training.micro_batch=0
///
/// Places are ordered as a reader meets them: the whole file, its lines, then `--set` in order.
public enum Place: Sendable, Equatable {
  /// A name given on the command line, which stands in no file.
  case argument
  /// A file as a whole.
  case file(String)
  /// A line of a file; both counted from 1.
  case line(file: String, line: Int, column: Int)
  /// The `--set` of this text, the `index`-th on the command line.
  case option(text: String, index: Int)

  /// What problems are sorted by: options last, a file before its lines.
  var order: (Int, Int, Int) {
    switch self {
    case .argument: (0, 0, 0)
    case .file: (1, 0, 0)
    case .line(_, let line, let column): (1, line, column)
    case .option(_, let index): (2, index, 0)
    }
  }

  /// The file, if it is one.
  var file: String? {
    switch self {
    case .file(let file), .line(let file, _, _): file
    case .argument, .option: nil
    }
  }

  /// The line in the file, if it is one.
  var line: Int? {
    if case .line(_, let line, _) = self { line } else { nil }
  }

  /// Whether it is a `--set`.
  var isOption: Bool {
    if case .option = self { true } else { false }
  }
}

extension Place: CustomStringConvertible {
  /// `FILE:LINE`, `FILE` or `--set KEY=VALUE`; nothing for an argument.
  public var description: String {
    switch self {
    case .argument: ""
    case .file(let file): file
    case .line(let file, let line, _): "\(file):\(line)"
    case .option(let text, _): "--set \(text)"
    }
  }
}
