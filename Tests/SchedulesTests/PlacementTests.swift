import Schedules
import Testing

/// The placement that is read off a list is the one its schedule is known for.
@Suite struct PlacementTests {
  @Test(arguments: BuiltIn.allCases)
  func builtIns(builtIn: BuiltIn) throws {
    let schedule = try builtIn.schedule(ranks: 4, microBatches: 12)
    // A V is the wave with one turn.
    let expected = builtIn.facts.placement
    let found = schedule.placement
    #expect(found == expected || (expected == .wave && found == .vShape))
  }

  @Test(arguments: [
    ([0, 1, 2], 1, StagePlacement.linear), ([0, 1, 0, 1, 0, 1], 1, .loop),
    ([0, 1, 1, 0], 1, .vShape), ([0, 1, 1, 0, 0, 1, 1, 0], 1, .wave),
    ([0, 1, 1, 0], 2, .bidirectional), ([0, 1, 1, 0, 1, 0, 0, 1], 2, .bidirectionalV),
    ([0, 0, 1], 1, nil), ([1, 0], 1, nil), ([0, 1, 0, 1], 2, nil),
  ])
  func byHand(rankOfStage: [Int], copies: Int, expected: StagePlacement?) {
    let parts = rankOfStage.count / copies
    let schedule = Schedule(
      name: "mine", microBatches: 0,
      actions: Array(repeating: [], count: (rankOfStage.max() ?? 0) + 1),
      rankOfStage: rankOfStage, modelStage: rankOfStage.indices.map { $0 % parts })
    #expect(schedule.placement == expected)
  }
}
