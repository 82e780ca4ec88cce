public import Scenarios
import Schedules

/// A schedule's lists, for `schedule show`.
public struct ScheduleReport {
  private let schedule: Schedule

  /// A report on the schedule.
  public init(_ loaded: LoadedSchedule) { schedule = loaded.schedule }

  /// PyTorch's text: a line for each rank.
  public var text: String { schedule.text() }

  /// The picture; see `ScheduleDrawing`.
  ///
  /// - Throws: `ScenarioError` if the durations are of another number of stages.
  public func drawing(
    _ durations: ChosenDurations, showsMemory: Bool
  ) throws(ScenarioError) -> String {
    let drawing: ScheduleDrawing
    do throws(ScheduleError) {
      drawing = try ScheduleDrawing(
        schedule, durations: durations.stages, showsMemory: showsMemory)
    } catch {
      throw ScenarioError(error, of: durations)
    }
    return ByteWriter.text { drawing.write(to: &$0) }
  }

  /// The lists with where stages lie.
  public var json: JSONValue {
    .object([
      ("name", .text(schedule.name)),
      ("ranks", .integer(schedule.ranks)),
      ("micro_batches", .integer(schedule.microBatches)),
      ("stages_per_rank", schedule.stagesPerRank.map { .integer($0) } ?? .null),
      ("parameter_copies", .integer(schedule.parameterCopies)),
      ("rank_of_stage", .list(schedule.rankOfStage.map { .integer($0) })),
      ("actions", .list(schedule.actions.map { .list($0.map { .text($0.description) }) })),
    ])
  }
}

/// What a file of a schedule holds, or what is wrong with it, for `schedule check`.
public struct ScheduleCheckReport {
  private let loaded: LoadedSchedule

  /// A report on a schedule whose rules are kept.
  public init(_ loaded: LoadedSchedule) { self.loaded = loaded }

  private var schedule: Schedule { loaded.schedule }

  private var actions: Int { schedule.actions.reduce(0) { $0 + $1.count } }

  private var pairs: Int {
    schedule.actions.reduce(0) { sum, list in
      sum + list.count { if case .overlapped = $0 { true } else { false } }
    }
  }

  /// What it is, and `"valid": true`.
  public var json: JSONValue {
    .object([
      ("valid", .boolean(true)),
      ("name", .text(schedule.name)),
      ("ranks", .integer(schedule.ranks)),
      ("stages", .integer(schedule.rankOfStage.count)),
      ("micro_batches", .integer(schedule.microBatches)),
      ("placement", schedule.placement.map { .text($0.rawValue) } ?? .null),
      ("stages_per_rank", schedule.stagesPerRank.map { .integer($0) } ?? .null),
      ("parameter_copies", .integer(schedule.parameterCopies)),
      ("actions", .integer(actions)),
      ("overlapped_pairs", .integer(pairs)),
      ("ignored_communication_actions", .integer(loaded.ignored)),
    ])
  }

  /// The same as lines for people.
  public var text: String {
    let each = schedule.stagesPerRank.map { ", \($0) on each rank" } ?? ""
    var rows = [
      ("ranks", DisplayText.number(schedule.ranks)),
      ("stages", DisplayText.number(schedule.rankOfStage.count) + each),
      ("micro-batches", DisplayText.number(schedule.microBatches)),
      ("placement", schedule.placement?.rawValue ?? "none of the published ones"),
      ("parameter copies", DisplayText.number(schedule.parameterCopies)),
      ("actions", DisplayText.number(actions)),
      ("overlapped pairs", DisplayText.number(pairs)),
    ]
    if loaded.ignored > 0 {
      rows.append(
        (
          "not checked",
          "\(DisplayText.number(loaded.ignored)) sends, receives and memory actions: only"
            + " the passes are read"
        ))
    }
    let width = rows.map(\.0.count).max() ?? 0
    return "\(loaded.file ?? schedule.name): a valid schedule\n"
      + rows.map { "  \(DisplayText.left($0.0, width))  \($0.1)\n" }.joined()
  }

  /// `"valid": false` and the problems of a text, each with its line, cell and sentence; nil where
  /// the file could not be read at all.
  public static func json(_ error: ScenarioError) -> JSONValue? {
    var problems: [JSONValue] = []
    var more = 0
    for problem in error.problems {
      switch problem.fault {
      case .scheduleText(let problem): problems.append(json(problem))
      case .more(let count): more = count
      default: return nil
      }
    }
    return .object([
      ("valid", .boolean(false)), ("problems", .list(problems)), ("more", .integer(more)),
    ])
  }

  private static func json(_ problem: TextProblem) -> JSONValue {
    var fields: [(key: String, value: JSONValue)] = [
      ("line", problem.place.map { .integer($0.line) } ?? .null),
      ("cell", problem.place?.cell.map { .integer($0) } ?? .null),
      ("sentence", .text(problem.sentence)),
    ]
    if case .deadlock(let deadlock) = problem.fault {
      let ranks = deadlock.waits.map { JSONValue.integer($0.rank) }
      fields += [("waiting_ranks", .list(ranks)), ("grid", .text(deadlock.grid))]
    }
    return .object(fields)
  }
}

extension Schedule {
  /// Stages on each rank, or nil where ranks hold different numbers.
  fileprivate var stagesPerRank: Int? {
    var counts = [Int](repeating: 0, count: ranks)
    for rank in rankOfStage { counts[rank] += 1 }
    guard let first = counts.first, counts.allSatisfy({ $0 == first }) else { return nil }
    return first
  }
}
