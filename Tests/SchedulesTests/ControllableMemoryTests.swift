import Schedules
import Testing

/// V-Half and V-Min against released lists, and against the figures that follow from their
/// patterns.
@Suite struct ControllableMemoryTests {
  @Test(arguments: goldens)
  func listsAreTheReleasedOnes(golden: GoldenLists.Golden) throws {
    let schedule = try golden.schedule.schedule(
      ranks: golden.ranks, microBatches: golden.microBatches)
    #expect(schedule.actions == (try lists(golden.lists)))
    #expect(schedule == (try Schedule(name: schedule.name, actions: schedule.actions)))
  }

  private func check(_ schedule: Schedule, bubble: Int, peak: Int) throws {
    let timing = try schedule.timing(.unit)
    let idle = timing.makespan - timing.rankBusy[0]
    #expect(idle == Double(bubble), "\(schedule.name) \(schedule.ranks)")
    #expect(timing.peakActivationsReleaseAtW.max() == peak)
    #expect(schedule.violations().isEmpty)
  }

  @Test(arguments: 3...14)
  func bubbleAndPeakAreThoseOfThePattern(p: Int) throws {
    for m in [2 * p, 2 * p + 1, 3 * p, 4 * p + 3] {
      try check(
        .vHalf(ranks: p, microBatches: m), bubble: p.isMultiple(of: 2) ? 3 * p - 7 : 3 * p - 4,
        peak: 2 * ((p + 2) / 2))
      try check(
        .vMin(ranks: p, microBatches: m), bubble: p.isMultiple(of: 3) ? 4 * p - 7 : 4 * p - 5,
        peak: 2 * ((p + 4) / 3))
    }
  }

  @Test(arguments: [(BuiltIn.vHalf, 8, 10), (.vMin, 8, 8), (.vMin, 16, 12)])
  func memoryIsAPartOfThatOf1F1B(schedule: BuiltIn, ranks: Int, peak: Int) throws {
    // 1F1B holds p activations, which are 2p of half the size.
    let timing = try schedule.schedule(ranks: ranks, microBatches: 4 * ranks).timing(.unit)
    #expect(timing.peakActivationsReleaseAtW.allSatisfy { $0 <= peak })
  }

  @Test(arguments: [BuiltIn.vHalf, .vMin])
  func repeatsWithEveryMicroBatchInBetween(schedule: BuiltIn) throws {
    // More micro-batches only make the middle longer: six slots each.
    for p in [3, 4, 6] {
      let short = try schedule.schedule(ranks: p, microBatches: 4 * p).timing(.unit)
      let long = try schedule.schedule(ranks: p, microBatches: 8 * p).timing(.unit)
      #expect(long.makespan - short.makespan == Double(6 * 4 * p))
    }
  }

  @Test func moreRanksThanCanBeArrangedAreRefused() {
    #expect {
      try Schedule.vMin(ranks: 513, microBatches: 4)
    } throws: { error in
      "\(error)" == "v-min with 2 stages per rank is too large to simulate on 513 ranks; "
        + "use at most 512"
    }
  }

  @Test func examplesOfTheDocumentationAreTrue() throws {
    let half = "0F0, 1F0, 1I0, 1W0, 0I0, 0W0, 0F1, 1F1, 1I1, 0I1, 1W1, 0W1"
    #expect(try Schedule.vHalf(ranks: 1, microBatches: 2).actions == lists(half))
    let least = "0F0, 1F0, 1I0, 0I0, 1W0, 0W0, 0F1, 1F1, 1I1, 0I1, 1W1, 0W1"
    #expect(try Schedule.vMin(ranks: 1, microBatches: 2).actions == lists(least))
  }

  static let goldens: [GoldenLists.Golden] = [
    .init(
      schedule: .vHalf, ranks: 3, microBatches: 6,
      lists: """
        0F0, 0F1, 0F2, 5F0, 5I0, 5W0, 5F1, 5I1, 5W1, 0I0, 0W0, 0F3, 5F2, 5I2, 5W2, 0I1, 0W1, \
        0F4, 5F3, 5I3, 5W3, 0I2, 0W2, 0F5, 5F4, 5I4, 5W4, 0I3, 0W3, 5F5, 5I5, 0I4, 5W5, 0W4, \
        0I5, 0W5
        1F0, 1F1, 4F0, 4F1, 4I0, 4W0, 1F2, 1I0, 4I1, 4W1, 4F2, 1W0, 1F3, 1I1, 4I2, 4W2, 4F3, \
        1W1, 1F4, 1I2, 4I3, 4W3, 4F4, 1W2, 1F5, 1I3, 4I4, 4W4, 4F5, 1W3, 1I4, 4I5, 4W5, 1W4, \
        1I5, 1W5
        2F0, 3F0, 2F1, 3F1, 3I0, 3W0, 2I0, 2W0, 2F2, 3F2, 3I1, 3W1, 2I1, 2W1, 2F3, 3F3, 3I2, \
        3W2, 2I2, 2W2, 2F4, 3F4, 3I3, 2I3, 3W3, 2F5, 2W3, 3F5, 3I4, 2I4, 3W4, 2W4, 3I5, 2I5, \
        3W5, 2W5
        """),
    .init(
      schedule: .vMin, ranks: 3, microBatches: 6,
      lists: """
        0F0, 0F1, 0F2, 5F0, 5I0, 5W0, 5F1, 0I0, 5I1, 5W1, 0W0, 5F2, 0F3, 0I1, 5I2, 5W2, 0W1, \
        5F3, 0F4, 0I2, 5I3, 5W3, 0W2, 5F4, 0F5, 0I3, 5I4, 5W4, 0W3, 5F5, 5I5, 0I4, 5W5, 0W4, \
        0I5, 0W5
        1F0, 1F1, 4F0, 4F1, 4I0, 4W0, 1I0, 1F2, 1W0, 4I1, 4F2, 4W1, 1I1, 1F3, 1W1, 4I2, 4F3, \
        4W2, 1I2, 1F4, 1W2, 4I3, 4F4, 4W3, 1I3, 1F5, 1W3, 4I4, 4F5, 4W4, 1I4, 4I5, 4W5, 1W4, \
        1I5, 1W5
        2F0, 3F0, 2F1, 3F1, 3I0, 2I0, 3W0, 2W0, 2F2, 3F2, 3I1, 2I1, 3W1, 2W1, 2F3, 3F3, 3I2, \
        2I2, 3W2, 2W2, 2F4, 3F4, 3I3, 2I3, 3W3, 2W3, 2F5, 3F5, 3I4, 2I4, 3W4, 2W4, 3I5, 2I5, \
        3W5, 2W5
        """),
    .init(
      schedule: .vHalf, ranks: 6, microBatches: 12,
      lists: """
        0F0, 0F1, 0F2, 0F3, 0F4, 0F5, 0F6, 11F0, 11I0, 11W0, 11F1, 11I1, 11W1, 11F2, 11I2, 11W2, \
        11F3, 0I0, 11I3, 11W3, 11F4, 0W0, 0F7, 0I1, 11I4, 11W4, 11F5, 0W1, 0F8, 0I2, 11I5, 11W5, \
        11F6, 0W2, 0F9, 0I3, 11I6, 11W6, 11F7, 0W3, 0F10, 0I4, 11I7, 11W7, 11F8, 0W4, 0F11, 0I5, \
        11I8, 11W8, 11F9, 11I9, 11W9, 0I6, 0W5, 0W6, 11F10, 11I10, 11W10, 0I7, 0W7, 11F11, \
        11I11, 0I8, 11W11, 0I9, 0W8, 0W9, 0I10, 0W10, 0I11, 0W11
        1F0, 1F1, 1F2, 1F3, 1F4, 1F5, 10F0, 10F1, 10I0, 10W0, 10F2, 10I1, 10W1, 10I2, 10F3, \
        10W2, 1I0, 1W0, 1F6, 10F4, 10I3, 10W3, 1I1, 1W1, 1F7, 10F5, 10I4, 10W4, 1I2, 1W2, 1F8, \
        10F6, 10I5, 10W5, 1I3, 1W3, 1F9, 10F7, 10I6, 10W6, 1I4, 1W4, 1F10, 10F8, 10I7, 10W7, \
        1I5, 1F11, 1W5, 10F9, 10I8, 10W8, 1I6, 10I9, 10W9, 10F10, 1W6, 1I7, 10I10, 10W10, 10F11, \
        1W7, 1I8, 10I11, 1I9, 10W11, 1W8, 1W9, 1I10, 1W10, 1I11, 1W11
        2F0, 2F1, 2F2, 2F3, 2F4, 9F0, 9F1, 9F2, 9I0, 9W0, 2F5, 9I1, 9W1, 9F3, 9I2, 9W2, 2I0, \
        2W0, 9F4, 2F6, 2I1, 9I3, 9W3, 9F5, 2W1, 2F7, 2I2, 9I4, 9W4, 9F6, 2W2, 2F8, 2I3, 9I5, \
        9W5, 9F7, 2W3, 2F9, 2I4, 9I6, 9W6, 9F8, 2W4, 2F10, 2I5, 9I7, 9W7, 9F9, 2W5, 2F11, 2I6, \
        9I8, 9W8, 9F10, 9I9, 9W9, 2I7, 2W6, 2W7, 9F11, 9I10, 2I8, 9W10, 2I9, 9I11, 9W11, 2W8, \
        2I10, 2W9, 2W10, 2I11, 2W11
        3F0, 3F1, 3F2, 3F3, 3F4, 8F0, 8F1, 8F2, 8I0, 8W0, 8F3, 8I1, 8W1, 3F5, 3I0, 3W0, 8F4, \
        8I2, 8W2, 3I1, 3W1, 3F6, 8F5, 8I3, 8W3, 3I2, 3W2, 3F7, 8F6, 8I4, 8W4, 3I3, 3W3, 3F8, \
        8F7, 8I5, 8W5, 3I4, 3W4, 3F9, 8F8, 8I6, 8W6, 3I5, 3F10, 3W5, 8F9, 8I7, 8W7, 3I6, 3F11, \
        3W6, 8F10, 8I8, 8W8, 3I7, 8I9, 8W9, 8F11, 3W7, 3I8, 8I10, 3I9, 8W10, 3W8, 8I11, 3I10, \
        8W11, 3W9, 3W10, 3I11, 3W11
        4F0, 4F1, 4F2, 7F0, 4F3, 7F1, 7F2, 7F3, 7I0, 7W0, 4F4, 7I1, 4I0, 7W1, 4W0, 7F4, 4F5, \
        4I1, 7I2, 7W2, 7F5, 4W1, 4F6, 4I2, 7I3, 7W3, 7F6, 4W2, 4F7, 4I3, 7I4, 7W4, 7F7, 4W3, \
        4F8, 4I4, 7I5, 7W5, 7F8, 4W4, 4F9, 4I5, 7I6, 7W6, 7F9, 4W5, 4F10, 4I6, 7I7, 7W7, 7F10, \
        4W6, 4F11, 4I7, 7I8, 7W8, 7F11, 7I9, 4I8, 7W9, 4I9, 7I10, 7W10, 4W7, 4I10, 7I11, 7W11, \
        4W8, 4I11, 4W9, 4W10, 4W11
        5F0, 6F0, 5F1, 6F1, 5F2, 6F2, 5F3, 6F3, 6I0, 6W0, 5I0, 5W0, 5F4, 6F4, 6I1, 6W1, 5I1, \
        5W1, 5F5, 6F5, 6I2, 6W2, 5I2, 5W2, 5F6, 6F6, 6I3, 6W3, 5I3, 5W3, 5F7, 6F7, 6I4, 6W4, \
        5I4, 5W4, 5F8, 6F8, 6I5, 6W5, 5I5, 5W5, 5F9, 6F9, 6I6, 5I6, 6W6, 5F10, 5W6, 6F10, 6I7, \
        5I7, 6W7, 5F11, 5W7, 6F11, 6I8, 5I8, 6I9, 5I9, 6W8, 6W9, 6I10, 5I10, 6W10, 5W8, 6I11, \
        5I11, 6W11, 5W9, 5W10, 5W11
        """),
    .init(
      schedule: .vMin, ranks: 6, microBatches: 12,
      lists: """
        0F0, 0F1, 0F2, 0F3, 0F4, 11F0, 11I0, 11W0, 11F1, 11I1, 11W1, 11F2, 0I0, 11I2, 11W2, 0W0, \
        11F3, 0F5, 0I1, 11I3, 11W3, 0W1, 11F4, 0F6, 0I2, 11I4, 11W4, 0W2, 11F5, 0F7, 0I3, 11I5, \
        11W5, 0W3, 11F6, 0F8, 0I4, 11I6, 11W6, 0W4, 11F7, 0F9, 0I5, 11I7, 11W7, 0W5, 11F8, 0F10, \
        0I6, 11I8, 11W8, 0W6, 11F9, 0F11, 0I7, 11I9, 11W9, 0W7, 11F10, 11I10, 0I8, 11W10, 0W8, \
        11F11, 11I11, 0I9, 11W11, 0W9, 0I10, 0W10, 0I11, 0W11
        1F0, 1F1, 1F2, 1F3, 10F0, 10F1, 10I0, 10W0, 10I1, 10F2, 10W1, 1I0, 1F4, 1W0, 10I2, 10F3, \
        10W2, 1I1, 1F5, 1W1, 10I3, 10F4, 10W3, 1I2, 1F6, 1W2, 10I4, 10F5, 10W4, 1I3, 1F7, 1W3, \
        10I5, 10F6, 10W5, 1I4, 1F8, 1W4, 10I6, 10F7, 10W6, 1I5, 1F9, 1W5, 10I7, 10F8, 10W7, 1I6, \
        1F10, 1W6, 10I8, 10F9, 10W8, 1I7, 1F11, 1W7, 10I9, 10F10, 10W9, 1I8, 10I10, 10W10, 1W8, \
        10F11, 1I9, 10I11, 10W11, 1W9, 1I10, 1W10, 1I11, 1W11
        2F0, 2F1, 2F2, 2F3, 9F0, 9F1, 9I0, 9W0, 9F2, 9I1, 9W1, 2I0, 2W0, 2F4, 9F3, 9I2, 2I1, \
        9W2, 2W1, 2F5, 9F4, 9I3, 2I2, 9W3, 2W2, 2F6, 9F5, 9I4, 2I3, 9W4, 2W3, 2F7, 9F6, 9I5, \
        2I4, 9W5, 2W4, 2F8, 9F7, 9I6, 2I5, 9W6, 2W5, 2F9, 9F8, 9I7, 2I6, 9W7, 2W6, 2F10, 9F9, \
        9I8, 2I7, 9W8, 2W7, 2F11, 9F10, 9I9, 2I8, 9W9, 2W8, 9I10, 9F11, 9W10, 2I9, 2W9, 9I11, \
        2I10, 9W11, 2W10, 2I11, 2W11
        3F0, 3F1, 3F2, 8F0, 8F1, 8F2, 8I0, 8W0, 3F3, 8I1, 8W1, 3I0, 3W0, 8F3, 3F4, 3I1, 8I2, \
        8W2, 3W1, 8F4, 3F5, 3I2, 8I3, 8W3, 3W2, 8F5, 3F6, 3I3, 8I4, 8W4, 3W3, 8F6, 3F7, 3I4, \
        8I5, 8W5, 3W4, 8F7, 3F8, 3I5, 8I6, 8W6, 3W5, 8F8, 3F9, 3I6, 8I7, 8W7, 3W6, 8F9, 3F10, \
        3I7, 8I8, 8W8, 3W7, 8F10, 3F11, 3I8, 8I9, 8W9, 3W8, 8F11, 8I10, 3I9, 8W10, 3W9, 3I10, \
        8I11, 8W11, 3W10, 3I11, 3W11
        4F0, 4F1, 4F2, 7F0, 7F1, 7F2, 7I0, 7W0, 4F3, 4I0, 4W0, 7I1, 7W1, 7F3, 4I1, 4F4, 4W1, \
        7I2, 7F4, 7W2, 4I2, 4F5, 4W2, 7I3, 7F5, 7W3, 4I3, 4F6, 4W3, 7I4, 7F6, 7W4, 4I4, 4F7, \
        4W4, 7I5, 7F7, 7W5, 4I5, 4F8, 4W5, 7I6, 7F8, 7W6, 4I6, 4F9, 4W6, 7I7, 7F9, 7W7, 4I7, \
        4F10, 4W7, 7I8, 7F10, 7W8, 4I8, 4F11, 4W8, 7I9, 7F11, 7W9, 4I9, 7I10, 7W10, 4W9, 4I10, \
        4W10, 7I11, 7W11, 4I11, 4W11
        5F0, 6F0, 5F1, 6F1, 5F2, 6F2, 6I0, 5I0, 6W0, 5W0, 5F3, 6F3, 6I1, 5I1, 6W1, 5W1, 5F4, \
        6F4, 6I2, 5I2, 6W2, 5W2, 5F5, 6F5, 6I3, 5I3, 6W3, 5W3, 5F6, 6F6, 6I4, 5I4, 6W4, 5W4, \
        5F7, 6F7, 6I5, 5I5, 6W5, 5W5, 5F8, 6F8, 6I6, 5I6, 6W6, 5W6, 5F9, 6F9, 6I7, 5I7, 6W7, \
        5W7, 5F10, 6F10, 6I8, 5I8, 6W8, 5W8, 5F11, 6F11, 6I9, 5I9, 6W9, 5W9, 6I10, 5I10, 6W10, \
        5W10, 6I11, 5I11, 6W11, 5W11
        """),
  ]
}
