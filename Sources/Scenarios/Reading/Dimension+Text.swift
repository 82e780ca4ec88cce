import Quantities

extension Dimension {
  /// An amount in the unit a user would write it in, to four digits.
  ///
  ///     Dimension.bandwidth.text(200e9)      // 200 GB/s
  ///     Dimension.count.text(14.8e12)        // 14.8T
  func text(_ amount: Double) -> String {
    let written: [String] =
      switch self {
      case .time: ["ps", "ns", "us", "ms", "s", "min", "h", "d"]
      case .data: ["B", "KB", "MB", "GB", "TB"]
      case .bandwidth: ["B/s", "MB/s", "GB/s", "TB/s"]
      case .computeRate: ["GFLOPS", "TFLOPS", "PFLOPS"]
      case .pricePerGPUHour: ["USD/GPU-hour"]
      case .count: ["K", "M", "B", "T"]
      case .share: ["%"]
      case .years: ["d", "months", "years"]
      case .money, .moneyPerYear, .pricePerKilowattMonth, .pricePerKilowattHour, .power,
        .carbonPerKilowattHour:
        units.map(\.name)
      case .ratePerNodeDay: ["/node-day"]
      }
    // Beyond a million trillions a power of ten says more than T does.
    if case .count = self, abs(amount) > 1e18 { return significant(amount) }
    let known = units.filter { written.contains($0.name) }
    let unit = known.last { abs(amount) >= $0.factor }
    guard let unit = unit ?? (takesBareNumber ? nil : known.first) else {
      return significant(amount)
    }
    let number = significant(amount / unit.factor)
    let isJoined = if case .count = self { true } else { false }
    let isOne = if case .years = self { number == "1" && unit.name != "d" } else { false }
    let name = isOne ? String(unit.name.dropLast()) : unit.name
    return isJoined ? number + name : "\(number) \(name)"
  }
}

/// A number to four significant digits, without trailing zeros: `43.7`, `0.00123`, `15360`.
func significant(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
  if abs(value) >= 1e15 { return scientific(value) }
  var scale = 1.0
  var size = abs(value)
  while size >= 10_000, scale > 1e-9 {
    size /= 10
    scale /= 10
  }
  while size < 1000, scale < 1e12 {
    size *= 10
    scale *= 10
  }
  let rounded = (value * scale).rounded() / scale
  let whole = rounded.rounded()
  if abs(rounded) >= 1000, abs(whole) < 1e15 { return "\(Int(value.rounded()))" }
  return whole == rounded && abs(whole) < 1e15 ? "\(Int(whole))" : "\(rounded)"
}

/// A large number to four significant digits: `2.15e+25`.
private func scientific(_ value: Double) -> String {
  var (size, exponent) = (value, 0)
  while abs(size) >= 10 { (size, exponent) = (size / 10, exponent + 1) }
  let rounded = (size * 1000).rounded() / 1000
  if abs(rounded) >= 10 { return "\(rounded < 0 ? "-" : "")1e+\(exponent + 1)" }
  let digits = rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  return "\(digits)e+\(exponent)"
}
