import Schedules
import Testing

/// What the rules say of lists that are wrong in one way, and their sentences.
@Suite struct RuleTests {
  /// Lists and the sentences they earn.
  struct Wrong: Sendable, CustomTestStringConvertible {
    var lists: String
    var sentences: [String]

    var testDescription: String { sentences.joined() }
  }

  static let wrongs: [Wrong] = [
    Wrong(
      lists: "0B0, 0F0", sentences: ["rank 0 runs 0B0 before the end of 0F0, which it needs"]),
    Wrong(
      lists: "0F0+0B0", sentences: ["rank 0 runs 0B0 before the end of 0F0, which it needs"]),
    Wrong(
      lists: "0F0, 0W0, 0I0", sentences: ["rank 0 runs 0W0 before the end of 0I0, which it needs"]),
    Wrong(
      lists: "1F0, 0F0, 0B0, 1B0",
      sentences: [
        "rank 0 runs 1F0 before the end of 0F0, which it needs",
        "rank 0 runs 0B0 before the end of 1B0, which it needs",
      ]),
    Wrong(
      lists: "0F0, 0F1, 0B0",
      sentences: ["0B1 is missing; each stage and micro-batch has one forward and one backward"]),
    Wrong(
      lists: "0F0, 0I0",
      sentences: ["0W0 is missing; each stage and micro-batch has one forward and one backward"]),
    Wrong(
      lists: "0F0, 0W0",
      sentences: ["0I0 is missing; each stage and micro-batch has one forward and one backward"]),
    Wrong(
      lists: "0B0",
      sentences: ["0F0 is missing; each stage and micro-batch has one forward and one backward"]),
    Wrong(
      lists: "0F0, 0F0, 0B0, 0F0",
      sentences: ["0F0 is run 3 times; each pass is run once"]),
    Wrong(
      lists: "0F0, 0I0, 0I0, 0W0", sentences: ["0I0 is run 2 times; each pass is run once"]),
    Wrong(
      lists: "0F0, 0B0, 0B0", sentences: ["0B0 is run 2 times; each pass is run once"]),
    Wrong(
      lists: "0F0, 0B0, 0W0",
      sentences: [
        "stage 0 runs the backward of micro-batch 0 both in full and split; "
          + "use either 0B0, or 0I0 and 0W0"
      ]),
    Wrong(
      lists: "0F0, 0I0, 0W0, 0B0",
      sentences: [
        "stage 0 runs the backward of micro-batch 0 both in full and split; "
          + "use either 0B0, or 0I0 and 0W0"
      ]),
    Wrong(
      lists: "0F0, 0B0\n0F1, 0B1",
      sentences: ["stage 0 stands on rank 0 and on rank 1; a stage stands on one rank"]),
    Wrong(
      lists: "0F0, 0F1, 0B0, 0B1\n1F0, 1B0",
      sentences: [
        "micro-batch 1 travels stage 0; each travels all parts of the model in order, here 2"
      ]),
    // Runs of one length that overlap are no copies of a model of two parts.
    Wrong(
      lists: "0F0, 0B0\n1F0, 1B0, 1F1, 1B1\n2F1, 2B1, 2F2, 2B2\n3F2, 3B2",
      sentences: (0...2).map {
        "micro-batch \($0) travels stages \($0), \($0 + 1); each travels all parts of the model "
          + "in order, here 4"
      }),
    Wrong(
      lists: "0F0, 0B0, 0F2, 0B2",
      sentences: [
        "micro-batch 1 travels no stage; each travels all parts of the model in order, here 1"
      ]),
    Wrong(
      lists: "0F0, 0F1+0I0, 0W0, 0B1",
      sentences: [
        "rank 0 runs (0F1;0I0)OVERLAP_F_B, but an overlapped pair is a forward and then a full "
          + "backward"
      ]),
    Wrong(
      lists: "0F0, 0B0, 0F1, 0B1\n1F1, 1F0, 1B0, 1B1",
      sentences: [
        "deadlock: rank 0 waits at action 1, 0B0, for 1B0 of rank 1; "
          + "rank 1 waits at action 0, 1F1, for 0F1 of rank 0"
      ]),
    Wrong(
      lists: "0F0, 0F1, 0B0, 0B1\n1F0, 1F1+1B0, 1B1\n2F1, 2B1, 2F0, 2B0",
      sentences: [
        "deadlock: rank 1 waits at action 1, (1F1;1B0)OVERLAP_F_B, for 2B0 of rank 2; "
          + "rank 2 waits at action 0, 2F1, for 1F1 of rank 1"
      ]),
  ]

  @Test(arguments: wrongs)
  func eachRuleHasItsSentence(wrong: Wrong) throws {
    let schedule = try Schedule(name: "mine", actions: lists(wrong.lists))
    let violations = schedule.violations()
    #expect(violations.map(\.description) == wrong.sentences)
    #expect(throws: ScheduleError.breaksRules(schedule: "mine", violations: violations)) {
      try schedule.timing(Durations(forward: 1, inputBackward: 1, weightBackward: 1))
    }
  }

  @Test func deadlockNamesOnlyTheRanksOfTheRing() throws {
    // Rank 0 waits too, but for a rank of the ring: it is no cause.
    let schedule = try Schedule(
      name: "mine",
      actions: lists("0F0, 0F1, 0B0, 0B1\n1F0, 1B0, 1F1, 1B1\n2F1, 2B1, 2F0, 2B0"))
    guard case .deadlock(let waits)? = schedule.violations().first else {
      Issue.record("rank 1 runs 1B0 before 1F1, rank 2 the reverse: a deadlock")
      return
    }
    #expect(waits.map(\.rank) == [1, 2])
    #expect(waits.map(\.waitsFor.description) == ["2B0", "1F1"])
    #expect(waits.map(\.position) == [1, 0])
  }

  @Test func passesOutsideTheScheduleAreNamed() {
    let actions = [[Action.single(Pass(-1, .forward, 0)), .single(Pass(0, .forward, 7))]]
    let schedule = Schedule(name: "mine", microBatches: 1, actions: actions, rankOfStage: [0])
    #expect(
      schedule.violations().prefix(2).map(\.description) == [
        "rank 0 runs -1F0, but the schedule has no such stage or micro-batch",
        "rank 0 runs 0F7, but the schedule has no such stage or micro-batch",
      ])
    #expect(schedule.routes() == [[]], "neither pass belongs to a route")
  }

  @Test func partsThatDisagreeAreRefused() {
    let schedule = Schedule(
      name: "mine", microBatches: 1, actions: [[]], rankOfStage: [0, 0], modelStage: [0])
    #expect(
      schedule.violations().map(\.description)
        == ["ranks are given for 2 stages but parts of the model for 1"])
  }

  @Test(arguments: [
    [Pass(Int(Int32.max), .forward, 0)], [Pass(0, .forward, Int(Int32.max))],
    [Pass(60_000, .forward, 0), Pass(0, .forward, 16_000_000)],
  ])
  func hugeNumbersAreRefusedBeforeMemoryIsUsed(passes: [Pass]) {
    #expect {
      try Schedule(name: "mine", actions: [passes.map(Action.single)])
    } throws: { error in
      "\(error)".contains("too large to simulate; use at most 65536 stages")
    }
  }

  @Test(arguments: [-1, Int.min, Int.max])
  func absurdMicroBatchesOfAHandMadeScheduleDoNotTrap(microBatches: Int) {
    let schedule = Schedule(
      name: "mine", microBatches: microBatches, actions: [[.single(Pass(0, .forward, 0))]],
      rankOfStage: [0])
    #expect(schedule.violations().count == 1, "out of range, or too large")
  }

  @Test func emptyListsAreASchedule() throws {
    // No micro-batch, nothing to break; the time of nothing is zero, not a quotient of zeros.
    let schedule = try Schedule(name: "mine", actions: [[], []])
    let timing = try schedule.timing(
      Durations(forward: 1, inputBackward: 1, weightBackward: 1))
    #expect(timing.makespan == 0)
    #expect(timing.bubbleRatio == 0)
    #expect(timing.spanBubbleRatio == 0)
    #expect(timing.rankFinish == [0, 0])
  }

  @Test func routesFollowTheDirections() throws {
    #expect(
      try Schedule.dualPipe(ranks: 2, microBatches: 4).routes()
        == [[0, 1], [0, 1], [2, 3], [2, 3]])
    #expect(try Schedule.dualPipeV(ranks: 2, microBatches: 4).routes()[3] == [0, 1, 2, 3])
    #expect(
      try Schedule.interleaved(ranks: 2, microBatches: 2, stagesPerRank: 3).routes()[1]
        == [0, 1, 2, 3, 4, 5])
  }
}
