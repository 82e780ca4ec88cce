/// The time axis of a drawing.
struct TimeAxis: Equatable {
  /// An instant of the axis with its label.
  typealias Tick = (time: Double, label: String)

  /// What stands below it: `time, s`.
  let title: String
  /// Its end, in its unit.
  let length: Double

  /// Instants from 0 to the end in steps of 1, 2 or 5 times a power of ten: 8 to 20 of them in
  /// each stretch of `band`, fewer where `width`, in hundredths of a pixel, has no room for their
  /// labels; none where there is no time to show.
  func ticks(every band: Double, width: Int) -> [Tick] {
    guard length > 0, band >= Self.shortest, length <= Self.longest else { return [] }
    var exponent = -300
    // The largest power of ten of which a band holds at least ten.
    while Self.power(exponent + 1) * 10 <= band * Self.rounding { exponent += 1 }
    // A band holds from 10 to 100 of these.
    let parts = band / Self.power(exponent) * Self.rounding
    var step = parts > 40 ? 5 : parts > 20 ? 2 : 1
    while !fits(step, exponent, band, width) {
      if step == 5 {
        (step, exponent) = (1, exponent + 1)
      } else {
        step = step == 1 ? 2 : 5
      }
    }
    let count = Int(length / (Self.power(exponent) * Double(step)) * Self.rounding)
    return (0...count).map { index in
      let scaled = index * step
      return (min(Double(scaled) * Self.power(exponent), length), Self.label(scaled, exponent))
    }
  }

  /// Whether the labels of steps do not meet.
  private func fits(_ step: Int, _ exponent: Int, _ band: Double, _ width: Int) -> Bool {
    let count = band / (Self.power(exponent) * Double(step))
    guard count >= 1 else { return true }
    let last = Int(length / Self.power(exponent))
    let label = TextWidth.of(Self.label(last, exponent), size: 11) + 14 * DrawingLayout.pixel
    return Double(label) * count <= Double(width)
  }

  private static let shortest = 1e-290
  private static let longest = 1e290
  /// Keeps a whole number of steps whole.
  private static let rounding = 1 + 1e-9

  private static func power(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 1 }

  /// `scaled` × 10 to the `exponent`.
  private static func label(_ scaled: Int, _ exponent: Int) -> String {
    switch exponent {
    case -12...0: ByteWriter.text { $0.put(Int64(scaled), decimals: -exponent) }
    case 1...6: scaled == 0 ? "0" : "\(scaled)" + String(repeating: "0", count: exponent)
    default: scaled == 0 ? "0" : "\(scaled)e\(exponent)"
    }
  }
}
