/// What a quantity in a scenario measures, which decides the units it may be written in.
public enum Dimension: Sendable {
  /// Seconds.
  case time
  /// Bytes.
  case data
  /// Bytes per second.
  case bandwidth
  /// Floating-point operations per second.
  case computeRate
  /// Dollars for one GPU for one hour.
  case pricePerGPUHour
  /// Dollars.
  case money
  /// Dollars a year.
  case moneyPerYear
  /// Dollars for the space, power and cooling of one kilowatt for a month.
  case pricePerKilowattMonth
  /// Dollars for a kilowatt-hour.
  case pricePerKilowattHour
  /// Watts.
  case power
  /// Years.
  case years
  /// How often something happens to one node, in events a day.
  case ratePerNodeDay
  /// Kilograms of carbon dioxide for a kilowatt-hour.
  case carbonPerKilowattHour
  /// A share of a whole, as a plain number or with a percent sign.
  case share
  /// A plain number, which may carry K, M, B or T.
  case count
}

/// Why a text is not the quantity that was wanted.
public enum QuantityError: Error, Equatable, Sendable {
  /// The text does not begin with a number, or the amount is too large for one.
  case notANumber(String)
  /// The number stands alone where a unit is needed; the units that would do.
  case missingUnit(units: [String])
  /// The unit is not one of this dimension; the units that would do.
  case unknownUnit(String, units: [String])
}

extension Dimension {
  /// The units of the dimension with the factor of each to the base unit, smallest first.
  public var units: [(name: String, factor: Double)] {
    switch self {
    case .time:
      [
        ("ps", 1e-12), ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1),
        ("min", 60), ("minutes", 60), ("h", 3600), ("hour", 3600), ("hours", 3600), ("d", 86400),
        ("day", 86400), ("days", 86400),
      ]
    case .data:
      [
        ("B", 1), ("KB", 1e3), ("kB", 1e3), ("KiB", 1024), ("MB", 1e6), ("MiB", 1_048_576),
        ("GB", 1e9), ("GiB", 1_073_741_824), ("TB", 1e12), ("TiB", 1_099_511_627_776),
      ]
    case .bandwidth:
      [
        ("B/s", 1), ("Mbit/s", 1e6 / 8), ("MB/s", 1e6), ("Gbit/s", 1e9 / 8), ("GB/s", 1e9),
        ("GiB/s", 1_073_741_824), ("Tbit/s", 1e12 / 8), ("TB/s", 1e12),
      ]
    case .computeRate:
      [
        ("GFLOPS", 1e9), ("GFLOP/s", 1e9), ("TFLOPS", 1e12), ("TFLOP/s", 1e12),
        ("PFLOPS", 1e15), ("PFLOP/s", 1e15),
      ]
    case .pricePerGPUHour: [("USD/GPU-hour", 1)]
    case .money: [("USD", 1), ("K USD", 1e3), ("M USD", 1e6), ("B USD", 1e9)]
    case .moneyPerYear:
      [("USD/year", 1), ("K USD/year", 1e3), ("M USD/year", 1e6), ("B USD/year", 1e9)]
    case .pricePerKilowattMonth: [("USD/kW-month", 1)]
    case .pricePerKilowattHour: [("USD/kWh", 1)]
    case .power: [("W", 1), ("kW", 1e3), ("MW", 1e6)]
    case .years:
      [
        ("d", 1 / 365.25), ("days", 1 / 365.25), ("week", 7 / 365.25), ("weeks", 7 / 365.25),
        ("month", 1.0 / 12), ("months", 1.0 / 12), ("year", 1), ("years", 1),
      ]
    case .ratePerNodeDay: [("/1000-node-days", 1e-3), ("/node-day", 1)]
    case .carbonPerKilowattHour: [("g/kWh", 1e-3), ("kg/kWh", 1)]
    case .share: [("%", 0.01)]
    case .count: [("K", 1e3), ("M", 1e6), ("B", 1e9), ("T", 1e12)]
    }
  }

  /// Whether a number may stand without a unit.
  public var takesBareNumber: Bool {
    switch self {
    case .count, .share: true
    default: false
    }
  }

  /// Reads a number followed by a unit, with or without a space between them.
  ///
  ///     try Dimension.bandwidth.value(of: "400 Gbit/s")   // 5e10
  ///     try Dimension.count.value(of: "14.8T")            // 1.48e13
  ///
  /// - Returns: the amount in the base unit.
  /// - Throws: `QuantityError`, with the units that would do.
  public func value(of text: String) throws(QuantityError) -> Double {
    let characters = Array(text.utf8)
    var end = 0
    while end < characters.count, Self.belongsToNumber(characters, at: end) { end += 1 }
    let digits = String(decoding: characters[..<end], as: UTF8.self).filter { $0 != "_" }
    guard let number = Double(digits), number.isFinite else { throw .notANumber(text) }
    let rest = String(decoding: characters[end...], as: UTF8.self)
    let unit = String(rest.drop { $0 == " " })
    let names = units.map(\.name)
    if unit.isEmpty {
      guard takesBareNumber else { throw .missingUnit(units: names) }
      return number
    }
    guard let found = units.first(where: { $0.name == unit }) else {
      throw .unknownUnit(unit, units: names)
    }
    let amount = number * found.factor
    guard amount.isFinite else { throw .notANumber(text) }
    return amount
  }

  /// Whether the byte at `index` can still be part of a number; an `e` only before a digit or sign.
  private static func belongsToNumber(_ text: [UInt8], at index: Int) -> Bool {
    switch text[index] {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "-"), UInt8(ascii: "+"):
      return true
    case UInt8(ascii: "e"), UInt8(ascii: "E"):
      guard index > 0, index + 1 < text.count else { return false }
      let next = text[index + 1]
      return next == UInt8(ascii: "-") || next == UInt8(ascii: "+")
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next)
    default:
      return false
    }
  }
}
