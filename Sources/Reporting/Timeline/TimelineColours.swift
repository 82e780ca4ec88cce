import Schedules

/// The colours of a timeline drawing, and the class each has in the drawing's style sheet.
///
/// A rank's first stage has the full colour, its further stages (the second direction, the way
/// back of a V) lighter ones.
struct TimelineColours {
  /// One colour with what it stands for.
  struct Entry {
    /// Class in the style sheet, without the number of the tint.
    var name: String
    /// Words in the legend.
    var meaning: String
    /// Red, green and blue of the darkest tint.
    var colour: (Int, Int, Int)
  }

  static let forward = Entry(name: "f", meaning: "F  forward", colour: (47, 107, 181))
  static let input = Entry(name: "i", meaning: "I  input gradient", colour: (22, 138, 138))
  static let weight = Entry(name: "w", meaning: "W  weight gradient", colour: (70, 140, 60))
  static let backward = Entry(name: "b", meaning: "B  full backward", colour: (221, 120, 24))
  static let pairForward = Entry(
    name: "pf", meaning: "overlapped pair: F above, B below", colour: (124, 92, 176))
  static let pairBackward = Entry(name: "pb", meaning: "", colour: (88, 52, 140))
  static let update = Entry(
    name: "o", meaning: "gradient reduction, optimizer", colour: (120, 124, 130))

  /// All entries that have tints, in the order of the legend.
  static let passes = [forward, input, weight, backward, pairForward, pairBackward]

  /// Number of tints: the stages of a rank are told apart up to this many.
  static let tints = 4
  /// How much white the lightest tint has.
  private static let lightest = 0.62

  /// The entry of a pass that runs alone.
  static func entry(of kind: PassKind) -> Entry {
    switch kind {
    case .forward: forward
    case .inputBackward: input
    case .weightBackward: weight
    case .backward: backward
    }
  }

  /// Share of white in tint `index` where a rank has `stages` stages.
  static func white(tint index: Int, stages: Int) -> Double {
    let steps = max(1, min(stages, tints) - 1)
    return (stages == 2 ? 0.45 : lightest) * Double(index) / Double(steps)
  }

  /// `#rrggbb` of `entry` mixed with a share of white.
  static func text(_ entry: Entry, white: Double) -> String {
    var text = "#"
    for part in [entry.colour.0, entry.colour.1, entry.colour.2] {
      let mixed = Int((Double(part) + (255 - Double(part)) * white).rounded())
      text += (mixed < 16 ? "0" : "") + String(mixed, radix: 16)
    }
    return text
  }

  /// Rules of the style sheet for ranks of `stages` stages.
  static func styleSheet(stages: Int) -> String {
    var sheet = ""
    for entry in passes {
      for tint in 0..<min(max(stages, 1), tints) {
        let colour = text(entry, white: white(tint: tint, stages: stages))
        sheet += ".\(entry.name)\(tint){fill:\(colour)}\n"
      }
    }
    return sheet + ".\(update.name)0{fill:\(text(update, white: 0))}\n"
  }
}
