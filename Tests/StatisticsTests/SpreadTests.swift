import Statistics
import Testing

@Suite struct SpreadTests {
  @Test func quantilesAreThoseOfTheLaws() {
    #expect(Spread.exactly(3).quantile(0.05) == 3)
    #expect(abs(Spread.uniform(from: 2, to: 2.6).quantile(0.95) - 2.57) < 1e-12)
    // Tables of the normal distribution: 1.6448536 deviations hold 95 of 100 below.
    #expect(abs(Spread.normal(mean: 2, deviation: 0.5).quantile(0.95) - 2.822_426_81) < 1e-7)
    #expect(abs(Spread.normal(mean: 2, deviation: 0.5).quantile(0.05) - 1.177_573_19) < 1e-7)
    let lognormal = Spread.lognormal(median: 3, factor: 2)
    #expect(abs(lognormal.quantile(0.841_344_746_068_543) - 6) < 1e-9)
    // Half of a triangle's area lies left of its peak where the peak is in the middle.
    #expect(Spread.triangular(from: 0, peak: 1, to: 2).quantile(0.5) == 1)
    #expect(abs(Spread.triangular(from: 0, peak: 1, to: 2).quantile(0.125) - 0.5) < 1e-12)
    #expect(abs(Spread.triangular(from: 0, peak: 0, to: 2).quantile(0.75) - 1) < 1e-12)
  }

  @Test(arguments: [
    Spread.exactly(4), .uniform(from: -1, to: 3), .normal(mean: 0, deviation: 2),
    .lognormal(median: 5, factor: 1.5), .triangular(from: 1, peak: 1, to: 4),
  ])
  func quantilesRiseAndScale(spread: Spread) {
    let values = (0...100).map { spread.quantile(Double($0) / 100) }
    for (a, b) in zip(values, values.dropFirst()) { #expect(a <= b) }
    #expect(values.allSatisfy { $0.isFinite })
    let doubled = spread.scaled(by: 2)
    for (p, value) in values.enumerated() {
      #expect(abs(doubled.quantile(Double(p) / 100) - 2 * value) <= 1e-12 * abs(value))
    }
    #expect(spread.middle == spread.quantile(0.5))
    #expect(spread.isSpread == (values[5] < values[95]))
  }
}
