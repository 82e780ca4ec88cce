public import Quantities

/// Something that happens at an instant: what comes out of an `EventQueue`.
@frozen
public struct Event: Hashable, Sendable, BitwiseCopyable {
  /// When it happens.
  public var time: Time
  /// What happens, as the number the caller pushed: an index into the caller's own arrays.
  public var payload: UInt32

  /// An event that means `payload` at `time`.
  @inlinable
  public init(time: Time, payload: UInt32) {
    self.time = time
    self.payload = payload
  }
}

/// A pending event as the queue stores it: 128 bits that sort as one unsigned number.
///
/// The time fills the high word. The low word holds the sequence number above the payload, and
/// since no two pending events share a sequence number, the payload never decides. One compare
/// of two keys therefore settles both the time and the order of equal times, without a branch.
@frozen @usableFromInline
struct EventKey: Comparable, BitwiseCopyable, Sendable {
  @usableFromInline var high: UInt64
  @usableFromInline var low: UInt64

  /// A key that sorts by `time`, which is not negative, then by `sequence`.
  @inlinable
  init(time: Time, sequence: UInt32, payload: UInt32) {
    high = UInt64(bitPattern: time.picoseconds)
    low = UInt64(sequence) << 32 | UInt64(payload)
  }

  @inlinable
  var time: Time { Time(picoseconds: Int64(bitPattern: high)) }

  @inlinable
  var payload: UInt32 { UInt32(truncatingIfNeeded: low) }

  @inlinable
  var sequence: UInt32 { UInt32(truncatingIfNeeded: low >> 32) }

  // Left to itself the compiler makes this a call, which costs the queue a quarter of its speed.
  @inlinable @inline(__always)
  static func < (a: Self, b: Self) -> Bool {
    UInt128(_low: a.low, _high: a.high) < UInt128(_low: b.low, _high: b.high)
  }
}
