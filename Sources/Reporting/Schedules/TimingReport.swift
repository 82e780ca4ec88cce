public import Scenarios
import Schedules

/// How long a schedule takes with plain durations, for `schedule time`.
public struct TimingReport {
  private let loaded: LoadedSchedule
  private let durations: ChosenDurations
  private let timing: ScheduleTiming
  private let decimals: Int?

  /// A report on a schedule timed with `durations`.
  ///
  /// - Throws: `ScenarioError` if the durations are of another number of stages.
  public init(_ loaded: LoadedSchedule, _ durations: ChosenDurations) throws(ScenarioError) {
    self.loaded = loaded
    self.durations = durations
    timing = try loaded.timing(durations)
    decimals = Self.decimals(timing)
  }

  // MARK: JSON

  /// The numbers, in the unit of the durations.
  public var json: JSONValue {
    .object([
      ("ranks", .integer(loaded.schedule.ranks)),
      ("micro_batches", .integer(loaded.schedule.microBatches)),
      ("makespan", .number(timing.makespan)),
      ("bubble_ratio", .number(timing.bubbleRatio)),
      ("longest_span", .number(timing.longestSpan)),
      ("span_bubble_ratio", .number(timing.spanBubbleRatio)),
      ("rank_busy", .list(timing.rankBusy.map { .number($0) })),
      ("rank_finish", .list(timing.rankFinish.map { .number($0) })),
      (
        "peak_activations_release_at_w",
        .list(timing.peakActivationsReleaseAtW.map { .integer($0) })
      ),
      (
        "peak_activations_release_at_i",
        .list(timing.peakActivationsReleaseAtI.map { .integer($0) })
      ),
      ("name", .text(loaded.schedule.name)),
      ("durations", .list(durations.stages.stages.map(Self.json))),
    ])
  }

  private static func json(_ durations: Durations) -> JSONValue {
    .object([
      ("forward", .number(durations.forward)),
      ("input_backward", .number(durations.inputBackward)),
      ("weight_backward", .number(durations.weightBackward)),
      ("overlapped", .number(durations.overlapped)),
      ("p2p", .number(durations.pointToPoint)),
    ])
  }

  // MARK: Text

  /// The same as a table for people.
  public var text: String {
    let schedule = loaded.schedule
    let parts = [
      "\(loaded.file ?? schedule.name): \(Self.counted(schedule.ranks, "rank"))",
      Self.counted(schedule.microBatches, "micro-batch"), "one step",
    ]
    return parts.joined(separator: ", ") + "\n" + DisplayText.wrapped(assumed, indent: "  ")
      + "\n\n"
      + table + "\n" + totals
  }

  private static func counted(_ number: Int, _ noun: String) -> String {
    let plural = noun.hasSuffix("ch") ? "es" : "s"
    return "\(DisplayText.number(number)) \(noun)\(number == 1 ? "" : plural)"
  }

  /// The durations, and which of them nobody gave.
  private var assumed: String {
    if let file = durations.file {
      return "durations: of \(Self.counted(durations.stages.stages.count, "stage")), from \(file)"
    }
    let (given, all) = (durations.given, durations.stages.stages[0])
    let parts: [(String, Double, Double?, String)] = [
      ("F", all.forward, given.forward, "assumed"),
      ("I", all.inputBackward, given.inputBackward, "assumed"),
      ("W", all.weightBackward, given.weightBackward, "assumed"),
      ("overlapped pair", all.overlapped, given.overlapped, "F + I + W"),
      ("p2p", all.pointToPoint, given.pointToPoint, "assumed"),
    ]
    return "durations: "
      + parts.map { name, value, given, note in
        "\(name) \(Self.plain(value))" + (given == nil ? " (\(note))" : "")
      }.joined(separator: ", ")
  }

  private var table: String {
    let heads = ["rank", "busy", "finish", "idle %", "peak to W", "peak to I"]
    let rows = timing.rankBusy.indices.map { rank -> [String] in
      let idle = timing.makespan > 0 ? 1 - timing.rankBusy[rank] / timing.makespan : 0
      return [
        String(rank), number(timing.rankBusy[rank]), number(timing.rankFinish[rank]),
        DisplayText.number(max(0, idle) * 100, decimals: 2),
        String(timing.peakActivationsReleaseAtW[rank]),
        String(timing.peakActivationsReleaseAtI[rank]),
      ]
    }
    return DisplayText.table(heads, rows, startsWithNumber: true)
  }

  private var totals: String {
    let rows = [
      (
        "makespan", timing.makespan, timing.bubbleRatio,
        "idle time of all ranks over ranks x makespan"
      ),
      (
        "longest span", timing.longestSpan, timing.spanBubbleRatio,
        "the same, each rank from its first start"
      ),
    ]
    let width = rows.map { number($0.1).count }.max() ?? 0
    return rows.map { name, span, ratio, meaning in
      "  \(DisplayText.left(name, 12))  \(DisplayText.right(number(span), width))  bubble "
        + "\(DisplayText.right(DisplayText.percent(ratio, decimals: 2), 8))  \(meaning)\n"
    }.joined()
      + "  Peaks count activations of one stage and one micro-batch, alive from F to the end of W"
      + " or of I.\n"
  }

  private func number(_ value: Double) -> String {
    decimals.map { DisplayText.number(value, decimals: $0) } ?? value.description
  }

  /// Decimals of times: as many as the makespan needs for seven digits, none if all are whole; nil
  /// where they are too large or small for a table.
  private static func decimals(_ timing: ScheduleTiming) -> Int? {
    let makespan = timing.makespan
    guard makespan < 1e15, makespan >= 1e-6 || makespan == 0 else { return nil }
    let times = timing.rankBusy + timing.rankFinish + [makespan, timing.longestSpan]
    if times.allSatisfy({ $0 == $0.rounded() }) { return 0 }
    var decimals = 6
    var bound = 10.0
    while bound <= makespan, decimals > 0 {
      decimals -= 1
      bound *= 10
    }
    bound = 1
    while bound > makespan {
      decimals += 1
      bound /= 10
    }
    return decimals
  }

  private static func plain(_ value: Double) -> String {
    ByteWriter.text { $0.put(value) }
  }
}
