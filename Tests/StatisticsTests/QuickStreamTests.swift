import Statistics
import Testing

@Suite struct QuickStreamTests {
  @Test func sameNamesSameNumbers() {
    var a = QuickStream(seed: 1, component: "gate", index: 2)
    var b = QuickStream(seed: 1, component: "gate", index: 2)
    var c = QuickStream(seed: 1, component: "gate", index: 3)
    let first = (0..<4).map { _ in a.next() }
    #expect(first == (0..<4).map { _ in b.next() })
    #expect(first != (0..<4).map { _ in c.next() })
  }

  /// Moments of the exponential distribution: E X^k = k!; P(X > t) = exp(-t), also in the tail
  /// beyond the ziggurat's layers (7.7) and in steps of a half below.
  @Test func exponentialNumbersFollowTheirLaw() {
    var random = QuickStream(seed: 3, component: "test", index: 0)
    let n = 200_000
    var sum = 0.0
    var squares = 0.0
    var above = [Double](repeating: 0, count: 17)
    for _ in 0..<n {
      let x = random.exponential()
      sum += x
      squares += x * x
      for step in 0..<min(17, Int(x * 2) + 1) { above[step] += 1 }
    }
    #expect(abs(sum / Double(n) - 1) < 4 / Double(n).squareRoot())
    #expect(abs(squares / Double(n) - 2) < 4 * (20 / Double(n)).squareRoot())
    for step in above.indices {
      let expected = Elementary.power(2.718_281_828_459_045, -Double(step) / 2)
      let deviation = (expected * (1 - expected) / Double(n)).squareRoot()
      #expect(abs(above[step] / Double(n) - expected) <= 4.5 * deviation + 1e-12)
    }
  }

  @Test func indicesAndUniformNumbersStayInRange() {
    var random = QuickStream(seed: 4, component: "test", index: 0)
    var seen = [Int](repeating: 0, count: 7)
    for _ in 0..<7000 {
      seen[random.index(below: 7)] += 1
      let u = random.uniform()
      #expect(u > 0 && u <= 1)
    }
    #expect(seen.allSatisfy { abs($0 - 1000) < 150 })
  }

  /// Gamma of shape a has mean and variance a.
  @Test func gammaNumbersHaveTheirMoments() {
    var random = RandomStream(seed: 5, component: "test", index: 0)
    let draws = (0..<20_000).map { _ in random.gamma(shape: 0.5) }
    let mean = draws.reduce(0, +) / 20_000
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean - 0.5) < 0.02)
    #expect(abs(variance - 0.5) < 0.05)
  }
}
