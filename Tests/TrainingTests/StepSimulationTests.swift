import Fabric
import Hardware
import Models
import Quantities
import Schedules
import Testing

@testable import Training

@Suite struct StepSimulationTests {
  @Test(arguments: BuiltIn.allCases)
  func everyPieceIsPassedOnceInEachDirection(schedule: BuiltIn) throws {
    let result = try tiny(schedule).run()
    // One attention block for each of 8 layers, 8 micro-batches and forward, input, weight.
    for pass in [PassKind.forward, .inputBackward, .weightBackward] {
      let blocks = result.spans.filter { $0.activity == .attention && $0.pass == pass }
      let keys = Set(blocks.map { [Int($0.layer), Int($0.microBatch)] })
      #expect(blocks.count == 64)
      #expect(keys.count == 64)
    }
    #expect(result.schedule.violations().isEmpty)
  }

  @Test(arguments: BuiltIn.allCases)
  func streamsNeverOverlapThemselves(schedule: BuiltIn) throws {
    let result = try tiny(schedule).run()
    for (span, next) in zip(result.spans, result.spans.dropFirst())
    where span.rank == next.rank && span.stream == next.stream && span.stream != .send {
      #expect(span.end <= next.start)
    }
  }

  @Test func twoRunsGiveTheSameSpans() throws {
    func bytes() throws -> [[Int64]] {
      try tiny(.dualPipe).run().spans.map {
        [$0.start.picoseconds, $0.end.picoseconds, Int64($0.rank), Int64($0.layer)]
      }
    }
    #expect(try bytes() == bytes())
  }

  /// A step with changes, in seconds and peak bytes.
  private func step(
    _ schedule: BuiltIn = .oneForwardOneBackward, _ change: (inout StepSimulation) -> Void
  ) throws -> (seconds: Double, memory: Double) {
    let result = try tiny(schedule, change: change).run()
    return (result.step.seconds, result.peakMemory.value)
  }

  @Test func eachChoiceMovesTheStepInItsDirection() throws {
    let base = try step { _ in }
    let longer = try step { $0.plan.sequenceLength = 4096 }
    #expect(longer.seconds > 1.5 * base.seconds)
    #expect(longer.memory > base.memory)
    let full = try step { $0.plan.recompute = .full }
    #expect(full.seconds > 1.2 * base.seconds && full.memory < base.memory)
    let none = try step { $0.plan.recompute = .none }
    #expect(none.seconds < base.seconds && none.memory > base.memory)
    let slowNIC = try step { simulation in
      simulation.cluster.node.nic = simulation.cluster.node.nic.scaled(
        toPeak: Bandwidth(1e9), source: "test")
    }
    #expect(slowNIC.seconds > base.seconds)
    // Casts and transpositions take longer than products save where these are small.
    func wide(_ format: NumberFormat) throws -> Double {
      try step { simulation in
        simulation.model.hidden = 8192
        simulation.model.feedForward.intermediate = 28_672
        simulation.plan.format = format
      }.seconds
    }
    #expect(try wide(.fp8) < wide(.bf16))
  }

  @Test func replicasShardTheOptimizerUnderZeRO1() throws {
    func memory(_ zero: Int) throws -> (optimizer: Double, step: Double) {
      let result = try tiny(.oneForwardOneBackward) { simulation in
        simulation.cluster.nodes = 16
        simulation.plan.data = 4
        simulation.plan.globalBatch = 32
        simulation.plan.zero = zero
      }.run()
      return (result.memory[1].optimizer.value, result.step.seconds)
    }
    let (whole, sharded) = (try memory(0), try memory(1))
    #expect(abs(whole.optimizer / sharded.optimizer - 4) < 1e-9)
    #expect(sharded.step < whole.step, "a quarter of the update on each replica")
  }

  @Test func tensorRanksSplitWorkAndPayForIt() throws {
    func result(_ tensor: Int) throws -> StepResult {
      try tiny(.oneForwardOneBackward) { simulation in
        simulation.cluster.node.gpus = tensor
        simulation.plan.tensor = tensor
      }.run()
    }
    let (one, four) = (try result(1), try result(4))
    #expect(four.step < one.step)
    #expect(four.step.seconds > one.step.seconds / 4)
    #expect(four.ranks[1].exposedCommunication > one.ranks[1].exposedCommunication)
    #expect(four.memory[1].weights.value < one.memory[1].weights.value / 3)
  }

  @Test func aModelTooShortForItsStagesIsRefused() throws {
    #expect(throws: StepError.self) {
      try tiny(.oneForwardOneBackward) { simulation in
        simulation.model.layers = 1
        simulation.cluster.nodes = 4
      }.run()
    }
  }

  @Test func aStepBeyondAllTimeIsASentence() throws {
    let error = #expect(throws: StepError.self) {
      try tiny(.oneForwardOneBackward) { simulation in
        simulation.cluster.node.gpu.memoryBandwidth.value = Bandwidth(1e-3)
      }.run()
    }
    #expect(error?.description.hasPrefix("the step is longer than 106 days") == true)
  }
}

/// DeepSeek-V3 on its own cluster, with 64 of its 120 micro-batches: bubbles are a larger part of
/// the step than in the published one.
@Suite struct DeepSeekV3StepTests {
  private static let microBatches = 64

  private func step(_ schedule: BuiltIn) throws -> StepSimulation {
    var simulation = try deepSeekV3(schedule)
    simulation.plan.globalBatch = Self.microBatches * simulation.plan.data
    return simulation
  }

  @Test(arguments: BuiltIn.allCases)
  func lawsHoldAndTheStepIsReasonable(schedule: BuiltIn) throws {
    let simulation = try step(schedule)
    let result = try simulation.run()
    // V-Min is made for passes of one length and waits in every period where I takes longer than F.
    let most = schedule == .vMin ? 0.45 : 0.3
    #expect(result.bubbleRatio > 0 && result.bubbleRatio < most)
    #expect(result.bytes(through: .nicOut) > .zero)
    // Bytes over NICs: dispatch and combine both ways for each of the 58 expert layers and the
    // prediction layer and each micro-batch, and at least that.
    let (dispatch, cachedDispatch, combine) = try #require(
      simulation.expertExchanges(tokens: 4096))
    let layer =
      dispatch.transfer.bytes(through: .nicOut)
      + cachedDispatch.transfer.bytes(through: .nicOut)
      + combine.transfer.bytes(through: .nicOut) * 2
    #expect(result.bytes(through: .nicOut) > layer * Double(59 * Self.microBatches))
  }

  @Test func dualPipeHidesWhatOneForwardOneBackwardExposes() throws {
    let dual = try step(.dualPipe).run()
    let plain = try step(.oneForwardOneBackward).run()
    #expect(dual.step < plain.step)
    #expect(dual.ranks[7].exposedCommunication < plain.ranks[7].exposedCommunication)
    #expect(dual.schedule.parameterCopies == 2 && plain.schedule.parameterCopies == 1)
  }
}
