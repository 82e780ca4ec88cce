import Quantities
public import Scenarios
import Training

/// Where the time of one case's step went, as people read it.
enum WaterfallText {
  /// The parts of a mean GPU's step, the largest first, and what the critical path runs through;
  /// nothing where the case has no parts.
  static func text(_ one: CaseOutcome) -> String {
    let waterfall = one.result.waterfall
    let step = waterfall.total.seconds
    guard step > 0 else { return "" }
    let parts = WaterfallPart.allCases.filter { waterfall[$0] > .zero }
      .sorted { (waterfall[$1], $0.rawValue) < (waterfall[$0], $1.rawValue) }
    let rows = parts.map { part in
      [
        part.spoken, DisplayText.number(waterfall[part].seconds, decimals: 3),
        DisplayText.number(waterfall[part].seconds / step * 100, decimals: 1),
      ]
    }
    return "\nWhere the step of \(one.name) goes, a mean GPU:\n"
      + DisplayText.table(["", "s", "%"], rows) + waits(one.result) + path(one.result.criticalPath)
  }

  /// Which ranks wait between their passes, and for whom.
  private static func waits(_ result: StepResult) -> String {
    let waiting = result.waterfalls.filter { $0.waitingForRank != nil }
    let most = waiting.max { ($0.time, $1.rank) < ($1.time, $0.rank) }
    guard let most, let other = most.waitingForRank, most.time > .zero else { return "" }
    let share = most.time.seconds / max(result.step.seconds, .leastNormalMagnitude)
    return DisplayText.wrapped(
      "Rank \(most.rank) waits longest between its passes, \(DisplayText.percent(share)) of the "
        + "step, most of it while rank \(other) works.", indent: "") + "\n"
  }

  /// Time on the critical path by activity.
  private static func path(_ path: CriticalPath) -> String {
    let times = path.times
    let whole = times.reduce(.zero, +).seconds
    guard whole > 0 else { return "" }
    let parts = times.indices.filter { times[$0].seconds >= 0.0005 * whole }
      .sorted { (times[$1], $0) < (times[$0], $1) }
      .map {
        "\(FileWords.spokenActivities[$0]) \(DisplayText.percent(times[$0].seconds / whole))"
      }
    return DisplayText.wrapped(
      "Its critical path: \(parts.joined(separator: ", ")); it changes rank "
        + (path.rankChanges == 1 ? "once." : "\(DisplayText.number(path.rankChanges)) times."),
      indent: "") + "\n"
  }
}

extension RankWaterfall {
  /// Time between passes that the rank waits for others.
  fileprivate var time: Time { waterfall[.waiting] + waterfall[.imbalance] }
}

extension WhatIfStudy {
  /// The answers as a table, the largest effect first.
  public var text: String {
    let rows = answers.map { answer in
      [
        answer.change, DisplayText.number(answer.step.seconds, decimals: 3),
        (answer.effect > 0 ? "+" : "") + DisplayText.percent(answer.effect, decimals: 2),
      ]
    }
    return "\nWhat if, \(caseName) with its schedule list and stages as they are:\n"
      + DisplayText.table(["", "step, s", "change"], rows)
  }
}
