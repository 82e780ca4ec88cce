import Foundation
import Reporting
import Scenarios
import Testing

/// Every shipped scenario gives the summary that is kept in the folder beside this file.
///
/// Numbers may differ by 1e-9, since some come from functions that differ between processors.
/// After a change that is meant to move results, write the files anew with
/// `FATHOM_WRITE_GOLDEN=1 swift test --filter GoldenTests` and read the difference.
@Suite struct GoldenTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
  static let scenarios = folder.appending(path: "../../scenarios").standardized

  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: scenarios.path())) ?? []
    // Those of the debate are for `fathom cost`; the rows of `fathom validate` are their figures.
    return files.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix("debate-") }
      .map { String($0.dropLast(5)) }.sorted()
  }()

  /// Scenarios of a whole run, whose cost is kept too, with what is changed in them.
  static let costs: [(name: String, set: [String])] = [
    ("deepseek-v3-whole-run", ["run.samples=50"])
  ]

  /// What is changed in a scenario that would take long as it is.
  static let changes = [
    "deepseek-v3-pretraining": ["compare=[1f1b, dualpipe]"],
    "qwen3-235b-h200": ["compare=[1f1b, interleaved-1f1b]"],
    "step-time-against-skew": [
      "model=deepseek-v2-lite", "cluster.nodes=4", "parallelism.pipeline=2",
      "parallelism.expert=16", "training.global_batch=64",
      "sweep.routing.distribution=[balanced, zipf(0.3)]",
    ],
  ]

  @Test func thereAreScenarios() { #expect(Self.names.count >= 5) }

  @Test(arguments: names)
  func scenarioGivesItsKeptSummary(name: String) throws {
    let path = Self.scenarios.appending(path: name + ".yaml").path()
    let set = Self.changes[name] ?? []
    let outcome = try Study(Scenario.load(path: path, set: set)).run { _ in }
    try Self.expect(outcome.json(clock: false).text, isKeptIn: "\(name).json")
  }

  @Test(arguments: costs.map(\.name))
  func scenarioGivesItsKeptCost(name: String) throws {
    let path = Self.scenarios.appending(path: name + ".yaml").path()
    let set = Self.costs.first { $0.name == name }?.set ?? []
    let plan = try CostPlan.load(path: path, set: set)
    let report = CostReport(try CostStudy(plan).run(), nil)
    try Self.expect(report.json.text, isKeptIn: "\(name).cost.json")
  }

  /// The text is the JSON value of a kept file, or becomes it where that is asked for.
  static func expect(_ text: String, isKeptIn name: String) throws {
    let kept = folder.appending(path: "kept/\(name)")
    if ProcessInfo.processInfo.environment["FATHOM_WRITE_GOLDEN"] != nil {
      try Data(text.utf8).write(to: kept, options: .atomic)
    }
    let wanted = try JSONSerialization.jsonObject(with: Data(contentsOf: kept))
    let got = try JSONSerialization.jsonObject(with: Data(text.utf8))
    #expect(differences(got, wanted, at: "") == [])
  }

  /// Two runs of one scenario give the same text, byte for byte.
  @Test func aScenarioGivesTheSameBytesTwice() throws {
    let path = Self.scenarios.appending(path: "mixtral-8x7b-a100.yaml").path()
    func text() throws -> String {
      try Study(Scenario.load(path: path, set: [])).run { _ in }.json(clock: false).text
    }
    #expect(try text() == text())
  }

  /// Places where two JSON values differ, with both values.
  static func differences(_ got: Any, _ wanted: Any, at path: String) -> [String] {
    if let got = got as? [String: Any], let wanted = wanted as? [String: Any] {
      let keys = Set(got.keys).union(wanted.keys).sorted()
      return keys.flatMap { key -> [String] in
        guard let a = got[key], let b = wanted[key] else { return ["\(path).\(key) on one side"] }
        return differences(a, b, at: "\(path).\(key)")
      }
    }
    if let got = got as? [Any], let wanted = wanted as? [Any] {
      guard got.count == wanted.count else { return ["\(path) has \(got.count) entries"] }
      return got.indices.flatMap { differences(got[$0], wanted[$0], at: "\(path)[\($0)]") }
    }
    if let got = got as? Double, let wanted = wanted as? Double {
      let close = abs(got - wanted) <= 1e-9 * max(abs(got), abs(wanted))
      return close ? [] : ["\(path): \(got), kept is \(wanted)"]
    }
    let same = "\(got)" == "\(wanted)"
    return same ? [] : ["\(path): \(got), kept is \(wanted)"]
  }
}
