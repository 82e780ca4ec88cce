import Schedules
import Testing

/// Whole lists, action by action, as the released implementations run them.
@Suite struct GoldenLists {
  struct Golden: Sendable, CustomTestStringConvertible {
    var schedule: BuiltIn
    var ranks: Int
    var microBatches: Int
    var lists: String

    var testDescription: String { "\(schedule.rawValue) \(ranks) x \(microBatches)" }
  }

  @Test(arguments: goldens)
  func listsAreTheReleasedOnes(golden: Golden) throws {
    let schedule = try golden.schedule.schedule(
      ranks: golden.ranks, microBatches: golden.microBatches)
    let expected = try lists(golden.lists)
    #expect(schedule.actions == expected)
    #expect(schedule.name == golden.schedule.rawValue)
    #expect(schedule.microBatches == golden.microBatches)
  }

  @Test(arguments: goldens)
  func listsAloneTellStagesAndDirections(golden: Golden) throws {
    // A file holds no placement: it is read off the lists, the two directions of DualPipe included.
    let built = try golden.schedule.schedule(
      ranks: golden.ranks, microBatches: golden.microBatches)
    let read = try Schedule(name: built.name, actions: lists(golden.lists))
    #expect(read == built)
  }

  @Test func examplesOfTheDocumentationAreTrue() throws {
    func text(_ schedule: Schedule, rank: Int = 0) -> String {
      schedule.actions[rank].map(\.description).joined(separator: ", ")
    }
    #expect(text(try .gpipe(ranks: 2, microBatches: 2)) == "0F0, 0F1, 0B0, 0B1")
    #expect(
      text(try .oneForwardOneBackward(ranks: 2, microBatches: 3))
        == "0F0, 0F1, 0B0, 0F2, 0B1, 0B2")
    #expect(
      text(try .interleaved(ranks: 2, microBatches: 2, stagesPerRank: 2), rank: 1)
        == "1F0, 1F1, 3F0, 3B0, 3F1, 3B1, 1B0, 1B1")
    #expect(
      text(try .zeroBubbleH1(ranks: 2, microBatches: 2), rank: 1)
        == "1F0, 1I0, 1F1, 1I1, 1W0, 1W1")
    #expect(
      text(try .interleavedOverlapped(ranks: 2, microBatches: 2, stagesPerRank: 2), rank: 1)
        == "1F0, 1F1, 3F0, (3F1;3B0)OVERLAP_F_B, 3B1, 1B0, 1B1")
    #expect(
      text(try .loopedBFS(ranks: 2, microBatches: 2, stagesPerRank: 2), rank: 1)
        == "1F0, 1F1, 3F0, 3F1, 3B1, 3B0, 1B1, 1B0")
    #expect(
      text(try .zeroBubbleH2(ranks: 2, microBatches: 3), rank: 1)
        == "1F0, 1I0, 1F1, 1I1, 1F2, 1I2, 1W0, 1W1, 1W2")
    #expect(
      text(try .zeroBubbleV(ranks: 1, microBatches: 2))
        == "0F0, 1F0, 1I0, 1W0, 0F1, 0I0, 0W0, 1F1, 1I1, 1W1, 0I1, 0W1")
    #expect(
      text(try .interleavedZeroBubble(ranks: 2, microBatches: 2, stagesPerRank: 2), rank: 1)
        == "1F0, 1F1, 3F0, 3I0, 3F1, 3I1, 3W0, 1I0, 3W1, 1I1, 1W0, 1W1")
    #expect(text(try .chimera(ranks: 2, microBatches: 2)) == "0F0, 3F1, 3B1, 0B0")
    #expect(
      text(try .hanayo(ranks: 2, microBatches: 2)) == "0F0, 0F1, 3F0, 3B0, 3F1, 3B1, 0B0, 0B1")
    #expect(
      text(try .bitPipe(ranks: 2, microBatches: 2))
        == "0F0, 5F1, 6F1, 3F0, 3B0, 6B1, 5B1, 0B0")
    #expect(
      text(try .dualPipe(ranks: 2, microBatches: 4))
        == "0F0, 3F2, 0F1, 3B2, (3F3;0B0)OVERLAP_F_B, 3B3, 0I1, 0W1")
    #expect(
      text(try .dualPipeV(ranks: 1, microBatches: 2))
        == "0F0, 1F0, 0F1, 1B0, (1F1;0B0)OVERLAP_F_B, 1B1, 0I1, 0W1")
    let timing = try Schedule.zeroBubbleH1(ranks: 3, microBatches: 6).timing(
      Durations(forward: 1, inputBackward: 1, weightBackward: 1))
    #expect("\(timing.makespan) \(timing.bubbleRatio)" == "20.0 0.1")
  }

  static let goldens: [Golden] = [
    Golden(
      schedule: .oneForwardOneBackward, ranks: 3, microBatches: 6,
      lists: """
        0F0, 0F1, 0F2, 0B0, 0F3, 0B1, 0F4, 0B2, 0F5, 0B3, 0B4, 0B5
        1F0, 1F1, 1B0, 1F2, 1B1, 1F3, 1B2, 1F4, 1B3, 1F5, 1B4, 1B5
        2F0, 2B0, 2F1, 2B1, 2F2, 2B2, 2F3, 2B3, 2F4, 2B4, 2F5, 2B5
        """),
    Golden(
      schedule: .gpipe, ranks: 3, microBatches: 5,
      lists: """
        0F0, 0F1, 0F2, 0F3, 0F4, 0B0, 0B1, 0B2, 0B3, 0B4
        1F0, 1F1, 1F2, 1F3, 1F4, 1B0, 1B1, 1B2, 1B3, 1B4
        2F0, 2F1, 2F2, 2F3, 2F4, 2B0, 2B1, 2B2, 2B3, 2B4
        """),
    Golden(
      schedule: .interleaved, ranks: 3, microBatches: 6,
      lists: """
        0F0, 0F1, 0F2, 3F0, 3F1, 3F2, 0F3, 0F4, 3B0, 0F5, 3B1, 3F3, 3B2, 3F4, 0B0, 3F5, 0B1, \
        0B2, 3B3, 3B4, 3B5, 0B3, 0B4, 0B5
        1F0, 1F1, 1F2, 4F0, 4F1, 4F2, 4B0, 1F3, 4B1, 1F4, 4B2, 1F5, 1B0, 4F3, 1B1, 4F4, 1B2, \
        4F5, 4B3, 4B4, 4B5, 1B3, 1B4, 1B5
        2F0, 2F1, 2F2, 5F0, 5B0, 5F1, 5B1, 5F2, 5B2, 2F3, 2B0, 2F4, 2B1, 2F5, 2B2, 5F3, 5B3, \
        5F4, 5B4, 5F5, 5B5, 2B3, 2B4, 2B5
        """),
    Golden(
      schedule: .zeroBubbleH1, ranks: 3, microBatches: 6,
      lists: """
        0F0, 0F1, 0F2, 0I0, 0W0, 0F3, 0I1, 0W1, 0F4, 0I2, 0W2, 0F5, 0I3, 0W3, 0I4, 0W4, 0I5, \
        0W5
        1F0, 1F1, 1I0, 1F2, 1I1, 1W0, 1F3, 1I2, 1W1, 1F4, 1I3, 1W2, 1F5, 1I4, 1W3, 1I5, 1W4, \
        1W5
        2F0, 2I0, 2F1, 2I1, 2F2, 2I2, 2W0, 2F3, 2I3, 2W1, 2F4, 2I4, 2W2, 2F5, 2I5, 2W3, 2W4, \
        2W5
        """),
    Golden(
      schedule: .dualPipe, ranks: 2, microBatches: 6,
      lists: """
        0F0, 3F3, 0F1, 3B3, 3F4+0B0, 0F2+3B4, 3F5+0B1, 3B5, 0I2, 0W2
        2F3, 1F0, 2F4, 1B0, 1F1+2B3, 2F5+1B1, 1F2+2B4, 1B2, 2I5, 2W5
        """),
    Golden(
      schedule: .dualPipe, ranks: 4, microBatches: 10,
      lists: """
        0F0, 0F1, 0F2, 7F5, 7I5, 7W5, 7F6, 0F3+7B6, 7F7+0B0, 0F4+7B7, 7F8+0B1, 7B8, 7F9+0B2, \
        7B9, 0I3, 0W3, 0I4, 0W4
        1F0, 6F5, 1F1, 6F6, 1F2, 6B5, 6F7+1B0, 1F3+6B6, 6F8+1B1, 1F4+6B7, 6F9+1B2, 6B8, 1B3, \
        6I9, 1I4, 6W9, 1W4
        5F5, 2F0, 5F6, 2F1, 5F7, 2B0, 2F2+5B5, 5F8+2B1, 2F3+5B6, 5F9+2B2, 2F4+5B7, 2B3, 5B8, \
        2I4, 5I9, 2W4, 5W9
        4F5, 4F6, 4F7, 3F0, 3I0, 3W0, 3F1, 4F8+3B1, 3F2+4B5, 4F9+3B2, 3F3+4B6, 3B3, 3F4+4B7, \
        3B4, 4I8, 4W8, 4I9, 4W9
        """),
    Golden(
      schedule: .dualPipeV, ranks: 3, microBatches: 6,
      lists: """
        0F0, 0F1, 0F2, 0F3, 0F4, 5F0, 5I0, 5W0, 5F1, 5I1, 5W1, 5F2, 0F5+5B2, 5F3+0B0, 5B3, \
        5F4+0B1, 5B4, 5F5+0B2, 5B5, 0I3, 0W3, 0I4, 0W4, 0I5, 0W5
        1F0, 1F1, 1F2, 4F0, 1F3, 4F1, 4I0, 4W0, 4F2, 1F4+4B1, 4F3+1B0, 1F5+4B2, 4F4+1B1, 4B3, \
        4F5+1B2, 4B4, 1B3, 4I5, 1I4, 4W5, 1I5, 1W4, 1W5
        2F0, 3F0, 2F1, 3F1, 2F2, 3F2, 2F3, 3B0, 3F3+2B0, 2F4+3B1, 3F4+2B1, 2F5+3B2, 3F5+2B2, \
        3B3, 2B3, 3B4, 2I4, 3I5, 2I5, 2W4, 3W5, 2W5
        """),
    Golden(
      schedule: .loopedBFS, ranks: 3, microBatches: 4,
      lists: """
        0F0, 0F1, 0F2, 0F3, 3F0, 3F1, 3F2, 3F3, 3B3, 3B2, 3B1, 3B0, 0B3, 0B2, 0B1, 0B0
        1F0, 1F1, 1F2, 1F3, 4F0, 4F1, 4F2, 4F3, 4B3, 4B2, 4B1, 4B0, 1B3, 1B2, 1B1, 1B0
        2F0, 2F1, 2F2, 2F3, 5F0, 5F1, 5F2, 5F3, 5B3, 5B2, 5B1, 5B0, 2B3, 2B2, 2B1, 2B0
        """),
    Golden(
      schedule: .zeroBubbleH2, ranks: 3, microBatches: 6,
      lists: """
        0F0, 0F1, 0F2, 0F3, 0F4, 0I0, 0W0, 0F5, 0I1, 0W1, 0I2, 0W2, 0I3, 0W3, 0I4, 0W4, 0I5, 0W5
        1F0, 1F1, 1F2, 1I0, 1F3, 1I1, 1F4, 1I2, 1W0, 1F5, 1I3, 1W1, 1I4, 1W2, 1I5, 1W3, 1W4, 1W5
        2F0, 2I0, 2F1, 2I1, 2F2, 2I2, 2F3, 2I3, 2F4, 2I4, 2W0, 2F5, 2I5, 2W1, 2W2, 2W3, 2W4, 2W5
        """),
    Golden(
      schedule: .zeroBubbleV, ranks: 3, microBatches: 6,
      lists: """
        0F0, 0F1, 0F2, 0F3, 0F4, 5F0, 5I0, 5W0, 5F1, 5I1, 5W1, 5F2, 5I2, 5W2, 0F5, 0I0, 0W0, \
        5F3, 5I3, 5W3, 0I1, 0W1, 5F4, 5I4, 5W4, 0I2, 0W2, 5F5, 5I5, 5W5, 0I3, 0W3, 0I4, 0W4, \
        0I5, 0W5
        1F0, 1F1, 1F2, 4F0, 1F3, 4F1, 4I0, 4W0, 4F2, 4I1, 4W1, 1F4, 1I0, 1W0, 4F3, 4I2, 4W2, \
        1F5, 1I1, 1W1, 4F4, 4I3, 4W3, 1I2, 1W2, 4F5, 4I4, 4W4, 1I3, 4I5, 1I4, 1W3, 1I5, 1W4, \
        4W5, 1W5
        2F0, 3F0, 2F1, 3F1, 2F2, 3F2, 3I0, 3W0, 2F3, 2I0, 2W0, 3F3, 3I1, 3W1, 2F4, 2I1, 2W1, \
        3F4, 3I2, 3W2, 2F5, 2I2, 2W2, 3F5, 3I3, 3W3, 2I3, 3I4, 2I4, 3I5, 2I5, 2W3, 3W4, 3W5, \
        2W4, 2W5
        """),
    Golden(
      schedule: .interleavedZeroBubble, ranks: 2, microBatches: 4,
      lists: """
        0F0, 0F1, 2F0, 2F1, 2I0, 2W0, 0F2, 2I1, 2W1, 0F3, 0I0, 0W0, 2F2, 0I1, 0W1, 2F3, 2I2, \
        2W2, 2I3, 2W3, 0I2, 0W2, 0I3, 0W3
        1F0, 1F1, 3F0, 3I0, 3F1, 3I1, 3W0, 1F2, 1I0, 3W1, 1F3, 1I1, 1W0, 3F2, 3I2, 1W1, 3F3, \
        3I3, 3W2, 1I2, 3W3, 1I3, 1W2, 1W3
        """),
    Golden(
      schedule: .interleavedZeroBubble, ranks: 3, microBatches: 6,
      lists: """
        0F0, 0F1, 0F2, 3F0, 3F1, 3F2, 3I0, 3W0, 0F3, 3I1, 3W1, 0F4, 3I2, 3W2, 0F5, 0I0, 0W0, \
        3F3, 0I1, 0W1, 3F4, 0I2, 0W2, 3F5, 3I3, 3W3, 3I4, 3W4, 3I5, 3W5, 0I3, 0W3, 0I4, 0W4, \
        0I5, 0W5
        1F0, 1F1, 1F2, 4F0, 4F1, 4I0, 4F2, 4I1, 4W0, 1F3, 4I2, 4W1, 1F4, 1I0, 4W2, 1F5, 1I1, \
        1W0, 4F3, 1I2, 1W1, 4F4, 4I3, 1W2, 4F5, 4I4, 4W3, 4I5, 4W4, 1I3, 4W5, 1I4, 1W3, 1I5, \
        1W4, 1W5
        2F0, 2F1, 2F2, 5F0, 5I0, 5F1, 5I1, 5F2, 5I2, 5W0, 2F3, 2I0, 5W1, 2F4, 2I1, 5W2, 2F5, \
        2I2, 2W0, 5F3, 5I3, 2W1, 5F4, 5I4, 2W2, 5F5, 5I5, 5W3, 2I3, 5W4, 2I4, 5W5, 2I5, 2W3, \
        2W4, 2W5
        """),
    Golden(
      schedule: .chimera, ranks: 2, microBatches: 4,
      lists: """
        0F0, 3F2, 3B2, 0B0, 0F1, 3F3, 3B3, 0B1
        2F2, 1F0, 1B0, 2B2, 2F3, 1F1, 1B1, 2B3
        """),
    Golden(
      schedule: .chimera, ranks: 6, microBatches: 6,
      lists: """
        0F0, 0F1, 0F2, 11F3, 11B3, 11F4, 11B4, 11F5, 11B5, 0B0, 0B1, 0B2
        1F0, 1F1, 10F3, 1F2, 10F4, 10B3, 10F5, 10B4, 1B0, 10B5, 1B1, 1B2
        2F0, 9F3, 2F1, 9F4, 2F2, 9F5, 9B3, 2B0, 9B4, 2B1, 9B5, 2B2
        8F3, 3F0, 8F4, 3F1, 8F5, 3F2, 3B0, 8B3, 3B1, 8B4, 3B2, 8B5
        7F3, 7F4, 4F0, 7F5, 4F1, 4B0, 4F2, 4B1, 7B3, 4B2, 7B4, 7B5
        6F3, 6F4, 6F5, 5F0, 5B0, 5F1, 5B1, 5F2, 5B2, 6B3, 6B4, 6B5
        """),
  ]
}
