import Fabric
import Hardware
import Models
import Quantities
import Schedules
import Testing

@testable import Training

/// Simulating every GPU gives what one GPU for each rank gives where all are alike, and tells
/// what a slow part does where they are not.
@Suite struct EveryGPUTests {
  /// A tiny mixture of experts on 4 pipeline ranks of 16 GPUs.
  private func mixture(
    _ schedule: BuiltIn, change: (inout StepSimulation) -> Void = { _ in }
  ) throws -> StepSimulation {
    try tiny(schedule) { simulation in
      simulation.cluster.node.gpus = 8
      simulation.cluster.node.nics = 8
      simulation.cluster.nodes = 8
      simulation.model.experts = Experts(
        routed: 32, perToken: 4, shared: 1, intermediate: 512)
      simulation.plan.data = 16
      simulation.plan.expert = 16
      simulation.plan.globalBatch = 8 * 16
      change(&simulation)
    }
  }

  @Test(arguments: [BuiltIn.oneForwardOneBackward, .zeroBubbleH1, .dualPipe])
  func alikeGPUsTakeAsLongAsTheOneThatStandsForThem(schedule: BuiltIn) throws {
    let folded = try mixture(schedule).run()
    let expanded = try mixture(schedule) { $0.expands = true }.run()
    #expect(expanded.gpus.count == 64)
    #expect(abs(expanded.step.seconds / folded.step.seconds - 1) < 1e-9)
    for gpu in expanded.gpus {
      let one = folded.ranks[gpu.rank]
      #expect(abs((gpu.computeBusy - one.computeBusy).seconds) < 1e-12)
      #expect(abs(gpu.bubble.seconds - one.bubble.seconds) < 1e-9 * folded.step.seconds)
    }
    #expect(abs(expanded.bubbleRatio - folded.bubbleRatio) < 1e-9)
    for kind in [LinkKind.nvlinkOut, .nvlinkIn, .nicOut, .nicIn] {
      let bytes = folded.bytes(through: kind) * 16
      #expect(abs(expanded.bytes(through: kind) / bytes - 1) < 1e-9)
    }
  }

  @Test func aSlowGPUHoldsUpItsWholeExpertGroup() throws {
    let sound = try mixture(.dualPipe).run()
    let slowed = try mixture(.dualPipe) {
      $0.cluster.faults = [.slowGPU(gpu: 17, speed: 0.5)]
    }.run()
    #expect(slowed.step > sound.step)
    // GPU 17 is the second of rank 1; what it computes takes twice as long.
    let busy = slowed.gpus[17].computeBusy.seconds
    #expect(abs(busy / sound.ranks[1].computeBusy.seconds - 2) < 1e-6)
    #expect(slowed.ranks[1].gpu == 17)
  }

  @Test func aSlowNICIsTheBottleneckOfItsGroup() throws {
    let sound = try mixture(.dualPipe).run()
    let slowed = try mixture(.dualPipe) {
      $0.cluster.faults = [.nic(nic: 21, share: 0.25)]
    }.run()
    #expect(slowed.step > sound.step)
    let dispatches = slowed.traffic.filter { $0.rank == 1 && $0.activity == .dispatch }
    #expect(!dispatches.isEmpty)
    for use in dispatches {
      guard case .link(let kind, owner: 21) = use.bottleneck else {
        Issue.record("the bottleneck is \(use.bottleneck)")
        continue
      }
      #expect([.nicOut, .nicIn].contains(kind))
    }
  }
}
