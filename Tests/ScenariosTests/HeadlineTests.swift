import Foundation
import Testing

@testable import Scenarios

/// Claims beside Fathom's figures: what is read, refused and told, and the shipped scenarios.
@Suite struct HeadlineTests {
  static let folder = URL(filePath: #filePath).appending(path: "../../../scenarios").standardized

  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
    return files.filter { $0.hasPrefix("debate-") && $0.hasSuffix(".yaml") }.sorted()
  }()

  private func text(_ headline: String, stages: String = "gpu_hours: 100") -> String {
    """
    format: 1
    name: stated
    cluster: {node: h100, nodes: 2}
    run: {stages: [{stage: stated, name: '<b>&', \(stages), source: x}]}
    price: {rent: 2 USD/GPU-hour}
    headline: {\(headline)}
    """
  }

  private func plan(_ text: String) throws -> CostPlan {
    try CostPlan.load(try Document(text: text, file: "s.yaml"))
  }

  private func complaints(_ headline: String) -> [String] {
    do {
      _ = try plan(text(headline))
      return []
    } catch let error as ScenarioError {
      return error.problems.map(\.description)
    } catch {
      return ["\(error)"]
    }
  }

  private static let sound = "claim: c, source: s, status: quoted, basis: arithmetic"

  /// Claims, Fathom's figure and the error, by hand.
  @Test(arguments: [
    ("figure: gpu_hours, value: 80", 100.0, 0.25),
    ("figure: rent_usd, value: 0.2 K USD", 200.0, 0.0),
    ("figure: wall_days, value: 12.5 h", 6.25 / 24, -0.5),
  ])
  func errorsAreSigned(figure: String, value: Double, error: Double) throws {
    let plan = try plan(text("\(Self.sound), \(figure)"))
    let outcome = try #require(HeadlineOutcome(try CostStudy(plan).run(), nil))
    #expect(abs(outcome.value - value) < 1e-9)
    #expect(abs(outcome.error - error) < 1e-9)
    #expect(outcome.range?.contains(value) == true)
  }

  @Test func operationsAreThoseStated() throws {
    let headline = "\(Self.sound), figure: flops, value: 2e25"
    let plan = try plan(text(headline, stages: "flops: 2.15e25, mfu: 34 %"))
    let outcome = try #require(HeadlineOutcome(try CostStudy(plan).run(), nil))
    #expect(outcome.value == 2.15e25)
  }

  @Test func mistakesGetASentence() {
    #expect(
      complaints("\(Self.sound), figure: gpu_hour, value: 3").first?.hasSuffix(
        "did you mean gpu_hours?") == true)
    #expect(
      complaints("\(Self.sound), figure: rent_usd, value: 3").first?.contains("it needs a unit")
        == true)
    #expect(
      complaints("\(Self.sound), figure: gpu_hours_ratio, value: 3") == [
        "s.yaml:6: headline.figure is gpu_hours_ratio: without a list of techniques the run has "
          + "none; add a list of techniques, or compare another figure"
      ])
    #expect(
      complaints(
        "claim: c, source: s, status: quoted, basis: simulated, figure: gpu_hours, value: 1")
        == [
          "s.yaml:6: headline.basis is simulated: no stage of the run is simulated; use arithmetic"
        ])
    for figure in ["effective_time_ratio", "peak_memory_bytes", "flops", "billed_mfu_ratio"] {
      let value = figure.hasSuffix("bytes") ? "1 GB" : "1"
      let needs =
        ["flops", "billed_mfu_ratio"].contains(figure)
        ? "a stage that is simulated or has flops" : "a stage that is simulated"
      #expect(
        complaints("\(Self.sound), figure: \(figure), value: \(value)") == [
          "s.yaml:6: headline.figure is \(figure): without \(needs) the run has none; add \(needs), "
            + "or compare another figure"
        ])
    }
    #expect(
      complaints("\(Self.sound), figure: effective_time_ratio, value: 120 %").first?.contains(
        "headline.value is 120 %: it must be from 0.001 to 100 %") == true)
    #expect(
      complaints("\(Self.sound), figure: gpu_hours, value: 1e40").first?.contains(
        "it must be from 0.001 to 1000T") == true)
    #expect(
      complaints("\(Self.sound), figure: flops, value: 0").first?.contains(
        "it must be from 1 to 1e+30") == true)
    let many = Array(repeating: "x", count: 101).joined(separator: ", ")
    #expect(
      complaints("\(Self.sound), figure: gpu_hours, value: 1, includes: [\(many)]") == [
        "s.yaml:6: headline.includes has 101 values: at most 100 are read; remove some"
      ])
    #expect(complaints("claim: c").count == 5)
    #expect(complaints("\(Self.sound), figure: gpu_hours, value: -1").count == 1)
    #expect(complaints("\(Self.sound), figure: gpu_hours, value: 1, includes: x").count == 1)
  }

  /// Every shipped scenario of the debate loads, asks a question, and names its sources.
  @Test(arguments: names) func shippedScenariosLoad(name: String) throws {
    let path = Self.folder.appending(path: name).path()
    let plan = try CostPlan.load(path: path, set: [])
    #expect(plan.name + ".yaml" == name)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.prefix { $0 != "\n" }.hasSuffix("?"))
    guard let headline = plan.headline else {
      #expect(plan.techniques.count >= 9)
      return
    }
    #expect(!headline.includes.isEmpty && !headline.leavesOut.isEmpty)
    #expect(!headline.differsBecause.isEmpty)
    for stage in plan.terms.stages where stage.kind == .stated { #expect(!stage.source.isEmpty) }
  }

  @Test func everySystemIsThere() { #expect(Self.names.count >= 15) }
}
