import Statistics
import Testing

@Suite struct RootTests {
  @Test func squareRootOfTwo() throws {
    let root = try Root(from: 1, through: 2) { $0 * $0 - 2 }
    #expect(abs(root.value - 2.0.squareRoot()) < 1e-14)
    #expect(root.iterations < 15)
  }

  @Test func anEndMayBeTheRoot() throws {
    #expect(try Root(from: 0, through: 1) { $0 }.value == 0)
    #expect(try Root(from: 0, through: 1) { $0 - 1 }.value == 1)
  }

  @Test func sameSignsAreRefused() {
    #expect(throws: RootError.noSignChange(lower: 1, upper: 2)) {
      try Root(from: 1, through: 2) { $0 }
    }
    #expect(throws: RootError.self) { try Root(from: 1, through: 2) { _ in .nan } }
  }

  @Test func integralOfASquare() throws {
    #expect(abs(try Integral(from: 0, to: 3) { $0 * $0 }.value - 9) < 1e-10)
    // A kink is found and cut at.
    #expect(abs(try Integral(from: -1, to: 2) { abs($0) }.value - 2.5) < 1e-9)
  }

  /// Three coins.
  @Test func binomialLawOfThreeCoins() {
    let law = BinomialLaw(trials: 3, probability: 0.5)
    for (most, chance) in [(-1, 0.0), (0, 0.125), (1, 0.5), (2, 0.875), (3, 1)] {
      #expect(abs(law.cumulative(most) - chance) < 1e-12)
    }
    #expect(law.quantile(0.6) == 2)
    #expect(law.quantile(0.9) == 3)
  }

  /// Means within four standard errors.
  @Test func drawsHaveTheirMeans() {
    var stream = RandomStream(seed: 3, component: "draws", index: 0)
    let count = 20_000
    var (exponential, weibull, binomial) = (0.0, 0.0, 0.0)
    for _ in 0..<count {
      exponential += stream.exponential()
      weibull += stream.weibull(scale: 2, shape: 0.5)
      binomial += Double(stream.binomial(trials: 10, probability: 0.3))
    }
    let n = Double(count)
    #expect(abs(exponential / n - 1) < 4 / n.squareRoot())
    // Mean 2 · Γ(3) = 4, variance 4 · (Γ(5) - Γ(3)²) = 80.
    #expect(abs(weibull / n - 4) < 4 * (80 / n).squareRoot())
    #expect(abs(binomial / n - 3) < 4 * (2.1 / n).squareRoot())
  }
}
