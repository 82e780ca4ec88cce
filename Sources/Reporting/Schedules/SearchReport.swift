public import ScheduleSearch
import Schedules

/// What a search for a schedule found, for `schedule search`.
public struct SearchReport {
  private let result: SearchResult
  private let seed: UInt64

  /// A report on what a search with a seed found.
  public init(_ result: SearchResult, seed: UInt64) {
    self.result = result
    self.seed = seed
  }

  /// The schedule in PyTorch's text.
  public var scheduleText: String { result.schedule.text() }

  /// What was found, how far it is from the best possible, and how the built-in schedules do.
  public var text: String {
    var text =
      "makespan \(plain(result.timing.makespan)), bubble "
      + "\(DisplayText.percent(result.timing.bubbleRatio, decimals: 2)); "
    text +=
      result.isOptimal
      ? "optimal: no order on the placements searched is shorter\n"
      : "no order on the placements searched is shorter than \(plain(result.lowerBound)), "
        + "so it is at most \(DisplayText.percent(result.gapRatio, decimals: 2)) too long\n"
    if let best = result.bestBuiltIn, let makespan = best.makespan {
      let gain = makespan > 0 ? 1 - result.timing.makespan / makespan : 0
      text +=
        "best built-in schedule that fits: \(best.builtIn.rawValue), \(plain(makespan)); "
        + (gain > 1e-9
          ? "the one found is \(DisplayText.percent(gain, decimals: 2)) shorter\n"
          : "no shorter one was found\n")
    } else {
      text += "no built-in schedule fits\n"
    }
    text +=
      "placement \(result.placement.rawValue); largest activations of a rank "
      + "\(plain(result.peaks.max() ?? 0)); "
      + "\(DisplayText.number(result.evaluations)) "
      + "\(result.evaluations == 1 ? "order" : "orders") tried, seed \(seed)\n"
    return text
  }

  /// The same and the lists, for scripts.
  public var json: JSONValue {
    let schedule = result.schedule
    return .object([
      ("ranks", .integer(schedule.ranks)),
      ("micro_batches", .integer(schedule.microBatches)),
      ("makespan", .number(result.timing.makespan)),
      ("bubble_ratio", .number(result.timing.bubbleRatio)),
      ("longest_span", .number(result.timing.longestSpan)),
      ("span_bubble_ratio", .number(result.timing.spanBubbleRatio)),
      ("lower_bound", .number(result.lowerBound)),
      ("gap_ratio", .number(result.gapRatio)),
      ("is_optimal", .boolean(result.isOptimal)),
      ("best_built_in", result.bestBuiltIn.map { .text($0.builtIn.rawValue) } ?? .null),
      ("best_built_in_makespan", (result.bestBuiltIn?.makespan).map { .number($0) } ?? .null),
      ("built_ins", .list(result.builtIns.map(Self.json))),
      ("placement", .text(result.placement.rawValue)),
      ("parameter_copies", .integer(schedule.parameterCopies)),
      ("peak_activations", .list(result.peaks.map { .number($0) })),
      ("evaluations", .integer(result.evaluations)),
      ("seed", .integer(Int(clamping: seed))),
      ("rank_of_stage", .list(schedule.rankOfStage.map { .integer($0) })),
      ("actions", .list(schedule.actions.map { .list($0.map { .text($0.description) }) })),
    ])
  }

  private static func json(_ trial: BuiltInTrial) -> JSONValue {
    .object([
      ("name", .text(trial.builtIn.rawValue)),
      ("makespan", trial.makespan.map { .number($0) } ?? .null),
      ("sentence", .text(trial.description)),
    ])
  }
}

extension SearchProgress {
  /// How far the search is, in a line.
  public var line: String {
    let done = Double(evaluations) / Double(max(budget, 1))
    return "\(DisplayText.percent(done, decimals: 0)) of \(DisplayText.number(budget)) orders, "
      + "best \(plain(makespan)), lower bound \(plain(lowerBound)), "
      + "gap \(DisplayText.percent(gapRatio, decimals: 2))"
  }
}

/// A time or size for people, to eight digits: sums carry rounding beyond them.
private func plain(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return ByteWriter.text { $0.put(value) } }
  var scale = 1.0
  while abs(value) * scale < 1e7, scale < 1e15 { scale *= 10 }
  return ByteWriter.text { $0.put((value * scale).rounded() / scale) }
}
