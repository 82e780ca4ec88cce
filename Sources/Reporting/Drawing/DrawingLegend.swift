import Schedules

/// What a drawing's legend explains: only what occurs in it.
struct DrawingLegend {
  /// What stands before the words of an entry.
  enum Mark: Equatable {
    /// Boxes side by side, of the classes named.
    case boxes([String])
    /// An overlapped pair.
    case pair
    /// A stretch of a curve.
    case curve
    /// White with a border.
    case idle
    /// Nothing.
    case none
  }

  /// An entry with its place, in hundredths of a pixel from the top left of the legend.
  struct Entry: Equatable {
    var mark: Mark
    var words: String
    var x = 0
    var y = 0
  }

  private static let markWidth = 26 * DrawingLayout.pixel
  private static let markHeight = 14 * DrawingLayout.pixel
  private static let lineHeight = 22 * DrawingLayout.pixel
  private static let fontSize = 12

  private(set) var entries: [Entry]
  /// Height of its lines together.
  private(set) var height: Int

  /// The legend's entries, in lines of at most `width`.
  init(_ entries: [Entry], width: Int) {
    self.entries = entries
    var (x, y) = (0, 0)
    for index in entries.indices {
      let room = Self.width(of: entries[index])
      if x > 0, x + room > width {
        (x, y) = (0, y + Self.lineHeight)
      }
      (self.entries[index].x, self.entries[index].y) = (x, y)
      x += room + 18 * DrawingLayout.pixel
    }
    height = y + Self.lineHeight
  }

  private static func width(of entry: Entry) -> Int {
    let words = TextWidth.of(entry.words, size: fontSize)
    return entry.mark == .none ? words : words + markWidth + 7 * DrawingLayout.pixel
  }

  /// The entries of what occurs in `pieces`.
  static func entries(
    _ pieces: some Sequence<DrawnPiece>, _ shades: StageShades
  ) -> [Entry] {
    var classes = Set<String>()
    var kinds = Set<PassKind>()
    var (hasPairs, hasUpdate, hasSeveral) = (false, false, false)
    for piece in pieces {
      switch piece.content {
      case .one(.action(.single(let pass))): kinds.insert(pass.kind)
      case .one(.action(.overlapped)): hasPairs = true
      case .one(.update): hasUpdate = true
      case .alike(let name): classes.insert(name)
      case .several: hasSeveral = true
      }
    }
    var entries: [Entry] = []
    for kind in PassKind.allCases {
      let names = shades.used.map { DrawingColours.name(of: kind, shade: $0) }
      let occurs = kinds.contains(kind) || names.contains(where: classes.contains)
      let isHalf = hasPairs && (kind == .forward || kind == .backward)
      guard occurs || isHalf else { continue }
      entries.append(Entry(mark: .boxes(names), words: DrawingColours.words(for: kind)))
    }
    if hasPairs {
      entries.append(Entry(mark: .pair, words: "overlapped pair: F above, B below"))
    }
    if hasUpdate || classes.contains("update") {
      entries.append(Entry(mark: .boxes(["update"]), words: "gradient reduction, optimizer"))
    }
    if hasSeveral {
      entries.append(
        Entry(mark: .boxes(["several"]), words: "different actions too short to tell apart"))
    }
    entries.append(Entry(mark: .idle, words: "idle (bubble)"))
    return entries
  }

  /// Writes the legend with its top left at a place.
  func write(left: Int, top: Int, to writer: inout ByteWriter) {
    let pixel = DrawingLayout.pixel
    for entry in entries {
      let (x, y) = (left + entry.x, top + entry.y)
      Self.write(entry.mark, x, y, to: &writer)
      writer.putText(
        entry.words, x: entry.mark == .none ? x : x + Self.markWidth + 7 * pixel, y: y + 11 * pixel,
        size: Self.fontSize)
    }
  }

  private static func write(_ mark: Mark, _ x: Int, _ y: Int, to writer: inout ByteWriter) {
    switch mark {
    case .boxes(let names):
      for (index, name) in names.enumerated() {
        let from = markWidth * index / names.count
        let to = markWidth * (index + 1) / names.count
        writer.putBox(name, x + from, y, to - from, markHeight)
      }
    case .pair:
      let (upper, lower) = (
        DrawingColours.name(of: .forward, shade: 0), DrawingColours.name(of: .backward, shade: 0)
      )
      writer.putBox(upper, x, y, markWidth, markHeight / 2)
      writer.putBox(lower, x, y + markHeight / 2, markWidth, markHeight / 2)
      writer.putBox("border", x + 60, y + 60, markWidth - 120, markHeight - 120)
    case .idle:
      writer.putBox("frame key", x + 50, y + 50, markWidth - 100, markHeight - 100)
    case .curve:
      writer.put("<path class=\"curve key\" d=\"M")
      writer.put(hundredths: x)
      writer.put(" ")
      writer.put(hundredths: y + markHeight)
      writer.put("v-7h8v-6h10v6h8v7\"/>\n")
    case .none: break
    }
  }
}

/// How wide a text is, about: the fonts are the reader's.
enum TextWidth {
  /// Width in hundredths of a pixel at a font size in pixels.
  static func of(_ text: String, size: Int) -> Int {
    text.count * size * DrawingLayout.pixel * 58 / 100
  }

  /// `text` in lines no wider than `width`, broken at " · ".
  static func lines(_ text: String, size: Int, width: Int) -> [String] {
    var lines: [String] = []
    for part in text.split(separator: " · ") {
      let joined = (lines.last ?? "") + " · " + part
      if lines.isEmpty || of(joined, size: size) > width {
        lines.append(String(part))
      } else {
        lines[lines.count - 1] = joined
      }
    }
    return lines
  }

  /// `text` cut, with an ellipsis, where it is wider than `width`.
  static func cut(_ text: String, size: Int, width: Int) -> String {
    let most = max(2, width / max(1, of("m", size: size)))
    return text.count <= most ? text : text.prefix(most - 1) + "…"
  }
}
