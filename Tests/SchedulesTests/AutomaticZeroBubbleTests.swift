import Schedules
import Testing

/// The schedules found by search: against lists of the released searches, limits, and what they must
/// not be longer than.
@Suite struct AutomaticZeroBubbleTests {
  struct SearchedGolden: Sendable, CustomTestStringConvertible {
    var schedule: BuiltIn
    var ranks: Int
    var microBatches: Int
    var durations: Durations
    var lists: String

    var testDescription: String { "\(schedule.rawValue), F \(durations.forward)" }
  }

  static let searched = BuiltIn.allCases.filter(\.facts.isSearched)

  /// Times of a model of 1.5 billion parameters on 8 ranks, as the Zero Bubble paper gives them.
  static let profiled = durations(18.522, 18.086, 9.337, 0.601)

  private static func durations(
    _ forward: Double, _ input: Double, _ weight: Double, _ latency: Double = 0
  ) -> Durations {
    (try? Durations(
      forward: forward, inputBackward: input, weightBackward: weight, pointToPoint: latency))
      ?? .unit
  }

  private func timing(
    _ builtIn: BuiltIn, _ ranks: Int, _ microBatches: Int, _ durations: Durations,
    limit: Int? = nil
  ) throws -> ScheduleTiming {
    try builtIn.schedule(
      ScheduleRequest(
        ranks: ranks, microBatches: microBatches, durations: durations, memoryLimit: limit)
    ).timing(durations)
  }

  @Test(arguments: goldens)
  func listsAreTheReleasedOnes(golden: SearchedGolden) throws {
    let schedule = try golden.schedule.schedule(
      ScheduleRequest(
        ranks: golden.ranks, microBatches: golden.microBatches, durations: golden.durations))
    #expect(schedule.actions == (try lists(golden.lists)))
  }

  @Test(
    arguments: [(BuiltIn.zeroBubble1p, 12), (.zeroBubble2p, 12), (.zeroBubbleVGreedy, 8)], 1...40)
  func everyLimitIsKept(schedule: (builtIn: BuiltIn, most: Int), seed: Int) throws {
    var stream = FixedStream(seed)
    let ranks = stream.whole(1...6)
    let microBatches = stream.whole(1...14)
    let d = Self.durations(
      1, stream.real(0.25...2), stream.real(0.125...2), stream.real(0...0.5))
    let fewest = schedule.builtIn == .zeroBubbleVGreedy ? 2 : 1
    for limit in fewest...schedule.most {
      let built = try schedule.builtIn.schedule(
        ScheduleRequest(
          ranks: ranks, microBatches: microBatches, durations: d, memoryLimit: limit))
      #expect(built.violations().isEmpty)
      let peaks = try built.timing(d).peakActivationsReleaseAtW
      #expect(peaks.allSatisfy { $0 <= limit }, "\(ranks) x \(microBatches), \(limit)")
    }
  }

  @Test(arguments: 1...60)
  func zeroBubble1pIsNoLongerThanZBH1(seed: Int) throws {
    var stream = FixedStream(seed)
    let p = stream.whole(1...8)
    let m = p + stream.whole(0...24)
    let d = Self.durations(
      stream.real(0.5...2), stream.real(0.5...2), stream.real(0.125...2), stream.real(0...0.25))
    let one = try timing(.zeroBubble1p, p, m, d)
    let two = try timing(.zeroBubble2p, p, m, d)
    let fixed = try Schedule.zeroBubbleH1(ranks: p, microBatches: m).timing(d)
    #expect(one.longestSpan <= fixed.longestSpan * (1 + 1e-9))
    #expect(two.longestSpan <= fixed.longestSpan * (1 + 1e-9))
  }

  @Test(arguments: [24, 32, 64])
  func zeroBubble1pHidesOneWWithMeasuredTimes(m: Int) throws {
    // (p − 1)(F + I − W), and latency on top: four hops a rank at least.
    let d = Self.profiled
    let hidden = 7 * (d.forward + d.inputBackward - d.weightBackward)
    let withoutLatency = Self.durations(d.forward, d.inputBackward, d.weightBackward)
    let span = try timing(.zeroBubble1p, 8, m, withoutLatency).longestSpan
    #expect(abs(span - Double(m) * (d.forward + d.backward) - hidden) < 1e-6)
  }

  @Test func publishedBubbleOfZB1p() throws {
    // 0.1585 with 8 ranks and 24 micro-batches, latency included.
    let ratio = try timing(.zeroBubble1p, 8, 24, Self.profiled).spanBubbleRatio
    #expect((ratio * 10_000).rounded() == 1585)
  }

  @Test(arguments: 1...10)
  func noBubbleInTheSpanWithEqualTimes(p: Int) throws {
    for m in [2 * p, 2 * p + 1, 4 * p] {
      #expect(try timing(.zeroBubble2p, p, m, .unit).spanBubbleRatio == 0)
      #expect(try timing(.zeroBubbleVGreedy, p, m, .unit).spanBubbleRatio == 0)
    }
    #expect(try timing(.zeroBubble2p, p, 2 * p - 1, .unit).spanBubbleRatio == 0)
  }

  @Test(arguments: searched)
  func zeroAndHugeDurationsDoNoHarm(builtIn: BuiltIn) throws {
    for d in [
      Self.durations(0, 0, 0), Self.durations(0, 1, 0), Self.durations(1, 0, 1e100, 1e100),
    ] {
      for limit in [2, 5, .max] {
        let built = try builtIn.schedule(
          ScheduleRequest(ranks: 4, microBatches: 9, durations: d, memoryLimit: limit))
        #expect(built.violations().isEmpty)
      }
    }
  }

  @Test func limitsThatNothingRunsWithinAreRefused() {
    func sentence(_ builtIn: BuiltIn, _ limit: Int) -> String {
      do {
        _ = try builtIn.schedule(
          ScheduleRequest(ranks: 4, microBatches: 8, memoryLimit: limit))
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(
      sentence(.zeroBubble1p, 0)
        == "zb-1p cannot run with at most 0 activations on a rank; use 1 or more")
    #expect(
      sentence(.zeroBubble2p, .min).hasPrefix("zb-2p cannot run with at most -9223372036854775808"))
    #expect(
      sentence(.zeroBubbleVGreedy, 1)
        == "zb-v-greedy cannot run with at most 1 activation on a rank; use 2 or more")
    #expect(sentence(.vHalf, 8) == "v-half takes no memory limit; leave it out")
  }

  @Test func examplesOfTheDocumentationAreTrue() throws {
    var request = ScheduleRequest(ranks: 2, microBatches: 3)
    #expect(
      try BuiltIn.zeroBubble2p.schedule(request).actions[0]
        == lists("0F0, 0F1, 0F2, 0I0, 0W0, 0I1, 0W1, 0I2, 0W2")[0])
    request.memoryLimit = 1
    #expect(
      try BuiltIn.zeroBubble2p.schedule(request).actions[0]
        == lists("0F0, 0I0, 0W0, 0F1, 0I1, 0W1, 0F2, 0I2, 0W2")[0])
    #expect(
      try BuiltIn.zeroBubbleVGreedy.schedule(ranks: 1, microBatches: 2).actions
        == lists("0F0, 1F0, 1I0, 1W0, 0F1, 0I0, 0W0, 1F1, 1I1, 0I1, 1W1, 0W1"))
  }

  static let goldens: [SearchedGolden] = [
    SearchedGolden(
      schedule: .zeroBubble1p, ranks: 3, microBatches: 6, durations: .unit,
      lists: """
        0F0, 0F1, 0F2, 0I0, 0W0, 0F3, 0I1, 0W1, 0F4, 0I2, 0W2, 0F5, 0I3, 0W3, 0I4, 0W4, 0I5, 0W5
        1F0, 1F1, 1I0, 1F2, 1I1, 1W0, 1F3, 1I2, 1W1, 1F4, 1I3, 1W2, 1F5, 1I4, 1W3, 1I5, 1W4, 1W5
        2F0, 2I0, 2F1, 2I1, 2F2, 2I2, 2W0, 2F3, 2I3, 2W1, 2F4, 2I4, 2W2, 2F5, 2I5, 2W3, 2W4, 2W5
        """),
    SearchedGolden(
      schedule: .zeroBubble1p, ranks: 3, microBatches: 6, durations: profiled,
      lists: """
        0F0, 0F1, 0F2, 0I0, 0W0, 0F3, 0I1, 0W1, 0F4, 0I2, 0W2, 0F5, 0I3, 0W3, 0I4, 0W4, 0I5, 0W5
        1F0, 1F1, 1I0, 1F2, 1I1, 1W0, 1F3, 1I2, 1W1, 1F4, 1I3, 1W2, 1F5, 1I4, 1W3, 1W4, 1I5, 1W5
        2F0, 2I0, 2F1, 2I1, 2F2, 2I2, 2W0, 2F3, 2I3, 2W1, 2F4, 2I4, 2W2, 2F5, 2I5, 2W3, 2W4, 2W5
        """),
    SearchedGolden(
      schedule: .zeroBubble2p, ranks: 3, microBatches: 6, durations: .unit,
      lists: """
        0F0, 0F1, 0F2, 0F3, 0F4, 0I0, 0F5, 0W0, 0I1, 0W1, 0I2, 0W2, 0I3, 0W3, 0I4, 0W4, 0I5, 0W5
        1F0, 1F1, 1F2, 1I0, 1F3, 1I1, 1F4, 1I2, 1F5, 1I3, 1W0, 1I4, 1W1, 1I5, 1W2, 1W3, 1W4, 1W5
        2F0, 2I0, 2F1, 2I1, 2F2, 2I2, 2F3, 2I3, 2F4, 2I4, 2F5, 2I5, 2W0, 2W1, 2W2, 2W3, 2W4, 2W5
        """),
    SearchedGolden(
      schedule: .zeroBubble2p, ranks: 3, microBatches: 6, durations: profiled,
      lists: """
        0F0, 0F1, 0F2, 0F3, 0F4, 0I0, 0F5, 0W0, 0I1, 0W1, 0I2, 0W2, 0I3, 0W3, 0I4, 0W4, 0I5, 0W5
        1F0, 1F1, 1F2, 1I0, 1F3, 1I1, 1F4, 1I2, 1F5, 1I3, 1W0, 1I4, 1W1, 1I5, 1W2, 1W3, 1W4, 1W5
        2F0, 2I0, 2F1, 2I1, 2F2, 2I2, 2F3, 2I3, 2F4, 2I4, 2F5, 2I5, 2W0, 2W1, 2W2, 2W3, 2W4, 2W5
        """),
    SearchedGolden(
      schedule: .zeroBubbleVGreedy, ranks: 3, microBatches: 6, durations: .unit,
      lists: """
        0F0, 0F1, 0F2, 0F3, 0F4, 5F0, 5I0, 5W0, 5F1, 5I1, 5W1, 5F2, 5I2, 5W2, 0F5, 0I0, 0W0, \
        5F3, 5I3, 5W3, 0I1, 0W1, 5F4, 5I4, 5W4, 0I2, 0W2, 5F5, 5I5, 0I3, 5W5, 0I4, 0W3, 0I5, \
        0W4, 0W5
        1F0, 1F1, 1F2, 4F0, 1F3, 4F1, 4I0, 4W0, 4F2, 4I1, 4W1, 1F4, 1I0, 1W0, 4F3, 4I2, 4W2, \
        1F5, 1I1, 1W1, 4F4, 4I3, 4W3, 1I2, 1W2, 4F5, 4I4, 1I3, 4I5, 1I4, 4W4, 1I5, 1W3, 4W5, \
        1W4, 1W5
        2F0, 3F0, 2F1, 3F1, 2F2, 3F2, 3I0, 3W0, 2F3, 2I0, 2W0, 3F3, 3I1, 3W1, 2F4, 2I1, 2W1, \
        3F4, 3I2, 3W2, 2F5, 2I2, 2W2, 3F5, 3I3, 2I3, 3I4, 2I4, 3I5, 2I5, 3W3, 2W3, 3W4, 2W4, \
        3W5, 2W5
        """),
    SearchedGolden(
      schedule: .zeroBubbleVGreedy, ranks: 3, microBatches: 6, durations: profiled,
      lists: """
        0F0, 0F1, 0F2, 0F3, 0F4, 5F0, 5I0, 5W0, 5F1, 5I1, 5W1, 5F2, 5I2, 5W2, 0F5, 0I0, 0W0, \
        5F3, 5I3, 5W3, 0I1, 0W1, 5F4, 5I4, 5W4, 0I2, 0W2, 5F5, 5I5, 0I3, 5W5, 0W3, 0I4, 0W4, \
        0I5, 0W5
        1F0, 1F1, 1F2, 4F0, 1F3, 4F1, 4I0, 4W0, 4F2, 4I1, 4W1, 1F4, 1I0, 1W0, 4F3, 4I2, 4W2, \
        1F5, 1I1, 1W1, 4F4, 4I3, 4W3, 1I2, 1W2, 4F5, 4I4, 1I3, 4I5, 1I4, 4W4, 1W3, 1I5, 4W5, \
        1W4, 1W5
        2F0, 3F0, 2F1, 3F1, 2F2, 3F2, 3I0, 3W0, 2F3, 2I0, 2W0, 3F3, 3I1, 3W1, 2F4, 2I1, 2W1, \
        3F4, 3I2, 3W2, 2F5, 2I2, 2W2, 3F5, 3I3, 2I3, 3I4, 2I4, 3I5, 2I5, 3W3, 2W3, 3W4, 2W4, \
        3W5, 2W5
        """),
  ]
}
