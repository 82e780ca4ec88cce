import Schedules

/// Where things stand in a drawing, in hundredths of a pixel.
///
/// A drawing as wide as a page shows short schedules whole. The time axis of a longer one is cut
/// into bands of all ranks, one below the other, so that a box stays wide enough for its number.
struct DrawingLayout: Equatable {
  /// What a layout depends on.
  struct Content: Equatable {
    var ranks: Int
    /// Length of the time axis.
    var length: Double
    /// Length of a short box, which should have room for its number.
    var shortBox: Double
    /// Digits of the largest number.
    var digits: Int
    /// Whether some boxes are cut into an upper and a lower half.
    var hasPairs = false
    /// Whether rows have a curve below their boxes.
    var hasCurves = false
  }

  /// Hundredths of a pixel in a pixel.
  static let pixel = 100
  /// Width of a digit over the size of its font.
  static let digitWidth = 0.6
  /// Numbers smaller than this are left out.
  static let smallestNumber = 55 * pixel / 10

  private static let page = 1500 * pixel
  private static let widestPlot = 2400 * pixel
  private static let widestShortBox = 34.0 * Double(pixel)
  private static let mostRows = 160
  private static let mostPieces = 100_000

  let content: Content
  /// How many stretches the time axis is cut into.
  let bands: Int
  /// Width of a band's time axis.
  let plotWidth: Int
  /// Distance from row to row.
  let rowHeight: Int
  /// Height of a box.
  let boxHeight: Int
  /// Height of a curve below the boxes; 0 for none.
  let curveHeight: Int
  /// Size of the numbers where their boxes have room.
  let numberSize: Int
  /// What is narrower than this is drawn together with its neighbours.
  let leastWidth: Int
  /// Width of the border of a pair, and twice that of what divides boxes.
  let borderWidth: Int
  /// Lines of text below the title.
  var notes = 1

  init(_ content: Content) {
    self.content = content
    (bands, plotWidth) = Self.division(content)
    let rows = content.ranks * bands
    let high = content.ranks > 512 ? 3 : content.ranks > 128 ? 9 : rows > 16 ? 21 : 28
    curveHeight = content.hasCurves ? Self.curve(rowHeight: high) : 0
    rowHeight = high * Self.pixel + (content.hasCurves ? curveHeight + 5 * Self.pixel : 0)
    boxHeight = (high > 9 ? high - 3 : high * 9 / 10) * Self.pixel
    let pieceHeight = content.hasPairs ? boxHeight / 2 : boxHeight * 7 / 10
    numberSize = min(11 * Self.pixel, pieceHeight * 85 / 100)
    let short = content.length > 0 ? content.shortBox / content.length : 1
    borderWidth = min(100, max(20, Int(short * Double(plotWidth * bands)) * 8 / 100))
    let all = plotWidth / Self.pixel * bands * content.ranks
    leastWidth = max(Self.pixel, all / Self.mostPieces * Self.pixel)
  }

  private static func curve(rowHeight: Int) -> Int {
    (rowHeight > 21 ? 20 : rowHeight > 9 ? 15 : rowHeight) * pixel
  }

  private static func division(_ content: Content) -> (bands: Int, plotWidth: Int) {
    let digits = Double(content.digits)
    let ratio = content.shortBox > 0 ? min(content.length / content.shortBox, 1e9) : 1
    let comfortable = ratio * (6 * digits + 4) * Double(pixel)
    let tight = ratio * (3.8 * digits + 2.5) * Double(pixel)
    let page = Double(page)
    if comfortable <= page {
      return (1, Int(max(comfortable, min(1000 * Double(pixel), ratio * widestShortBox))))
    }
    let most = max(1, mostRows / max(content.ranks, 1))
    let bands = min(most, max(1, Int((tight / page).rounded(.up))))
    let width = min(Double(widestPlot), max(page, tight / Double(bands)))
    return (bands, Int(width))
  }

  // MARK: Places

  /// Where the time axis begins.
  let left = 62 * pixel
  /// Room to the right of it.
  var right: Int { (content.hasCurves ? 44 : 24) * Self.pixel }
  /// Width of the drawing.
  var width: Int { max(left + plotWidth + right, 700 * Self.pixel) }

  /// Height of title and notes.
  var headHeight: Int { (36 + 17 * notes) * Self.pixel }
  /// Height of the ranks together.
  var rowsHeight: Int { content.ranks * rowHeight }
  /// Height of a band: the ranks and the axis below them.
  var bandHeight: Int { rowsHeight + 26 * Self.pixel }
  /// Top of the ranks of a band.
  func top(ofBand band: Int) -> Int { headHeight + band * bandHeight }
  /// Where what stands below the bands begins.
  var footTop: Int { headHeight + bands * bandHeight }

  /// Top of a rank's boxes.
  func top(ofRank rank: Int, band: Int) -> Int {
    let gap = content.hasCurves ? 2 * Self.pixel : (rowHeight - boxHeight) / 2
    return top(ofBand: band) + rank * rowHeight + gap
  }

  /// Where a rank's curve stands when the rank holds nothing.
  func curveBottom(ofRank rank: Int, band: Int) -> Int {
    top(ofRank: rank, band: band) + boxHeight + curveHeight + 2 * Self.pixel
  }

  /// How far along the bands an instant stands.
  func position(_ time: Double) -> Int {
    guard content.length > 0 else { return 0 }
    let share = min(max(time / content.length, 0), 1)
    return Int((share * Double(plotWidth * bands)).rounded())
  }

  /// Size of a number in a box, nil where it finds no room.
  func sizeOfNumber(_ number: Int32, width: Int, height: Int) -> Int? {
    let room = Double(width - 2 * Self.pixel) / Double(String(number).utf8.count)
    let size = min(Int(room / Self.digitWidth), height * 85 / 100, numberSize)
    return size < Self.smallestNumber ? nil : size
  }

  /// Length of the time axis in a band.
  var bandLength: Double { content.length / Double(bands) }

  /// Which ranks have a label: each, or every so many where rows are low.
  var labelEvery: Int { max(1, (11 * Self.pixel + rowHeight - 1) / rowHeight) }
}

extension DrawingLayout.Content {
  /// The content of `rows` of boxes.
  init(_ rows: [[DrawnBox]], length: Double, microBatches: Int, hasCurves: Bool) {
    ranks = rows.count
    self.length = length
    self.hasCurves = hasCurves
    digits = String(max(microBatches - 1, 0)).count
    var lengths: [Double] = []
    for box in rows.joined() {
      if box.length > 0 { lengths.append(box.length) }
      if case .action(.overlapped) = box.content { hasPairs = true }
    }
    lengths.sort()
    shortBox = lengths.isEmpty ? length : lengths[lengths.count / 10]
  }
}
