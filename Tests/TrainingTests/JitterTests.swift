import Fabric
import Hardware
import Models
import Quantities
import Schedules
import Testing

@testable import Training

/// Durations that scatter hold up whoever waits for others, and change no mean.
@Suite struct JitterTests {
  /// A tiny mixture of experts on 4 pipeline ranks of 16 GPUs.
  private func mixture(
    _ schedule: BuiltIn = .oneForwardOneBackward, expert: Int = 16, jitter: Double,
    seed: UInt64 = 1
  ) throws -> StepResult {
    try tiny(schedule) { simulation in
      simulation.cluster.node.gpus = 8
      simulation.cluster.node.nics = 8
      simulation.cluster.nodes = 8
      simulation.model.experts = Experts(routed: 32, perToken: 4, shared: 1, intermediate: 512)
      simulation.plan.data = 16
      simulation.plan.expert = expert
      simulation.plan.globalBatch = 8 * 16
      simulation.plan.jitter = jitter
      simulation.plan.seed = seed
      simulation.expands = true
    }.run()
  }

  private func meanCompute(_ result: StepResult) -> Double {
    result.gpus.reduce(0) { $0 + $1.computeBusy.seconds } / Double(result.gpus.count)
  }

  @Test func jitterLengthensTheStepAndKeepsTheMean() throws {
    let steps = try [0, 0.02, 0.1, 0.3].map { try mixture(jitter: $0) }
    for (one, next) in zip(steps, steps.dropFirst()) {
      #expect(next.step > one.step)
      #expect(next.waterfall[.imbalance] > one.waterfall[.imbalance])
      #expect(next.waterfalls.count == 4)
    }
    // 64 GPUs with some 400 blocks each: the mean scatters by a thousandth of the jitter or so.
    for (one, jitter) in zip(steps, [0, 0.02, 0.1, 0.3]) {
      #expect(abs(meanCompute(one) / meanCompute(steps[0]) - 1) < 0.03 * jitter + 1e-9)
    }
    // What is there without jitter is the last stage's, which has the head.
    #expect(steps[2].waterfall[.imbalance].seconds > 2 * steps[0].waterfall[.imbalance].seconds)
  }

  /// The slowest of many takes longer than the slowest of few.
  @Test func largerGroupsWaitLonger() throws {
    func lengthening(expert: Int) throws -> Double {
      let (even, uneven) = (
        try mixture(expert: expert, jitter: 0), try mixture(expert: expert, jitter: 0.1)
      )
      return (uneven.step - even.step).seconds / meanCompute(even)
    }
    let (few, many) = (try lengthening(expert: 2), try lengthening(expert: 16))
    #expect(few > 0)
    #expect(many > few * 1.2)
  }

  @Test func theSeedDecidesEveryDraw() throws {
    let one = try mixture(.dualPipe, jitter: 0.05)
    let again = try mixture(.dualPipe, jitter: 0.05)
    let other = try mixture(.dualPipe, jitter: 0.05, seed: 2)
    #expect(one.step == again.step && one.gpus == again.gpus)
    #expect(one.waterfalls == again.waterfalls && one.criticalPath == again.criticalPath)
    #expect(one.step != other.step)
  }

  /// A GPU that computes slower holds up its group: its group's others wait, and it does not.
  @Test func aSlowGPUShowsAsImbalance() throws {
    func step(speed: Double) throws -> StepResult {
      try tiny(.oneForwardOneBackward) { simulation in
        simulation.plan.pipeline = 1
        simulation.plan.data = 4
        simulation.plan.expert = 4
        simulation.cluster.nodes = 4
        simulation.plan.globalBatch = 8
        simulation.model.experts = Experts(routed: 8, perToken: 2, shared: 0, intermediate: 2048)
        simulation.cluster.faults = [.slowGPU(gpu: 2, speed: speed)]
      }.run()
    }
    let slow = try step(speed: 0.5)
    let busy = slow.gpus.map(\.computeBusy.seconds)
    // The three others compute half as long, and are idle for the other half.
    let imbalance = slow.waterfall[.imbalance].seconds
    let expected = 3.0 / 4 * (busy[2] - busy[0])
    #expect(imbalance > 0.8 * expected && imbalance <= expected * 1.001)
    #expect(abs(busy[2] / busy[0] - 2) < 1e-6)
    // Wherever the path computes within its passes, it does on the slow GPU.
    for piece in slow.criticalPath.segments where piece.stream == .compute && piece.stage >= 0 {
      #expect(piece.gpu == 2)
    }
  }
}
