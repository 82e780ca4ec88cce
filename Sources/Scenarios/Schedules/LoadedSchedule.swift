import Foundation
public import Schedules

/// A schedule with where it comes from.
public struct LoadedSchedule: Sendable {
  /// The schedule.
  public let schedule: Schedule
  /// Path of its file; nil for a built-in.
  public let file: String?
  /// Sends, receives and memory actions of the file that were left out.
  public let ignored: Int
  /// The schedule laid out to be timed, where that was needed to check it.
  private let checked: FrozenSchedule?

  init(schedule: Schedule, file: String?, ignored: Int, checked: FrozenSchedule?) {
    self.schedule = schedule
    self.file = file
    self.ignored = ignored
    self.checked = checked
  }

  /// Largest file that is read: 16 bytes for each action that can be simulated.
  static let mostBytes = 1 << 28

  /// Reads a file in PyTorch's text and checks it by every rule.
  ///
  /// - Throws: `ScenarioError` with every problem.
  public init(path: String) throws(ScenarioError) {
    let bytes = [UInt8](try Document.bytes(of: path, most: Self.mostBytes))
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    do throws(ScheduleTextError) {
      let text = try ScheduleText(bytes, name: name)
      self.init(
        schedule: text.schedule, file: path, ignored: text.ignored, checked: try text.frozen())
    } catch {
      throw ScenarioError(error, file: path)
    }
  }

  /// How long it takes.
  ///
  /// - Throws: `ScenarioError` if the durations are of another number of stages.
  public func timing(_ durations: ChosenDurations) throws(ScenarioError) -> ScheduleTiming {
    do throws(ScheduleError) {
      if let checked { return try checked.timing(durations.stages) }
      return try FrozenSchedule(schedule).timing(durations.stages)
    } catch {
      throw ScenarioError(error, of: durations)
    }
  }
}

extension ScenarioError {
  /// Durations that a schedule cannot be timed with.
  public init(_ error: ScheduleError, of durations: ChosenDurations) {
    self.init(.scheduleRefused(error), at: durations.file.map { .file($0) } ?? .argument)
  }

  /// The problems of a text, in its file.
  init(_ error: ScheduleTextError, file: String) {
    self.init(
      problems: error.problems.map { problem in
        Problem(
          place: problem.place.map {
            .line(file: file, line: $0.line, column: $0.cell ?? 0)
          } ?? .file(file), fault: .scheduleText(problem))
      })
    if error.more > 0 {
      problems.append(Problem(place: .file(file), fault: .more(error.more)))
    }
  }
}
