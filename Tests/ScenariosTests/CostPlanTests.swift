import Foundation
import Statistics
import Testing

@testable import Scenarios

/// A cost's numbers, against arithmetic done here.
@Suite struct CostPlanTests {
  static let text = """
    format: 1
    name: small
    model: llama-3.1-8b
    cluster: {node: h100, nodes: 2, fabric: single-switch}
    parallelism: {pipeline: 2}
    training: {sequence_length: 2048, global_batch: 16, schedule: 1f1b}
    run: {tokens: 1B, step_error: 0}
    price: {rent: 2 USD/GPU-hour}

    """

  static func outcome(_ set: [String]) throws -> CostOutcome {
    let (document, problems) = Scenario.changed(
      try Document(text: text, file: "small.yaml"), set: set)
    return try CostStudy(CostPlan.load(document, problems: problems)).run()
  }

  static func figure(_ key: CostFigure.Key, in outcome: CostOutcome) -> Double {
    outcome.figures.first { $0.key == key }?.value ?? .nan
  }

  /// Without failures a run is the tokens at the pace of the step `fathom run` simulates.
  @Test func oneStageIsTheStepsPace() throws {
    let scenario = try Scenario.load(try Document(text: Self.text, file: "small.yaml"), set: [])
    let step = try Study(scenario).run { _ in }.cases[0]
    let outcome = try Self.outcome(["reliability.failures=none"])
    let hours = 1e9 / step.tokensPerSecond * 16 / 3600
    #expect(abs(Self.figure(.gpuHours, in: outcome) / hours - 1) < 1e-12)
    #expect(abs(Self.figure(.rent, in: outcome) / (2 * hours) - 1) < 1e-12)
    #expect(abs(Self.figure(.wallDays, in: outcome) / (hours / 16 / 24) - 1) < 1e-12)
    #expect(Self.figure(.effectiveTimeRatio, in: outcome) == 1)
    let utilization = Self.figure(.billedMFU, in: outcome) / step.causalMFU
    #expect(abs(utilization - 1) < 1e-12)
  }

  /// Stated stages are arithmetic: hours, GPUs times time, and operations at a share of the peak.
  @Test(
    arguments: [
      ("{stage: stated, gpu_hours: 5K}", 5000), ("{stage: stated, duration: 30 min}", 8),
      ("{stage: stated, flops: 1.42416e21, mfu: 40 %}", 1000),
    ] as [(String, Double)])
  func statedStages(stage: String, hours: Double) throws {
    let outcome = try Self.outcome(["run.tokens=null", "run.stages=[\(stage)]"])
    #expect(abs(Self.figure(.gpuHours, in: outcome) / hours - 1) < 1e-3)
  }

  /// Research overhead multiplies hours, not days.
  @Test func overheadMultipliesHours() throws {
    let plain = try Self.outcome([])
    let more = try Self.outcome(["run.research_overhead=1.5"])
    let ratio = Self.figure(.gpuHours, in: more) / Self.figure(.gpuHours, in: plain)
    #expect(abs(ratio - 1.5) < 1e-12)
    #expect(Self.figure(.wallDays, in: more) == Self.figure(.wallDays, in: plain))
  }

  /// A uniform price gives a uniform rent: its 5 % and 95 % lie where those of the price do.
  @Test func aRangeOfPricesIsARangeOfRents() throws {
    let outcome = try Self.outcome([
      "price.rent=2.0 .. 2.6 USD/GPU-hour", "run.samples=20000", "reliability.failures=none",
    ])
    let rent = try #require(outcome.figures.first { $0.key == .rent })
    let hours = Self.figure(.gpuHours, in: outcome)
    #expect(abs(rent.value - 2.3 * hours) < 1e-9 * rent.value)
    // A quantile of n draws is off by sqrt(p (1 - p) / n) of the range: 0.0015 here; three of them.
    #expect(abs(rent.low / hours - 2.03) < 0.6 * 0.0047)
    #expect(abs(rent.high / hours - 2.57) < 0.6 * 0.0047)
    let row = try #require(outcome.tornado.first)
    #expect(row.input == "price.rent")
    #expect(row.inputs == ("2.03 USD/GPU-hour", "2.57 USD/GPU-hour"))
    #expect(abs(row.figures.low / (2.03 * hours) - 1) < 1e-12)
  }

  /// The figures do not depend on the threads that draw them.
  @Test func threadsDoNotMatter() throws {
    let (document, _) = Scenario.changed(
      try Document(text: Self.text, file: "small.yaml"),
      set: ["run.step_error=normal(0, 0.1)", "run.samples=501"])
    var study = CostStudy(try CostPlan.load(document))
    study.threads = 1
    let one = try study.run()
    study.threads = 2
    let two = try study.run()
    study.threads = 7
    let seven = try study.run()
    #expect(one.figures == two.figures)
    #expect(one.figures == seven.figures)
    #expect(one.draws == seven.draws)
  }

  @Test(
    arguments: [
      (["run.tokens=null", "price=null"], "run.tokens is missing: a cost is that of a run"),
      (["price.rent=-1 USD/GPU-hour"], "price.rent is -1 USD/GPU-hour: it must be from 0.01"),
      (
        ["price.rent=3 .. 2 USD/GPU-hour"],
        "price.rent is 3 .. 2 USD/GPU-hour: its first value lies above its last; swap them"
      ),
      (["price.rent=normal(2, 0) USD/GPU-hour"], "a distribution needs a width above 0"),
      (
        ["price.rent=normal(2) USD/GPU-hour"],
        "it takes other values; write it like normal(2.3, 0.2)"
      ),
      (["price.rent=gauss(2, 1) USD/GPU-hour"], "gauss is no distribution out of normal"),
      (
        ["run.tokens=normal(10K, 1K) M"],
        "run.tokens is normal(10K, 1K) M: M stands after numbers that have units of their own; "
          + "give each its unit, or write it like normal(2.3, 0.2)"
      ),
      (["run.tokens=normal(10B, 1B) bananas"], "bananas stands after numbers that have units"),
      (["run.tokens=lognormal(10B, 1.2) M"], "M stands after numbers that have units"),
      (["price.rent=2 .. 3"], "it needs a unit out of USD/GPU-hour"),
      (["run.research_overhead=0.5"], "run.research_overhead is 0.5: it must be from 100 % to"),
      (["run.samples=0"], "run.samples is 0: it must be from 1 to 100000"),
      (["run.stages=[{stage: stated}]"], "does not say how much is done; give gpu_hours or"),
      (["run.stages=[{stage: statd}]"], "run.stages.1.stage is statd: the stages are"),
      (
        ["run.stages=[{stage: stated, gpu_hours: 5, tokens: 1}]"],
        "no key of a stage of kind stated, which takes stage, name, model"
      ),
      (["run.stages=[{stage: stated, gpu_hours: 5}]"], "run.tokens stands beside run.stages"),
      (["run.stages=[]"], "run.stages is an empty list"),
      (["sweep={routing.seed: [1, 2]}"], "sweep has several points: a cost is that of one"),
    ] as [([String], String)])
  func everyMistakeHasASentence(set: [String], sentence: String) throws {
    let error = #expect(throws: ScenarioError.self) { _ = try Self.outcome(set) }
    let text = error?.description ?? ""
    #expect(text.contains(sentence), "\(text)")
  }

  /// A distribution in braces is parted at its comma, which is one mistake.
  @Test(arguments: ["normal(2.3, 0.2) USD/GPU-hour", "triangular(1, 2, 3) USD/GPU-hour"])
  func distributionsInBracesAreQuoted(law: String) throws {
    let text = Self.text.replacing("2 USD/GPU-hour", with: law)
    let error = #expect(throws: ScenarioError.self) {
      _ = try CostPlan.load(try Document(text: text, file: "s.yaml"))
    }
    let start = law.prefix { $0 != "," }
    let form = law.hasPrefix("n") ? "normal(2.3, 0.2)" : "triangular(1.5, 2, 3)"
    #expect(
      error?.description
        == "s.yaml:8: price.rent is \(start): its bracket is not closed, and within braces a comma "
        + "ends a value; write a distribution in quotes, like '\(form)'")
    let quoted = Self.text.replacing("2 USD/GPU-hour", with: "'\(law)'")
    _ = try CostPlan.load(try Document(text: quoted, file: "s.yaml"))
  }

  /// Spares and lemons are held against every simulated stage's own cluster.
  @Test func failuresAreThoseOfEachStage() throws {
    func complaint(_ set: [String], _ nodes: Int) throws -> String {
      let stages =
        "run.stages=[{stage: pre-training, tokens: 1B, cluster: {nodes: \(nodes)}, "
        + "parallelism: {pipeline: 1}, training: {global_batch: 32}}, {stage: stated, duration: 1 h, cluster: {nodes: 1}}]"
      let (document, _) = Scenario.changed(
        try Document(text: Self.text, file: "s.yaml"), set: ["run.tokens=null", stages] + set)
      do {
        _ = try CostPlan.load(document)
        return ""
      } catch {
        return error.description
      }
    }
    let lemons = ["reliability.lemons={nodes: 4, factor: 5}"]
    #expect(
      try complaint(["reliability.spares=2"], 1)
        == "--set reliability.spares=2: reliability.spares is 2: stage pre-training runs on 1 node, "
        + "and there can be no more of these than nodes; use 1 or fewer")
    #expect(try complaint(lemons, 1).contains("reliability.lemons.nodes is 4: stage pre-training"))
    #expect(try complaint(["reliability.spares=1"], 1) == "")
    #expect(try complaint(lemons, 4) == "")
  }

  /// A path into a list takes its numbers.
  @Test(arguments: ["9", "0", "one"]) func itemsOfAListAreNumbered(item: String) throws {
    let error = #expect(throws: ScenarioError.self) {
      _ = try Self.outcome([
        "run.tokens=null", "run.stages=[{stage: stated, gpu_hours: 1}]",
        "run.stages.\(item).gpu_hours=2",
      ])
    }
    #expect(
      error?.description.hasSuffix(
        "run.stages has items 1 to 1, and none called \(item); use one of these numbers") == true)
  }

  /// A file of stated stages has no step, which is all that `fathom run` says.
  @Test func nothingToSimulateIsToldAlone() throws {
    let text =
      "format: 1\nname: a\ncluster: {node: h100, nodes: 1}\n"
      + "run: {stages: [{stage: stated, gpu_hours: 5}]}"
    let error = #expect(throws: ScenarioError.self) {
      try Scenario.load(try Document(text: text, file: "s.yaml"), set: [])
    }
    #expect(error?.problems.map(\.fault) == [.cost(.nothingToSimulate)])
  }

  /// What is wrong in a stage's own step is told with the stage's name, once.
  @Test func problemsOfAStageNameIt() throws {
    let error = #expect(throws: ScenarioError.self) {
      _ = try Self.outcome([
        "run.tokens=null",
        "run.stages=[{stage: pre-training, tokens: 1B}, {stage: context-extension, name: long, "
          + "tokens: 1B, training: {global_batch: 33}}]",
      ])
    }
    #expect(error?.problems.count == 1)
    #expect(error?.description.contains("with stage long: training.global_batch is 33") == true)
  }
}
