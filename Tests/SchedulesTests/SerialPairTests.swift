import Testing

@testable import Schedules

/// Overlapped pairs taken apart: what stays the same, and what it costs.
@Suite struct SerialPairTests {
  static let paired = BuiltIn.allCases.filter(\.facts.hasPairs)

  /// Shapes that every schedule with pairs takes.
  static let shapes = [(2, 4), (4, 8), (4, 14), (6, 12), (8, 40)]

  @Test func onlyTheseHavePairs() throws {
    for schedule in BuiltIn.allCases {
      let list = try schedule.schedule(ranks: 4, microBatches: 16)
      #expect((Self.pairs(list) > 0) == schedule.facts.hasPairs, "\(schedule)")
    }
  }

  @Test(arguments: paired, shapes)
  func passesAndTheirOrderStay(builtIn: BuiltIn, shape: (Int, Int)) throws {
    let whole = try builtIn.schedule(ranks: shape.0, microBatches: shape.1)
    var request = ScheduleRequest(ranks: shape.0, microBatches: shape.1)
    request.pairs = .serial
    let serial = try builtIn.schedule(request)
    #expect(serial.violations().isEmpty)
    #expect(Self.pairs(serial) == 0)
    for (list, apart) in zip(whole.actions, serial.actions) {
      let passes = list.flatMap { action -> [Pass] in
        switch action {
        case .single(let pass): [pass]
        case .overlapped(let forward, let backward): [forward, backward]
        }
      }
      #expect(apart == passes.map(Action.single))
    }
    request.pairs = .overlapped
    #expect(try builtIn.schedule(request) == whole)
  }

  /// A pair of F + B waits for more than its halves do; one that hides the shorter is as long as
  /// the longer at least.
  @Test(arguments: paired, shapes)
  func halvesTakeNoLongerThanPairsOfTheirSum(builtIn: BuiltIn, shape: (Int, Int)) throws {
    let whole = try builtIn.schedule(ranks: shape.0, microBatches: shape.1)
    for (forward, input, weight) in [(1.0, 1.0, 1.0), (2, 3, 1), (1, 4, 2), (5, 1, 1)] {
      let sum = forward + input + weight
      let durations = try Durations(
        forward: forward, inputBackward: input, weightBackward: weight, overlapped: sum,
        pointToPoint: 0)
      let pairs = try whole.timing(StageDurations(durations)).makespan
      let halves = try whole.withSerialPairs.timing(StageDurations(durations)).makespan
      #expect(halves <= pairs + 1e-9)
      let work = sum * Double(shape.1) * Double(whole.modelStages) / Double(shape.0)
      #expect(halves >= work - 1e-9)
    }
  }

  @Test func schedulesWithoutPairsRefuseIt() {
    let request = ScheduleRequest(ranks: 2, microBatches: 4, pairs: .serial)
    #expect(throws: ScheduleError.optionNotTaken(.oneForwardOneBackward, .pairs)) {
      try BuiltIn.oneForwardOneBackward.schedule(request)
    }
  }

  private static func pairs(_ schedule: Schedule) -> Int {
    schedule.actions.joined().count { action in
      if case .overlapped = action { true } else { false }
    }
  }
}
