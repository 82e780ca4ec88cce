import Quantities
public import Scenarios
import Schedules
import Training

/// A case as a picture: a row a rank, a box an action, as long as the action took.
///
/// The drawing is SVG as wide as a page, so that it can go into a paper as it is. White is idle.
public struct TimelineDrawing {
  private let picture: PipelineDrawing

  /// The drawing of one case.
  public init(_ outcome: CaseOutcome) {
    let schedule = outcome.result.schedule
    picture = PipelineDrawing(
      title: Self.title(outcome), notes: [Self.summary(outcome)],
      axis: TimeAxis(title: "time, s", length: outcome.result.step.seconds),
      rows: outcome.result.actionBoxes().map { row in
        row.map {
          DrawnBox(content: $0.content, start: $0.start.seconds, end: $0.end.seconds)
        }
      },
      curves: [], shades: StageShades(schedule), microBatches: schedule.microBatches)
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
  public func write(to writer: inout ByteWriter) { picture.write(to: &writer) }

  private static func title(_ outcome: CaseOutcome) -> String {
    outcome.name == outcome.schedule
      ? outcome.name : "\(outcome.name) (schedule \(outcome.schedule))"
  }

  private static func summary(_ outcome: CaseOutcome) -> String {
    let step = DisplayText.number(outcome.stepSeconds, decimals: 3)
    let bubble = DisplayText.percent(outcome.result.bubbleRatio)
    return "step \(step) s · bubble \(bubble) · \(outcome.result.schedule.size)"
      + " · \(outcome.memoryVerdict)"
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
