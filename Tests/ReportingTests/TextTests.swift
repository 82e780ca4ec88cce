import Foundation
import Quantities
import Testing

@testable import Reporting

/// Numbers and JSON as text.
@Suite struct TextTests {
  /// Times keep every picosecond, below and above a second, and with a sign.
  @Test(arguments: [
    (0, "0.000000000000"), (1, "0.000000000001"), (1_500_000, "0.000001500000"),
    (999_999_999_999, "0.999999999999"), (1_000_000_000_000, "1.000000000000"),
    (-42, "-0.000000000042"), (Int64.max, "9223372.036854775807"),
    (Int64.min, "-9223372.036854775808"),
  ])
  func timesAreExact(picoseconds: Int64, text: String) {
    #expect(ByteWriter.text { $0.put(Time(picoseconds: picoseconds)) } == text)
  }

  /// Fixed decimals equal Foundation's decimal arithmetic, for numbers of every length.
  @Test(arguments: [0, 2, 6, 12, 18])
  func decimalsEqualDecimalArithmetic(decimals: Int) throws {
    var state: UInt64 = 7
    for round in 0..<2000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let number = Int64(bitPattern: state) >> Int64(round % 63)
      let text = ByteWriter.text { $0.put(number, decimals: decimals) }
      let exact = Decimal(number) * Decimal(sign: .plus, exponent: -decimals, significand: 1)
      #expect(Decimal(string: text) == exact)
      let fraction = text.split(separator: ".").dropFirst().first?.count ?? 0
      #expect(fraction == decimals, "\(text) has \(decimals) decimals")
    }
  }

  /// Doubles read back as the same number; whole ones have no fraction.
  @Test func doublesAreShortest() {
    #expect(ByteWriter.text { $0.put(0.1 + 0.2) } == "0.30000000000000004")
    #expect(ByteWriter.text { $0.put(80e9) } == "80000000000")
    #expect(ByteWriter.text { $0.put(1e22) } == "1e+22")
    #expect(ByteWriter.text { $0.put(-0.0) } == "0")
    #expect(ByteWriter.text { $0.put(Double.nan) } == "", "the caller says what stands for it")
  }

  /// Text longer than the buffer keeps its order.
  @Test func longTextIsWhole() {
    let long = String(repeating: "0123456789", count: 20_000)
    let text = ByteWriter.text {
      $0.put("a")
      $0.put(long)
      $0.put("z")
    }
    #expect(text == "a" + long + "z")
  }

  /// The order of keys is the order given; what cannot be said is null.
  @Test func jsonIsExact() {
    let value = JSONValue.object([
      ("b", .integer(1)), ("a", .list([.number(.infinity), .boolean(true), .null])),
      ("t", .seconds(Time(picoseconds: 5))), ("e", .list([])), ("o", .object([])),
    ])
    #expect(
      value.text == """
        {
          "b": 1,
          "a": [
            null,
            true,
            null
          ],
          "t": 0.000000000005,
          "e": [],
          "o": {}
        }

        """)
  }

  /// Any text survives JSON.
  @Test(arguments: ["plain", "a\"b\\c", "line\nend\r\ttab", "\u{1}\u{1f}", "ü · 漢字 🚀", ""])
  func jsonTextReadsBack(text: String) throws {
    let data = Data(JSONValue.list([.text(text)]).text.utf8)
    let read = try #require(try JSONSerialization.jsonObject(with: data) as? [String])
    #expect(read == [text])
  }

  /// Thousands and rounding of what people read.
  @Test func displayedNumbers() {
    #expect(DisplayText.number(1234.567, decimals: 1) == "1,234.6")
    #expect(DisplayText.number(-1_234_567.0, decimals: 0) == "-1,234,567")
    #expect(DisplayText.number(999, decimals: 0) == "999")
    #expect(DisplayText.number(.infinity, decimals: 1) == "inf")
    #expect(DisplayText.count(14.8e12) == "14.8T")
    #expect(DisplayText.count(12) == "12")
    #expect(DisplayText.percent(0.0512) == "5.1 %")
  }
}
