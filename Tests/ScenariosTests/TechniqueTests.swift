import Models
import Quantities
import Testing
import Training

@testable import Scenarios

/// Techniques of a scenario: what each is worth alone and added in order, and what is refused.
@Suite struct TechniqueTests {
  /// A small model on one node of 8, with two techniques that both set the precision.
  static let lines = [
    "format: 1",
    "name: tiny",
    "model: deepseek-v2-lite",
    "cluster: {node: h800, nodes: 2}",
    "parallelism: {pipeline: 2, expert: 8}",
    "training: {sequence_length: 4096, global_batch: 64, precision: fp8, schedule: dualpipe}",
    "routing: {node_limit: 2}",
    "run: {tokens: 1B}",
    "price: {rent: 2 USD/GPU-hour}",
    "techniques:",
    "  - {name: experts, off: {model: llama-2-7b, parallelism: {expert: null}, routing: null,"
      + " training: {precision: fp16, schedule: 1f1b}, run: {tokens: 2B}}}",
    "  - {name: FP8, off: {training: {precision: bf16}}}",
    "  - {name: overlap, off: {training: {schedule: {name: dualpipe, pairs: serial}}}}",
  ]

  private func plan(_ changes: [Int: String] = [:]) throws -> CostPlan {
    try CostPlan.load(try Document(text: text(changes), file: "s.yaml"))
  }

  private func text(_ changes: [Int: String]) -> String {
    var lines = Self.lines
    for (number, line) in changes.sorted(by: { $0.key < $1.key }) { lines[number - 1] = line }
    return lines.joined(separator: "\n")
  }

  private func complaints(_ changes: [Int: String]) -> [String] {
    do {
      _ = try plan(changes)
      return []
    } catch let error as ScenarioError {
      return error.problems.map(\.description)
    } catch {
      return ["\(error)"]
    }
  }

  @Test func variantsAreTheirOwnScenarios() throws {
    let plan = try plan()
    #expect(
      plan.variants.map(\.name) == [
        "without experts", "without FP8", "without overlap", "none of them", "+ experts", "+ FP8",
        "+ overlap",
      ])
    let cases = try plan.variants.map { try #require($0.plan.stages[0].scenario?.cases.first) }
    #expect(
      cases.map(\.model.name) == ["llama-2-7b"] + ["deepseek-v2-lite", "deepseek-v2-lite"]
        + ["llama-2-7b"] + Array(repeating: "deepseek-v2-lite", count: 3))
    // Where two are off that set the precision, the first decides.
    #expect(
      cases.map(\.plan.format) == [.fp16, .bf16, .fp8, .fp16, .bf16, .fp8, .fp8])
    #expect(
      cases.map(\.name) == [
        "1f1b", "dualpipe", "dualpipe pairs=serial", "1f1b", "dualpipe pairs=serial",
        "dualpipe pairs=serial", "dualpipe",
      ])
    #expect(cases.map(\.plan.expert) == [1, 8, 8, 1, 8, 8, 8])
  }

  @Test func ladderLeadsFromNoneToAll() throws {
    let plan = try plan()
    let cost = try CostStudy(plan).run()
    let techniques = try #require(try TechniqueStudy(plan).run(cost))
    #expect(techniques.alone.count == 3 && techniques.added.count == 4)
    #expect(techniques.added.last?.gpuHours == techniques.full.gpuHours)
    #expect(techniques.added.first?.ratio == nil)
    // The ratios multiply to what all of them save.
    let product = techniques.added.compactMap(\.ratio).reduce(1, *)
    let saved = techniques.full.gpuHours / techniques.added[0].gpuHours
    #expect(abs(product - saved) < 1e-12 * saved)
    for row in techniques.alone {
      #expect(row.ratio == row.gpuHours / techniques.full.gpuHours)
      let memory = try #require(row.memory)
      #expect(memory.fits == (memory.peak <= memory.capacity))
      #expect(abs(try #require(row.rent) - 2 * row.gpuHours) < 1e-9 * row.gpuHours)
    }
    // A row is what the scenario with those keys costs by itself.
    let alone = try CostStudy(plan.variants[1].plan).run()
    #expect(alone.figures.first?.value == techniques.alone[1].gpuHours)
    // BF16 and pairs that do not overlap take longer.
    #expect(try #require(techniques.alone[1].ratio) > 1)
    #expect(try #require(techniques.alone[2].ratio) > 1)
  }

  /// A claim over techniques is of the full scenario over the one without any.
  @Test func ratiosOfHeadlinesAreOverNone() throws {
    for (figure, value) in [
      ("gpu_hours_ratio", "50 %"), ("peak_memory_ratio", "1"), ("flops_ratio", "1"),
    ] {
      let plan = try plan([
        9: "headline: {claim: c, figure: \(figure), value: \(value), source: s, status: recalled,"
          + " basis: simulated}"
      ])
      let cost = try CostStudy(plan).run()
      let techniques = try #require(try TechniqueStudy(plan).run(cost))
      let outcome = try #require(HeadlineOutcome(cost, techniques))
      let none = techniques.added[0]
      let full = techniques.full
      let expected =
        switch figure {
        case "gpu_hours_ratio": full.gpuHours / none.gpuHours
        case "flops_ratio": try #require(full.operations) / #require(none.operations)
        default: try #require(full.memory).peak / #require(none.memory).peak
        }
      #expect(outcome.value == expected)
      #expect(outcome.range == nil)
    }
  }

  @Test func mistakesGetASentence() {
    #expect(
      complaints([11: "  - {name: experts, of: {model: llama-2-7b}}"]) == [
        "s.yaml:11: techniques.1.of is not a key: its table takes name, off; did you mean off?"
      ])
    #expect(
      complaints([12: "  - {name: experts, off: {price: {rent: 1}}}"]) == [
        "s.yaml:12: techniques has experts twice: each has a name of its own; remove one of them",
        "s.yaml:12: techniques.2.off.price is not a key: its table takes model, cluster, "
          + "parallelism, training, routing, run; remove it",
      ])
    #expect(complaints([12: "  - FP8"]).count == 1)
    for empty in ["{}", "", "null"] {
      #expect(
        complaints([12: "  - {name: FP8, off: \(empty)}"]) == [
          "s.yaml:12: techniques.2.off is empty: it says what the scenario is without the technique; "
            + "write its keys, such as off: {training: {precision: bf16}}"
        ])
    }
    // The scenario has FP8, and one sequence a micro-batch, already.
    for same in ["{training: {precision: fp8}}", "{training: {micro_batch: 1}}"] {
      #expect(
        complaints([12: "  - {name: FP8, off: \(same)}"]) == [
          "s.yaml:12: techniques.2.off changes nothing: the scenario has these values already; write "
            + "those it has without the technique"
        ])
    }
    #expect(
      complaints([12: "  - {name: FP8, off: {run: {samples: 5}}}"]) == [
        "s.yaml:12: techniques.2.off.run.samples does nothing: techniques are compared at the middle "
          + "of every input; remove it"
      ])
    // What only one variant has wrong is told with its name.
    let wrong = complaints([12: "  - {name: FP8, off: {parallelism: {expert: 3}}}"])
    #expect(!wrong.isEmpty)
    #expect(wrong.first?.contains("with FP8 off: parallelism.expert is 3") == true, "\(wrong)")
  }

  @Test func pairsNeedASchedule() {
    let line = "training: {sequence_length: 4096, global_batch: 64, schedule: "
    #expect(
      sentences(
        base([8: "", 9: "  schedule: {name: 1f1b, pairs: serial}", 7: "  global_batch: 15360"]))
        == [
          "s.yaml:9: training.schedule.pairs is serial: without a schedule with overlapped pairs it "
            + "would do nothing; remove it or give a schedule with overlapped pairs"
        ])
    #expect(
      complaints([6: line + "{name: dualpipe, pairs: both}}"]).first?.contains(
        "training.schedule.pairs is both: the ways to run pairs are overlapped, serial") == true)
  }
}
