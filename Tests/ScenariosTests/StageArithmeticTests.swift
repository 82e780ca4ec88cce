import Foundation
import Hardware
import Models
import Quantities
import Testing

@testable import Scenarios

/// A batch that grows.
@Suite struct BatchRampTests {
  /// Two lines: 2 s + 1 ms a sequence below 8,000 sequences, 4 s + 0.75 ms above.
  private let pace = RampPace(
    points: [
      RampPace.Point(batch: 4000, seconds: 6), RampPace.Point(batch: 8000, seconds: 10),
      RampPace.Point(batch: 15360, seconds: 15.52),
    ],
    full: RampPace.Point(batch: 15360, seconds: 15.52), sequenceLength: 4096)

  private func step(_ batch: Double) -> Double {
    batch < 8000 ? 2 + 0.001 * batch : 4 + 0.00075 * batch
  }

  /// The sum over many equal stretches of tokens, each at its middle's pace.
  @Test(arguments: [(3072.0, 469e9), (5000, 1e9), (9000, 469e9)])
  func closedFormIsTheIntegral(_ from: Double, _ over: Double) {
    let count = 100_000
    var sum = 0.0
    for index in 0..<count {
      let batch = from + (15360 - from) * (Double(index) + 0.5) / Double(count)
      sum += step(batch) / (batch * 4096) * over / Double(count)
    }
    let rest = 1e12 / (15360 * 4096) * 15.52
    let seconds = pace.seconds(tokens: over + 1e12, from: from, over: over)
    #expect(abs(seconds / (sum + rest) - 1) < 1e-9)
  }

  /// DeepSeek-V3's ramp step by step: each has the batch that the tokens before it allow.
  @Test func stepByStep() {
    var tokens = 0.0
    var seconds = 0.0
    while tokens < 469e9 {
      let batch = (3072 + (15360 - 3072) * tokens / 469e9).rounded(.down)
      seconds += step(batch)
      tokens += batch * 4096
    }
    let closed = pace.seconds(tokens: tokens, from: 3072, over: 469e9)
    #expect(abs(closed / seconds - 1) < 2e-4)
  }

  @Test func withoutARamp() {
    let whole = 14.8e12 / (15360 * 4096) * 15.52
    #expect(abs(pace.seconds(tokens: 14.8e12, from: 15360, over: 469e9) / whole - 1) < 1e-12)
    #expect(abs(pace.seconds(tokens: 14.8e12, from: 20000, over: 469e9) / whole - 1) < 1e-12)
  }

  /// A stage that ends within its ramp takes the first part of it.
  @Test func endsWithinTheRamp() {
    let all = pace.seconds(tokens: 469e9, from: 3072, over: 469e9)
    let half = pace.seconds(tokens: 200e9, from: 3072, over: 469e9)
    let middle = 3072 + (15360 - 3072) * 200.0 / 469
    let rest = pace.seconds(tokens: 269e9, from: middle, over: 269e9)
    #expect(abs((half + rest) / all - 1) < 1e-12)
  }

  /// With one size there is no line, and a step takes as long a sequence at every size.
  @Test func oneSize() {
    let pace = RampPace(
      points: [RampPace.Point(batch: 100, seconds: 10)],
      full: RampPace.Point(batch: 100, seconds: 10), sequenceLength: 10)
    #expect(abs(pace.seconds(tokens: 5000, from: 10, over: 2000) - 50) < 1e-9)
  }
}

/// Amounts of work and state of GRPO and PPO.
@Suite struct ReinforcementCountTests {
  private func learning(_ algorithm: PolicyAlgorithm, model: Bool) -> ReinforcementLearning {
    let any = InputReference(index: 0)
    return ReinforcementLearning(
      algorithm: algorithm, steps: any, prompts: any, rollouts: any, promptTokens: any,
      responseTokens: any, epochs: any, hasRewardModel: model, recomputesOldPolicy: false,
      generation: GenerationTerms(gpus: nil, bandwidthShare: any, computeShare: any))
  }

  /// Operations a token in units of N: a forward pass is 2N.
  @Test(
    arguments: [
      (PolicyAlgorithm.grpo, false, 8.0), (.grpo, true, 10), (.ppo, true, 18), (.ppo, false, 16),
    ])
  func operations(_ algorithm: PolicyAlgorithm, _ hasModel: Bool, _ expected: Double) {
    let learning = learning(algorithm, model: hasModel)
    let passes = RolloutRole.allCases.map { learning.forwardPasses($0, epochs: 1) }
    #expect(2 * passes.reduce(0, +) == expected)
  }

  /// 16 bytes of a trained parameter and 2 of a frozen one: (16 + 16 + 2 + 2) N against
  /// (16 + 2 + 2) N, 44 % less.
  @Test func state() {
    func sum(_ algorithm: PolicyAlgorithm) -> Double {
      learning(algorithm, model: true).stateBytes(trained: 16, frozen: 2)
        .reduce(0) { $0 + $1.bytesPerParameter }
    }
    #expect(sum(.ppo) == 36)
    #expect(sum(.grpo) == 20)
    #expect(abs(1 - sum(.grpo) / sum(.ppo) - 0.444) < 0.001)
  }
}

/// The roofline of generation against its two bounds by hand.
@Suite struct DecoderTests {
  private func decoder(
    _ model: String, _ format: NumberFormat, node: String, gpus: Int?
  ) throws -> Decoder {
    let text = """
      cluster: {node: \(node), nodes: 4}
      """
    let cluster = try Scenario.cluster(of: Document(text: text, file: "s.yaml"))
    let shape = try #require(ModelCatalogue.model(named: model)).architecture
    return Decoder(shape, format: format, cluster: cluster, gpus: gpus)
  }

  /// One answer of Llama-2-7B on each H100: every token reads the weights once, without the input
  /// embedding, and half a megabyte of cache for each token before it.
  @Test func readsWeightsAndCache() throws {
    let decoder = try decoder("llama-2-7b", .bf16, node: "h100", gpus: 1)
    let answers = Answers(count: 32, prompts: 0, promptTokens: 0, responseTokens: 1000)
    let generation = decoder.generate(answers, bandwidthShare: 0.5, computeShare: 1)
    let weights = (6_738_415_616.0 - 32_000 * 4096) * 2
    let cache = 2.0 * 32 * 128 * 32 * 2 * 500
    let seconds = 1000 * (weights + cache) / (0.5 * 3.35e12)
    #expect(generation.batch == 1)
    #expect(generation.readsLonger)
    #expect(abs(generation.seconds / seconds - 1) < 1e-3)
  }

  /// With very many short answers decoding computes longer than it reads.
  @Test func computesAtLargeBatches() throws {
    let decoder = try decoder("llama-2-7b", .bf16, node: "h100", gpus: 1)
    let answers = Answers(count: 32 * 3000, prompts: 0, promptTokens: 0, responseTokens: 32)
    let generation = decoder.generate(answers, bandwidthShare: 1, computeShare: 0.4)
    #expect(generation.batch > 1000)
    #expect(!generation.readsLonger)
    let seconds = generation.operations / (0.4 * 989.5e12 * 32)
    #expect(abs(generation.seconds / seconds - 1) < 1e-2)
  }

  /// A token of DeepSeek-V3 reads 8 of 256 experts of a layer, and many tokens read all; the FP8
  /// weights fill half of 32 H800.
  @Test func expertsOfABatch() throws {
    let decoder = try decoder("deepseek-v3", .fp8, node: "h800", gpus: nil)
    #expect(decoder.copy == 32)
    #expect(decoder.copies == 1)
    // Active parameters without the input embedding, and all of them without it.
    #expect(abs(decoder.weightBytes(1) / 36.626e9 - 1) < 1e-3)
    #expect(abs(decoder.weightBytes(10_000) / (671.026e9 - 0.927e9) - 1) < 1e-3)
    // The share of experts that 32 tokens miss is (1 - 1/32)^32.
    let routed = decoder.weightBytes(10_000) - decoder.weightBytes(0)
    let read = (decoder.weightBytes(32) - decoder.weightBytes(0)) / routed
    #expect(abs(read - (1 - pow(31.0 / 32, 32))) < 1e-9)
  }

  @Test func room() throws {
    let decoder = try decoder("deepseek-v3", .fp8, node: "h800", gpus: 8)
    #expect(!decoder.hasRoom(tokens: 1000))
    #expect(decoder.fewestGPUs(tokens: 1000) == 10)
  }
}
