import Quantities
import Testing
import Training

@testable import Reporting
@testable import Scenarios

/// What a run takes, for people and in files: sums, digits and what does not fit.
@Suite struct CostTextTests {
  /// A dense model on eight GPUs with a stage of every shape.
  private static let run = """
    format: 1
    name: stages
    model: llama-2-7b
    cluster: {node: h100, nodes: 1}
    parallelism: {pipeline: 2}
    training: {sequence_length: 4096, global_batch: 16, schedule: 1f1b, recompute: full}
    price: {rent: 2 .. 3 USD/GPU-hour}
    reliability: {failures: none}
    run:
      samples: 5
      research_overhead: 1.5
      stages:
        - {stage: pre-training, tokens: 10B, batch_ramp: {from: 8, over: 2B}}
        - {stage: sft, samples: 1K, tokens_per_sample: 512}
        - {stage: rl, algorithm: ppo, steps: 10, prompts: 8, rollouts: 4, prompt_tokens: 96,
           response_tokens: 1K}
        - {stage: evaluation, tokens: 1M}
        - {stage: stated, gpu_hours: 5, source: x}
    """

  private func outcome(_ text: String) throws -> CostOutcome {
    try CostStudy(try CostPlan.load(try Document(text: text, file: "s.yaml"))).run()
  }

  private func hours(_ cost: CostOutcome, _ kind: CostPart.Kind) -> Double {
    cost.parts.first { $0.kind == kind }?.gpuHours ?? .nan
  }

  /// Parts sum to the hours, and those of a step are its waterfall's share of the training hours.
  @Test func partsSumToTheHours() throws {
    let cost = try outcome(Self.run)
    let sum = cost.parts.reduce(0) { $0 + $1.gpuHours }
    #expect(abs(sum / cost.figures[0].value - 1) < 1e-12)
    #expect(cost.parts.allSatisfy { $0.gpuHours >= 0 })
    for kind in [CostPart.Kind.products, .memoryBound, .recompute, .bubble, .batchRamp] {
      #expect(hours(cost, kind) > 0, "\(kind)")
    }
    #expect(hours(cost, .forwardPasses) > 0 && hours(cost, .generation) > 0)
    #expect(abs(hours(cost, .researchOverhead) / sum - 1 / 3) < 1e-9)
  }

  /// Of one stage without failures each part is the step's own.
  @Test func partsAreTheStepsOwn() throws {
    let cost = try outcome(
      """
      format: 1
      name: one
      model: llama-2-7b
      cluster: {node: h100, nodes: 1}
      parallelism: {pipeline: 2}
      training: {sequence_length: 4096, global_batch: 8, schedule: 1f1b, recompute: full}
      run: {samples: 2, tokens: 1B}
      reliability: {failures: none}
      """)
    let stage = try #require(cost.stages.first)
    let waterfall = try #require(stage.step).result.waterfall
    let share = waterfall[.recompute].seconds / waterfall.total.seconds
    #expect(abs(hours(cost, .recompute) / (stage.gpuHours * share) - 1) < 1e-9)
    let idle = waterfall.idle.seconds / waterfall.total.seconds
    #expect(abs(hours(cost, .bubble) / (stage.gpuHours * idle) - 1) < 1e-9)
  }

  /// Stages have what 5 and 95 of 100 draws lie below, around nothing else than their draws.
  @Test func stagesHaveRanges() throws {
    let cost = try outcome(
      """
      format: 1
      name: s
      cluster: {node: h100, nodes: 2}
      run: {stages: [{stage: stated, gpu_hours: 100 .. 200, source: x}]}
      """)
    let range = try #require(cost.stages[0].gpuHoursRange)
    #expect(range == cost.figures[0].low...cost.figures[0].high)
    #expect(range.lowerBound > 102 && range.upperBound < 198)
    let json = CostReport(cost, nil).json.text
    #expect(json.contains("\"gpu_hours_p5\": ") && json.contains("\"wall_days_p95\": "))
  }

  /// What does not fit is said above the figures and beside the stage.
  @Test func memoryIsToldFirst() throws {
    let large = "global_batch: 64, micro_batch: 16, schedule: 1f1b"
    let cost = try outcome(
      Self.run.replacing("global_batch: 16, schedule: 1f1b, recompute: full", with: large))
    let text = CostReport(cost, nil).text
    let lines = text.split(separator: "\n")
    #expect(lines[1].hasPrefix("Does not fit the GPU's memory: pre-training, "))
    #expect(lines.contains { $0.hasPrefix("  pre-training ") && $0.contains("  no  ") })
    #expect(lines.filter { $0.hasPrefix("  ") }.prefix(16).allSatisfy { $0.count <= 110 })
  }

  /// Small figures keep three digits, large ones their decimals.
  @Test(arguments: [
    (0.01234, 2, "0.0123"), (0.0199, 0, "0.0199"), (45.67, 0, "45.7"), (99.97, 0, "100"),
    (2_788_000.4, 0, "2,788,000"), (54.721, 2, "54.72"), (0, 1, "0.0"), (-0.5, 0, "-0.500"),
    (3e-7, 2, "3e-07"), (.infinity, 0, "inf"),
  ])
  func figuresKeepDigits(value: Double, decimals: Int, text: String) {
    #expect(DisplayText.figure(value, decimals: decimals) == text)
  }

  @Test(arguments: [
    (2_664_123.0, "2.664M"), (12_345_678, "12.35M"), (412_345, "412.3K"), (5_012, "5,012"),
    (999_960, "1.000M"), (0.0213, "0.0213"),
  ])
  func rangesAreBrief(value: Double, text: String) {
    #expect(DisplayText.brief(value) == text)
  }

  /// A text that a spreadsheet would run is only a text there; quantities stay as they are.
  @Test(arguments: [
    ("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"),
    ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
    ("+a", "'+a"), ("-5 % .. 5 %", "-5 % .. 5 %"), ("a=b", "a=b"), ("-", "'-"),
  ])
  func formulasAreTexts(text: String, cell: String) {
    #expect(ByteWriter.text { $0.put(field: text) } == cell)
    #expect(ByteWriter.text { $0.putRow([.number(-5)]) } == "-5\n")
  }
}
