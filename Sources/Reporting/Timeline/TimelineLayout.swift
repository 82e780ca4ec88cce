import Quantities

/// Where things stand in a timeline drawing, in hundredths of a pixel from the top left.
struct TimelineLayout {
  /// Hundredths of a pixel in a pixel.
  static let pixel = 100

  /// Ranks, a row each.
  let ranks: Int
  /// Length of the time axis.
  let step: Time

  let width = 2400 * pixel
  let left = 70 * pixel
  let right = 30 * pixel
  let headHeight = 64 * pixel
  let axisHeight = 40 * pixel
  let legendHeight = 44 * pixel
  let rowHeight: Int
  /// Height of a box, which leaves a gap between rows.
  let boxHeight: Int

  /// A layout for the rows of `ranks` and an axis of `step`; rows get lower where there are many.
  init(ranks: Int, step: Time) {
    self.ranks = ranks
    self.step = step
    let high = ranks <= 32 ? 38 : ranks <= 64 ? 26 : 16
    rowHeight = high * Self.pixel
    boxHeight = (high - 4) * Self.pixel
  }

  /// Height of the rows together.
  var rowsHeight: Int { ranks * rowHeight }
  /// Height of the drawing.
  var height: Int { headHeight + rowsHeight + axisHeight + legendHeight }
  /// Width of the time axis.
  var span: Int { width - left - right }
  /// Where the axis stands.
  var axisTop: Int { headHeight + rowsHeight }

  /// Top of a rank's boxes.
  func top(ofRank rank: Int) -> Int { headHeight + rank * rowHeight + 2 * Self.pixel }

  /// Where an instant stands.
  func x(_ time: Time) -> Int {
    guard step > .zero else { return left }
    let share = Double(time.picoseconds) / Double(step.picoseconds)
    return left + Int((share * Double(span)).rounded())
  }

  /// Instants of the axis with their labels in seconds: steps of 1, 2 or 5 times a power of ten,
  /// 8 to 20 of them.
  var ticks: [(time: Time, label: String)] {
    let total = step.picoseconds
    guard total >= 20 else { return [] }
    var distance: Int64 = 1
    var decimals = 12
    while total / distance > 200 {
      distance *= 10
      decimals -= 1
    }
    if total / distance > 100 {
      distance *= 10
      decimals -= 1
    } else if total / distance > 40 {
      distance *= 5
    } else if total / distance > 20 {
      distance *= 2
    }
    var unit: Int64 = 1
    for _ in 0..<12 - max(0, decimals) { unit *= 10 }
    return stride(from: 0, through: total, by: Int64.Stride(distance)).map { instant in
      let label = ByteWriter.text { $0.put(instant / unit, decimals: max(0, decimals)) }
      return (Time(picoseconds: instant), label)
    }
  }
}
