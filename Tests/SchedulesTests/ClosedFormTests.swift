import Schedules
import Testing

/// The formulas against the timing of the lists.
@Suite struct ClosedFormTests {
  static let shapes: [(ranks: Int, microBatches: Int)] = [(4, 16), (8, 32), (6, 36), (8, 80)]

  /// F = 1, I = 1.25, W = 0.75 and a pair of 2.5, without latency: within 7 %, and for the schedules
  /// with an exact formula that needs no more than W ≤ F ≤ I exactly.
  @Test(arguments: BuiltIn.allCases, shapes)
  func makespanIsThatOfTheList(schedule: BuiltIn, shape: (ranks: Int, microBatches: Int)) throws {
    let d = try Durations(
      forward: 1, inputBackward: 1.25, weightBackward: 0.75, overlapped: 2.5)
    let request = ScheduleRequest(
      ranks: shape.ranks, microBatches: shape.microBatches, durations: d)
    let list = try schedule.schedule(request)
    let timed = try list.timing(d)
    let form = ClosedForm(schedule, ranks: shape.ranks, microBatches: shape.microBatches)
    let ratio = form.makespan(d) / timed.makespan
    let exact: Set<BuiltIn> = [
      .gpipe, .oneForwardOneBackward, .interleaved, .interleavedOverlapped, .loopedBFS,
      .zeroBubbleH1, .zeroBubbleV, .interleavedZeroBubble, .dualPipe, .dualPipeV,
    ]
    #expect(abs(ratio - 1) < (exact.contains(schedule) ? 1e-9 : 0.07), "\(ratio)")
  }

  /// A small latency is felt as often as the formula says, or a little less.
  @Test(arguments: BuiltIn.allCases)
  func latencyCountsAFewHops(schedule: BuiltIn) throws {
    func makespans(_ c: Double) throws -> (form: Double, list: Double) {
      let d = try Durations(
        forward: 1, inputBackward: 1.25, weightBackward: 0.75, overlapped: 2.5, pointToPoint: c)
      let list = try schedule.schedule(ScheduleRequest(ranks: 8, microBatches: 32, durations: d))
      return (
        ClosedForm(schedule, ranks: 8, microBatches: 32).makespan(d), try list.timing(d).makespan
      )
    }
    let (with, without) = (try makespans(1.0 / 64), try makespans(0))
    let gap = abs((with.form - without.form) - (with.list - without.list)) / without.list
    #expect(gap < 0.04, "\(gap)")
  }
}
