public import Schedules

/// Durations that are the same for every stage, as options give them; what is left out is F = I =
/// W = 1, a pair as long as its halves, and no latency.
public struct UniformDurations: Sendable {
  /// Of F.
  public var forward: Double?
  /// Of I.
  public var inputBackward: Double?
  /// Of W.
  public var weightBackward: Double?
  /// Of an overlapped pair.
  public var overlapped: Double?
  /// From the end of a pass to its result being on another rank.
  public var pointToPoint: Double?

  /// None given.
  public init() {}

  /// Each with the option that gives it.
  private var options: [(option: String, value: Double?)] {
    [
      ("--forward", forward), ("--input-backward", inputBackward),
      ("--weight-backward", weightBackward), ("--overlapped", overlapped), ("--p2p", pointToPoint),
    ]
  }

  /// Whether any is given.
  public var isGiven: Bool { options.contains { $0.value != nil } }

  /// The first option whose value is no duration, as a sentence; nil if there is none.
  public var misuse: String? {
    for (option, value) in options {
      guard let value, !(value >= 0 && value <= 1e100) else { continue }
      return "\(option) takes a duration from 0 to 1e100; \(value) is not in that range."
    }
    return nil
  }

  /// All durations.
  func value() throws(ScenarioError) -> Durations {
    do throws(ScheduleError) {
      return try Durations(
        forward: forward ?? 1, inputBackward: inputBackward ?? 1,
        weightBackward: weightBackward ?? 1, overlapped: overlapped,
        pointToPoint: pointToPoint ?? 0)
    } catch {
      throw ScenarioError(.scheduleRefused(error), at: .argument)
    }
  }
}

/// The durations a schedule is timed with, and the file they come from, if one.
public struct ChosenDurations: Sendable {
  /// Of each stage, or of all.
  public let stages: StageDurations
  /// Path of their file; nil where they are options.
  public let file: String?
  /// What the options gave; the rest is assumed.
  public let given: UniformDurations
  /// Size of each stage's activation, where a file gives it.
  public let activations: [Double]?

  /// Whether anyone gave them.
  public var isGiven: Bool { file != nil || given.isGiven }

  /// From options.
  ///
  /// - Throws: `ScenarioError` with a value that is no duration.
  public init(_ durations: UniformDurations) throws(ScenarioError) {
    stages = StageDurations(try durations.value())
    file = nil
    given = durations
    activations = nil
  }

  /// From a file; see `DurationsFile`.
  ///
  /// - Throws: `ScenarioError` with every problem of the file.
  public init(file: String) throws(ScenarioError) {
    let read = try DurationsFile(path: file)
    stages = read.durations
    activations = read.activations
    self.file = file
    given = UniformDurations()
  }
}
