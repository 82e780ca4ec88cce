import Foundation
import Schedules

/// A schedule as a command names it: a built-in with its shape, or a file in PyTorch's text.
///
///     var choice = ScheduleChoice("dualpipe")
///     (choice.ranks, choice.microBatches) = (4, 16)
///     try choice.load().schedule.ranks                  // 4
///     try ScheduleChoice("mine.csv").load().ignored     // 0
public struct ScheduleChoice: Sendable {
  /// Name of a built-in, or path of a file.
  public var nameOrPath: String
  /// Ranks of the pipeline.
  public var ranks: Int?
  /// Micro-batches of a step.
  public var microBatches: Int?
  /// Stages on each rank; nil for the schedule's default.
  public var stagesPerRank: Int?
  /// Micro-batches of a group; nil for the schedule's default.
  public var groupSize: Int?
  /// Most activations of a rank under a searched schedule; nil for the schedule's own.
  public var memoryLimit: Int?
  /// A choice with all options left out.
  public init(_ nameOrPath: String) { self.nameOrPath = nameOrPath }

  /// Names of the built-in schedules.
  public static var names: [String] { BuiltIn.allCases.map(\.rawValue) }

  /// What is missing in the call, or too much for a file, as a sentence; nil if nothing is.
  public var misuse: String? {
    let shape = [
      ("--ranks", ranks), ("--micro-batches", microBatches), ("--stages-per-rank", stagesPerRank),
      ("--group-size", groupSize), ("--memory-limit", memoryLimit),
    ]
    if BuiltIn(rawValue: nameOrPath) != nil {
      let missing = shape.prefix(2).filter { $0.1 == nil }.map(\.0)
      guard !missing.isEmpty else { return nil }
      return "\(nameOrPath) is built for a number of ranks and of micro-batches; add "
        + missing.joined(separator: " and ") + "."
    }
    guard isFile, let given = shape.first(where: { $0.1 != nil })?.0 else { return nil }
    return "the file \(shortened(nameOrPath)) has its own ranks and micro-batches; leave out "
      + "\(given)."
  }

  /// The schedule, its rules checked.
  ///
  /// - Parameter durations: What a searched schedule is built for, the mean of the stages; others
  ///   do not depend on them.
  /// - Throws: `ScenarioError` with every problem of the name, the shape or the file.
  public func load(_ durations: ChosenDurations? = nil) throws(ScenarioError) -> LoadedSchedule {
    if let builtIn = BuiltIn(rawValue: nameOrPath) {
      let schedule = try build(builtIn, durations?.stages.mean)
      return LoadedSchedule(schedule: schedule, file: nil, ignored: 0, checked: nil)
    }
    guard isFile || nameOrPath.contains("/") || nameOrPath.hasSuffix(".csv") else {
      throw ScenarioError(
        .unknownName(
          key: "schedule", value: shortened(nameOrPath), kind: .schedule, names: Self.names,
          suggestion: suggestion(for: nameOrPath, among: Self.names)), at: .argument)
    }
    return try LoadedSchedule(path: nameOrPath)
  }

  private var isFile: Bool { FileManager.default.fileExists(atPath: nameOrPath) }

  private func build(
    _ builtIn: BuiltIn, _ durations: Durations?
  ) throws(ScenarioError) -> Schedule {
    let request = ScheduleRequest(
      ranks: ranks ?? 0, microBatches: microBatches ?? 0, stagesPerRank: stagesPerRank,
      groupSize: groupSize, durations: durations, memoryLimit: memoryLimit)
    do throws(ScheduleError) {
      return try builtIn.schedule(request)
    } catch {
      throw ScenarioError(.scheduleRefused(error), at: .argument)
    }
  }
}
