import Statistics
import Testing

@Suite struct LognormalSpreadTests {
  /// Mean 1 and the deviation asked for, over as many draws as leave three digits.
  @Test(arguments: [0.02, 0.1, 0.5])
  func momentsAreAsAsked(deviation: Double) {
    let spread = LognormalSpread(deviation: deviation)
    var stream = QuickStream(seed: 7, component: "test", index: 3)
    var (sum, squares, least) = (0.0, 0.0, Double.infinity)
    let draws = 200_000
    for _ in 0..<draws {
      let factor = spread.next(from: &stream)
      sum += factor
      squares += factor * factor
      least = min(least, factor)
    }
    let mean = sum / Double(draws)
    #expect(abs(mean - 1) < 4 * deviation / Double(draws).squareRoot())
    let variance = squares / Double(draws) - mean * mean
    #expect(abs(variance.squareRoot() / deviation - 1) < 0.03)
    #expect(least > 0)
  }

  /// A normal number is within one deviation of its mean 68.27 times in 100, within two 95.45 times.
  @Test func normalNumbersAreNormal() {
    var stream = QuickStream(seed: 1, component: "test", index: 0)
    var (within, withinTwo, above) = (0, 0, 0)
    let draws = 200_000
    for _ in 0..<draws {
      let x = stream.normal()
      if abs(x) < 1 { within += 1 }
      if abs(x) < 2 { withinTwo += 1 }
      if x > 0 { above += 1 }
    }
    #expect(abs(Double(within) / Double(draws) - 0.6827) < 0.005)
    #expect(abs(Double(withinTwo) / Double(draws) - 0.9545) < 0.003)
    #expect(abs(Double(above) / Double(draws) - 0.5) < 0.005)
  }

  @Test func noDeviationIsOne() {
    var stream = QuickStream(seed: 1, component: "test", index: 0)
    #expect(LognormalSpread(deviation: 0).next(from: &stream) == 1)
  }
}
