import Schedules

/// The colours of a drawing, each with its class in the style sheet.
///
/// A kind of pass has a colour and three lighter tints of it for further stages of the rank: the
/// second direction, the way back of a V. Kinds differ in lightness as well as in hue, from F, the
/// darkest, over B and I to W, so that they are told apart in grey and by readers who see red and
/// green alike. Numbers are white on dark boxes and black on the others, with a contrast of at
/// least 4.5 each.
enum DrawingColours {
  /// Red, green and blue.
  typealias Colour = (red: Int, green: Int, blue: Int)

  /// Shades of a kind: the full colour and its tints.
  static let shades = 4
  /// Share of white in each shade.
  private static let white = [0, 0.36, 0.54, 0.7]

  static let update: Colour = (105, 109, 116)
  static let several: Colour = (150, 153, 158)

  /// The full colour of a kind.
  static func colour(of kind: PassKind) -> Colour {
    switch kind {
    case .forward: (24, 78, 145)
    case .inputBackward: (64, 178, 160)
    case .weightBackward: (242, 212, 64)
    case .backward: (187, 79, 12)
    }
  }

  /// Whether numbers on a box are white.
  static func hasWhiteNumbers(_ kind: PassKind, shade: Int) -> Bool {
    shade == 0 && (kind == .forward || kind == .backward)
  }

  /// The colour of a kind in a shade.
  static func colour(of kind: PassKind, shade: Int) -> Colour {
    let (red, green, blue) = colour(of: kind)
    func mixed(_ part: Int) -> Int {
      Int((Double(part) + (255 - Double(part)) * white[shade]).rounded())
    }
    return (mixed(red), mixed(green), mixed(blue))
  }

  /// Class of boxes of a kind in a shade: `f0`.
  static func name(of kind: PassKind, shade: Int) -> String {
    kind.letter.lowercased() + String(shade)
  }

  /// What a kind is called in the legend.
  static func words(for kind: PassKind) -> String {
    switch kind {
    case .forward: "F forward"
    case .inputBackward: "I input gradient"
    case .weightBackward: "W weight gradient"
    case .backward: "B full backward"
    }
  }

  /// `#rrggbb`.
  static func text(_ colour: Colour) -> String {
    var text = "#"
    for part in [colour.red, colour.green, colour.blue] {
      text += (part < 16 ? "0" : "") + String(part, radix: 16)
    }
    return text
  }

  /// The rules for boxes of every kind.
  static let styleSheet: String = {
    var sheet = ""
    for kind in PassKind.allCases {
      for shade in 0..<shades {
        let fill = text(colour(of: kind, shade: shade))
        sheet += ".\(name(of: kind, shade: shade)){fill:\(fill)}\n"
      }
    }
    return sheet + ".update{fill:\(text(update))}\n.several{fill:\(text(several))}\n"
  }()
}

/// Which shade each stage of a schedule has, and what the shades say.
///
/// The stages a rank holds are told apart in the order of their numbers: full colour for the
/// first, lighter for the ones after it.
struct StageShades: Equatable {
  /// Shade of each stage.
  let ofStage: [Int]
  /// The shades that occur, from full to light.
  let used: [Int]
  /// What the lighter shades are; nil where each rank holds one stage.
  let meaning: String?

  init(_ schedule: Schedule) {
    var held = [Int](repeating: 0, count: schedule.ranks)
    var places: [Int] = []
    for rank in schedule.rankOfStage {
      let isRank = held.indices.contains(rank)
      places.append(isRank ? held[rank] : 0)
      if isRank { held[rank] += 1 }
    }
    let stages = held.max() ?? 1
    ofStage = places.map { Self.shade(place: $0, of: stages) }
    used = (0..<DrawingColours.shades).filter(ofStage.contains)
    meaning = Self.meaning(schedule, stages: stages)
  }

  private static func shade(place: Int, of stages: Int) -> Int {
    if stages == 2 { return 2 * place }
    return place * (DrawingColours.shades - 1) / max(stages - 1, 1)
  }

  private static func meaning(_ schedule: Schedule, stages: Int) -> String? {
    guard stages > 1 else { return nil }
    if schedule.parameterCopies > 1 {
      return stages == 2
        ? "lighter: second direction"
        : "lighter: further stages of the rank, those of the second direction last"
    }
    let last = schedule.ranks - 1
    let turns =
      last > 0 && schedule.rankOfStage.count == 2 * schedule.ranks
      && schedule.rankOfStage[last] == schedule.rankOfStage[last + 1]
    if turns { return "lighter: way back of the V" }
    return stages > DrawingColours.shades
      ? "lighter: further stages of the rank, some in one shade"
      : "lighter: further stages of the rank"
  }

  func shade(of pass: Pass) -> Int {
    let stage = Int(pass.stage)
    return ofStage.indices.contains(stage) ? ofStage[stage] : 0
  }

  func name(of pass: Pass) -> String {
    DrawingColours.name(of: pass.kind, shade: shade(of: pass))
  }
}
