/// A physical amount kept as one number in one base unit, so that no bare number crosses a border.
public protocol Quantity: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// The amount in the type's base unit.
  var value: Double { get set }
  /// An amount in the type's base unit.
  init(_ value: Double)
}

extension Quantity {
  /// Nothing.
  @inlinable public static var zero: Self { Self(0) }
  /// Sum of two like amounts.
  @inlinable public static func + (a: Self, b: Self) -> Self { Self(a.value + b.value) }
  /// Difference of two like amounts.
  @inlinable public static func - (a: Self, b: Self) -> Self { Self(a.value - b.value) }
  /// Sum in place.
  @inlinable public static func += (a: inout Self, b: Self) { a.value += b.value }
  /// An amount scaled by a plain number.
  @inlinable public static func * (a: Self, factor: Double) -> Self { Self(a.value * factor) }
  /// An amount divided by a plain number.
  @inlinable public static func / (a: Self, divisor: Double) -> Self { Self(a.value / divisor) }
  /// How many times `b` goes into `a`.
  @inlinable public static func / (a: Self, b: Self) -> Double { a.value / b.value }
  /// The smaller amount is the smaller.
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}

/// An amount of data; base unit byte. Averages make fractions of a byte possible.
@frozen
public struct Bytes: Quantity {
  /// Bytes.
  public var value: Double
  /// An amount in bytes.
  @inlinable public init(_ value: Double) { self.value = value }
  /// Seconds to move the data at `rate`.
  @inlinable public static func / (a: Bytes, rate: Bandwidth) -> Double { a.value / rate.value }
}

/// Payload bytes per second in one direction; base unit byte/s.
@frozen
public struct Bandwidth: Quantity {
  /// Bytes per second.
  public var value: Double
  /// A rate in bytes per second.
  @inlinable public init(_ value: Double) { self.value = value }
}

/// Floating-point operations, a multiply-add counted as two; base unit one operation.
@frozen
public struct FLOPs: Quantity {
  /// Operations.
  public var value: Double
  /// A number of operations.
  @inlinable public init(_ value: Double) { self.value = value }
  /// Seconds to do the work at `rate`.
  @inlinable public static func / (a: FLOPs, rate: FLOPRate) -> Double { a.value / rate.value }
}

/// Floating-point operations per second; base unit one operation per second.
@frozen
public struct FLOPRate: Quantity {
  /// Operations per second.
  public var value: Double
  /// A rate in operations per second.
  @inlinable public init(_ value: Double) { self.value = value }
}

/// United States dollars.
@frozen
public struct Dollars: Quantity {
  /// Dollars.
  public var value: Double
  /// An amount in dollars.
  @inlinable public init(_ value: Double) { self.value = value }
}
