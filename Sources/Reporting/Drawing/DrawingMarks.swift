import Quantities

/// The pieces of SVG a drawing is made of; positions in hundredths of a pixel.
extension ByteWriter {
  /// Opens the drawing, with what a reader that cannot see it is told.
  mutating func putHead(width: Int, height: Int, title: String, description: String) {
    put("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 ")
    put(hundredths: width)
    put(" ")
    put(hundredths: height)
    put("\" width=\"")
    put(hundredths: width)
    put("\" height=\"")
    put(hundredths: height)
    put("\" font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\">\n<title>")
    put(escaped: title)
    put("</title>\n<desc>")
    put(escaped: description)
    put("</desc>\n<style>\n")
    put(DrawingColours.styleSheet)
  }

  /// The style sheet's rules for what is no box, and the white page.
  mutating func putStyle(_ layout: DrawingLayout) {
    put(".row text{text-anchor:middle;fill:#000;font-size:")
    put(hundredths: layout.numberSize)
    put("px}\n.row rect{stroke:#fff;stroke-width:")
    put(hundredths: layout.borderWidth / 2)
    put("}\n.row .pair{fill:none;stroke:#000;stroke-width:")
    put(hundredths: layout.borderWidth)
    put(
      """
      }
      .row .l{fill:#fff}
      .border{fill:none;stroke:#000;stroke-width:1}
      .grid{stroke:#e2e4e8;stroke-width:.7}
      .frame{fill:none;stroke:#555;stroke-width:.8}
      .curve{fill:#e6e1ec;stroke:#4b3a66;stroke-width:.9}
      </style>
      <rect width="100%" height="100%" fill="#fff"/>

      """)
  }

  mutating func putBox(_ name: String, _ x: Int, _ y: Int, _ width: Int, _ height: Int) {
    put("<rect class=\"")
    put(name)
    put("\" x=\"")
    put(hundredths: x)
    put("\" y=\"")
    put(hundredths: y)
    put("\" width=\"")
    put(hundredths: width)
    put("\" height=\"")
    put(hundredths: height)
    put("\"/>\n")
  }

  /// The border that the two halves of a pair share, within their edges.
  mutating func putPairBorder(_ x: Int, _ y: Int, _ width: Int, _ height: Int, line: Int) {
    let inset = min(line * 6 / 10, width / 4)
    putBox("pair", x + inset, y + inset, width - 2 * inset, height - 2 * inset)
  }

  /// The number of a micro-batch in the middle of its box, where it finds room.
  mutating func putNumber(
    _ microBatch: Int32, isLight: Bool, _ x: Int, _ y: Int, _ width: Int, _ height: Int,
    _ layout: DrawingLayout
  ) {
    guard let size = layout.sizeOfNumber(microBatch, width: width, height: height) else { return }
    put(isLight ? "<text class=\"l\" x=\"" : "<text x=\"")
    put(hundredths: x + width / 2)
    put("\" y=\"")
    put(hundredths: y + height / 2 + size * 36 / 100)
    if size < layout.numberSize {
      // A rule of the style sheet would win over an attribute.
      put("\" style=\"font-size:")
      put(hundredths: size)
      put("px")
    }
    put("\">")
    put(Int(microBatch))
    put("</text>\n")
  }

  /// A line of text.
  ///
  /// - Parameter style: Further attributes.
  mutating func putText(_ text: String, x: Int, y: Int, size: Int, style: String = "") {
    put("<text x=\"")
    put(hundredths: x)
    put("\" y=\"")
    put(hundredths: y)
    put("\" font-size=\"")
    put(size)
    put(style.isEmpty ? "\"" : "\" ")
    put(style)
    put(">")
    put(escaped: text)
    put("</text>\n")
  }

  /// A number of pixels, given in hundredths, without needless zeros.
  mutating func put(hundredths: Int) {
    if hundredths % 100 == 0 {
      put(hundredths / 100)
    } else if hundredths % 10 == 0 {
      put(Int64(hundredths / 10), decimals: 1)
    } else {
      put(Int64(hundredths), decimals: 2)
    }
  }

  /// A text with XML's special characters escaped and those that XML cannot hold replaced.
  mutating func put(escaped text: String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": put("&amp;")
      case "<": put("&lt;")
      case ">": put("&gt;")
      case "\"": put("&quot;")
      case "\u{0}"..<" ", "\u{7f}"..<"\u{a0}", "\u{fffe}"..."\u{ffff}": put("?")
      default: put(String(scalar))
      }
    }
  }
}
