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

  /// Layouts of 64 GPUs: ranks of two nodes, one node, half a node and one GPU; shared NICs; tensor
  /// parallelism; states on every replica.
  static let layouts: [Layout] = [
    Layout(), Layout(pipeline: 8, expert: 8), Layout(pipeline: 8, expert: 4, tensor: 2, zero: 0),
    Layout(pipeline: 4, expert: 16, tensor: 4), Layout(pipeline: 8, expert: 8, nics: 4),
    Layout(pipeline: 8, expert: 2, nodes: 4), Layout(pipeline: 8, expert: 1, nodes: 1),
  ]

  struct Layout: Sendable, CustomTestStringConvertible {
    var pipeline = 4
    var expert = 16
    var tensor = 1
    var zero = 1
    var nics = 8
    var nodes = 8

    var testDescription: String {
      "\(nodes) nodes, pipeline \(pipeline), expert \(expert), tensor \(tensor), \(nics) NICs"
    }

    func apply(to simulation: inout StepSimulation) {
      simulation.cluster.nodes = nodes
      simulation.cluster.node.nics = nics
      simulation.plan.pipeline = pipeline
      simulation.plan.tensor = tensor
      simulation.plan.data = nodes * 8 / pipeline / tensor
      simulation.plan.expert = expert
      simulation.plan.zero = zero
      simulation.plan.globalBatch = 16 * simulation.plan.data
    }
  }

  @Test(
    arguments: [BuiltIn.oneForwardOneBackward, .zeroBubbleH1, .dualPipe, .chimera], layouts)
  func alikeGPUsTakeAsLongAsTheOneThatStandsForThem(schedule: BuiltIn, layout: Layout) throws {
    let folded = try mixture(schedule, change: layout.apply).run()
    let expanded = try mixture(schedule) {
      layout.apply(to: &$0)
      $0.expands = true
    }.run()
    let members = layout.nodes * 8 / layout.pipeline
    #expect(folded.gpus.count == layout.pipeline)
    #expect(expanded.gpus.count == layout.nodes * 8)
    #expect(abs(expanded.step.seconds / folded.step.seconds - 1) < 1e-9)
    for gpu in expanded.gpus {
      let one = folded.ranks[gpu.rank]
      #expect(abs((gpu.computeBusy - one.computeBusy).seconds) < 1e-12)
      #expect(abs(gpu.bubble.seconds - one.bubble.seconds) < 1e-9 * folded.step.seconds)
    }
    #expect(abs(expanded.bubbleRatio - folded.bubbleRatio) < 1e-9)
    for kind in [LinkKind.nvlinkOut, .nvlinkIn, .nicOut, .nicIn] {
      // A shared NIC is listed once, for all that share it.
      let isNIC = kind == .nicOut || kind == .nicIn
      let bytes = folded.bytes(through: kind) * Double(members * (isNIC ? layout.nics : 8)) / 8
      #expect(abs((expanded.bytes(through: kind) - bytes).value) <= 1e-9 * bytes.value)
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

  /// Loads that differ take longer, on every GPU what its rows take, and are conserved.
  @Test func unevenRoutingReachesEveryGPU() throws {
    let even = try mixture(.dualPipe).run()
    let uneven = try mixture(.dualPipe) { $0.plan.routing = .zipf(0.8) }.run()
    #expect(uneven.step > even.step)
    let routing = try #require(uneven.routing)
    #expect(routing.layers.map(\.index) == Array(0..<8))
    for layer in routing.layers {
      for loads in layer.draws.flatMap(\.self) {
        #expect(abs(loads.rankRows.reduce(0, +) - 4) < 1e-9)
      }
    }
    // A rank's GPU with more rows computes longer: busy times order as rows do.
    for rank in 0..<4 {
      let gpus = uneven.gpus.filter { $0.rank == rank }
      #expect(gpus.count == 16)
      let busy = gpus.map(\.computeBusy.seconds)
      #expect((busy.max() ?? 0) > (busy.min() ?? 0) * 1.02)
      #expect(uneven.ranks[rank].computeBusy.seconds == busy.max())
      // Time adds up on each of them.
      for gpu in gpus {
        let sum =
          gpu.forward + gpu.inputBackward + gpu.weightBackward + gpu.overlapped + gpu.optimizer
          + gpu.bubble
        #expect(sum == uneven.step)
      }
    }
    // What is dispatched is what the token visits say, whoever gets it: as many bytes leave as enter.
    #expect(
      uneven.bytes(through: .nicOut) == uneven.bytes(through: .nicIn)
        || abs(
          uneven.bytes(through: .nicOut) / uneven.bytes(through: .nicIn) - 1) < 1e-12
    )
    #expect(uneven.peakMemory > even.peakMemory)
  }

  /// A search tries orders on the GPUs as they are, so it is no worse than a built-in.
  @Test func aSearchSeesUnevenLoads() throws {
    func step(_ schedule: PlannedSchedule) throws -> Time {
      try mixture(.dualPipe) {
        $0.plan.routing = .zipf(0.8)
        $0.plan.schedule = schedule
      }.run().step
    }
    let found = try step(
      .searched(PlannedSearch(stagesPerRank: 1, parameterCopies: 1, evaluations: 2_000, seed: 1)))
    let builtIn = try step(.builtIn(.zeroBubbleH1))
    #expect(found <= builtIn)
  }

  /// The same scenario gives the same step, to the last picosecond.
  @Test func unevenStepsRepeat() throws {
    let one = try mixture(.zeroBubbleH1) { $0.plan.routing = .dirichlet(1) }.run()
    let other = try mixture(.zeroBubbleH1) { $0.plan.routing = .dirichlet(1) }.run()
    #expect(one.step == other.step && one.gpus == other.gpus && one.links == other.links)
  }

  /// Alone, a dispatch in the step takes what the exchange takes by itself.
  @Test func aDispatchInTheStepIsTheExchange() throws {
    let simulation = try mixture(.oneForwardOneBackward) { $0.plan.routing = .zipf(0.8) }
    let result = try simulation.run()
    let routing = try #require(result.routing)
    let layer = try #require(routing.layers.first)
    let exchanges = layer.draws.flatMap(\.self).map { loads in
      ExpertExchange(
        .dispatch, loads, tokens: routing.tokens, rowBytes: routing.rowBytes.dispatch
      ).seconds(on: simulation.cluster.node, latency: simulation.cluster.latency.value)
    }
    let spans = result.spans.filter {
      $0.layer == 0 && $0.activity == .dispatch && $0.pass == .forward
    }
    #expect(!spans.isEmpty)
    // Nothing else moves before the first dispatch ends.
    let first = try #require(spans.min { $0.start < $1.start })
    let seconds = (first.end - first.start).seconds
    #expect(exchanges.contains { abs($0 / seconds - 1) < 1e-9 })
  }

  /// A class that goes first is not slowed by the others; sends cross the NICs dispatches use.
  @Test func priorityShortensItsClass() throws {
    func send(_ priority: [Activity]) throws -> Double {
      let result = try mixture(.dualPipe) {
        $0.plan.trafficPriority = priority
        $0.plan.expert = 16
      }.run()
      let sends = result.traffic.filter { $0.activity == .pipelineSend }
      return sends.reduce(0) { $0 + ($1.mean - $1.alone) * Double($1.count) }
    }
    let fair = try send([])
    #expect(fair > 0)
    // Sends still share ports with each other.
    #expect(try send([.pipelineSend]) < fair)
    #expect(try send([.dispatch, .combine]) > fair)
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
      #expect(["nic_out 21", "nic_in 21"].contains(use.bottleneck), "\(use.bottleneck)")
    }
  }
}
