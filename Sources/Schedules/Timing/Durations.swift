/// Durations of the passes of one stage, as plain weights in any one unit.
public struct Durations: Sendable, Equatable {
  /// Of F.
  public let forward: Double
  /// Of I.
  public let inputBackward: Double
  /// Of W; a full backward takes I and W together.
  public let weightBackward: Double
  /// Of an overlapped pair.
  public let overlapped: Double
  /// From the end of a pass to its result being on another rank; on the same rank it is there at
  /// once.
  public let pointToPoint: Double

  /// Durations, the overlapped pair taking F + I + W if not said.
  ///
  /// - Throws: `ScheduleError.duration` for one that is not from 0 to 1e100; above that, sums might
  ///   overflow.
  public init(
    forward: Double, inputBackward: Double, weightBackward: Double, overlapped: Double? = nil,
    pointToPoint: Double = 0
  ) throws(ScheduleError) {
    self.forward = forward
    self.inputBackward = inputBackward
    self.weightBackward = weightBackward
    self.overlapped = overlapped ?? forward + inputBackward + weightBackward
    self.pointToPoint = pointToPoint
    let values: [(DurationName, Double)] = [
      (.forward, forward), (.inputBackward, inputBackward), (.weightBackward, weightBackward),
      (.overlapped, self.overlapped), (.pointToPoint, pointToPoint),
    ]
    for (name, value) in values where !(value >= 0 && value <= Self.longest) {
      throw .duration(name, value, stage: nil)
    }
  }

  /// F = I = W = 1, a pair as long as its halves, no latency.
  public static let unit = Durations(1, 1, 1, overlapped: 3, pointToPoint: 0)

  /// Durations known to be in range.
  fileprivate init(
    _ forward: Double, _ inputBackward: Double, _ weightBackward: Double, overlapped: Double,
    pointToPoint: Double
  ) {
    self.forward = forward
    self.inputBackward = inputBackward
    self.weightBackward = weightBackward
    self.overlapped = overlapped
    self.pointToPoint = pointToPoint
  }

  static let longest = 1e100

  /// Of a full backward.
  public var backward: Double { inputBackward + weightBackward }
  /// What an overlapped pair saves over its halves one after the other; negative if it costs.
  public var saving: Double { forward + backward - overlapped }
}

/// Durations of every stage of a schedule, the same for all or each its own.
///
///     let even = StageDurations(.unit)
///     let uneven = StageDurations(ofStages: [first, middle, middle, last])
///
/// Those of stages are given for the parts of the model in order, or, where two directions share
/// the model, for each stage as it is numbered in the text.
///
/// `overlapped` of a stage is for its own forward with its own backward. A pair of two stages
/// saves the mean of what they save, as each half brings its own exchanges to hide, but no more
/// than its shorter half. `pointToPoint` of a stage is for what it sends, either way.
public struct StageDurations: Sendable, Equatable {
  /// One for all stages, or one for each.
  public let stages: [Durations]

  /// The same durations for every stage.
  public init(_ durations: Durations) { stages = [durations] }

  /// Durations of each stage.
  public init(ofStages stages: [Durations]) { self.stages = stages }

  /// The mean over the stages, for schedules that take one set.
  public var mean: Durations {
    func mean(_ duration: (Durations) -> Double) -> Double {
      stages.reduce(0) { $0 + duration($1) / Double(stages.count) }
    }
    return Durations(
      mean(\.forward), mean(\.inputBackward), mean(\.weightBackward),
      overlapped: mean(\.overlapped), pointToPoint: mean(\.pointToPoint))
  }

  /// Whether they suit a schedule of so many stages and parts of the model.
  func suit(stages count: Int, modelStages: Int) -> Bool {
    [1, count, modelStages].contains(stages.count)
  }

  /// Durations of a stage of a schedule that they suit.
  ///
  /// - Parameters:
  ///   - stage: Stage as numbered in the text.
  ///   - modelStage: Part of the model it is.
  ///   - count: Stages of the schedule.
  public func of(stage: Int, modelStage: Int, count: Int) -> Durations {
    if stages.count == 1 { return stages[0] }
    return stages.count == count ? stages[stage] : stages[modelStage]
  }

  /// How long a pair takes.
  public static func overlapped(forward: Durations, backward: Durations) -> Double {
    // Of one stage it is exactly what was given, without rounding.
    if forward == backward { return forward.overlapped }
    let halves = forward.forward + backward.backward
    let saving = (forward.saving + backward.saving) / 2
    return halves - Swift.min(saving, forward.forward, backward.backward)
  }
}
