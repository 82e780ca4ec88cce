#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
public import Quantities

/// Text on its way to a file, the terminal or memory, through a buffer of 64 KiB.
///
///     var writer = ByteWriter()                      // collects in memory
///     writer.put(Time(picoseconds: 1_500_000))       // 0.000001500000
///     print(writer.text)
///
/// Numbers become text by integer arithmetic, so that the same value always gives the same bytes
/// and half a million rows take a fraction of a second. What goes wrong while writing is kept and
/// thrown by `finish()`; until then the writer swallows what it is given.
public struct ByteWriter: ~Copyable {
  private static let capacity = 1 << 16
  /// Longest text of one number.
  private static let room = 48

  private let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.capacity)
  private var used = 0
  private let descriptor: Int32?
  private let path: String
  private var failure: OutputError?
  private var collected: [UInt8] = []

  /// A writer that collects in memory, to be read back with `text`.
  public init() {
    descriptor = nil
    path = "memory"
  }

  /// A writer to an open file; whoever opened the file closes it.
  ///
  /// - Parameter path: What error messages call the file.
  public init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { buffer.deallocate() }

  /// Writes what is still in the buffer.
  ///
  /// - Throws: `OutputError` of the first write that failed, with the path and the reason.
  public mutating func finish() throws(OutputError) {
    flush()
    if let failure { throw failure }
  }

  /// What a writer in memory has collected.
  public var text: String {
    mutating get {
      flush()
      return String(decoding: collected, as: UTF8.self)
    }
  }

  /// One byte.
  @inline(__always)
  public mutating func put(_ byte: UInt8) {
    if used == Self.capacity { flush() }
    buffer[used] = byte
    used &+= 1
  }

  /// A text as it is.
  public mutating func put(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      guard let source = bytes.baseAddress else { return }
      var done = 0
      while done < bytes.count {
        if used == Self.capacity { flush() }
        let part = min(bytes.count - done, Self.capacity - used)
        (buffer + used).update(from: source + done, count: part)
        used += part
        done += part
      }
    }
  }

  /// A whole number.
  public mutating func put(_ number: Int) { put(Int64(number), decimals: 0) }

  /// A time in seconds with 12 decimals: every picosecond, exactly.
  public mutating func put(_ time: Time) { put(time.picoseconds, decimals: 12) }

  /// The number `scaled / 10^decimals`, exactly, with that many decimals (at most 18).
  ///
  ///     writer.put(-1_250, decimals: 2)     // -12.50
  public mutating func put(_ scaled: Int64, decimals: Int) {
    if used > Self.capacity - Self.room { flush() }
    var magnitude = scaled.magnitude
    var digits = 1
    var bound: UInt64 = 10
    while magnitude >= bound, digits < 20 {
      digits += 1
      let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
      if overflow { break }
      bound = next
    }
    if digits <= decimals { digits = decimals + 1 }
    var end = used + digits + (decimals > 0 ? 1 : 0) + (scaled < 0 ? 1 : 0)
    if scaled < 0 { buffer[used] = UInt8(ascii: "-") }
    used = end
    for place in 0..<digits {
      if place == decimals, decimals > 0 {
        end &-= 1
        buffer[end] = UInt8(ascii: ".")
      }
      let rest = magnitude / 10
      end &-= 1
      buffer[end] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: magnitude &- rest &* 10)
      magnitude = rest
    }
  }

  /// The shortest text that reads back as the same number, whole numbers without a fraction.
  ///
  /// - Returns: false, with nothing written, for infinities and what is no number.
  @discardableResult
  public mutating func put(_ number: Double) -> Bool {
    guard number.isFinite else { return false }
    // Up to 2^53 every whole number is exact.
    if number.magnitude <= 9_007_199_254_740_992, number == number.rounded() {
      put(Int64(number), decimals: 0)
    } else {
      put(number.description)
    }
    return true
  }

  private mutating func flush() {
    defer { used = 0 }
    guard let descriptor else {
      collected.append(contentsOf: UnsafeBufferPointer(start: buffer, count: used))
      return
    }
    var done = 0
    while done < used, failure == nil {
      let count = write(descriptor, buffer + done, used - done)
      if count > 0 {
        done += count
      } else if count < 0, errno != EINTR {
        failure = OutputError(path: path, doing: .writing, code: errno)
      }
    }
  }
}

extension ByteWriter {
  /// What `fill` writes, as one text.
  public static func text(_ fill: (inout ByteWriter) -> Void) -> String {
    var writer = ByteWriter()
    fill(&writer)
    return writer.text
  }
}
