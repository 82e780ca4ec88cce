import Quantities

/// The pieces of SVG a timeline drawing is made of; positions in hundredths of a pixel.
extension ByteWriter {
  private static let font = "Helvetica, Arial, 'DejaVu Sans', sans-serif"

  mutating func putHead(_ layout: TimelineLayout, stages: Int) {
    put("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")
    put(hundredths: layout.width)
    put(" ")
    put(hundredths: layout.height)
    put("\" width=\"")
    put(hundredths: layout.width)
    put("\" height=\"")
    put(hundredths: layout.height)
    put("\" font-family=\"\(Self.font)\">\n<style>\n")
    put(TimelineColours.styleSheet(stages: stages))
    put(
      """
      .row rect{stroke:#fff;stroke-width:.4}
      .row .pair{fill:none;stroke:#2b1650;stroke-width:1}
      .row text{text-anchor:middle;fill:#fff}
      .row .d{fill:#111}
      .grid{stroke:#c8ccd2;stroke-width:.8}
      .frame{fill:none;stroke:#444;stroke-width:1}
      </style>
      <rect width="100%" height="100%" fill="#fff"/>

      """)
  }

  mutating func putTitle(_ title: String, _ summary: String, _ layout: TimelineLayout) {
    let x = layout.left
    putText(
      title, x: x, y: 28 * TimelineLayout.pixel, style: "font-size=\"22\" font-weight=\"700\"")
    putText(
      summary, x: x, y: 50 * TimelineLayout.pixel, style: "font-size=\"16\" fill=\"#333\"")
  }

  mutating func putAxis(_ layout: TimelineLayout) {
    let bottom = layout.axisTop
    for tick in layout.ticks {
      put("<path class=\"grid\" d=\"M")
      put(hundredths: layout.x(tick.time))
      put(" ")
      put(hundredths: layout.headHeight)
      put("V")
      put(hundredths: bottom + 5 * TimelineLayout.pixel)
      put("\"/>\n")
      putText(
        tick.label, x: layout.x(tick.time), y: bottom + 20 * TimelineLayout.pixel,
        style: "font-size=\"14\" text-anchor=\"middle\"")
    }
    putText(
      "time, s", x: layout.left + layout.span / 2, y: bottom + 37 * TimelineLayout.pixel,
      style: "font-size=\"14\" text-anchor=\"middle\"")
    put("<rect class=\"frame\"")
    putPlace(layout.left, layout.headHeight, layout.span, layout.rowsHeight)
    put("/>\n")
  }

  mutating func putRankLabel(_ rank: Int, _ layout: TimelineLayout) {
    let size = min(14, layout.boxHeight / TimelineLayout.pixel)
    putText(
      "rank \(rank)", x: layout.left - 8 * TimelineLayout.pixel,
      y: layout.top(ofRank: rank) + layout.boxHeight / 2 + size * TimelineLayout.pixel * 35 / 100,
      style: "font-size=\"\(size)\" text-anchor=\"end\"")
  }

  mutating func putBox(_ name: String, _ x: Int, _ y: Int, _ width: Int, _ height: Int) {
    put("<rect class=\"")
    put(name)
    put("\"")
    putPlace(x, y, width, height)
    put("/>\n")
  }

  /// The number of a micro-batch in the middle of its box, where it finds room.
  mutating func putNumber(
    _ microBatch: Int32, dark: Bool, _ x: Int, _ y: Int, _ width: Int, _ height: Int,
    _ layout: TimelineLayout
  ) {
    guard microBatch >= 0 else { return }
    let text = String(microBatch)
    // A digit is about 0.56 of the font size wide; one pixel stays free on each side.
    let widest = (width - 2 * TimelineLayout.pixel) * 100 / (56 * text.utf8.count)
    let size = min(widest, height * 8 / 10, 13 * TimelineLayout.pixel)
    guard size >= 6 * TimelineLayout.pixel else { return }
    put(dark ? "<text class=\"d\" x=\"" : "<text x=\"")
    put(hundredths: x + width / 2)
    put("\" y=\"")
    put(hundredths: y + height / 2 + size * 35 / 100)
    put("\" font-size=\"")
    put(hundredths: size)
    put("\">")
    put(text)
    put("</text>\n")
  }

  mutating func putLegend(
    _ entries: [TimelineColours.Entry], hasTints: Bool, _ layout: TimelineLayout
  ) {
    let pixel = TimelineLayout.pixel
    let top = layout.axisTop + layout.axisHeight + 10 * pixel
    var x = layout.left
    func textWidth(_ text: String) -> Int { text.count * 8 * pixel + 50 * pixel }
    for entry in entries {
      let isPair = entry.name == TimelineColours.pairForward.name
      putSwatch("\(entry.name)0", x, top, isPair ? 9 * pixel : 18 * pixel)
      if isPair {
        putSwatch("\(TimelineColours.pairBackward.name)0", x, top + 9 * pixel, 9 * pixel)
      }
      putText(
        entry.meaning, x: x + 36 * pixel, y: top + 14 * pixel, style: "font-size=\"15\"")
      x += textWidth(entry.meaning)
    }
    put("<rect class=\"frame\"")
    putPlace(x, top, 28 * pixel, 18 * pixel)
    put("/>\n")
    putText("idle (bubble)", x: x + 36 * pixel, y: top + 14 * pixel, style: "font-size=\"15\"")
    x += textWidth("idle (bubble)")
    let tints = hasTints ? "lighter: further stages of the rank · " : ""
    putText(
      tints + "numbers: micro-batches", x: x, y: top + 14 * pixel,
      style: "font-size=\"15\" fill=\"#333\"")
  }

  private mutating func putSwatch(_ name: String, _ x: Int, _ y: Int, _ height: Int) {
    putBox(name, x, y, 28 * TimelineLayout.pixel, height)
  }

  private mutating func putText(_ text: String, x: Int, y: Int, style: String) {
    put("<text x=\"")
    put(hundredths: x)
    put("\" y=\"")
    put(hundredths: y)
    put("\" ")
    put(style)
    put(">")
    put(escaped: text)
    put("</text>\n")
  }

  private mutating func putPlace(_ x: Int, _ y: Int, _ width: Int, _ height: Int) {
    put(" x=\"")
    put(hundredths: x)
    put("\" y=\"")
    put(hundredths: y)
    put("\" width=\"")
    put(hundredths: width)
    put("\" height=\"")
    put(hundredths: height)
    put("\"")
  }

  /// A number of pixels, given in hundredths, without needless zeros.
  private mutating func put(hundredths: Int) {
    if hundredths % 100 == 0 {
      put(hundredths / 100)
    } else if hundredths % 10 == 0 {
      put(Int64(hundredths / 10), decimals: 1)
    } else {
      put(Int64(hundredths), decimals: 2)
    }
  }

  /// A text with XML's special characters escaped and control characters, which XML cannot hold,
  /// replaced.
  mutating func put(escaped text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): put("&amp;")
      case UInt8(ascii: "<"): put("&lt;")
      case UInt8(ascii: ">"): put("&gt;")
      case UInt8(ascii: "\""): put("&quot;")
      case 0..<0x20, 0x7f: put("?")
      default: put(byte)
      }
    }
  }
}
