import Quantities
import Schedules
import Training

/// The time one action takes on its rank, from its first kernel or transfer to its last.
///
/// Invariant: the boxes of a rank are in order and do not overlap. Where an action begins while
/// the tail of the one before still runs, its box begins where that one ends.
struct ActionBox: Equatable {
  /// What the box shows.
  var content: DrawnBox.Content
  /// First start.
  var start: Time
  /// Last end.
  var end: Time
}

extension StepResult {
  /// The boxes of each rank, in the order they run.
  func actionBoxes() -> [[ActionBox]] {
    var passes = schedule.actions.map { [Interval?](repeating: nil, count: $0.count) }
    var updates = schedule.actions.map { _ in [Interval]() }
    for span in spans where span.stream != .send && span.stream != .background {
      let rank = Int(span.rank)
      guard passes.indices.contains(rank) else { continue }
      let interval = Interval(start: span.start, end: span.end)
      let action = Int(span.action)
      if passes[rank].indices.contains(action) {
        passes[rank][action] = passes[rank][action]?.union(interval) ?? interval
      } else if span.category == .optimizer {
        updates[rank].append(interval)
      }
    }
    return passes.indices.map { rank in
      var intervals: [(DrawnBox.Content, Interval)] = []
      for (index, interval) in passes[rank].enumerated() {
        if let interval { intervals.append((.action(schedule.actions[rank][index]), interval)) }
      }
      intervals.sort { $0.1.start < $1.1.start }
      let merged = Interval.merged(updates[rank]).map { (DrawnBox.Content.update, $0) }
      return Self.clipped(intervals + merged)
    }
  }

  private static func clipped(
    _ intervals: [(content: DrawnBox.Content, interval: Interval)]
  ) -> [ActionBox] {
    var boxes: [ActionBox] = []
    var free = Time.zero
    for (content, interval) in intervals where interval.end > free {
      boxes.append(
        ActionBox(content: content, start: max(interval.start, free), end: interval.end))
      free = interval.end
    }
    return boxes
  }
}

/// A stretch of time.
private struct Interval {
  var start: Time
  var end: Time

  func union(_ other: Interval) -> Interval {
    Interval(start: min(start, other.start), end: max(end, other.end))
  }

  /// The stretches of time that `intervals` cover together, in order.
  static func merged(_ intervals: [Interval]) -> [Interval] {
    var merged: [Interval] = []
    for next in intervals.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
      if let last = merged.last, next.start <= last.end {
        merged[merged.count - 1].end = max(last.end, next.end)
      } else {
        merged.append(next)
      }
    }
    return merged
  }
}
