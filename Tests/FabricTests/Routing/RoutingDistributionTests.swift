import Fabric
import Testing

@Suite struct RoutingDistributionTests {
  @Test(arguments: [
    ("balanced", RoutingDistribution.balanced), ("uniform", .uniform), ("zipf(1.2)", .zipf(1.2)),
    ("dirichlet(0.5)", .dirichlet(0.5)), ("hot-expert(8)", .hotExpert(8)),
    ("hot-rank(2)", .hotRank(2)),
  ])
  func textGoesThereAndBack(text: String, distribution: RoutingDistribution) throws {
    #expect(try RoutingDistribution(text) == distribution)
    #expect(distribution.text == text)
  }

  @Test func blanksAndCapitalsAreForgiven() throws {
    #expect(try RoutingDistribution(" Zipf( 1.5 ) ") == .zipf(1.5))
  }

  @Test(arguments: [
    ("ziff(1)", "did you mean zipf(1.2)?"), ("balance", "did you mean balanced?"),
    ("whatever", "use one of them"), ("", "use one of them"), ("zipf", "write it like zipf(1.2)"),
    ("zipf()", "write it like zipf(1.2)"), ("hot-rank", "write it like hot-rank(2)"),
    ("uniform(2)", "uniform takes no number"), ("zipf(nan)", "from 0 to 10"),
    ("zipf(-1)", "from 0 to 10"), ("zipf(11)", "from 0 to 10"), ("zipf(x)", "from 0 to 10"),
    ("dirichlet(0)", "from 0.001 to 1000000"), ("dirichlet(inf)", "from 0.001 to 1000000"),
    ("hot-expert(-8)", "from 0.001 to 1000000"), ("hot-expert(1e9)", "from 0.001 to 1000000"),
  ])
  func everyMistakeHasASentence(text: String, sentence: String) {
    #expect {
      _ = try RoutingDistribution(text)
    } throws: {
      "\($0)".contains(sentence)
    }
  }

  @Test func popularitiesAreThoseOfTheirLaws() {
    func popularity(_ distribution: RoutingDistribution, layer: Int = 0) -> [Double] {
      distribution.popularity(experts: 64, perToken: 8, ranks: 8, layer: layer, seed: 1)
    }
    // Zipf: sorted, the i-th is 1/i of the first; another layer has another order.
    let zipf = popularity(.zipf(1)).sorted(by: >)
    #expect(abs(zipf[0] / zipf[9] - 10) < 1e-9)
    #expect(popularity(.zipf(1)) != popularity(.zipf(1), layer: 1))
    #expect(popularity(.zipf(1)) == popularity(.zipf(1)))
    // One expert, and the 8 experts of one rank.
    let expert = popularity(.hotExpert(8))
    #expect(expert.filter { $0 > 1 }.count == 1)
    #expect(abs((expert.max() ?? 0) / (expert.min() ?? 1) - 8) < 1e-9)
    let rank = popularity(.hotRank(2))
    let hot = rank.indices.filter { rank[$0] > 1 }
    #expect(hot.count == 8 && hot.last == hot[0] + 7 && hot[0].isMultiple(of: 8))
    for distribution in [RoutingDistribution.zipf(2), .dirichlet(0.01), .hotRank(1e6)] {
      let weights = popularity(distribution)
      #expect(weights.allSatisfy { $0 > 0 && $0.isFinite })
    }
  }

  /// Dirichlet shares of n parts with parameter a have variance (n - 1) / (n^2 (n a + 1)).
  @Test func dirichletSharesVaryAsTheyShould() {
    let n = 2000.0
    let weights = RoutingDistribution.dirichlet(0.5).popularity(
      experts: 2000, perToken: 8, ranks: 1, layer: 0, seed: 1)
    let variance = weights.reduce(0) { $0 + ($1 - 1) * ($1 - 1) } / n
    #expect(abs(variance - (n - 1) / (n * 0.5 + 1)) < 0.3)
  }

  @Test func countsAreCheckedAndFoundByLayer() throws {
    let counts = try RoutingCounts(
      source: "c.csv",
      rows: [.init(layer: 5, tokens: [3, 4]), .init(layer: 3, tokens: [1, 2])])
    #expect(counts.tokens(layer: 3) == [1, 2])
    #expect(counts.tokens(layer: 4) == [1, 2])
    #expect(counts.tokens(layer: 9) == [3, 4])
    #expect(counts.tokens(layer: 0) == [1, 2])
    #expect(throws: RoutingError.wrongExperts(layer: 3, found: 2, experts: 4)) {
      try counts.check(experts: 4, layers: [3, 5])
    }
    #expect(throws: RoutingError.foreignLayer(5, first: 3, last: 4)) {
      try counts.check(experts: 2, layers: [3, 4])
    }
    try counts.check(experts: 2, layers: [3, 4, 5])
    #expect(throws: RoutingError.noCounts) { try RoutingCounts(source: "", rows: []) }
    #expect(throws: RoutingError.allZero(layer: 1)) {
      try RoutingCounts(source: "", rows: [.init(layer: 1, tokens: [0, 0])])
    }
    #expect(throws: RoutingError.badCount(layer: nil, expert: 1, value: -2)) {
      try RoutingCounts(source: "", rows: [.init(layer: nil, tokens: [1, -2])])
    }
    #expect(throws: RoutingError.wrongExperts(layer: 2, found: 1, experts: 2)) {
      try RoutingCounts(
        source: "", rows: [.init(layer: 1, tokens: [1, 2]), .init(layer: 2, tokens: [1])])
    }
  }
}
