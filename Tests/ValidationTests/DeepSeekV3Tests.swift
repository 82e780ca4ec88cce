import Economics
import Hardware
import Models
import Quantities
import Schedules
import Testing
import Training

/// DeepSeek-V3's published figures beside simulated ones. Nothing in Fathom is fitted to a pair or
/// a step; the bounds say how far the prediction is from the publication today. Launch gaps rest on
/// the spans of four phases, all else on kernels and single collectives.
@Suite struct DeepSeekV3Tests {
  /// The published step, simulated once for all tests.
  private static let dualPipe = Result { try simulate(.dualPipe) }

  private static func simulate(_ schedule: BuiltIn) throws -> StepResult {
    let model = try #require(ModelCatalogue.model(named: "deepseek-v3"))
    let node = try #require(HardwareCatalogue.node(named: "h800"))
    return try StepSimulation(
      model: model.architecture,
      cluster: Cluster(node: node, nodes: 256, topology: .multiPlaneFatTree),
      rates: try .fitted(for: node.gpu),
      plan: Plan(
        pipeline: 16, tensor: 1, data: 128, expert: 64, zero: 1, sequenceLength: 4096,
        globalBatch: 15_360, microBatch: 1, format: .fp8, recompute: .selective,
        schedule: .builtIn(schedule), communicationMultiprocessors: 20, nodeLimit: 4,
        seed: 1)
    ).run()
  }

  /// deepseek-ai/profile-data, train.json: spans of the phases of one layer inside a pair, in
  /// milliseconds, medians of four layers.
  @Test(arguments: [
    (Activity.attention, PassKind.forward, 4.58), (.feedForward, .inputBackward, 5.47),
    (.feedForward, .weightBackward, 5.16), (.feedForward, .forward, 4.53),
    (.attention, .inputBackward, 9.60), (.attention, .weightBackward, 2.40),
  ])
  func phasesOfThePairAreNearTheTrace(
    activity: Activity, pass: PassKind, milliseconds: Double
  ) throws {
    let result = try Self.dualPipe.get()
    let span = try #require(
      result.spans.first {
        $0.category == .overlapped && $0.activity == activity && $0.pass == pass
          && (10..<61).contains($0.layer)
      })
    let simulated = (span.end - span.start).seconds * 1e3
    #expect(abs(simulated / milliseconds - 1) < 0.05, "\(simulated) ms")
  }

  /// The same trace: four layers of each half take 129.0 ms, no pipeline traffic among it.
  @Test func steadyPairIsNearTheTrace() throws {
    let result = try Self.dualPipe.get()
    let rank = 7
    let starts = result.spans.filter {
      $0.rank == Int32(rank) && $0.stream == .compute && $0.category == .overlapped
        && $0.activity == .attention && $0.pass == .forward
    }
    // Four layers a stage: from one pair's first attention block to its fourth layer's end.
    let action = starts[starts.count / 2].action
    let pair = result.spans.filter {
      $0.rank == Int32(rank) && $0.stream == .compute && $0.action == action
    }
    #expect(pair.count == 24)
    let first = pair.map(\.start).min() ?? .zero
    let last = pair.map(\.end).max() ?? .zero
    let milliseconds = (last - first).seconds * 1e3
    #expect(abs(milliseconds / 129.0 - 1) < 0.03, "\(milliseconds) ms")
  }

  /// arXiv 2412.19437: 180K GPU-hours a trillion tokens, which includes what a single undisturbed
  /// step leaves out (batch ramp, evaluation, restarts).
  @Test func gpuHoursPerTrillionTokensAreBelowTheBilledOnes() throws {
    let step = try Self.dualPipe.get().step
    let run = RunProjection(
      tokens: 1e12, tokensPerStep: 15_360 * 4_096, step: step, gpus: 2_048)
    #expect(run.gpuHours < 180_000)
    #expect(run.gpuHours > 0.88 * 180_000, "\(run.gpuHours)")
  }

  /// The published layout fits 80 GB without tensor parallelism, and GPipe's does not.
  @Test func publishedLayoutFitsMemory() throws {
    #expect(try Self.dualPipe.get().peakMemory < Bytes(80e9))
    #expect(try Self.simulate(.gpipe).peakMemory > Bytes(80e9))
  }

  /// arXiv 2505.09343, Table 2: 250 GFLOP a token at 4,096 tokens (281 over the whole square).
  @Test func trainingFLOPsPerTokenAreThePublishedOnes() throws {
    let model = try #require(ModelCatalogue.model(named: "deepseek-v3")).architecture
    let causal = model.trainingFLOPsPerToken(sequenceLength: 4096, causal: true)
    let whole = model.trainingFLOPsPerToken(sequenceLength: 4096, causal: false)
    #expect(abs(causal.value / 250e9 - 1) < 0.01)
    #expect(abs(whole.value / 281e9 - 1) < 0.01)
  }
}
