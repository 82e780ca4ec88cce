/// Why a text is no schedule: every problem found, in the order of the text.
public struct ScheduleTextError: Error, Sendable, Equatable {
  /// The first problems; never empty.
  public var problems: [TextProblem]
  /// How many more there are.
  public var more: Int

  /// Most problems that are told.
  public static let mostProblems = 20

  init(problems: [TextProblem], more: Int = 0) {
    self.problems = problems
    self.more = more
  }
}

/// One thing that is wrong with a text, and where.
public struct TextProblem: Sendable, Equatable {
  /// Where; nil for the text as a whole.
  public var place: CellPlace?
  /// What.
  public var fault: TextFault

  init(_ place: CellPlace?, _ fault: TextFault) {
    self.place = place
    self.fault = fault
  }
}

/// A cell of a text, or one of its lines.
public struct CellPlace: Sendable, Hashable, Comparable {
  /// Line, counted from 1; rank `r` stands on line `r + 1`.
  public var line: Int
  /// Cell of the line, counted from 1 and with empty cells, as spreadsheets do; nil for the line as
  /// a whole.
  public var cell: Int?

  /// A cell, or the line.
  public init(line: Int, cell: Int? = nil) {
    self.line = line
    self.cell = cell
  }

  /// Lines in order, a line before its cells.
  public static func < (a: Self, b: Self) -> Bool {
    (a.line, a.cell ?? 0) < (b.line, b.cell ?? 0)
  }
}

/// What can be wrong with a text.
public enum TextFault: Sendable, Equatable {
  /// A cell, quoted, that is no action.
  case cell(String, CellFault)
  /// Bytes that are no text.
  case notText
  /// No action anywhere.
  case empty
  /// A line without passes.
  case emptyRank(Int)
  /// A rule of schedules is broken; the cells it is about.
  case rule(RuleViolation, [CellPlace])
  /// Ranks wait for one another for ever.
  case deadlock(Deadlock)
}

/// What can be wrong with a cell.
public enum CellFault: Error, Sendable, Equatable {
  /// Nothing like an action.
  case form
  /// A letter without a stage before it.
  case missingStage(String)
  /// No number behind the letter.
  case missingMicroBatch(action: String)
  /// A number where none is taken.
  case microBatchNotTaken(action: String)
  /// A word that is no action.
  case unknownAction(String)
  /// More behind an action.
  case trailing(action: String)
  /// A number such as 01.
  case leadingZero(NumberName, String)
  /// A number above what can be simulated.
  case tooLarge(NumberName, String)
  /// A number above what the passes of the text can make complete.
  case numberedTooHigh(NumberName, passes: Int)
  /// Lower case; the action as it should be.
  case lowerCase(write: String)
  /// Blanks inside an action; the action as it should be.
  case blanks(write: String)
  /// One quotation mark.
  case quote
  /// Something in brackets that is no pair.
  case pairForm
  /// A pair of other passes than a forward and a full backward.
  case pairKinds(Pass, Pass)
}

/// The numbers of an action.
public enum NumberName: String, Sendable {
  /// Of the stage.
  case stage
  /// Of the micro-batch.
  case microBatch = "micro-batch"

  /// The highest that can be simulated.
  var most: Int {
    switch self {
    case .stage: Demands.mostStages - 1
    case .microBatch: Demands.mostPasses - 1
    }
  }
}

/// Ranks that wait for one another for ever, as a text has them.
public struct Deadlock: Sendable, Equatable {
  /// Who waits for whom: each for the rank of the next, the last for the first.
  public var waits: [Wait]
  /// Where each waits.
  public var stuck: [CellPlace]
  /// Where the pass stands that each waits for.
  public var needed: [CellPlace]
  /// A line for each rank with the actions around the place where it waits, which is marked as in
  /// `>2B0<`; what others wait for is marked as in `[2B1]`.
  public var grid: String
}
