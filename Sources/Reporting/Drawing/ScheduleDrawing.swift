public import Schedules

/// A schedule as a picture: a row a rank, a box an action, as long as its duration.
///
///     let schedule = try BuiltIn.dualPipe.schedule(ranks: 8, microBatches: 20)
///     let durations = try Durations(
///       forward: 1, inputBackward: 1, weightBackward: 1, overlapped: 2.6)
///     let drawing = try ScheduleDrawing(schedule, durations: StageDurations(durations))
///     print(ByteWriter.text { drawing.write(to: &$0) })
///     // <svg xmlns="http://www.w3.org/2000/svg" ...
///
/// The drawing is SVG as wide as a page; the time of a long schedule goes on in further bands
/// below. It says which durations it assumes and what they lead to.
public struct ScheduleDrawing {
  private let picture: PipelineDrawing

  /// The drawing of a schedule.
  ///
  /// - Parameters:
  ///   - durations: How long the passes of each stage take.
  ///   - showsMemory: Whether a curve below each row shows how many activations the rank holds.
  /// - Throws: `ScheduleError.breaksRules` if the schedule is not valid, `durationsOfStages` if the
  ///   durations are of another number of stages.
  public init(
    _ schedule: Schedule, durations: StageDurations, showsMemory: Bool = false
  ) throws(ScheduleError) {
    let frozen = try FrozenSchedule(schedule)
    let timing = try frozen.timing(durations)
    let spans = try frozen.spans(durations)
    let rows = zip(schedule.actions, spans).map { actions, spans in
      zip(actions, spans).map { action, span in
        DrawnBox(content: .action(action), start: span.start, end: span.finish)
      }
    }
    let words = ScheduleWords(schedule, durations, timing)
    picture = PipelineDrawing(
      title: words.title, notes: [words.durations, words.results],
      axis: TimeAxis(title: "time, in the unit of the durations", length: timing.makespan),
      rows: rows,
      curves: showsMemory ? zip(schedule.actions, spans).map(MemoryCurve.init) : [],
      shades: StageShades(schedule), microBatches: schedule.microBatches)
  }

  /// Writes the picture.
  public func write(to writer: inout ByteWriter) { picture.write(to: &writer) }
}

/// What a schedule's drawing says about it.
private struct ScheduleWords {
  let schedule: Schedule
  let stages: [Durations]
  let timing: ScheduleTiming

  init(_ schedule: Schedule, _ durations: StageDurations, _ timing: ScheduleTiming) {
    self.schedule = schedule
    self.timing = timing
    stages = durations.stages
  }

  var title: String {
    let stages = schedule.modelStages
    return "\(schedule.name): \(schedule.size)"
      + (stages > schedule.ranks ? ", \(stages) stages" : "")
  }

  /// The durations that matter to the schedule, as a range where stages differ.
  var durations: String {
    var kinds = Set<PassKind>()
    var hasPairs = false
    for action in schedule.actions.joined() {
      switch action {
      case .single(let pass): kinds.insert(pass.kind)
      case .overlapped: hasPairs = true
      }
    }
    var parts: [String] = []
    func say(_ name: String, _ value: (Durations) -> Double) {
      parts.append("\(name) \(Self.range(stages.map(value)))")
    }
    if hasPairs || kinds.contains(.forward) { say("F", \.forward) }
    if kinds.contains(.inputBackward) { say("I", \.inputBackward) }
    if kinds.contains(.weightBackward) { say("W", \.weightBackward) }
    if hasPairs || kinds.contains(.backward) { say("B", \.backward) }
    if hasPairs { say("overlapped pair", \.overlapped) }
    if schedule.ranks > 1 { say("p2p", \.pointToPoint) }
    return "durations " + (stages.count > 1 ? "by stage: " : "") + parts.joined(separator: ", ")
  }

  var results: String {
    let peaks = timing.peakActivationsReleaseAtW
    let (least, most) = (peaks.min() ?? 0, peaks.max() ?? 0)
    let peak = least == most ? "\(most)" : "\(least) to \(most) (by rank)"
    return "makespan \(DisplayText.short(timing.makespan))"
      + " · bubble \(DisplayText.percent(timing.bubbleRatio))"
      + " · span bubble \(DisplayText.percent(timing.spanBubbleRatio))"
      + " · peak activations \(peak)"
  }

  private static func range(_ values: [Double]) -> String {
    let (least, most) = (values.min() ?? 0, values.max() ?? 0)
    return least == most
      ? DisplayText.short(most) : "\(DisplayText.short(least)) to \(DisplayText.short(most))"
  }
}

extension Schedule {
  /// Its ranks and micro-batches in words: `8 ranks, 20 micro-batches`.
  var size: String {
    let ranks = ranks == 1 ? "1 rank" : "\(ranks) ranks"
    return ranks + (microBatches == 1 ? ", 1 micro-batch" : ", \(microBatches) micro-batches")
  }
}
