public import Quantities
import Statistics

/// Reads values that may be ranges or distributions.
extension KeyReader {
  /// A value or spread of the dimension; nil where the key is absent or reported.
  ///
  ///     price.rent: 2 USD/GPU-hour
  ///     price.rent: 2.0 .. 2.6 USD/GPU-hour
  ///     price.rent: normal(2.3, 0.2) USD/GPU-hour
  ///
  /// The value, both ends of a range, and the middle nine tenths of a distribution lie in `range`.
  /// In braces, where commas part keys, a distribution has to be quoted.
  mutating func spread(
    _ path: String, _ dimension: Dimension, in range: ClosedRange<Double>
  ) -> Spread? {
    guard let entry = document.entry(path) else { return nil }
    let value = entry.value.quoted
    guard let text = entry.value.text else {
      report(
        .notAQuantity(key: path, value: value, dimension: dimension, error: .notANumber(value)),
        at: path)
      return nil
    }
    do {
      let spread = try SpreadText(text: text, dimension: dimension).spread()
      for end in [spread.ends.lowerBound, spread.quantile(0.5), spread.ends.upperBound]
      where !range.contains(end) {
        report(
          .quantityOutOfRange(
            key: path, value: value, least: dimension.text(range.lowerBound),
            most: dimension.text(range.upperBound)), at: path)
        return nil
      }
      return spread
    } catch .quantity(let error) {
      report(.notAQuantity(key: path, value: value, dimension: dimension, error: error), at: path)
    } catch {
      report(.cost(.spread(key: path, value: value, error: error)), at: path)
    }
    return nil
  }
}

extension Spread {
  /// What it lies between: all of it where it has ends, else its middle nine tenths.
  var ends: ClosedRange<Double> {
    let p =
      switch self {
      case .exactly, .uniform, .triangular: 0.0
      case .normal, .lognormal: 0.05
      }
    let (low, high) = (quantile(p), quantile(1 - p))
    return min(low, high)...max(low, high)
  }
}

extension Document.Table {
  /// The entries without the rest of a distribution that stands in braces without quotes: YAML
  /// takes `{rent: normal(2, 1) USD}` for two keys, of which the first has an unclosed bracket.
  var wholeEntries: [Document.Entry] {
    var isInside = false
    return entries.filter { entry in
      if isInside, entry.value.isEmpty, !entry.key.contains("(") {
        isInside = !entry.key.contains(")")
        return false
      }
      isInside = entry.value.text.map { SpreadText.isUnclosed($0) } ?? false
      return true
    }
  }
}

/// Why a text is no value, range or distribution.
public enum SpreadError: Error, Sendable, Equatable {
  /// One of its numbers is no quantity.
  case quantity(QuantityError)
  /// The first end lies above the second.
  case inverted
  /// A distribution that is not known; those that are.
  case unknownLaw(String, known: [String])
  /// Another number of numbers than the distribution takes; the form it has.
  case wrongCount(form: String)
  /// A width that is not above zero, or a factor that is not above 1.
  case noWidth(form: String)
  /// A bracket that is not closed: braces part their values at commas.
  case unclosed(form: String)
  /// A unit after all values where they have units of their own.
  case unitTwice(String, form: String)
}

extension SpreadError: CustomStringConvertible {
  /// The rule, and what would do.
  public var description: String {
    switch self {
    case .quantity: "it must be a quantity"
    case .inverted: "its first value lies above its last; swap them"
    case .unknownLaw(let law, let known):
      "\(law) is no distribution out of \(known.joined(separator: ", ")); use one of them"
    case .wrongCount(let form): "it takes other values; write it like \(form)"
    case .noWidth(let form):
      "a distribution needs a width above 0, and a factor above 1; write it like \(form)"
    case .unclosed(let form):
      "its bracket is not closed, and within braces a comma ends a value; write a distribution in "
        + "quotes, like '\(form)'"
    case .unitTwice(let unit, let form):
      "\(unit) stands after numbers that have units of their own; give each its unit, or write it "
        + "like \(form)"
    }
  }
}

/// A text such as `2.0 .. 2.6 USD/GPU-hour`, and what it says.
private struct SpreadText {
  let text: String
  let dimension: Dimension

  /// The laws with the form each is written in.
  static let forms = [
    ("normal", "normal(2.3, 0.2)"), ("lognormal", "lognormal(2.3, 1.2)"),
    ("triangular", "triangular(1.5, 2, 3)"),
  ]

  /// Whether a distribution begins and does not end.
  static func isUnclosed(_ text: String) -> Bool {
    guard let open = text.firstIndex(of: "("), !text.contains(")") else { return false }
    let name = text[..<open].filter { $0 != " " }
    return forms.contains { $0.0 == name }
  }

  func spread() throws(SpreadError) -> Spread {
    if Self.isUnclosed(text),
      let form = Self.forms.first(where: { text.filter { $0 != " " }.hasPrefix("\($0.0)(") })?.1
    {
      throw .unclosed(form: form)
    }
    if let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close {
      return try law(
        String(text[..<open].filter { $0 != " " }),
        text[text.index(after: open)..<close].split(
          separator: ",", omittingEmptySubsequences: false
        ).map { String($0.trimmed) }, unit: String(text[text.index(after: close)...].trimmed))
    }
    guard let dots = text.firstRange(of: "..") else { return .exactly(try value(text, unit: "")) }
    let last = String(text[dots.upperBound...].trimmed)
    let unit = String(last.drop { !($0.isLetter || "%/".contains($0)) || $0 == "e" || $0 == "E" })
    let from = try value(String(text[..<dots.lowerBound].trimmed), unit: unit)
    let to = try value(last, unit: "")
    guard from <= to else { throw .inverted }
    return from < to ? .uniform(from: from, to: to) : .exactly(from)
  }

  private func law(
    _ name: String, _ parts: [String], unit: String
  ) throws(SpreadError) -> Spread {
    guard let form = Self.forms.first(where: { $0.0 == name })?.1 else {
      throw .unknownLaw(shortened(name), known: Self.forms.map(\.0))
    }
    guard parts.count == (name == "triangular" ? 3 : 2) else { throw .wrongCount(form: form) }
    let quantities = name == "lognormal" ? Array(parts.prefix(1)) : parts
    if !unit.isEmpty, quantities.contains(where: { !Self.isBare($0) }) {
      throw .unitTwice(shortened(unit), form: form)
    }
    let first = try value(parts[0], unit: unit)
    switch name {
    case "normal":
      let deviation = try value(parts[1], unit: unit)
      guard deviation > 0 else { throw .noWidth(form: form) }
      return .normal(mean: first, deviation: deviation)
    case "lognormal":
      guard let factor = Double(parts[1]), factor > 1, factor <= 1000, first > 0 else {
        throw .noWidth(form: form)
      }
      return .lognormal(median: first, factor: factor)
    default:
      let peak = try value(parts[1], unit: unit)
      let to = try value(parts[2], unit: unit)
      guard first <= peak, peak <= to else { throw .inverted }
      guard first < to else { throw .noWidth(form: form) }
      return .triangular(from: first, peak: peak, to: to)
    }
  }

  private static func isBare(_ text: String) -> Bool {
    text.allSatisfy { $0.isNumber || "._+-eE".contains($0) }
  }

  /// A number with its own unit, or with the one that stands after all of them.
  private func value(_ text: String, unit: String) throws(SpreadError) -> Double {
    do {
      return try dimension.value(
        of: Self.isBare(text) && !unit.isEmpty ? "\(text) \(unit)" : text)
    } catch {
      throw .quantity(error)
    }
  }
}

extension StringProtocol {
  /// The text without blanks at its ends.
  fileprivate var trimmed: SubSequence {
    var rest = self[...]
    while rest.first == " " { rest = rest.dropFirst() }
    while rest.last == " " { rest = rest.dropLast() }
    return rest
  }
}
