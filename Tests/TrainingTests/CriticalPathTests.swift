import Quantities
import Schedules
import Testing

@testable import Training

/// The critical path, against chains worked out by hand and against what a critical path is.
@Suite struct CriticalPathTests {
  /// One micro-batch goes down the ranks and back up, one task after the other.
  @Test func aChainIsItsOwnPath() throws {
    let list = try BuiltIn.gpipe.schedule(ranks: 4, microBatches: 1)
    let retold = try Retold(list, forward: 1, input: 1.3, weight: 0.9)
    let path = retold.path
    #expect(path.spans(retold.step))
    #expect(path.rankChanges == 6)
    for time in path.times(ranks: 4) { #expect(abs(time.seconds - 3.2) < 1e-4) }
    // Six sends, and between them each rank's blocks: attention and feed-forward, pass by pass.
    let sends = path.segments.filter { $0.activity == .pipelineSend }
    #expect(sends.map(\.rank) == [0, 1, 2, 3, 2, 1])
    #expect(path.segments.first?.cause == .stepStart)
    #expect(path.segments.first?.rank == 0)
    #expect(path.segments.last?.rank == 0)
    #expect(path.segments.filter { $0.cause == .arrival }.map(\.rank) == [1, 2, 3, 2, 1, 0])
  }

  /// A step of fixed durations is the longest of many sums, one for each chain of tasks. So a path
  /// that is the longest stays a lower bound when durations change: no chain gets shorter than what
  /// its own tasks take. That holds for the longest chain alone.
  @Test(arguments: BuiltIn.allCases)
  func thePathBoundsEveryOtherStepFromBelow(schedule: BuiltIn) throws {
    let list = try schedule.schedule(ranks: 4, microBatches: 8)
    let base = (forward: 1.0, input: 1.1, weight: 0.7)
    let retold = try Retold(
      list, forward: base.forward, input: base.input, weight: base.weight)
    #expect(retold.path.spans(retold.step))
    func count(_ pass: PassKind, _ whole: Double) -> Double {
      retold.path.segments.filter { $0.pass == pass && $0.stream == .compute }
        .reduce(0) { $0 + ($1.end - $1.start).seconds } / whole
    }
    let passes = (
      forward: count(.forward, base.forward), input: count(.inputBackward, base.input),
      weight: count(.weightBackward, base.weight)
    )
    for (forward, input, weight) in [
      (1.3, 1.1, 0.7), (1.0, 1.6, 0.7), (1.0, 1.1, 1.2), (0.6, 1.1, 0.7), (1.0, 0.7, 0.7),
      (1.0, 1.1, 0.2), (0.8, 1.4, 0.9), (1.5, 0.9, 0.3),
    ] {
      let other = try Retold(list, forward: forward, input: input, weight: weight)
      let bound =
        retold.step.seconds + passes.forward * (forward - base.forward)
        + passes.input * (input - base.input) + passes.weight * (weight - base.weight)
      // Sends of two bytes may meet on a port.
      #expect(other.step.seconds >= bound - 1e-3)
    }
  }

  /// The path is whole in real steps too, where transfers share links and groups wait.
  @Test(arguments: [BuiltIn.gpipe, .oneForwardOneBackward, .zeroBubbleV, .dualPipe, .chimera])
  func thePathIsWholeInAnyStep(schedule: BuiltIn) throws {
    let result = try tiny(schedule).run()
    let path = result.criticalPath
    #expect(path.spans(result.step))
    #expect(path.times.reduce(.zero, +) == result.step)
    #expect(path.times(ranks: 4).reduce(.zero, +) == result.step)
    // Neighbours of one kind are one piece.
    for (one, next) in zip(path.segments, path.segments.dropFirst()) {
      let isLike =
        one.gpu == next.gpu && one.stream == next.stream && one.activity == next.activity
        && one.pass == next.pass && one.stage == next.stage && one.microBatch == next.microBatch
      #expect(!isLike)
    }
    // The end of the step is the update.
    #expect(path.segments.last?.stage == -1)
  }
}
