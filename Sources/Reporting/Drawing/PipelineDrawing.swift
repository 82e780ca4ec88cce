import Schedules

/// A picture of a pipeline at work: a row a rank, a box an action, as long as it took; white is
/// idle.
///
/// What is drawn, a simulated step or a schedule with plain durations, gives the rows and the
/// words; the picture is the same. It is SVG without scripts and fonts of its own.
struct PipelineDrawing {
  /// First line.
  let title: String
  /// Further lines, their parts divided by " · ".
  let notes: [String]
  let axis: TimeAxis
  /// The boxes of each rank, in order; those of a rank do not overlap.
  let rows: [[DrawnBox]]
  /// What each rank holds; empty for a drawing without curves.
  let curves: [MemoryCurve]
  let shades: StageShades
  let microBatches: Int

  /// Writes the picture.
  func write(to writer: inout ByteWriter) {
    var layout = DrawingLayout(
      DrawingLayout.Content(
        rows, length: axis.length, microBatches: microBatches, hasCurves: !curves.isEmpty))
    let room = layout.width - layout.left - 20 * DrawingLayout.pixel
    let lines = notes.flatMap { TextWidth.lines($0, size: 12, width: room) }
    layout.notes = lines.count
    let pieces = rows.map { PieceMaker.pieces($0, layout, shades) }
    let legend = DrawingLegend(entries(pieces, layout), width: room)

    let foot = layout.footTop + 24 * DrawingLayout.pixel
    let description = ([Self.purpose] + notes).joined(separator: " ")
    writer.putHead(
      width: layout.width, height: foot + legend.height + 10 * DrawingLayout.pixel, title: title,
      description: description)
    writer.putStyle(layout)
    putWords(lines, layout, to: &writer)
    let ticks = axis.ticks(every: layout.bandLength, width: layout.plotWidth)
    for band in 0..<layout.bands {
      writer.putGrid(ticks, band: band, layout)
      for (rank, row) in pieces.enumerated() { put(row[band], rank, band, layout, to: &writer) }
      writer.putFrame(band: band, layout)
    }
    putCurves(layout, to: &writer)
    let titleWidth = TextWidth.of(axis.title, size: 11)
    writer.putText(
      axis.title, x: layout.left + max(layout.plotWidth, titleWidth) / 2,
      y: layout.footTop + 6 * DrawingLayout.pixel,
      size: 11, style: "text-anchor=\"middle\"")
    legend.write(left: layout.left, top: foot, to: &writer)
    writer.put("</svg>\n")
  }

  private static let purpose =
    "Each row is a rank of the pipeline, each box an action, as long as it takes; white is idle."

  private func putWords(
    _ lines: [String], _ layout: DrawingLayout, to writer: inout ByteWriter
  ) {
    let pixel = DrawingLayout.pixel
    let width = layout.width - layout.left
    writer.putText(
      TextWidth.cut(title, size: 17, width: width), x: layout.left, y: 22 * pixel, size: 16,
      style: "font-weight=\"700\"")
    for (index, line) in lines.enumerated() {
      writer.putText(
        TextWidth.cut(line, size: 12, width: width), x: layout.left,
        y: (40 + 17 * index) * pixel, size: 12, style: "fill=\"#333\"")
    }
  }

  private func entries(
    _ pieces: [[[DrawnPiece]]], _ layout: DrawingLayout
  ) -> [DrawingLegend.Entry] {
    var entries = DrawingLegend.entries(pieces.joined().joined(), shades)
    if !curves.isEmpty {
      entries.append(
        DrawingLegend.Entry(
          mark: .curve, words: "activations held, one stage and micro-batch each; right: peak"))
    }
    var words = "numbers: micro-batches"
    if pieces.joined().joined().contains(where: { $0.lacksNumber(layout) }) {
      words += ", left out where a box is too narrow"
    }
    let meaning = [shades.meaning, words].compactMap { $0 }
    return entries + meaning.map { DrawingLegend.Entry(mark: .none, words: $0) }
  }

  // MARK: Rows

  private func put(
    _ row: [DrawnPiece], _ rank: Int, _ band: Int, _ layout: DrawingLayout,
    to writer: inout ByteWriter
  ) {
    if rank % layout.labelEvery == 0 { writer.putRankLabel(rank, band: band, layout) }
    writer.put("<g class=\"row\">\n")
    let top = layout.top(ofRank: rank, band: band)
    for piece in row { put(piece, top, layout, to: &writer) }
    writer.put("</g>\n")
  }

  private func put(
    _ piece: DrawnPiece, _ top: Int, _ layout: DrawingLayout, to writer: inout ByteWriter
  ) {
    let (x, width, height) = (layout.left + piece.left, piece.width, layout.boxHeight)
    switch piece.content {
    case .one(.update): writer.putBox("update", x, top, width, height)
    case .alike(let name): writer.putBox(name, x, top, width, height)
    case .several: writer.putBox("several", x, top, width, height)
    case .one(.action(.single(let pass))):
      put(pass, piece, top, height, layout, to: &writer)
    case .one(.action(.overlapped(let forward, let backward))):
      let upper = height / 2
      put(forward, piece, top, upper, layout, to: &writer)
      put(backward, piece, top + upper, height - upper, layout, to: &writer)
      writer.putPairBorder(x, top, width, height, line: layout.borderWidth)
    }
  }

  private func put(
    _ pass: Pass, _ piece: DrawnPiece, _ y: Int, _ height: Int, _ layout: DrawingLayout,
    to writer: inout ByteWriter
  ) {
    let (x, width) = (layout.left + piece.left, piece.width)
    writer.putBox(shades.name(of: pass), x, y, width, height)
    guard piece.isMain else { return }
    writer.putNumber(
      pass.microBatch,
      isLight: DrawingColours.hasWhiteNumbers(pass.kind, shade: shades.shade(of: pass)), x, y,
      width, height, layout)
  }

  // MARK: Curves

  private func putCurves(_ layout: DrawingLayout, to writer: inout ByteWriter) {
    guard !curves.isEmpty else { return }
    let drawn = curves.map { DrawnCurve($0, layout) }
    let scale = max(1, drawn.map(\.peak).max() ?? 1)
    for (rank, curve) in drawn.enumerated() {
      for band in 0..<layout.bands {
        writer.putCurve(curve, scale: scale, rank: rank, band: band, layout)
      }
    }
  }
}

extension DrawnPiece {
  /// Whether it is of an action whose number finds no room.
  func lacksNumber(_ layout: DrawingLayout) -> Bool {
    guard isMain else { return false }
    return switch content {
    case .one(.update): false
    case .alike, .several: true
    case .one(.action(.single(let pass))):
      layout.sizeOfNumber(pass.microBatch, width: width, height: layout.boxHeight) == nil
    case .one(.action(.overlapped(let forward, let backward))):
      layout.sizeOfNumber(
        max(forward.microBatch, backward.microBatch), width: width, height: layout.boxHeight / 2)
        == nil
    }
  }
}
