import Schedules
import Testing

/// The timing model itself, on lists small enough to time by hand.
@Suite struct TimingTests {
  private func timing(
    _ text: String, overlapped: Double? = nil, pointToPoint: Double = 0
  ) throws -> ScheduleTiming {
    try Schedule(name: "mine", actions: lists(text)).timing(
      Durations(
        forward: 2, inputBackward: 3, weightBackward: 4, overlapped: overlapped,
        pointToPoint: pointToPoint))
  }

  @Test func aResultArrivesLaterOnAnotherRankOnly() throws {
    // F 0–2, hop, F 2.5–4.5, B 4.5–11.5 at once as it is the same rank, hop, B 12–19.
    let late = try timing("0F0, 0B0\n1F0, 1B0", pointToPoint: 0.5)
    #expect(late.rankFinish == [19, 11.5])
    #expect(late.rankBusy == [9, 9])
    // Both stages on one rank: no hop at all.
    #expect(try timing("0F0, 1F0, 1B0, 0B0", pointToPoint: 0.5).makespan == 18)
  }

  @Test func theRankAboveWaitsForIAndNotForW() throws {
    // Rank 1: F 2–4, I 4–7, W 7–11. Rank 0: I 7–10, W 10–14.
    #expect(try timing("0F0, 0I0, 0W0\n1F0, 1I0, 1W0").rankFinish == [14, 11])
    // With W first, the full backward of rank 0 starts at 11.
    #expect(try timing("0F0, 0B0\n1F0, 1B0").rankFinish == [18, 11])
  }

  @Test func aPairWaitsForBothInputsAndEndsBothAtOnce() throws {
    // Rank 0: F0 0–2, F1 2–4. Rank 1: F0 2–4, then the pair 1F1 with 1B0 from 4 to 12; 1B1 12–19.
    // Rank 0 gets 1B0 at the end of the pair: 0B0 12–19, 0B1 19–26.
    let timing = try timing("0F0, 0F1, 0B0, 0B1\n1F0, 1F1+1B0, 1B1", overlapped: 8)
    #expect(timing.rankFinish == [26, 19])
    #expect(timing.rankBusy == [18, 17])
    #expect(timing.peakActivationsReleaseAtW == [2, 2], "the pair counts its forward first")
  }

  @Test func everyIdleRankCountsInTheBubble() throws {
    // One micro-batch: both ranks are busy 9 of 18, and rank 0's span is all of it.
    let single = try timing("0F0, 0B0\n1F0, 1B0")
    #expect(single.bubbleRatio == 0.5)
    #expect(single.longestSpan == 18)
    #expect(single.spanBubbleRatio == 0.5)
    // With hops of 1: rank 1 works from 3 to 21 without a pause; rank 0 gets its first I at 9,
    // runs it and W to 16, and I and W again to 23.
    let late = try timing(
      "0F0, 0F1, 0I0, 0W0, 0I1, 0W1\n1F0, 1I0, 1F1, 1I1, 1W0, 1W1", pointToPoint: 1)
    #expect(late.rankFinish == [23, 21])
    #expect(late.bubbleRatio == 5.0 / 23)
  }

  @Test func spanBubbleLeavesOutTheWaitForTheFirstInput() throws {
    // F = I = 1, W = 8: rank 0 works from 0 to 30 and rank 1 from 1 to 31, neither with a pause.
    let schedule = try Schedule(
      name: "mine",
      actions: lists(
        """
        0F0, 0F1, 0F2, 0I0, 0W0, 0I1, 0W1, 0I2, 0W2
        1F0, 1I0, 1F1, 1I1, 1F2, 1I2, 1W0, 1W1, 1W2
        """))
    let timing = try schedule.timing(
      Durations(forward: 1, inputBackward: 1, weightBackward: 8))
    #expect(timing.rankFinish == [30, 31])
    #expect(timing.longestSpan == 30)
    #expect(timing.spanBubbleRatio == 0)
    #expect(timing.bubbleRatio == 1.0 / 31)
  }

  @Test func splitBackwardsReleaseTwice() throws {
    // Released at W, both micro-batches live until the end; released at I, one at a time.
    let timing = try timing("0F0, 0I0, 0F1, 0I1, 0W0, 0W1")
    #expect(timing.peakActivationsReleaseAtW == [2])
    #expect(timing.peakActivationsReleaseAtI == [1])
  }

  @Test func spansAgreeWithTheTiming() throws {
    let durations = try Durations(
      forward: 1, inputBackward: 1.5, weightBackward: 0.5, overlapped: 2.5, pointToPoint: 0.25)
    let schedule = try Schedule.dualPipe(ranks: 4, microBatches: 10)
    let frozen = try FrozenSchedule(schedule)
    let timing = frozen.timing(durations)
    let spans = try frozen.spans(StageDurations(durations))
    #expect(spans.map { $0.last?.finish } == timing.rankFinish.map(Optional.init))
    for (rank, list) in spans.enumerated() {
      #expect(list.count == schedule.actions[rank].count)
      #expect(list.reduce(0) { $0 + $1.finish - $1.start } == timing.rankBusy[rank])
      for (span, next) in zip(list, list.dropFirst()) {
        #expect(span.finish <= next.start, "a rank runs one action at a time")
      }
    }
    #expect(spans[0][0] == spans[3][0], "both directions start at once")
    #expect(try schedule.timing(durations) == timing, "frozen or not, the same")
  }

  @Test func overlapTakesAllThreeUnlessSaid() throws {
    let durations = try Durations(forward: 1, inputBackward: 2, weightBackward: 4)
    #expect(durations.overlapped == 7)
    #expect(durations.pointToPoint == 0)
  }

  @Test func durationsTooLongToAddUpAreRefused() throws {
    let longest = try Durations(forward: 1e100, inputBackward: 0, weightBackward: 0)
    let timing = try Schedule.gpipe(ranks: 4, microBatches: 100).timing(longest)
    #expect(timing.bubbleRatio.isFinite)
    #expect {
      try Durations(forward: 2e100, inputBackward: 0, weightBackward: 0)
    } throws: { error in
      "\(error)" == "forward must be a duration from 0 to 1e+100: 2e+100 is not; use 1e+100"
    }
  }

  @Test(arguments: BuiltIn.allCases)
  func factsAndNamesAreComplete(schedule: BuiltIn) throws {
    let facts = schedule.facts
    for text in [facts.title, facts.bubble, facts.activationPeak, facts.source] {
      #expect(!text.isEmpty)
    }
    #expect(facts.source.contains("20"), "a source has a year")
    #expect(BuiltIn(rawValue: schedule.rawValue) == schedule)
    #expect(schedule.defaultStagesPerRank == facts.stagesPerRank)
    let built = try schedule.schedule(ranks: 2, microBatches: 4)
    let splits = built.actions.joined().contains { action in
      if case .single(let pass) = action { pass.kind == .weightBackward } else { false }
    }
    #expect(splits == facts.splitsBackward, "the limit on passes counts three where it splits")
    let placed = (0..<built.rankOfStage.count).map { stage in
      switch facts.placement {
      case .linear: stage
      case .loop: stage % 2
      case .vShape, .bidirectional, .wave, .bidirectionalV:
        [0, 1, 1, 0, 1, 0, 0, 1][stage]
      }
    }
    #expect(built.rankOfStage == placed)
  }

  @Test func pairsOfUnlikeStagesSaveTheMeanAtMost() throws {
    // A layer's stage saves 2 of 6, a head's nothing: together they save 1.
    let layers = try Durations(
      forward: 2, inputBackward: 2, weightBackward: 2, overlapped: 4)
    let head = try Durations(forward: 1, inputBackward: 1, weightBackward: 1)
    #expect(StageDurations.overlapped(forward: layers, backward: layers) == 4)
    #expect(StageDurations.overlapped(forward: layers, backward: head) == 2 + 2 - 1)
    #expect(StageDurations.overlapped(forward: head, backward: layers) == 1 + 4 - 1)
    // It is never shorter than the longer half: 0.5 of F cannot hide more than itself.
    let short = try Durations(forward: 0.5, inputBackward: 1, weightBackward: 1)
    #expect(StageDurations.overlapped(forward: short, backward: layers) == 4)
  }

  @Test func everyStageTakesItsOwnTime() throws {
    // Three ranks, one micro-batch: the critical path is every F, then every B, and the hops.
    let lengths: [(Double, Double, Double, Double)] = [
      (1, 2, 3, 0.5), (4, 5, 6, 0.25), (7, 8, 9, 0.125),
    ]
    let stages = try lengths.map { f, i, w, hop in
      try Durations(forward: f, inputBackward: i, weightBackward: w, pointToPoint: hop)
    }
    let timing = try Schedule.gpipe(ranks: 3, microBatches: 1).timing(
      StageDurations(ofStages: stages))
    #expect(timing.rankBusy == [6, 15, 24])
    // Rank 2 ends after 12 of F, 17 of B and two hops; rank 1 11 and a hop later, rank 0 another.
    #expect(timing.rankFinish == [46.125, 40.875, 29.75])
    #expect(timing.makespan == 46.125)
    #expect(throws: ScheduleError.durationsOfStages(2, stages: [3])) {
      try Schedule.gpipe(ranks: 3, microBatches: 1).timing(
        StageDurations(ofStages: Array(stages.prefix(2))))
    }
  }
}
