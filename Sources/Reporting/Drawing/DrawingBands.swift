/// What stands around the boxes of a band: grid, labels and frame; and the curves below the boxes.
extension ByteWriter {
  /// The lines of the grid and the labels of the time axis.
  mutating func putGrid(_ ticks: [TimeAxis.Tick], band: Int, _ layout: DrawingLayout) {
    let pixel = DrawingLayout.pixel
    let (first, last) = (band * layout.plotWidth, (band + 1) * layout.plotWidth)
    let isLastBand = band == layout.bands - 1
    let top = layout.top(ofBand: band)
    let bottom = top + layout.rowsHeight
    for tick in ticks {
      let position = layout.position(tick.time)
      // What falls on the border of two bands is the beginning of the later one.
      guard position >= first, position < last || (isLastBand && position == last) else {
        continue
      }
      let x = layout.left + position - first
      put("<path class=\"grid\" d=\"M")
      put(hundredths: x)
      put(" ")
      put(hundredths: top)
      put("V")
      put(hundredths: bottom + 4 * pixel)
      put("\"/>\n")
      putText(
        tick.label, x: x, y: bottom + 15 * pixel, size: 11, style: "text-anchor=\"middle\"")
    }
  }

  /// The frame around a band's rows.
  mutating func putFrame(band: Int, _ layout: DrawingLayout) {
    putBox(
      "frame", layout.left, layout.top(ofBand: band), layout.plotWidth, layout.rowsHeight)
  }

  /// The rank to the left of its row.
  mutating func putRankLabel(_ rank: Int, band: Int, _ layout: DrawingLayout) {
    putText(
      "rank \(rank)", x: layout.left - 6 * DrawingLayout.pixel,
      y: layout.top(ofRank: rank, band: band) + layout.boxHeight / 2 + 4 * DrawingLayout.pixel,
      size: 11, style: "text-anchor=\"end\"")
  }

  /// The part of a rank's curve that stands in a band, and its peak.
  ///
  /// - Parameter scale: What the whole height stands for.
  mutating func putCurve(
    _ curve: DrawnCurve, scale: Int, rank: Int, band: Int, _ layout: DrawingLayout
  ) {
    let bottom = layout.curveBottom(ofRank: rank, band: band)
    let (first, last) = (band * layout.plotWidth, (band + 1) * layout.plotWidth)
    func height(_ level: Int) -> Int { bottom - layout.curveHeight * level / scale }
    // Where the band begins, what the last step before it left.
    var index = curve.steps.partitioningIndex { $0.position > first }
    let level = index > 0 ? curve.steps[index - 1].level : 0
    put("<path class=\"curve\" d=\"M")
    put(hundredths: layout.left)
    put(" ")
    put(hundredths: bottom)
    putVertical(height(level))
    while index < curve.steps.count, curve.steps[index].position < last {
      putHorizontal(layout.left + curve.steps[index].position - first)
      putVertical(height(curve.steps[index].level))
      index += 1
    }
    putHorizontal(layout.left + layout.plotWidth)
    putVertical(bottom)
    put("\"/>\n")
    if rank % layout.labelEvery == 0 {
      putText(
        String(curve.peak), x: layout.left + layout.plotWidth + 6 * DrawingLayout.pixel,
        y: bottom - layout.curveHeight / 2 + 4 * DrawingLayout.pixel, size: 11)
    }
  }

  private mutating func putVertical(_ y: Int) {
    put("V")
    put(hundredths: y)
  }

  private mutating func putHorizontal(_ x: Int) {
    put("H")
    put(hundredths: x)
  }
}

extension Array {
  /// Index of the first element that `belongs` to the second part, in an array whose elements that
  /// do stand after those that do not.
  fileprivate func partitioningIndex(_ belongs: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
