import Economics
import Statistics
import Testing

/// Whether two numbers are the same to one part in 10^9.
private func same(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * abs(b) }

/// e^x by its series, halved until that converges fast: independent of what the forms use.
private func power(_ x: Double) -> Double {
  if abs(x) > 0.5 {
    let half = power(x / 2)
    return half * half
  }
  var (sum, term) = (1.0, 1.0)
  for n in 1...24 {
    term *= x / Double(n)
    sum += term
  }
  return sum
}

@Suite struct GoodputFormsTests {
  /// 419 interruptions of 16,384 GPUs in 54 days: one in 3.09 hours, 3.79e-3 per node-day.
  @Test func meanTimeToInterruptionOfLlama3() {
    let rate = 419.0 / 54 / 2_048
    #expect(abs(rate - 3.79e-3) < 0.005e-3)
    let mtti = GoodputForms.meanTimeToInterruption(nodes: 2_048, perNodeDay: rate)
    #expect(same(mtti, 54 * 86_400.0 / 419))
    #expect(abs(mtti / 3_600 - 3.09) < 0.005)
  }

  /// RSC-1 at 6.50 per 1,000 node-days: 1,024 GPUs 28.8 h, 16,384 GPUs 1.803 h.
  @Test func meanTimeToInterruptionIsInverseInNodes() {
    func hours(_ gpus: Double) -> Double {
      GoodputForms.meanTimeToInterruption(nodes: gpus / 8, perNodeDay: 6.5e-3) / 3_600
    }
    #expect(same(hours(1_024), 24_000.0 / (128 * 6.5)))
    #expect(abs(hours(1_024) - 28.8) < 0.05)
    #expect(abs(hours(16_384) - 1.803) < 0.001)
  }

  @Test func youngIsARoot() {
    let interval = GoodputForms.youngInterval(write: 20, meanTimeToInterruption: 11_124)
    #expect(same(interval * interval, 2 * 20 * 11_124))
    #expect(abs(interval - 667) < 0.1)
  }

  /// MTTI · (1 + W(-exp(-1 - d))), Lambert's W by Halley's steps from the branch point's series.
  @Test(arguments: [1e-8, 1e-6, 1e-4, 0.0018, 0.05, 0.5, 2, 10])
  func dalyIntervalIsLambertsW(d: Double) throws {
    let z = -power(-1 - d)
    // Near the branch point 1 + z·e loses all digits; it is 1 - e^-d.
    let p = (2 * d * (1 - d / 2 + d * d / 6 - d * d * d / 24)).squareRoot()
    var w = d < 0.5 ? -1 + p - p * p / 3 + 11 * p * p * p / 72 : z
    for _ in 0..<60 where d > 1e-3 {
      let e = power(w)
      let f = w * e - z
      w -= f / (e * (w + 1) - (w + 2) * f / (2 * w + 2))
    }
    let interval = try GoodputForms.dalyInterval(
      write: d * 11_124, meanTimeToInterruption: 11_124)
    // Below d = 0.001 the series itself is good to p^4 only.
    let tolerance = d > 1e-3 ? 1e-9 : p * p * p
    #expect(abs(interval / (11_124 * (1 + w)) - 1) < tolerance)
  }

  /// No other interval costs less.
  @Test(arguments: [(20.0, 11_124.0), (120, 3_600), (600, 600), (1e-3, 1e6)])
  func dalyIntervalIsBest(write: Double, mtti: Double) throws {
    let best = try GoodputForms.dalyInterval(write: write, meanTimeToInterruption: mtti)
    func wall(_ interval: Double) -> Double {
      GoodputForms.dalyWall(
        productive: 1e6, interval: interval, write: write, restart: 600,
        meanTimeToInterruption: mtti)
    }
    for factor in [0.5, 0.9, 0.99, 1.01, 1.1, 2] { #expect(wall(best) < wall(best * factor)) }
  }

  @Test func dalyIntervalRefusesNonsense() {
    #expect(throws: RootError.self) {
      try GoodputForms.dalyInterval(write: -1, meanTimeToInterruption: 100)
    }
    #expect(throws: RootError.self) {
      try GoodputForms.dalyInterval(write: .nan, meanTimeToInterruption: 100)
    }
  }

  /// A segment s succeeds with p = e^(-s / M), else costs a conditional mean of M - s·p / (1 - p), a
  /// recovery and itself once more; a recovery likewise: solved for the means.
  @Test(arguments: [
    (660.0, 20.0, 600.0, 11_124.0), (1_000, 300, 1_800, 3_600), (5_000, 1, 0, 1_000),
    (100, 100, 2_000, 500),
  ])
  func dalyWallSolvesItsRecursion(interval: Double, write: Double, restart: Double, mtti: Double) {
    func mean(_ length: Double, after recovery: Double) -> Double {
      let p = power(-length / mtti)
      guard p < 1 else { return 0 }
      let struck = mtti - length * p / (1 - p)
      return (length * p + (1 - p) * (struck + recovery)) / p
    }
    let recovery = mean(restart, after: 0)
    let segment = mean(interval + write, after: recovery)
    let wall = GoodputForms.dalyWall(
      productive: 50 * interval, interval: interval, write: write, restart: restart,
      meanTimeToInterruption: mtti)
    #expect(same(wall, 50 * segment))
  }

  /// save + √(2 (MTTF + recovery) save + save²), and no other period serves its ratio better.
  @Test func renewalPeriodIsBest() {
    let period = GoodputForms.renewalPeriod(save: 20, meanTimeToFailure: 11_124, recovery: 600)
    #expect(same((period - 20) * (period - 20), 2 * 11_724 * 20 + 400))
    func ratio(_ period: Double) -> Double {
      GoodputForms.renewalRatio(
        period: period, save: 20, meanTimeToFailure: 11_124, recovery: 600)
    }
    #expect(same(ratio(100), 11_124 * 0.8 / 11_774))
    for factor in [0.5, 0.9, 0.999, 1.001, 1.1, 2] {
      #expect(ratio(period) > ratio(period * factor))
    }
  }

  /// 16,384 GPUs with writes of 20 s and restarts of 10 minutes: 0.889; with writes of 0.1 s: 0.942.
  @Test func metaRatioOfTheWorkedExamples() {
    func ratio(_ write: Double) -> (interval: Double, ratio: Double) {
      let interval = GoodputForms.youngInterval(write: write, meanTimeToInterruption: 11_124)
      return (
        interval,
        GoodputForms.metaRatio(
          interval: interval, write: write, restart: 600, meanTimeToInterruption: 11_124)
      )
    }
    let slow = ratio(20)
    #expect(same(slow.ratio * (1 + 20 / slow.interval), 1 - (600 + slow.interval / 2) / 11_124))
    #expect(abs(slow.ratio - 0.889) < 0.0005)
    let quick = ratio(0.1)
    #expect(abs(quick.interval - 47) < 0.2)
    #expect(abs(quick.ratio - 0.942) < 0.0005)
  }

  /// Where a run fails often the forms of first order are far off: a job that lives half an hour and
  /// restarts for 25 minutes still makes use of 23 % of its time, where Meta's form is below zero.
  @Test(arguments: [
    (11_124.0, 600.0, 20.0, 0.892, 0.889, 0.895), (3_600, 1_800, 300, 0.391, 0.261, 0.471),
    (1_800, 1_500, 300, 0.229, -0.051, 0.343),
  ])
  func firstOrderFailsWhereFailuresAreFrequent(
    mtti: Double, restart: Double, write: Double, exact: Double, meta: Double, renewal: Double
  ) throws {
    let interval = try GoodputForms.dalyInterval(write: write, meanTimeToInterruption: mtti)
    let wall = GoodputForms.dalyWall(
      productive: 1, interval: interval, write: write, restart: restart,
      meanTimeToInterruption: mtti)
    #expect(abs(1 / wall - exact) < 0.0005)
    let first = GoodputForms.metaRatio(
      interval: interval, write: write, restart: restart, meanTimeToInterruption: mtti)
    #expect(abs(first - meta) < 0.001)
    let second = GoodputForms.renewalRatio(
      period: interval + write, save: write, meanTimeToFailure: mtti, recovery: restart)
    #expect(abs(second - renewal) < 0.0005)
  }

  /// 1 + σ √(2 ln n): 3.9 % at 2,048 and 4.4 % at 16,384 for σ = 1 %; draws stay somewhat below.
  @Test func slowestOfManyNears() {
    #expect(abs(GoodputForms.slowest(of: 2_048, deviation: 0.01) - 1.039) < 0.0001)
    #expect(abs(GoodputForms.slowest(of: 16_384, deviation: 0.01) - 1.044) < 0.0001)
    // ln 2048 = 11 ln 2
    let excess = (GoodputForms.slowest(of: 2_048, deviation: 0.02) - 1) / 0.02
    #expect(same(excess * excess, 22 * 0.693_147_180_559_945_3))
    #expect(GoodputForms.slowest(of: 1, deviation: 0.5) == 1)
    var stream = RandomStream(seed: 1, component: "slowest", index: 0)
    var sum = 0.0
    for _ in 0..<100 {
      var most = 0.0
      for _ in 0..<2_048 { most = max(most, stream.normal()) }
      sum += most / 100
    }
    #expect(sum < excess && sum > 0.85 * excess)
  }

  /// The least k at which the binomial law, summed term by term, reaches 99 %; 4 of 1,024 machines
  /// when each is out with a chance of 0.1 % to 0.14 %.
  @Test(arguments: [(1_024, 0.001), (1_024, 0.0014), (100, 0.05), (12, 0.5), (2_048, 0.004)])
  func warmStandbysAreABinomialQuantile(nodes: Int, probability: Double) {
    var term = 1.0
    for _ in 0..<nodes { term *= 1 - probability }
    var sum = term
    var spares = 0
    while sum < 0.99 {
      term *= Double(nodes - spares) / Double(spares + 1) * probability / (1 - probability)
      spares += 1
      sum += term
    }
    #expect(GoodputForms.warmStandbys(nodes: nodes, probability: probability) == spares)
    if nodes == 1_024 { #expect(spares == 4 || probability == 0.0014) }
  }

  @Test func checkpointOf405B() {
    #expect(same(GoodputForms.checkpointBytes(parameters: 405.9e9), 405.9e9 * (2 + 4 + 4 + 4)))
    #expect(abs(GoodputForms.checkpointBytes(parameters: 405.9e9) / 1e12 - 5.7) < 0.05)
    #expect(same(GoodputForms.checkpointBytes(parameters: 1e9, bytesPerParameter: 12), 12e9))
  }

  /// a^c / c! over the sum of a^k / k!.
  @Test(arguments: [(1, 0.5), (3, 1.5), (10, 12.0)])
  func erlangLossIsItsSum(servers: Int, load: Double) {
    var (term, sum) = (1.0, 1.0)
    for k in 1...servers {
      term *= load / Double(k)
      sum += term
    }
    #expect(same(GoodputForms.erlangLoss(servers: servers, load: load), term / sum))
  }
}
