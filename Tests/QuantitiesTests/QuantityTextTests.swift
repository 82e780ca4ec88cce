import Quantities
import Testing

private let dimensions: [Dimension] = [
  .time, .data, .bandwidth, .computeRate, .pricePerGPUHour, .count, .money, .moneyPerYear,
  .pricePerKilowattMonth, .pricePerKilowattHour, .power, .years, .ratePerNodeDay,
  .carbonPerKilowattHour, .share,
]

private let textsAtTheEdge = [
  "", " ", "-", "+", ".", "_", "e", "E", "e5", "-e5", "1e", "1e+", "1e-", "1e ", "1ee5", "1e5e5",
  "--1", "1-", "1+1", "1.2.3", ".5", "5.", "1_", "_1", "1__0", "nan", "NaN", "inf", "-inf",
  "infinity", "0x10", "0b1", "1,5", "１", "٣", "1 e5", "\u{0}", "1\u{0}", "1\ns", "\t1", "1é",
  "é", "1🙂", "🇩🇪", "1e999999999999999999999", "1e-999999999999999999999", "-1e400",
  "1e308T", "1e308TB", "1e308 TB/s", "1e308d", "1/s", "/", "1//", "1 s s", "1\u{301}", "1s\u{301}",
  String(repeating: "9", count: 100_000), String(repeating: "_", count: 1000),
  "0." + String(repeating: "0", count: 100_000) + "1", "1" + String(repeating: " ", count: 1000),
  "1e" + String(repeating: "0", count: 100_000) + "1",
]

@Suite struct QuantityTextTests {
  @Test(arguments: dimensions)
  func readsEveryUnitWithAndWithoutSpace(dimension: Dimension) throws {
    for (name, factor) in dimension.units {
      #expect(try dimension.value(of: "3\(name)") == 3 * factor)
      #expect(try dimension.value(of: "2.5 \(name)") == 2.5 * factor)
      #expect(try dimension.value(of: "-1e2   \(name)") == -100 * factor)
      #expect(try dimension.value(of: "1_000\(name)") == 1000 * factor)
    }
  }

  @Test(arguments: dimensions)
  func unitsRiseAndHaveOneMeaning(dimension: Dimension) {
    let units = dimension.units
    #expect(Set(units.map(\.name)).count == units.count)
    for (smaller, larger) in zip(units, units.dropFirst()) {
      #expect(smaller.factor <= larger.factor)
    }
  }

  @Test(
    arguments: [
      (.time, "80 ms", 0.08), (.time, "7µs", 7e-6), (.time, "2 h", 7200), (.time, "5min", 300),
      (.data, "1.5 GiB", 1_610_612_736), (.data, "80GB", 8e10), (.data, "4 B", 4),
      (.bandwidth, "400Gbit/s", 5e10), (.bandwidth, "400 Gbit/s", 5e10),
      (.bandwidth, "1e3GB/s", 1e12), (.bandwidth, "1E+1 MB/s", 1e7),
      (.computeRate, "989 TFLOPS", 9.89e14), (.computeRate, "2PFLOP/s", 2e15),
      (.pricePerGPUHour, "2 USD/GPU-hour", 2), (.money, "270K USD", 270_000),
      (.money, "1.5 B USD", 1.5e9), (.moneyPerYear, "2 M USD/year", 2e6), (.share, "85 %", 0.85),
      (.share, "0.85", 0.85), (.years, "18 months", 1.5), (.years, "1 year", 1),
      (.years, "6 month", 0.5), (.time, "2 hours", 7200), (.time, "1 day", 86_400),
      (.power, "1.3 kW", 1300),
      (.ratePerNodeDay, "6.5 /1000-node-days", 0.0065),
      (.carbonPerKilowattHour, "414 g/kWh", 0.414),
      (.pricePerKilowattHour, "0.08 USD/kWh", 0.08),
      (.pricePerKilowattMonth, "130 USD/kW-month", 130),
      (.count, "14.8T", 1.48e13), (.count, "1_000K", 1e6), (.count, "42", 42),
      (.count, "1e3", 1000),
      (.count, "+7", 7), (.count, "-7", -7), (.count, ".5", 0.5), (.count, "1_0_0", 100),
    ] as [(Dimension, String, Double)])
  func readsWhatUsersWrite(dimension: Dimension, text: String, value: Double) throws {
    let read = try dimension.value(of: text)
    #expect(abs(read - value) <= 1e-12 * abs(value))
  }

  @Test(arguments: ["", "-", "abc", "nan", "inf", "-inf", "_", "--1", "1.2.3", "1+1", " 5", "GB"])
  func textThatIsNoNumberIsNamed(text: String) {
    for dimension in dimensions {
      #expect(throws: QuantityError.notANumber(text)) { try dimension.value(of: text) }
    }
  }

  @Test(arguments: dimensions)
  func amountBeyondADoubleIsNoNumber(dimension: Dimension) {
    let digits = String(repeating: "9", count: 400)
    #expect(throws: QuantityError.notANumber(digits)) { try dimension.value(of: digits) }
    guard let largest = dimension.units.last, largest.factor > 1 else { return }
    let text = "1e308 " + largest.name
    #expect(throws: QuantityError.notANumber(text)) { try dimension.value(of: text) }
  }

  @Test(arguments: dimensions)
  func numberAloneIsACountOrAShare(dimension: Dimension) throws {
    if dimension == .count || dimension == .share {
      #expect(try dimension.value(of: "5") == 5)
    } else {
      let units = dimension.units.map(\.name)
      #expect(throws: QuantityError.missingUnit(units: units)) { try dimension.value(of: "5") }
      #expect(throws: QuantityError.missingUnit(units: units)) { try dimension.value(of: "5  ") }
    }
  }

  @Test(
    arguments: [
      (.time, "5 weeks", "weeks"), (.time, "1e", "e"), (.data, "5 Gb", "Gb"),
      (.data, "0x10", "x10"),
      (.bandwidth, "1e3GB", "GB"), (.bandwidth, "1 gbit/s", "gbit/s"), (.count, "5k", "k"),
      (.count, "1E", "E"), (.computeRate, "5 TFLOPS/s", "TFLOPS/s"), (.time, "1 e5", "e5"),
      (.pricePerGPUHour, "2 EUR/GPU-hour", "EUR/GPU-hour"), (.data, "5 GB ", "GB "),
    ] as [(Dimension, String, String)])
  func unknownUnitIsNamedWithThoseThatWouldDo(dimension: Dimension, text: String, unit: String) {
    let units = dimension.units.map(\.name)
    #expect(throws: QuantityError.unknownUnit(unit, units: units)) {
      try dimension.value(of: text)
    }
  }

  @Test(arguments: dimensions)
  func oddTextsGiveAFiniteNumberOrAnError(dimension: Dimension) {
    for text in textsAtTheEdge {
      do {
        #expect(try dimension.value(of: text).isFinite, "\(text.prefix(40))")
      } catch {
        // Any of the errors will do; what matters is that nothing traps or hangs.
      }
    }
  }
}
