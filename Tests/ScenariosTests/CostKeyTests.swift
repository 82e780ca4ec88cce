import Economics
import Testing

@testable import Scenarios

/// Every key of `run`, `reliability` and `price` moves a figure of the cost, in the direction stated.
@Suite struct CostKeyTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var set: [String]
    var figure: CostFigure.Key
    var rises: Bool
    /// What both sides have.
    var with: [String] = []

    var testDescription: String { "\(set.joined(separator: " ")) \(figure.rawValue)" }
  }

  private static func row(
    _ set: String, _ figure: CostFigure.Key, _ rises: Bool, with: [String] = []
  ) -> Row {
    Row(set: [set], figure: figure, rises: rises, with: with)
  }

  /// The tables that are tested here.
  static let tables = ["run", "reliability", "price", "price.own"]

  /// Many failures of a stage of some days, so that what they cost is well above rounding.
  private static let many = ["reliability.rate=2 /node-day"]
  private static let lemons = many + ["reliability.lemons={nodes: 1, factor: 5}"]
  private static let stragglers = [
    "reliability.stragglers={rate: 1 /node-day, duration: 1 h, slowdown: 1.2}"
  ]
  private static let listed = [
    "reliability.failures=[{name: gpu, rate: 1 /node-day, shape: 0.8, detection: 2 min, "
      + "restart: 7 min, repair: 1 d}]"
  ]

  static let rows: [Row] = [
    row("run.tokens=2B", .gpuHours, true),
    row("run.research_overhead=1.5", .gpuHours, true),
    row("run.step_error=0.1", .gpuHours, true),
    row("reliability.failures=none", .gpuHours, false),
    row("reliability.failures=rsc-2", .effectiveTimeRatio, true),
    row("reliability.rate=2 /node-day", .gpuHours, true),
    row("reliability.detection=30 min", .gpuHours, true, with: many),
    row("reliability.restart=1 h", .gpuHours, true, with: many),
    row("reliability.repair=3 d", .wallDays, true, with: many + ["reliability.spares=1"]),
    row("reliability.checkpoint_write=5 min", .gpuHours, true, with: many),
    row("reliability.checkpoint_interval=10 h", .gpuHours, true, with: many),
    row("reliability.spares=0", .gpuHours, true, with: many),
    row("reliability.swap=1 h", .gpuHours, true, with: many),
    row("reliability.start_failure=50 %", .gpuHours, true, with: many),
    row("reliability.lemons={nodes: 1, factor: 5}", .gpuHours, true, with: many),
    row("reliability.lemons.nodes=2", .gpuHours, true, with: lemons),
    row("reliability.lemons.factor=20", .gpuHours, true, with: lemons),
    row("reliability.lemons.strikes=1", .gpuHours, false, with: lemons),
    row(stragglers[0], .gpuHours, true),
    row("reliability.stragglers.rate=5 /node-day", .gpuHours, true, with: stragglers),
    row("reliability.stragglers.duration=4 h", .gpuHours, true, with: stragglers),
    row("reliability.stragglers.slowdown=2", .gpuHours, true, with: stragglers),
    row("reliability.failures.1.rate=3 /node-day", .gpuHours, true, with: listed),
    row("reliability.failures.1.shape=0.5", .gpuHours, true, with: listed),
    row("reliability.failures.1.detection=1 h", .gpuHours, true, with: listed),
    row("reliability.failures.1.restart=1 h", .gpuHours, true, with: listed),
    row(
      "reliability.failures.1.repair=0 s", .gpuHours, false,
      with: listed + ["reliability.spares=0"]),
    row("price.rent=3 USD/GPU-hour", .rent, true),
    row("price.date=2023-12", .rent, true, with: ["price.rent=null"]),
    row("price.own.server=500 K USD", .own, true),
    row("price.own.switch=100 K USD", .own, true, with: ["cluster.fabric=fat-tree"]),
    row(
      "price.own.inter_switch_link=20 K USD", .own, true,
      with: [
        "cluster.fabric=fat-tree", "cluster.nodes=16", "training.global_batch=64",
        "run.tokens=10M",
      ]),
    row("price.own.endpoint_link=5 K USD", .own, true),
    row("price.own.other_share=50 %", .own, true),
    row("price.own.cost_of_capital=20 %", .own, true),
    row("price.own.life=6 years", .own, false),
    row("price.own.network_life=8 years", .own, false),
    row("price.own.colocation=250 USD/kW-month", .own, true),
    row("price.own.contracted_power=2 kW", .own, true),
    row("price.own.idle_power=500 W", .own, true),
    row("price.own.maximum_power=1.2 kW", .energy, true),
    row("price.own.load=50 %", .energy, false),
    row("price.own.pue=1.5", .energy, true),
    row("price.own.tariff=0.2 USD/kWh", .own, true),
    row("price.own.availability=80 %", .own, true),
    row("price.own.utilization=40 %", .own, true),
    row("price.own.staff=5 K USD/year", .own, true),
    row("price.own.carbon_intensity=50 g/kWh", .carbon, false),
  ]

  @Test(arguments: rows) func aKeyMovesItsFigure(row: Row) throws {
    let plain = ["run.samples=1"] + row.with
    let before = CostPlanTests.figure(row.figure, in: try CostPlanTests.outcome(plain))
    let after = CostPlanTests.figure(row.figure, in: try CostPlanTests.outcome(plain + row.set))
    #expect(row.rises ? after > before : after < before, "\(before) to \(after)")
  }

  /// Every key of the three tables has a row above, or is tested by name elsewhere.
  @Test func noKeyIsLeftOut() {
    let elsewhere = ["run.stages", "run.samples", "run.seed", "price.own"]
    let known =
      Self.rows.flatMap(\.set).compactMap { $0.split(separator: "=").first }
      .map(String.init) + elsewhere
    for (table, keys) in ScenarioKeys.tables
    where Self.tables.contains(table) {
      for key in keys { #expect(known.contains("\(table).\(key)"), "\(table).\(key)") }
    }
  }

  /// The seed decides the draws, and how many there are what they say.
  @Test func seedAndSamplesDecideTheDraws() throws {
    let set = ["price.rent=1 .. 3 USD/GPU-hour", "run.samples=50"]
    let one = try CostPlanTests.outcome(set)
    let same = try CostPlanTests.outcome(set)
    let other = try CostPlanTests.outcome(set + ["run.seed=2"])
    #expect(one.draws == same.draws)
    #expect(one.draws != other.draws)
    #expect(one.draws.count == 50)
    #expect(Array(try CostPlanTests.outcome(set + ["run.samples=60"]).draws[..<50]) == one.draws)
  }

  @Test(
    arguments: [
      ("price.own.server=-1 USD", "price.own.server is -1 USD: it must be from 0 USD to"),
      ("price.own.life=0 years", "price.own.life is 0 years: it must be from 1 month to 100 years"),
      ("price.own.life=1e-300 years", "price.own.life is 1e-300 years: it must be from 1 month"),
      ("price.own.utilization=0", "price.own.utilization is 0: it must be from 1 % to 100 %"),
      (
        "price.own.utilization=0.5 .. 1.02",
        "price.own.utilization is 0.5 .. 1.02: it must be from 1 % to 100 %"
      ),
      (
        "price.own.availability=1e-300", "price.own.availability is 1e-300: it must be from 1 % to"
      ),
      (
        "price.own.idle_power=200 .. 1100 W",
        "price.own.idle_power is 1100 W and maximum_power 1050 W"
      ),
      (
        "price.own.life=4 decades",
        "decades is no unit out of d, days, week, weeks, month, months, year, years; write it like"
      ),
      ("reliability.detection=20", "days; write it like 20 min"),
      ("reliability.failures=[]", "reliability.failures is an empty list: it names what fails"),
      (
        "reliability.failures={a: 1}",
        "reliability.failures is a table: it must be a list of failures or one of llama-3-h100"
      ),
      (
        "reliability.failures=["
          + Array(repeating: "{rate: 1 /node-day}", count: 65).joined(separator: ", ") + "]",
        "reliability.failures has 65 values: at most 64 are read; remove some"
      ),
      (
        "reliability.failures=[{name: a, rate: 1 /node-day}, {name: a, rate: 1 /node-day}]",
        "reliability.failures has a twice: each has a name of its own; remove one of them"
      ),
      ("price.own.utilization=120 %", "price.own.utilization is 120 %: it must be from 1 % to 100"),
      ("price.own.pue=0.9", "price.own.pue is 0.9: it must be from 1 to 10"),
      ("price.own.idle_power=2 kW", "price.own.idle_power is 2000 W and maximum_power 1050 W"),
      ("price.own.sever=1 USD", "did you mean server?"),
      (
        "price.date=yesterday", "price.date is yesterday: it must be a month; write it like 2024-12"
      ),
      ("reliability.spares=3", "reliability.spares is 3: a cluster of 2 nodes has no more spare"),
      (
        "reliability.start_failure=1.5",
        "reliability.start_failure is 1.5: it must be from 0 to 99 %"
      ),
      ("reliability.rate=0.1", "it needs a unit out of /1000-node-days, /node-day"),
      (
        "reliability.failures=lama",
        "reliability.failures is lama: it must be a list of failures or"
      ),
      ("reliability.failures=[{shape: 1}]", "reliability.failures.1.rate is missing"),
      ("reliability.failures=[5]", "reliability.failures.1 is 5: it must be a table"),
      ("reliability.lemons={factor: 5}", "reliability.lemons.nodes is missing"),
      (
        "reliability.lemons={nodes: 5, factor: 5}", "reliability.lemons.nodes is 5: it must be from"
      ),
      ("reliability.stragglers={rate: 1 /node-day}", "reliability.stragglers.duration is missing"),
      ("reliability.checkpoint_interval=0 s", "reliability.checkpoint_interval is 0 s: it must be"),
      (
        "reliability.checkpoint_interval=100 .. 190 ms",
        "reliability.checkpoint_interval is 100 .. 190 ms: a checkpoint takes 20 s to write, and "
          + "less than a hundredth of that between two would leave the run no time to work; use "
          + "200 ms or more, or optimum"
      ),
      ("run.samples=100001", "run.samples is 100001: it must be from 1 to 100000"),
    ] as [(String, String)])
  func everyMistakeHasASentence(set: String, sentence: String) throws {
    let error = #expect(throws: ScenarioError.self) {
      _ = try CostPlanTests.outcome(["price.rent=null", set])
    }
    let text = error?.description ?? ""
    #expect(text.contains(sentence), "\(text)")
  }

  /// Failures beyond what is simulated are told before they are, and so are stages without end.
  @Test(
    arguments: [
      (
        ["reliability.rate=100 /node-day", "run.samples=100000", "run.tokens=200B"],
        "failures over all of its 100000 samples"
      ),
      (["run.tokens=1e18"], "years without a failure: failures are drawn for at most 3169"),
    ] as [([String], String)])
  func worklessFailuresAreRefused(set: [String], sentence: String) throws {
    let error = #expect(throws: StudyError.self) { _ = try CostPlanTests.outcome(set) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  /// A preset's own spare nodes are no more than a small job has.
  @Test func presetsSparesFitTheJob() throws {
    let outcome = try CostPlanTests.outcome(["run.samples=1", "reliability.failures=opt-175b"])
    #expect(CostPlanTests.figure(.effectiveTimeRatio, in: outcome) < 1)
  }

  /// `fathom run` refuses what `fathom cost` refuses.
  @Test func aStepsScenarioIsCheckedForMoneyToo() throws {
    let (document, _) = Scenario.changed(
      try Document(text: CostPlanTests.text, file: "small.yaml"),
      set: ["price.own.life=0 years", "reliability.spares=9"])
    let error = #expect(throws: ScenarioError.self) { try Scenario.load(document, set: []) }
    #expect(error?.problems.count == 2)
  }

  /// Hours by part sum to the hours billed, and a run that cannot progress says so.
  @Test func partsSumAndHopelessRunsAreTold() throws {
    let outcome = try CostPlanTests.outcome(["run.samples=1", "reliability.rate=1 /node-day"])
    let sum = outcome.parts.reduce(0) { $0 + $1.gpuHours }
    #expect(abs(sum / CostPlanTests.figure(.gpuHours, in: outcome) - 1) < 1e-9)
    let error = #expect(throws: StudyError.self) {
      _ = try CostPlanTests.outcome([
        "run.samples=1", "reliability.rate=100 /node-day", "reliability.restart=10 d",
      ])
    }
    #expect("\(error.map { "\($0)" } ?? "")".hasPrefix("stage pre-training does not finish: after"))
  }
}
