extension ScheduleTextError: CustomStringConvertible {
  /// One sentence for each problem, one a line, and the picture of a deadlock.
  public var description: String {
    var lines = problems.map { problem in
      (problem.place.map { "line \($0.line): " } ?? "") + problem.description
    }
    if more > 0 { lines.append(moreSentence) }
    return lines.joined(separator: "\n")
  }

  /// The sentence of those that are not told.
  public var moreSentence: String {
    "and \(more) more \(more == 1 ? "problem" : "problems"); correct those above first"
  }
}

extension TextProblem: CustomStringConvertible {
  /// The sentence, and the grid of a deadlock below it.
  public var description: String {
    if case .deadlock(let deadlock) = fault { return sentence + "\n" + deadlock.grid }
    return sentence
  }

  /// Cell, value, rule and remedy; the line stands in `place`.
  public var sentence: String {
    let cell = place?.cell.map { "cell \($0)" } ?? "the text"
    switch fault {
    case .cell(let text, let fault): return "\(cell) is \(text): \(fault.description)"
    case .notText:
      return "\(cell) holds bytes that are no text; give a file of actions with commas between "
        + "them"
    case .empty: return "there is no action; write a line for each rank, such as 0F0,0B0"
    case .emptyRank(let rank):
      return "rank \(rank) has no pass; write its actions, or remove the line"
    case .rule(let violation, let places):
      return Self.prefix(places) + violation.description
        + (violation.remedy.map { "; " + $0 } ?? "")
    case .deadlock(let deadlock): return deadlock.sentence
    }
  }

  /// `cell 1: `, `cells 1 and 7: `, or `cell 1 and line 4, cell 2: `, as the first line is known.
  private static func prefix(_ places: [CellPlace]) -> String {
    let cells = places.compactMap(\.cell)
    guard let line = places.first?.line, !cells.isEmpty else { return "" }
    if places.allSatisfy({ $0.line == line }) {
      return (cells.count == 1 ? "cell " : "cells ") + joined(cells.map(\.description)) + ": "
    }
    let named = zip(places, cells).map { $0.line == line ? "cell \($1)" : $0.description }
    return joined(named) + ": "
  }

  private static func joined(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }
}

extension CellPlace: CustomStringConvertible {
  /// `line 2, cell 7`.
  public var description: String { "line \(line)" + (cell.map { ", cell \($0)" } ?? "") }
}

extension CellFault: CustomStringConvertible {
  /// Rule and remedy.
  public var description: String {
    switch self {
    case .form:
      "an action is a stage, then F, I, W or B, then a micro-batch; write one such as 2F0"
    case .missingStage(let letter): "no stage stands before \(letter); write one, as in 2F0"
    case .missingMicroBatch(let action):
      "no micro-batch stands after \(action); write one, as in \(action)0"
    case .microBatchNotTaken(let action): "this action takes no micro-batch; write \(action)"
    case .unknownAction(let word):
      "\(word) is no action; use F, I, W or B, or a pair such as (0F4;3B2)OVERLAP_F_B"
    case .trailing(let action):
      "nothing may follow an action in its cell; write \(action), with a comma before another"
    case .leadingZero(let name, let number):
      "\(name.rawValue) \(number) has a leading zero; write \(Self.withoutZeros(number))"
    case .tooLarge(let name, let number):
      "\(name.rawValue) \(number) is above \(name.most), the highest that can be simulated; "
        + "number from 0"
    case .numberedTooHigh(let name, let passes):
      "\(passes == 1 ? "1 pass is" : "\(passes) passes are") too few to reach so high a "
        + "\(name.rawValue); number from 0"
    case .lowerCase(let action): "letters are in upper case; write \(action)"
    case .blanks(let action): "no blank may stand inside an action; write \(action)"
    case .quote: "a quotation mark has no partner; write the action without it"
    case .pairForm:
      "a pair is a forward and a full backward in brackets; write one such as "
        + "(0F4;3B2)OVERLAP_F_B"
    case .pairKinds(let first, let second):
      "a pair is a forward and then a full backward; "
        + (first.kind == .backward && second.kind == .forward
          ? "write \(Action.overlapped(forward: second, backward: first))"
          : "write \(first) and \(second) in cells of their own")
    }
  }

  private static func withoutZeros(_ number: String) -> String {
    let rest = number.drop { $0 == "0" }
    return rest.isEmpty ? "0" : String(rest)
  }
}

extension RuleViolation {
  /// What to do about it in a text, where its own sentence does not say.
  fileprivate var remedy: String? {
    switch self {
    case .missing: "add it"
    case .repeated: "remove the others"
    case .outOfOrder: "move it behind"
    case .stageOnTwoRanks: "move its passes to one line"
    case .route: "write the passes that are missing, or renumber"
    default: nil
    }
  }
}

extension Deadlock {
  /// Most ranks that are named and drawn.
  static let mostRanks = 8

  /// Who waits where for what, up to `mostRanks` of them.
  fileprivate var sentence: String {
    let told = waits.indices.prefix(Self.mostRanks).map { index in
      let wait = waits[index]
      return "rank \(wait.rank) waits at \(wait.action) (\(stuck[index])) for \(wait.waitsFor) "
        + "of rank \(wait.onRank) (\(needed[index]))"
    }
    let rest = waits.count - told.count
    return "deadlock: " + told.joined(separator: "; ")
      + (rest > 0 ? "; and so \(rest) more, back to rank \(waits[0].rank)" : "")
      + "; move a pass that is waited for ahead of where its rank waits"
  }
}
