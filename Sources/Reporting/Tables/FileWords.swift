import Schedules
import Training

/// The words files use for what the simulation counts, in lower case with underscores.
enum FileWords {
  /// Words of `Stream`, by raw value.
  static let streams = Stream.allCases.map { word(of: $0) }
  /// Words of `Activity`, by raw value.
  static let activities = Activity.allCases.map(\.word)
  /// The same with spaces, for people.
  static let spokenActivities = activities.map { word in
    String(word.map { $0 == "_" ? " " : $0 })
  }
  /// Words of `Category`, by raw value.
  static let categories = Category.allCases.map { word(of: $0) }
  /// Words of `PassKind`, by raw value.
  static let passes = PassKind.allCases.map { word(of: $0) }

  /// The name of an enumeration's case with underscores: `nvlinkOut` gives `nvlink_out`.
  static func word(of value: some Any) -> String {
    var word = ""
    for character in String(describing: value) {
      if character.isUppercase { word += "_" }
      word += character.lowercased()
    }
    return word
  }
}
