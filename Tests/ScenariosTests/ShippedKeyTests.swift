import Economics
import Fabric
import Foundation
import Models
import Quantities
import Schedules
import Testing
import Training

@testable import Scenarios

/// Every key of every shipped scenario moves what its row says, in the direction it says.
@Suite struct ShippedKeyTests {
  static let folder = URL(filePath: #filePath).appending(path: "../../../scenarios").standardized

  static let scenarios: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
    // Those of the debate are for `fathom cost`, and tested by `HeadlineTests`.
    return files.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix("debate-") }
      .map { String($0.dropLast(5)) }.sorted()
  }()

  /// Every key that stands in a scenario has a row, and every scenario a small variant.
  @Test(arguments: scenarios) func noKeyIsLeftOut(scenario: String) throws {
    #expect(ShippedKeys.variants[scenario] != nil)
    for key in try Self.keys(of: scenario) {
      #expect(Self.move(of: key, in: scenario) != nil, "\(key) needs a row in ShippedKeys.moves")
    }
  }

  /// Every key that a scenario can have has a row, here or in `SensitivityTests`.
  @Test func noKeyOfTheFormatIsLeftOut() {
    let rows = SensitivityTests.rows.flatMap(\.set).compactMap { $0.split(separator: "=").first }
      .map(String.init)
    let known = ShippedKeys.moves.keys + rows + SensitivityTests.tested + CostKeyTests.tables
    for (table, keys) in ScenarioKeys.tables
    where !CostKeyTests.tables.contains(table) && table != "headline" {
      for key in keys {
        let path = table.isEmpty ? key : "\(table).\(key)"
        #expect(
          known.contains { $0 == path || $0.hasPrefix(path + ".") },
          "\(path) needs a row in ShippedKeys.moves or SensitivityTests.rows")
      }
    }
  }

  @Test(arguments: scenarios) func keysMoveWhatTheySay(scenario: String) throws {
    var bases: [String: Outcome] = [:]
    let written = try TemporaryFolder()
    for key in try Self.keys(of: scenario) {
      let move = try #require(Self.move(of: key, in: scenario))
      let variant = Self.variant(of: scenario, for: key)
      let base = try bases[variant.joined(separator: " ")] ?? Self.outcome(scenario, variant)
      bases[variant.joined(separator: " ")] = base
      let set = try move.set.map { try Self.change($0.key, $0.value, in: base, writing: written) }
      let told: Comment =
        "\(key) of \(scenario): \(set) moves \(move.measure.rawValue), \(move.because)"
      guard move.effect != .refused else {
        #expect(throws: ScenarioError.self, told) { try Self.outcome(scenario, variant + set) }
        continue
      }
      let index = Self.caseIndex(of: key)
      do {
        let moved = try Self.outcome(scenario, variant + set)
        let before = Self.value(of: move.measure, in: base, case: index)
        let after = Self.value(of: move.measure, in: moved, case: index)
        switch move.effect {
        case .up: #expect(after > before, told)
        case .down: #expect(after < before, told)
        case .moves, .refused: #expect(after != before, told)
        case .same: #expect(after == before, told)
        }
      } catch {
        Issue.record("\(told): \(error)")
      }
    }
  }

  private static func move(of key: String, in scenario: String) -> KeyMove? {
    ShippedKeys.exceptions["\(scenario) \(key)"] ?? ShippedKeys.moves[key]
  }

  /// The paths of all keys that stand in a scenario and are of its step; `ShippedStageTests` has
  /// those of the stages of a run.
  private static func keys(of scenario: String) throws -> [String] {
    try allKeys(of: scenario).filter { !$0.hasPrefix("run.stages.") }
  }

  /// The paths of all keys that stand in a scenario; lists count as one value unless they hold
  /// tables.
  static func allKeys(of scenario: String) throws -> [String] {
    func paths(_ value: Document.Value, _ path: String) -> [String] {
      func below(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
      switch value {
      case .table(let table):
        return table.entries.flatMap { paths($0.value, below($0.key)) }
      case .list(let items):
        let holdsTables = items.contains { if case .table = $0.value { true } else { false } }
        guard holdsTables else { return [path] }
        return items.enumerated().flatMap { paths($1.value, below("\($0 + 1)")) }
      case .scalar: return [path]
      }
    }
    let document = try Document(path: folder.appending(path: scenario + ".yaml").path())
    return paths(.table(document.root), "")
  }

  /// The small variant; keys of one entry of `compare` need all of them, others one schedule.
  private static func variant(of scenario: String, for key: String) -> [String] {
    let variant = ShippedKeys.variants[scenario] ?? []
    let file = try? Document(path: folder.appending(path: scenario + ".yaml").path())
    let isOfEntry = key.hasPrefix("compare.")
    let hasCompare = file?.entry("compare") != nil
    return variant.filter { !(isOfEntry && hasCompare && $0.hasPrefix("training.schedule=")) }
  }

  /// Which case a key is of.
  private static func caseIndex(of key: String) -> Int {
    let parts = key.split(separator: ".")
    return parts.count > 1 && parts[0] == "compare" ? (Int(parts[1]) ?? 1) - 1 : 0
  }

  /// The change as `--set` takes it.
  private static func change(
    _ key: String, _ value: KeyMove.Value, in base: Outcome, writing folder: TemporaryFolder
  ) throws -> String {
    switch value {
    case .to(let file) where key.hasSuffix(".file"):
      let plan = base.scenario.plan
      let list = try BuiltIn.gpipe.schedule(ranks: plan.pipeline, microBatches: plan.microBatches)
      return "\(key)=\(try folder.write(list.text(), to: file))"
    case .to(let text): return "\(key)=\(text)"
    case .times(let factor):
      let now = try #require(base.scenario.resolved.first { $0.path == key }, "\(key)")
      let number = try #require(Double(now.value), "\(key) is \(now.value)")
      return "\(key)=\(Int(number * factor))"
    }
  }

  private static func outcome(_ scenario: String, _ set: [String]) throws -> Outcome {
    let path = folder.appending(path: scenario + ".yaml").path()
    var small = try Scenario.load(path: path, set: set)
    for index in small.cases.indices {
      small.cases[index].model.layers /= ShippedKeys.layersForOne[scenario] ?? 1
    }
    var study = Study(small)
    study.comparesAlternatives = false
    return try study.run { _ in }
  }

  private static func value(
    of measure: KeyMove.Measure, in outcome: Outcome, case index: Int
  ) -> Double {
    let one = outcome.cases[index]
    switch measure {
    case .step: return one.stepSeconds
    case .bubble: return one.result.bubbleRatio
    case .memory: return one.peakMemory.value
    case .weights: return one.result.memory.map(\.weights.value).max() ?? 0
    case .gpuHours: return one.run?.gpuHours ?? 0
    case .rent: return one.rent?.value ?? 0
    case .bytesOverNIC:
      return one.result.links.filter { $0.kind == .nicOut }.reduce(0) { $0 + $1.bytes.value }
    case .cases: return Double(outcome.cases.count)
    case .letters: return Double(outcome.scenario.name.count)
    case .switches:
      let listed = outcome.scenario.resolved.first { $0.path == "cluster.switches" }?.value
      return listed.flatMap(Double.init) ?? 0
    case .orders: return Double(one.result.search?.evaluations ?? 0)
    }
  }
}
