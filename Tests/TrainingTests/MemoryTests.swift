import Fabric
import Hardware
import Models
import Quantities
import Schedules
import Testing

@testable import Training

/// Memory of a step by rank, instant and tensor.
@Suite struct MemoryTests {
  /// 1F1B holds min(P - r, m) micro-batches on rank r, DualPipe P + 1: of each tensor as many times
  /// what one micro-batch leaves of it on a stage.
  @Test(arguments: [
    (BuiltIn.oneForwardOneBackward, 8, [4, 3, 2, 1]), (.oneForwardOneBackward, 2, [2, 2, 2, 1]),
    (.gpipe, 8, [8, 8, 8, 8]), (.dualPipe, 8, [5, 5, 5, 5]),
  ])
  func compositionCountsLiveMicroBatches(
    schedule: BuiltIn, microBatches: Int, expected: [Int]
  ) throws {
    let simulation = try tiny(schedule, microBatches: microBatches)
    let result = try simulation.run()
    let workload = Workload(simulation)
    for rank in 0..<4 {
      let stages = result.schedule.modelStages(of: rank).map { stage in
        result.placement.stages[stage].flatMap(workload.work)
      }
      let parts = result.memory[rank].parts
      // Stages of a rank are alike where they hold as many layers and neither end of the model.
      let layers = stages.map { $0.count { $0.layer >= 0 } }
      guard Set(layers).count == 1 else { continue }
      let layer = simulation.model.activations(hasExperts: false, shape: workload.shape)
      for tensor in [ActivationTensor.layerInput, .queriesKeysValues, .gateUpOutput] {
        let part = parts.first { $0.kind == .activation(tensor, .input) }
        let one = layer.bytes(tensor, .input).value * Double(layers[0])
        #expect(abs((part?.bytes.value ?? 0) / one - Double(expected[rank])) < 1e-9, "\(tensor)")
      }
    }
  }

  /// What the parts say is what the sums say, on every rank of every schedule; and the order of a
  /// list alone gives the peak that the simulated times give.
  @Test(arguments: BuiltIn.allCases)
  func partsSumToThePeak(schedule: BuiltIn) throws {
    let simulation = try tiny(schedule)
    let result = try simulation.run()
    let workload = Workload(simulation)
    let stages = result.placement.stages.map { $0.flatMap(workload.work) }
    let ordered = try simulation.memory(
      schedule: result.schedule, stages: stages,
      weights: simulation.weights(schedule: result.schedule, stages: stages),
      uneven: .none)
    for (memory, ordered) in zip(result.memory, ordered) {
      let sum = memory.parts.reduce(0) { $0 + $1.bytes.value }
      #expect(abs(sum / memory.peak.value - 1) < 1e-12)
      #expect(memory.parts == ordered.parts)
      #expect(Set(memory.parts.map(\.kind)).count == memory.parts.count)
    }
  }

  /// The timeline ends with nothing, never goes back in time, and has its highest sample
  /// where the peak is said to be.
  @Test(arguments: BuiltIn.allCases)
  func timelineRisesToThePeakAndReturns(schedule: BuiltIn) throws {
    let result = try tiny(schedule).run()
    for memory in result.memory {
      let samples = memory.timeline
      #expect(samples.last?.total == .zero)
      for (one, next) in zip(samples, samples.dropFirst()) { #expect(one.time <= next.time) }
      let highest = try #require(samples.max { $0.total < $1.total })
      let dynamic = memory.activations + memory.working
      #expect(abs(highest.total.value / dynamic.value - 1) < 1e-9)
      let atPeak = samples.filter { $0.time == memory.peakTime }.map(\.total).max()
      #expect(atPeak == highest.total)
      #expect(memory.peakTime <= result.step)
    }
  }

  /// A list that leaves a micro-batch behind is caught, counted rather than summed.
  @Test func whatIsNotGivenBackIsCaught() throws {
    let schedule = try BuiltIn.zeroBubbleH1.schedule(ranks: 2, microBatches: 4)
    var layer = plainLayer(forward: 1, input: 1, weight: 1)
    layer.activations = LayerActivations([.init(.layerInput, .input, Bytes(64))])
    let stages = StageMemory([[layer], [layer]], uneven: .none, members: 1)
    let changes = schedule.memoryChanges(of: 0)
    #expect(try stages.peak(of: changes, rank: 0).bytes == 128)
    let last = try #require(changes.lastIndex { $0.phase == .held })
    var broken = changes
    broken.remove(at: last)
    let error = #expect(throws: StepError.self) { try stages.peak(of: broken, rank: 0) }
    #expect(error?.description.contains("ends the step with 64.0 bytes") == true)
  }

  /// Every micro-batch in flight under every-GPU simulation: the same, and loads differ by GPU.
  @Test func alikeGPUsHoldWhatTheOneThatStandsForThemHolds() throws {
    let folded = try tiny(.dualPipe).run().memory
    let expanded = try tiny(.dualPipe) { $0.expands = true }.run().memory
    for (a, b) in zip(folded, expanded) { #expect(a.parts == b.parts) }
  }

  /// Recompute by kind: less is held the more is repeated.
  @Test func recomputeLowersThePeak() throws {
    let peaks = try [Recompute.none, .selective, .full].map { recompute in
      try tiny(.oneForwardOneBackward) { $0.plan.recompute = recompute }.run().memory[0].peak
    }
    #expect(peaks[0] > peaks[1] && peaks[1] > peaks[2])
  }

  /// ZB-V's head stands with the embedding on rank 0, which then needs more than under 1F1B, though
  /// both hold as many activations (zero-bubble issue 36).
  @Test func aHeadOnTheFirstRankRaisesItsPeak() throws {
    func result(_ schedule: BuiltIn, vocabulary: Int) throws -> StepResult {
      try tiny(schedule, microBatches: 12) { $0.model.vocabulary = vocabulary }.run()
    }
    func logits(_ memory: RankMemory) -> Bytes {
      memory.parts.reduce(.zero) { sum, part in
        guard case .activation(.logits, _) = part.kind else { return sum }
        return sum + part.bytes
      }
    }
    let straight = try result(.oneForwardOneBackward, vocabulary: 65_536)
    let folded = try result(.zeroBubbleV, vocabulary: 65_536)
    #expect(folded.schedule.rankOfStage.last == 0)
    #expect(logits(straight.memory[0]) == .zero && logits(straight.memory[3]) > .zero)
    #expect(logits(folded.memory[0]) > .zero && logits(folded.memory[3]) == .zero)
    let small = try result(.zeroBubbleV, vocabulary: 8192).memory[0].peak
    #expect(folded.memory[0].peak > small)
    #expect(folded.memory[0].weights > folded.memory[1].weights)
  }

  /// Buffers follow from sizes: a stage between two ranks has four of a micro-batch's rows, an end
  /// of the pipeline two; a folded V's middle stays on its rank.
  @Test func pipelineBuffersCountNeighbours() throws {
    func buffers(_ schedule: BuiltIn) throws -> [Double] {
      let row = 2048.0 * 1024 * 2
      return try tiny(schedule).run().memory.map { memory in
        (memory.parts.first { $0.kind == .pipelineBuffers }?.bytes.value ?? 0) / row
      }
    }
    #expect(try buffers(.oneForwardOneBackward) == [2, 4, 4, 2])
    #expect(try buffers(.zeroBubbleV) == [4, 8, 8, 4])
    #expect(try buffers(.dualPipe) == [4, 8, 8, 4])
  }

  /// Expert weights are divided by the expert degree, not by the tensor degree (Megatron-Bridge
  /// issue 3744).
  @Test func routedExpertsAreNotDividedByTheTensorDegree() throws {
    func experts(_ tensor: Int, _ expert: Int) throws -> Double {
      let simulation = try deepSeekV3(.oneForwardOneBackward)
      var changed = simulation
      changed.plan.tensor = tensor
      changed.plan.data = 128 / tensor
      changed.plan.expert = expert
      return Workload(changed).work(of: .layer(10)).reduce(0) { $0 + $1.weights.expert }
    }
    let one = try experts(1, 64)
    #expect(try experts(4, 64) == one)
    #expect(try experts(1, 32) == one * 2)
  }
}

/// How DeepSeek-V3 fits 80 GB.
@Suite struct DeepSeekV3MemoryTests {
  @Test func theTightestRankTellsHow() throws {
    let simulation = try deepSeekV3(.dualPipe)
    let result = try simulation.run()
    let tightest = try #require(result.memory.max { $0.peak < $1.peak })
    #expect(tightest.peak < Bytes(80e9))
    let savings = simulation.memorySavings(of: result, rank: tightest.rank)
    #expect(savings.count == 4)
    for saving in savings { #expect(saving.bytes > .zero) }
    // Without ZeRO 1 the states alone, 12 bytes a weight, are too many.
    let states = try #require(savings.first { $0.words.hasPrefix("ZeRO") })
    #expect(tightest.peak + states.bytes > Bytes(80e9))
  }

  /// What is advised is what the changed plan, simulated, needs.
  @Test func adviceIsWhatTheChangedPlanNeeds() throws {
    let simulation = try tiny(.gpipe, microBatches: 16) { $0.plan.recompute = .none }
    let result = try simulation.run()
    let capacity = result.peakMemory * 0.3
    let advice = simulation.memoryAdvice(for: result, capacity: capacity)
    let full = try #require(advice.alone.first { $0.words == "full recompute" })
    var changed = simulation
    changed.plan.recompute = .full
    let simulated = try changed.run(result.schedule, Workload(changed), placement: result.placement)
    #expect(abs(full.peak / simulated.peakMemory - 1) < 1e-12)
  }

  /// What is tried to bring a step into memory can be run: experts whose matrices are shared need
  /// as many GPUs on each rank.
  @Test func adviceKeepsRoomForSharedExperts() throws {
    let simulation = try Degrees(expert: 4, expertTensor: 2).step(.mixture) {
      $0.plan.pipeline = 1
      $0.plan.data = 8
      $0.cluster.nodes = 1
      $0.plan.globalBatch = 32
      $0.plan.routing = .zipf(0.5)
    }
    let result = try simulation.run()
    var advised = simulation
    advised.routing = result.routing
    let advice = advised.memoryAdvice(for: result, capacity: Bytes(1))
    #expect(!advice.alone.isEmpty)
    #expect(!advice.alone.contains { $0.words.contains("pipeline ranks") })
  }

  /// On one GPU every weight of the model is held: tables, learned positions and norms too.
  @Test(arguments: ["gpt-22b", "llama-3.1-8b", "deepseek-v3"])
  func oneGPUHoldsEveryWeight(name: String) throws {
    let model = try #require(ModelCatalogue.model(named: name)).architecture
    var simulation = try tiny(.gpipe)
    simulation.model = model
    simulation.plan.pipeline = 1
    let workload = Workload(simulation)
    var sum = WorkWeights()
    for item in ModelItem.items(of: model) {
      if case .prediction = item { continue }
      for work in workload.work(of: item) { sum.add(work.weights) }
    }
    if model.tiedEmbeddings { sum.head = 0 }
    let held = sum.expert + sum.sharded + sum.replicated + sum.embedding + sum.head
    #expect(held == Double(model.parameters))
  }
}
