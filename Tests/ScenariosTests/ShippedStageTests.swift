import Foundation
import Quantities
import Testing

@testable import Scenarios

/// Every key of a stage of every shipped scenario moves the hours of that stage.
@Suite struct ShippedStageTests {
  static let scenarios = ShippedKeyTests.scenarios.filter {
    (try? ShippedKeyTests.allKeys(of: $0).contains { $0.hasPrefix("run.stages.") }) ?? false
  }

  /// What makes the steps of each scenario small. A new scenario with stages needs a line.
  private static let variants: [String: [String]] = [
    "deepseek-v3-whole-run": [
      "model=llama-2-7b", "routing=null", "cluster.nodes=4", "parallelism.expert=1",
      "parallelism.pipeline=2", "training.global_batch=128",
      "run.stages.1.batch_ramp.from=16", "run.stages.2.training.sequence_length=8192",
      "run.stages.2.parallelism.context=2", "run.stages.2.training.global_batch=32",
      "run.stages.3.training.sequence_length=8192", "run.stages.3.parallelism.context=2",
      "run.stages.3.training.global_batch=32", "run.stages.4.training.global_batch=256",
    ]
  ]

  @Test(arguments: scenarios) func keysMoveTheirStage(scenario: String) throws {
    let variant = try #require(Self.variants[scenario], "\(scenario) needs a small variant")
    var bases: [Int: Double] = [:]
    for key in try ShippedKeyTests.allKeys(of: scenario) {
      let parts = key.split(separator: ".")
      guard key.hasPrefix("run.stages."), parts.count > 3, let number = Int(parts[2]) else {
        continue
      }
      // Words that name things, and do nothing but that.
      guard !["stage", "name", "source"].contains(parts[3]) else { continue }
      let base = try bases[number] ?? Self.hours(scenario, variant, stage: number)
      bases[number] = base
      let value = try Self.other(key, scenario, variant)
      let moved = try Self.hours(scenario, variant + ["\(key)=\(value)"], stage: number)
      #expect(moved != base, "\(key) of \(scenario) set to \(value)")
    }
  }

  /// Half of the number that the small variant has, or the lower end of its range.
  private static func other(
    _ key: String, _ scenario: String, _ variant: [String]
  ) throws -> String {
    let document = try Document(path: path(scenario))
    let changed = Scenario.changed(document, set: variant).document
    let text = try #require(changed.entry(key)?.value.text)
    let first = text.split(separator: " ").first.map(String.init) ?? text
    guard first == text, let number = try? Dimension.count.value(of: text) else { return first }
    return "\(Int(number / 2))"
  }

  private static func path(_ scenario: String) -> String {
    ShippedKeyTests.folder.appending(path: scenario + ".yaml").path()
  }

  private static func hours(_ scenario: String, _ set: [String], stage: Int) throws -> Double {
    var plan = try CostPlan.load(path: path(scenario), set: set)
    plan.stages = [plan.stages[stage - 1]]
    plan.terms.samples = 1
    return try CostStudy(plan).run().stages[0].gpuHours
  }
}
