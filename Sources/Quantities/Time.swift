/// An instant or a span of simulated time, in whole picoseconds.
///
///     let a = Time(seconds: 1.5e-6)        // 1500000 ps
///     print(a.picoseconds)                 // 1500000
///
/// Arithmetic saturates at `Time.max` (106 days) in place of trapping, so that a scenario too
/// slow to simulate ends as a sentence; whoever reports a time checks for `Time.max`.
@frozen
public struct Time: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// Picoseconds since the start, or in the span.
  public var picoseconds: Int64

  /// A time of the given number of picoseconds.
  @inlinable
  public init(picoseconds: Int64) { self.picoseconds = picoseconds }

  /// The nearest whole picosecond to `seconds`; not-a-number and anything below zero give zero,
  /// anything at or above 106 days gives `Time.max`.
  @inlinable
  public init(seconds: Double) {
    let ps = (seconds * 1e12).rounded()
    picoseconds = ps >= 9.2e18 ? Int64.max : (ps > 0 ? Int64(ps) : 0)
  }

  /// The start of every simulation.
  public static let zero = Time(picoseconds: 0)
  /// Later than anything that can be simulated.
  public static let max = Time(picoseconds: Int64.max)

  /// The time as seconds, for output and for rates.
  @inlinable
  public var seconds: Double { Double(picoseconds) / 1e12 }

  /// Saturating sum.
  @inlinable
  public static func + (a: Time, b: Time) -> Time {
    let (sum, overflow) = a.picoseconds.addingReportingOverflow(b.picoseconds)
    return Time(picoseconds: overflow ? (a.picoseconds < 0 ? Int64.min : Int64.max) : sum)
  }

  /// Saturating difference; negative where `b` is later than `a`.
  @inlinable
  public static func - (a: Time, b: Time) -> Time {
    let (rest, overflow) = a.picoseconds.subtractingReportingOverflow(b.picoseconds)
    return Time(picoseconds: overflow ? (a.picoseconds < 0 ? Int64.min : Int64.max) : rest)
  }

  /// Saturating sum in place.
  @inlinable
  public static func += (a: inout Time, b: Time) { a = a + b }

  /// Saturating difference in place.
  @inlinable
  public static func -= (a: inout Time, b: Time) { a = a - b }

  /// The earlier time is the smaller.
  @inlinable
  public static func < (a: Time, b: Time) -> Bool { a.picoseconds < b.picoseconds }
}
