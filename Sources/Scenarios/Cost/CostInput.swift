public import Quantities
public import Statistics

/// A number that a run's time or money rests on: its key, its value or spread, and its source.
///
///     // price: {rent: 2.0 .. 2.6 USD/GPU-hour}
///     input.path                     // price.rent
///     input.spread.middle            // 2.3
public struct CostInput: Sendable, Equatable {
  /// Key path, such as `price.rent`.
  public var path: String
  /// The value, or what it may be, in the dimension's base unit.
  public var spread: Spread
  /// What it measures.
  public var dimension: Dimension
  /// Draws are held within.
  public var range: ClosedRange<Double>
  /// Where it comes from.
  public var origin: ResolvedKey.Origin

  /// The value that a share `p` of all draws lies below.
  public func value(_ p: Double) -> Double {
    min(max(spread.quantile(p), range.lowerBound), range.upperBound)
  }

  /// What its draws lie between: all of them where it has ends, else the middle nine tenths.
  var ends: ClosedRange<Double> {
    let ends = spread.ends
    let low = min(max(ends.lowerBound, range.lowerBound), range.upperBound)
    return low...max(low, min(ends.upperBound, range.upperBound))
  }

  /// The spread as one would write it.
  public var text: String { dimension.text(spread) }

  /// The spread's middle with its unit.
  public var middleText: String { dimension.text(value(0.5)) }

  /// `value` of this input with its unit.
  public func text(of value: Double) -> String { dimension.text(value) }
}

/// Where a number stands among the inputs of `CostTerms`.
public struct InputReference: Sendable, Equatable {
  /// Position in `CostTerms.inputs`.
  public var index: Int
}

extension [Double] {
  /// The value drawn for an input.
  subscript(_ reference: InputReference) -> Double { self[reference.index] }
}

extension KeyReader {
  /// A number of the file, added to the inputs; nil where it is absent or reported.
  mutating func input(
    _ path: String, _ dimension: Dimension, in range: ClosedRange<Double>, of terms: inout CostTerms
  ) -> InputReference? {
    guard let spread = spread(path, dimension, in: range) else { return nil }
    return terms.add(
      CostInput(
        path: path, spread: spread, dimension: dimension, range: range, origin: origin(path)))
  }
}

extension Dimension {
  /// A spread as one would write it: `2 .. 2.6 USD/GPU-hour`, `normal(2 USD, 0.1 USD)`.
  func text(_ spread: Spread) -> String {
    switch spread {
    case .exactly(let value): text(value)
    case .uniform(let from, let to): "\(text(from)) .. \(text(to))"
    case .normal(let mean, let deviation): "normal(\(text(mean)), \(text(deviation)))"
    case .lognormal(let median, let factor): "lognormal(\(text(median)), \(significant(factor)))"
    case .triangular(let from, let peak, let to):
      "triangular(\(text(from)), \(text(peak)), \(text(to)))"
    }
  }
}
