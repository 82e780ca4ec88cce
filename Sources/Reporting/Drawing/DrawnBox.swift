import Schedules

/// A stretch of a rank's row in which it does one thing, in the unit of the drawing's axis.
struct DrawnBox: Equatable {
  /// What a box shows.
  enum Content: Equatable {
    /// An action of the schedule.
    case action(Action)
    /// Gradient reduction, optimizer and parameter gather.
    case update
  }

  /// What the box shows.
  var content: Content
  /// When it starts.
  var start: Double
  /// When it ends.
  var end: Double

  var length: Double { end - start }
}

/// A box, or the part of it that stands in one band of the drawing, in hundredths of a pixel from
/// where the time axis begins.
struct DrawnPiece: Equatable {
  /// What a piece shows.
  enum Content: Equatable {
    /// One box.
    case one(DrawnBox.Content)
    /// Boxes that follow each other and look alike, each too narrow to be seen alone.
    case alike(className: String)
    /// Different boxes that follow each other, each too narrow to be seen alone.
    case several
  }

  var content: Content
  var left: Int
  var right: Int
  /// Whether it is the widest part of its box, which bears the number.
  var isMain = true

  var width: Int { right - left }
}

/// Puts the boxes of a row into its bands, and joins those too narrow to be seen, so that the
/// number of pieces is bounded by the width of the drawing.
struct PieceMaker {
  let layout: DrawingLayout
  let shades: StageShades
  /// The pieces of each band.
  private(set) var bands: [[DrawnPiece]]
  /// Narrow pieces on their way.
  private var run: (band: Int, piece: DrawnPiece)?

  init(_ layout: DrawingLayout, _ shades: StageShades) {
    self.layout = layout
    self.shades = shades
    bands = Array(repeating: [], count: layout.bands)
  }

  /// The pieces of `boxes`, which are in order and do not overlap, by band.
  static func pieces(
    _ boxes: [DrawnBox], _ layout: DrawingLayout, _ shades: StageShades
  ) -> [[DrawnPiece]] {
    var maker = PieceMaker(layout, shades)
    for box in boxes { maker.add(box) }
    maker.endRun()
    return maker.bands
  }

  private mutating func add(_ box: DrawnBox) {
    let (start, end) = (layout.position(box.start), layout.position(box.end))
    guard end > start else { return }
    let content = DrawnPiece.Content.one(box.content)
    if end - start < layout.leastWidth {
      // Too narrow to be cut in two: it stands where its start does.
      let band = start / layout.plotWidth
      let left = start - band * layout.plotWidth
      let right = min(left + end - start, layout.plotWidth)
      addNarrow(DrawnPiece(content: content, left: left, right: right), band)
      return
    }
    endRun()
    let touched = start / layout.plotWidth...(end - 1) / layout.plotWidth
    var parts = touched.map { band in
      let first = band * layout.plotWidth
      return DrawnPiece(
        content: content, left: max(start - first, 0), right: min(end - first, layout.plotWidth),
        isMain: false)
    }
    if let main = parts.indices.max(by: { parts[$0].width < parts[$1].width }) {
      parts[main].isMain = true
    }
    for (band, part) in zip(touched, parts) { bands[band].append(part) }
  }

  private mutating func addNarrow(_ piece: DrawnPiece, _ band: Int) {
    guard let last = run, last.band == band,
      piece.left - last.piece.right < layout.leastWidth / 2
    else {
      endRun()
      run = (band, piece)
      return
    }
    let name = className(of: piece.content)
    let isAlike = name != nil && name == className(of: last.piece.content)
    guard isAlike || last.piece.width < layout.leastWidth else {
      endRun()
      run = (band, piece)
      return
    }
    var joined = last.piece
    joined.right = piece.right
    joined.content = isAlike ? .alike(className: name ?? "") : .several
    run = (band, joined)
  }

  private mutating func endRun() {
    guard let (band, piece) = run else { return }
    run = nil
    if piece.content == .several, let last = bands[band].last, last.content == .several,
      last.right == piece.left
    {
      bands[band][bands[band].count - 1].right = piece.right
    } else {
      bands[band].append(piece)
    }
  }

  /// Class of what is a plain box, nil for pairs and for what differs.
  private func className(of content: DrawnPiece.Content) -> String? {
    switch content {
    case .one(.action(.single(let pass))): shades.name(of: pass)
    case .one(.action(.overlapped)): nil
    case .one(.update): "update"
    case .alike(let name): name
    case .several: nil
    }
  }
}
