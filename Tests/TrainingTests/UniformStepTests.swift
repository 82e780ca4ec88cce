import Models
import Quantities
import Schedules
import Testing

@testable import Training

/// With like stages, nothing to exchange and no update, a step is what the schedule's own timing
/// says: an independent implementation without engine, fabric or tasks.
@Suite struct UniformStepTests {
  struct Case: Sendable {
    var schedule: BuiltIn
    var ranks: Int
    var microBatches: Int
    var forward: Int64
    var input: Int64
    var weight: Int64
  }

  /// Durations in picoseconds: like, slow input gradients, cheap weight gradients.
  static let cases: [Case] = BuiltIn.allCases.flatMap { schedule in
    [(2, 6), (4, 8), (4, 12), (6, 12)].flatMap { ranks, microBatches in
      [(1_000_000_000, 1_000_000_000, 1_000_000_000), (700_000_000, 1_300_000_000, 400_000_000)]
        .map { durations in
          Case(
            schedule: schedule, ranks: ranks, microBatches: microBatches,
            forward: durations.0, input: durations.1, weight: durations.2)
        }
    }
  }

  @Test(arguments: cases)
  func stepEqualsTheSchedulesTiming(one: Case) throws {
    let schedule = try one.schedule.schedule(ranks: one.ranks, microBatches: one.microBatches)
    let layer = plainLayer(forward: one.forward, input: one.input, weight: one.weight)
    let makespan = try run(schedule, stage: layer).makespan.seconds
    let timing = try schedule.timing(
      Durations(
        forward: Double(one.forward) * 1e-12, inputBackward: Double(one.input) * 1e-12,
        weightBackward: Double(one.weight) * 1e-12, pointToPoint: 2.8e-6))
    #expect(abs(makespan / timing.makespan - 1) < 1e-6)
  }

  /// 1F1B without latency: (m + p - 1)(F + B). The 2.8 us of a send are too small to matter.
  @Test func oneForwardOneBackwardHasItsClosedForm() throws {
    let schedule = try BuiltIn.oneForwardOneBackward.schedule(ranks: 4, microBatches: 12)
    let layer = plainLayer(
      forward: 1_000_000_000_000, input: 1_200_000_000_000, weight: 800_000_000_000)
    let makespan = try run(schedule, stage: layer).makespan.seconds
    #expect(abs(makespan - 15 * 3) < 1e-3)
  }

  /// Activations of like stages: min(m, p - r) micro-batches under 1F1B, m under GPipe, p + 1
  /// under DualPipe.
  @Test(arguments: [
    (BuiltIn.gpipe, [8, 8, 8, 8]), (.oneForwardOneBackward, [4, 3, 2, 1]),
    (.zeroBubbleH1, [4, 4, 4, 4]), (.dualPipe, [5, 5, 5, 5]),
  ])
  func peakActivationsCountLiveMicroBatches(schedule: BuiltIn, expected: [Int]) throws {
    var layer = plainLayer(forward: 1_000_000_000, input: 1_000_000_000, weight: 1_000_000_000)
    layer.activations = LayerActivations([
      .init(.layerInput, .input, Bytes(1)), .init(.attentionInput, .weight, Bytes(1)),
    ])
    let list = try schedule.schedule(ranks: 4, microBatches: 8)
    let tasks = try run(list, stage: layer).memory
    var finished = StepRun(tasks)
    finished.run()
    let memory = try tiny(schedule).memory(
      schedule: list, stages: [[LayerWork]](repeating: [layer], count: list.modelStages),
      weights: [RankWeights](repeating: RankWeights(parts: [], blocks: [0]), count: 4),
      run: finished,
      tasks: tasks)
    #expect(memory.map { Int($0.activations.value) } == expected)
  }
}
