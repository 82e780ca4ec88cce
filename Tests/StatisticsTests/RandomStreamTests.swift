import Statistics
import Testing

@Suite struct RandomStreamTests {
  @Test func sameSeedComponentAndIndexGiveTheSameNumbers() {
    var a = RandomStream(seed: 7, component: "gate", index: 3)
    var b = RandomStream(seed: 7, component: "gate", index: 3)
    for _ in 0..<100 { #expect(a.uniform() == b.uniform()) }
  }

  @Test func eachOfSeedComponentAndIndexGivesAnotherStream() {
    var streams = [RandomStreamBox]()
    for seed in [UInt64(1), 2] {
      streams.append(RandomStreamBox(RandomStream(seed: seed, component: "gate", index: 0)))
      streams.append(RandomStreamBox(RandomStream(seed: seed, component: "jitter", index: 0)))
      streams.append(RandomStreamBox(RandomStream(seed: seed, component: "gate", index: 1)))
    }
    let firsts = streams.map { $0.next() }
    #expect(Set(firsts).count == firsts.count)
  }

  @Test func numbersAreEvenOverTheUnitInterval() {
    var stream = RandomStream(seed: 1, component: "test", index: 0)
    var sum = 0.0
    var squares = 0.0
    for _ in 0..<100_000 {
      let x = stream.uniform()
      #expect(x >= 0 && x < 1)
      sum += x
      squares += x * x
    }
    // Mean 1/2 and mean square 1/3, each within five standard errors of 100,000 draws.
    #expect(abs(sum / 100_000 - 0.5) < 0.0046)
    #expect(abs(squares / 100_000 - 1.0 / 3) < 0.0048)
  }

  @Test func normalNumbersHaveMeanZeroAndDeviationOne() {
    var stream = RandomStream(seed: 1, component: "test", index: 0)
    var sum = 0.0
    var squares = 0.0
    for _ in 0..<100_000 {
      let x = stream.normal()
      sum += x
      squares += x * x
    }
    // Five standard errors: 5 / sqrt(100,000) of the mean, sqrt(2) times that of the square.
    #expect(abs(sum / 100_000) < 0.016)
    #expect(abs(squares / 100_000 - 1) < 0.0224)
  }
}

/// Holds a stream in an array, which cannot hold what cannot be copied.
private final class RandomStreamBox {
  private var stream: RandomStream
  init(_ stream: consuming RandomStream) { self.stream = stream }
  func next() -> Double { stream.uniform() }
}
