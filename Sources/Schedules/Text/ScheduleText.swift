/// A schedule read from PyTorch's text, with the cell of each action.
///
///     let text = try ScheduleText(Array("0F0,0F1,0B0,0B1\n1F0,1B0,1F1,1B1\n".utf8), name: "mine")
///     text.schedule.ranks                     // 2
///     text.place(rank: 1, action: 2)          // line 2, cell 3
///     try text.frozen()                       // every rule is kept, so it can be timed
///
/// Each line is a rank and each cell an action, as PyTorch's `_dump_csv` writes them: `2F0`, or
/// `(0F4;3B2)OVERLAP_F_B`. Empty cells are idle steps and pass; so do the sends, receives and memory
/// actions of lowered files, which follow from the passes. Blanks and quotes around a cell, either
/// line end, a byte order mark and a missing last line end do no harm. Everything else is refused,
/// much of it where PyTorch's own loader reads on: `0F1junk`, `01F02`, `0BW1`.
///
/// A micro-batch travels the stages in which it appears, in ascending order, so bidirectional
/// schedules need no further syntax; see `Schedule.routes()`.
///
/// Source: PyTorch, torch.distributed.pipelining.schedules.
public struct ScheduleText: Sendable, Equatable {
  /// The schedule, which may break any rule until `frozen()` has succeeded.
  public let schedule: Schedule
  /// Sends, receives and memory actions that were left out.
  public let ignored: Int
  /// Cell of each action in its line, counted from 1 and with empty cells.
  private let cells: [[Int32]]

  /// Reads a text.
  ///
  /// - Parameters:
  ///   - bytes: The text, in UTF-8.
  ///   - name: What the schedule is called.
  /// - Throws: `ScheduleTextError` with every cell that cannot be read.
  /// - Complexity: O(bytes).
  public init(_ bytes: [UInt8], name: String) throws(ScheduleTextError) {
    var reader = LineReader(bytes)
    reader.read()
    reader.checkNumbering()
    guard reader.problems.isEmpty else {
      throw ScheduleTextError(problems: reader.problems, more: reader.more)
    }
    cells = reader.cells
    ignored = reader.ignored
    do {
      schedule = try Schedule(name: name, actions: reader.actions)
    } catch {
      throw ScheduleTextError(problems: error.violations.map { TextProblem(nil, .rule($0, [])) })
    }
  }

  /// Where an action stands.
  public func place(rank: Int, action: Int) -> CellPlace {
    CellPlace(line: rank + 1, cell: Int(cells[rank][action]))
  }

  /// The schedule checked by every rule and laid out to be timed.
  ///
  /// - Throws: `ScheduleTextError` with every rule that is broken, and where.
  /// - Complexity: O(passes + stages × micro-batches).
  public func frozen() throws(ScheduleTextError) -> FrozenSchedule {
    do {
      return try FrozenSchedule(schedule)
    } catch {
      let most = ScheduleTextError.mostProblems
      throw ScheduleTextError(
        problems: error.violations.prefix(most).map(problem),
        more: max(0, error.violations.count - most))
    }
  }
}

extension ScheduleError {
  /// The broken rules, if it is about them.
  fileprivate var violations: [RuleViolation] {
    if case .breaksRules(_, let violations) = self { violations } else { [] }
  }
}

/// Reads the lines of a text into lists of actions.
private struct LineReader {
  private(set) var actions: [[Action]] = []
  private(set) var cells: [[Int32]] = []
  private(set) var ignored = 0
  private(set) var problems: [TextProblem] = []
  private(set) var more = 0
  private let bytes: [UInt8]
  private var cellReader: CellReader
  private var highest = (stage: Int32(-1), microBatch: Int32(-1))
  private var passes = 0
  private var isText = true

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    cellReader = CellReader(bytes)
  }

  mutating func read() {
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let end = (bytes.lastIndex { !CellReader.isBlank($0) && !Self.endsLine($0) } ?? -1) + 1
    if start >= end { report(nil, .empty) }
    while start < end, isText {
      var next = start
      while next < end, bytes[next] != UInt8(ascii: "\n") { next += 1 }
      let returns = next > start && bytes[next - 1] == UInt8(ascii: "\r")
      readLine(start..<(returns ? next - 1 : next))
      start = next + 1
    }
  }

  private static func endsLine(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }

  private mutating func readLine(_ line: Range<Int>) {
    var list: [Action] = []
    var numbers: [Int32] = []
    list.reserveCapacity(actions.last?.count ?? 0)
    numbers.reserveCapacity(list.capacity)
    var start = line.lowerBound
    var number = 0
    var isSound = true
    while start <= line.upperBound, isText {
      var end = start
      while end < line.upperBound, bytes[end] != UInt8(ascii: ",") { end += 1 }
      number += 1
      do throws(CellFault) {
        switch try cellReader.read(start..<end) {
        case .action(let action):
          list.append(action)
          numbers.append(Int32(truncatingIfNeeded: number))
          count(action)
        case .communication: ignored += 1
        case .idle: break
        }
      } catch {
        isSound = false
        refuse(start..<end, CellPlace(line: actions.count + 1, cell: number), error)
      }
      start = end + 1
    }
    if list.isEmpty, isSound {
      report(CellPlace(line: actions.count + 1), .emptyRank(actions.count))
    }
    actions.append(list)
    cells.append(numbers)
  }

  private mutating func count(_ action: Action) {
    switch action {
    case .single(let pass): count(pass)
    case .overlapped(let forward, let backward):
      count(forward)
      count(backward)
    }
  }

  private mutating func count(_ pass: Pass) {
    passes += 1
    highest.stage = max(highest.stage, pass.stage)
    highest.microBatch = max(highest.microBatch, pass.microBatch)
  }

  /// Refuses numbers so high that most below them must be missing, before a table of all of them
  /// is made.
  mutating func checkNumbering() {
    guard problems.isEmpty else { return }
    let (stage, microBatch) = highest
    if stage >= passes { refuseFirst(.stage, passes) { $0.stage == stage } }
    if microBatch >= passes { refuseFirst(.microBatch, passes) { $0.microBatch == microBatch } }
  }

  private mutating func refuseFirst(
    _ name: NumberName, _ passes: Int, _ isMeant: (Pass) -> Bool
  ) {
    for (rank, list) in actions.enumerated() {
      guard let position = list.firstIndex(where: { $0.contains(isMeant) }) else {
        continue
      }
      report(
        CellPlace(line: rank + 1, cell: Int(cells[rank][position])),
        .cell(list[position].description, .numberedTooHigh(name, passes: passes)))
      return
    }
  }

  // MARK: Problems

  private mutating func refuse(_ cell: Range<Int>, _ place: CellPlace, _ fault: CellFault) {
    guard problems.count < ScheduleTextError.mostProblems else {
      more += 1
      return
    }
    if let text = CellReader.shown(bytes[cell]) {
      report(place, .cell(text, CellReader.suggestion(bytes[cell]) ?? fault))
    } else {
      isText = false
      report(place, .notText)
    }
  }

  private mutating func report(_ place: CellPlace?, _ fault: TextFault) {
    guard problems.count < ScheduleTextError.mostProblems else {
      more += 1
      return
    }
    problems.append(TextProblem(place, fault))
  }
}

extension Action {
  /// The pass alone, or forward and backward of the pair.
  var passes: [Pass] {
    switch self {
    case .single(let pass): [pass]
    case .overlapped(let forward, let backward): [forward, backward]
    }
  }
}
