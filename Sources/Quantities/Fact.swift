/// How well a number is known.
public enum Status: String, Sendable {
  /// Read off an instrument or a trace, by the named source.
  case measured
  /// Printed by the maker or by the named document.
  case stated
  /// Worked out from measured or stated numbers, by the formula in the source text.
  case derived
  /// A guess; every report that rests on it repeats so.
  case assumed
}

/// A number with where it comes from.
public struct Fact<Value: Sendable & Equatable>: Sendable, Equatable {
  /// The number, as a quantity.
  public var value: Value
  /// How well it is known.
  public var status: Status
  /// Document and date, or the derivation.
  public var source: String

  /// A number, how well it is known, and where it comes from.
  public init(_ value: Value, _ status: Status, _ source: String) {
    self.value = value
    self.status = status
    self.source = source
  }
}
