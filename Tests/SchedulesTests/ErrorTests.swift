import Testing

@testable import Schedules

/// What a built-in refuses, its sentence, and that what it suggests works.
@Suite struct ErrorTests {
  struct Refused: Sendable {
    var schedule: BuiltIn
    var ranks: Int
    var microBatches: Int
    var stagesPerRank: Int?
    var sentence: String

    init(_ schedule: BuiltIn, _ ranks: Int, _ microBatches: Int, _ v: Int?, _ sentence: String) {
      self.schedule = schedule
      self.ranks = ranks
      self.microBatches = microBatches
      self.stagesPerRank = v
      self.sentence = sentence
    }
  }

  static let refused = [
    Refused(
      .dualPipe, 16, 30, nil,
      "dualpipe needs an even number of micro-batches, at least twice the ranks: "
        + "30 is too few for 16 ranks; use 32 or more"),
    Refused(
      .dualPipe, 4, 11, nil,
      "dualpipe needs an even number of micro-batches, at least twice the ranks: "
        + "11 is not; use 10 or 12"),
    Refused(
      .dualPipe, 5, 20, nil, "dualpipe needs an even number of ranks: 5 is not; use 4 or 6"),
    Refused(
      .dualPipe, 0, 4, nil,
      "dualpipe needs an even number of ranks: 0 is too few; use 2 or more"),
    Refused(
      .dualPipe, 2, 4, 3,
      "dualpipe needs exactly 2 stages per rank: 3 does not do; use 2"),
    Refused(
      .dualPipeV, 4, 7, nil,
      "dualpipev needs at least twice as many micro-batches as ranks: "
        + "7 is too few for 4 ranks; use 8 or more"),
    Refused(
      .gpipe, 1, 0, nil,
      "gpipe needs at least 1 micro-batch: 0 is too few for 1 rank; use 1 or more"),
    Refused(
      .zeroBubbleH1, 4, 3, nil,
      "zb-h1 needs at least as many micro-batches as ranks: 3 is too few for 4 ranks; "
        + "use 4 or more"),
    Refused(
      .zeroBubbleH2, 4, 6, nil,
      "zb-h2 needs at least twice as many micro-batches as ranks, less one: 6 is too few for "
        + "4 ranks; use 7 or more"),
    Refused(
      .chimera, 3, 6, nil, "chimera needs an even number of ranks: 3 is not; use 2 or 4"),
    Refused(
      .chimera, 4, 5, nil, "chimera needs an even number of micro-batches: 5 is not; use 4 or 6"),
    Refused(
      .bitPipe, 1, 6, nil, "bitpipe needs an even number of ranks: 1 is too few; use 2 or more"),
    Refused(
      .bitPipe, 2, 6, 2, "bitpipe needs exactly 4 stages per rank: 2 does not do; use 4"),
    Refused(
      .hanayo, 2, 4, 3,
      "hanayo needs 2 to 65536 stages, a multiple of 2, per rank: 3 does not do; use 2"),
    Refused(
      .interleaved, 4, 8, 0,
      "interleaved-1f1b needs 1 to 65536 stages per rank: 0 does not do; use 1"),
    Refused(
      .oneForwardOneBackward, 65_537, 1, nil,
      "1f1b with 1 stage per rank is too large to simulate on 65537 ranks; use at most 65536"),
    Refused(
      .gpipe, 1, .max, nil,
      "gpipe on 1 rank is too large to simulate with 9223372036854775807 micro-batches; "
        + "use at most 8388608"),
    // Twice as many micro-batches as ranks, 3 passes each: 6 p² ≤ 2^24.
    Refused(
      .dualPipe, 2000, 4000, nil,
      "dualpipe with 2 stages per rank is too large to simulate on 2000 ranks; use at most 1672"),
  ]

  @Test(arguments: refused)
  func sentencesNameRuleValueAndRemedy(refused: Refused) {
    #expect {
      try refused.schedule.schedule(
        ranks: refused.ranks, microBatches: refused.microBatches,
        stagesPerRank: refused.stagesPerRank)
    } throws: { error in
      "\(error)" == refused.sentence
    }
  }

  @Test func sentencesOfOptionsAndDurations() {
    #expect {
      try Schedule.interleaved(ranks: 4, microBatches: 10, groupSize: 8)
    } throws: { error in
      // 8 leaves a group of 2, 7 one of 3, 9 one of 1; 6 leaves 4.
      "\(error)"
        == "interleaved-1f1b needs groups of 4 to 10 micro-batches, the last no shorter than "
        + "4 ranks: a group size of 8 does not do; use 6 or 10"
    }
    #expect {
      try Schedule.interleavedZeroBubble(ranks: 4, microBatches: 10, groupSize: 3)
    } throws: { error in
      "\(error)"
        == "interleaved-zero-bubble needs groups of 4 to 10 micro-batches: "
        + "a group size of 3 does not do; use 4"
    }
    #expect {
      try Schedule.interleavedOverlapped(ranks: 4, microBatches: 3, groupSize: 2)
    } throws: { error in
      "\(error)"
        == "interleaved-1f1b-overlapped needs all of 3 micro-batches as one group on 4 ranks: "
        + "a group size of 2 does not do; use 3"
    }
    #expect {
      try BuiltIn.chimera.schedule(ScheduleRequest(ranks: 2, microBatches: 4, groupSize: 2))
    } throws: { error in
      "\(error)" == "chimera takes no group size; leave it out"
    }
    #expect {
      try Durations(forward: 1, inputBackward: -2, weightBackward: 1)
    } throws: { error in
      "\(error)" == "input-backward must be a duration from 0 to 1e+100: -2.0 is not; use 0.0"
    }
  }

  @Test func manyViolationsAreCountedNotListed() throws {
    let schedule = try Schedule(name: "mine", actions: lists("0F0, 0F1, 0F2, 0F3, 0F4"))
    #expect {
      try FrozenSchedule(schedule)
    } throws: { error in
      "\(error)".hasPrefix("mine is not a valid schedule: 0B0 is missing;")
        && "\(error)".hasSuffix("; and 2 more")
    }
  }

  @Test(arguments: [-1, .nan, .infinity], DurationName.allCases)
  func everyDurationIsChecked(value: Double, name: DurationName) {
    func duration(_ other: DurationName) -> Double { other == name ? value : 1 }
    #expect {
      try Durations(
        forward: duration(.forward), inputBackward: duration(.inputBackward),
        weightBackward: duration(.weightBackward), overlapped: duration(.overlapped),
        pointToPoint: duration(.pointToPoint))
    } throws: { error in
      guard case .duration(let refused, _, _)? = error as? ScheduleError else { return false }
      return refused == name
    }
  }

  static let absurd = [Int.min, -1, 0, 1, 3, 1 << 20, Int.max - 1, Int.max]

  @Test(arguments: BuiltIn.allCases, absurd)
  func absurdInputIsRefusedNotTrapped(schedule: BuiltIn, ranks: Int) throws {
    // Only checked, not built: what passes may still be sixteen million actions.
    for microBatches in Self.absurd where ranks > 3 || ranks < 1 || microBatches < 1 {
      for stagesPerRank in [nil] + Self.absurd.map(Optional.init) {
        #expect(throws: ScheduleError.self) {
          try schedule.schedule(
            ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank)
        }
      }
    }
  }

  @Test(arguments: [(1, 1, 8_388_608), (8, 1, 1_048_576), (4, 3, 699_050)])
  func theMostMicroBatchesSuggestedPassTheCheck(ranks: Int, stages: Int, atMost: Int) throws {
    // 2^24 passes, two for each stage and micro-batch.
    let demands = Demands(fewestMicroBatches: { $0 })
    try BuiltIn.interleaved.check(
      ranks: ranks, microBatches: atMost, stagesPerRank: stages, demands)
    #expect(
      throws: ScheduleError.tooManyMicroBatches(
        .interleaved, microBatches: atMost + 1, ranks: ranks, atMost: atMost)
    ) {
      try BuiltIn.interleaved.check(
        ranks: ranks, microBatches: atMost + 1, stagesPerRank: stages, demands)
    }
  }
}
