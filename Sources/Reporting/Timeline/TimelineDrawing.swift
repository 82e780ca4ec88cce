import Quantities
public import Scenarios
import Schedules
import Training

/// A case as a picture: a row a rank, a box an action, as long as the action took.
///
/// The drawing is SVG of fixed width, so that it can go into a paper as it is. White is idle.
public struct TimelineDrawing {
  private let outcome: CaseOutcome
  private let boxes: [[ActionBox]]
  private let tintOfStage: [Int]
  private let stagesPerRank: Int
  private let layout: TimelineLayout

  /// The drawing of one case.
  public init(_ outcome: CaseOutcome) {
    self.outcome = outcome
    let schedule = outcome.result.schedule
    boxes = outcome.result.actionBoxes()
    var held = [Int](repeating: 0, count: schedule.ranks)
    var tints: [Int] = []
    for rank in schedule.rankOfStage {
      guard held.indices.contains(rank) else {
        tints.append(0)
        continue
      }
      tints.append(min(held[rank], TimelineColours.tints - 1))
      held[rank] += 1
    }
    tintOfStage = tints
    stagesPerRank = held.max() ?? 1
    layout = TimelineLayout(ranks: schedule.ranks, step: outcome.result.step)
  }

  /// Name of the drawing's file: `timeline-CASE.svg`.
  ///
  /// What a file name cannot hold, and what a shell would trip over, becomes a hyphen.
  public static func fileName(of name: String) -> String {
    let plain = name.unicodeScalars.map { scalar -> Character in
      let isPlain =
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "."
        || scalar == "_"
      return isPlain ? Character(scalar) : "-"
    }
    return "timeline-\(String(plain.prefix(80))).svg"
  }

  /// Writes the picture.
  public func write(to writer: inout ByteWriter) {
    writer.putHead(layout, stages: stagesPerRank)
    writer.putTitle(title, summary, layout)
    writer.putAxis(layout)
    for (rank, row) in boxes.enumerated() {
      let top = layout.top(ofRank: rank)
      writer.putRankLabel(rank, layout)
      writer.put("<g class=\"row\">\n")
      for box in row { put(box, top: top, to: &writer) }
      writer.put("</g>\n")
    }
    writer.putLegend(legend, hasTints: stagesPerRank > 1, layout)
    writer.put("</svg>\n")
  }

  private var title: String {
    outcome.name == outcome.schedule
      ? outcome.name : "\(outcome.name) (schedule \(outcome.schedule))"
  }

  private var summary: String {
    let step = DisplayText.number(outcome.stepSeconds, decimals: 3)
    let bubble = DisplayText.percent(outcome.result.bubbleRatio)
    let schedule = outcome.result.schedule
    let ranks = schedule.ranks == 1 ? "1 rank" : "\(schedule.ranks) ranks"
    let microBatches =
      schedule.microBatches == 1 ? "1 micro-batch" : "\(schedule.microBatches) micro-batches"
    return "step \(step) s · bubble \(bubble) · \(ranks), \(microBatches)"
      + " · \(outcome.memoryVerdict)"
  }

  private var legend: [TimelineColours.Entry] {
    var kinds = Set<PassKind>()
    var hasPairs = false
    var hasUpdate = false
    for box in boxes.joined() {
      switch box.content {
      case .action(.single(let pass)): kinds.insert(pass.kind)
      case .action(.overlapped): hasPairs = true
      case .update: hasUpdate = true
      }
    }
    var entries = PassKind.allCases.filter(kinds.contains).map(TimelineColours.entry)
    if hasPairs { entries.append(TimelineColours.pairForward) }
    if hasUpdate { entries.append(TimelineColours.update) }
    return entries
  }

  private func put(_ box: ActionBox, top: Int, to writer: inout ByteWriter) {
    let left = layout.x(box.start)
    let width = layout.x(box.end) - left
    let height = layout.boxHeight
    switch box.content {
    case .update:
      writer.putBox("o0", left, top, width, height)
    case .action(.single(let pass)):
      let tint = tint(of: pass)
      let name = TimelineColours.entry(of: pass.kind).name
      writer.putBox("\(name)\(tint)", left, top, width, height)
      writer.putNumber(pass.microBatch, dark: tint > 0, left, top, width, height, layout)
    case .action(.overlapped(let forward, let backward)):
      let upper = height / 2
      let tints = (tint(of: forward), tint(of: backward))
      writer.putBox("pf\(tints.0)", left, top, width, upper)
      writer.putBox("pb\(tints.1)", left, top + upper, width, height - upper)
      writer.putBox("pair", left, top, width, height)
      writer.putNumber(forward.microBatch, dark: tints.0 > 0, left, top, width, upper, layout)
      writer.putNumber(
        backward.microBatch, dark: tints.1 > 1, left, top + upper, width, height - upper,
        layout)
    }
  }

  private func tint(of pass: Pass) -> Int {
    let stage = Int(pass.stage)
    return tintOfStage.indices.contains(stage) ? tintOfStage[stage] : 0
  }
}

extension CaseOutcome {
  /// Whether the case fits memory and by how much: `fits 80 GB with 8.1 GB to spare`.
  var memoryVerdict: String {
    let capacity = DisplayText.gigabytes(memoryCapacity)
    return fits
      ? "fits \(capacity) GB with \(DisplayText.gigabytes(memoryCapacity - peakMemory)) GB to spare"
      : "exceeds \(capacity) GB by \(DisplayText.gigabytes(peakMemory - memoryCapacity)) GB"
  }
}
