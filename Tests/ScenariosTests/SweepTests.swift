import Hardware
import Quantities
import Testing
import Training

@testable import Scenarios

/// A dense model on few GPUs, so that a study takes little time.
private let small = """
  format: 1
  name: small
  model: llama-2-7b
  cluster: {node: h100, nodes: 2}
  parallelism: {pipeline: 4}
  training: {sequence_length: 4096, global_batch: 64, recompute: full}
  compare: [1f1b, dualpipe]
  run: {tokens: 1T}
  price: {rent: 2 USD/GPU-hour}
  sweep:
    cluster.nic: ['400 Gbit/s', '100 Gbit/s']
    training.micro_batch: [1, 2]
  """

/// The last lines replaced by another sweep.
private func swept(_ lines: String) -> String {
  small.split(separator: "\n").dropLast(2).joined(separator: "\n") + "\n" + lines
}

@Suite struct SweepTests {
  /// Every point in written order, the first key changing slowest, each under every schedule.
  @Test func casesAreTheProduct() throws {
    let scenario = try load(small)
    #expect(
      scenario.cases.map(\.name) == [
        "1f1b, cluster.nic=400 Gbit/s, training.micro_batch=1",
        "dualpipe, cluster.nic=400 Gbit/s, training.micro_batch=1",
        "1f1b, cluster.nic=400 Gbit/s, training.micro_batch=2",
        "dualpipe, cluster.nic=400 Gbit/s, training.micro_batch=2",
        "1f1b, cluster.nic=100 Gbit/s, training.micro_batch=1",
        "dualpipe, cluster.nic=100 Gbit/s, training.micro_batch=1",
        "1f1b, cluster.nic=100 Gbit/s, training.micro_batch=2",
        "dualpipe, cluster.nic=100 Gbit/s, training.micro_batch=2",
      ])
    #expect(scenario.cases.map(\.plan.microBatch) == [1, 1, 2, 2, 1, 1, 2, 2])
    #expect(
      scenario.cases.map(\.cluster.node.nic.peak.value)
        == [50e9, 50e9, 50e9, 50e9, 12.5e9, 12.5e9, 12.5e9, 12.5e9].map { Bandwidth($0) })
    #expect(
      scenario.sweep == [
        SweptKey(key: "cluster.nic", values: ["400 Gbit/s", "100 Gbit/s"]),
        SweptKey(key: "training.micro_batch", values: ["1", "2"]),
      ])
    #expect(
      scenario.plan == scenario.cases[0].plan && scenario.cluster == scenario.cases[0].cluster)
  }

  /// Each case is the one that `--set` makes of the file without its sweep.
  @Test func aPointIsTheFileWithItsValuesSet() throws {
    let swept = try load(small).cases
    for one in swept {
      let set = ["sweep=null", "compare=null", "training.schedule=\(one.plan.schedule.name)"]
      let alone = try load(small, set: set + one.point.map(\.text))
      #expect(alone.plan == one.plan && alone.cluster == one.cluster && alone.model == one.model)
      #expect(alone.cases.count == 1 && alone.cases[0].point.isEmpty)
    }
  }

  /// Values are anything a key takes: tables, lists, and null for its default.
  @Test func valuesOfEveryKind() throws {
    let text = swept("  cluster.faults: [null, [{gpu: 3, speed: 0.5}]]\n  model: [llama-2-7b]")
    let scenario = try load(text)
    #expect(
      scenario.cases.map(\.name).last
        == "dualpipe, cluster.faults=[{gpu: 3, speed: 0.5}], model=llama-2-7b")
    #expect(scenario.cases.map(\.cluster.faults.count) == [0, 0, 1, 1])
  }

  /// A key on the command line is not swept; a sweep may come from there, too.
  @Test func commandLine() throws {
    let set = try load(small, set: ["cluster.nic=200 Gbit/s", "training.schedule=1f1b"])
    #expect(
      set.cases.map(\.name) == ["1f1b, training.micro_batch=1", "1f1b, training.micro_batch=2"])
    #expect(set.cluster.node.nic.peak.value == Bandwidth(25e9))
    let added = try load(small, set: ["sweep.training.micro_batch=[2]", "sweep.cluster.nic=null"])
    #expect(added.sweep.map(\.key) == ["cluster.nic", "training.micro_batch"])
    #expect(added.sweep[1].values == ["2"])
    #expect(try load(small, set: ["sweep=null"]).cases.count == 2)
  }

  /// A listing has every value of a key that cases differ in, and the sweep itself.
  @Test func resolvedKeys() throws {
    let listed = try load(small).resolved
    func value(_ path: String) -> String? { listed.first { $0.path == path }?.value }
    #expect(value("training.micro_batch") == "1 or 2 (by case)")
    #expect(value("training.micro_batches") == "16 or 8 (by case)")
    #expect(value("cluster.nic") == "50 GB/s or 12.5 GB/s (by case)")
    #expect(value("sweep.cluster.nic") == "[400 Gbit/s, 100 Gbit/s]")
    #expect(value("training.global_batch") == "64")
    #expect(listed.first { $0.path == "sweep.cluster.nic" }?.origin == .file(line: 11))
    #expect(Set(listed.map(\.path)).count == listed.count)
  }

  @Test func outcome() throws {
    let text = swept("  training.global_batch: [64, 128]")
    let outcome = try Study(load(text)).run { _ in }
    #expect(outcome.cases.map(\.tokensPerStep) == [64, 64, 128, 128].map { $0 * 4096 })
    #expect(outcome.cases[3].entry == "dualpipe")
    #expect(outcome.cases[3].pointText == "training.global_batch=128")
    // A larger batch has the smaller bubble, so it trains more tokens a second in a longer step.
    let winner = try #require(outcome.winner)
    #expect(outcome.cases[winner].pointText == "training.global_batch=128")
    #expect(outcome.reason.contains(" tokens a second, "))
    #expect(outcome.reason.contains("at every point."))
    #expect(
      outcome.equalTerms.prefix(4) == [
        "Cases differ in the schedule (1f1b, dualpipe) and in training.global_batch (64, 128).",
        "Every case has 16 GPUs (2 nodes of 8, H100 SXM, multi-rail-fat-tree) and llama-2-7b.",
        "With training.global_batch=64: Every case has 64 sequences of 4,096 tokens a step, 16 "
          + "micro-batches of 1 for each of 4 pipelines, in bf16 with full recompute.",
        "With training.global_batch=128: Every case has 128 sequences of 4,096 tokens a step, 32 "
          + "micro-batches of 1 for each of 4 pipelines, in bf16 with full recompute.",
      ])
    #expect(outcome.equalTerms.contains("Stages a rank holds: 1 under 1f1b; 2 under dualpipe."))
  }

  /// Cases of one GPU, model or routing share what is known of them; those of others do not.
  @Test func casesOfTwoGPUsAndSkews() throws {
    let text = """
      format: 1
      name: two
      model: deepseek-v2-lite
      cluster: {node: h800, nodes: 2}
      parallelism: {pipeline: 2, expert: 8}
      training: {sequence_length: 1024, global_batch: 32, schedule: 1f1b}
      sweep: {cluster.node: [h800, h20], routing.distribution: [balanced, zipf(0.5)]}
      """
    let cases = try Study(load(text)).run { _ in }.cases
    for (one, alone) in zip(cases, try load(text).cases) {
      let set = ["sweep=null"] + alone.point.map(\.text)
      let single = try Study(load(text, set: set)).run { _ in }.cases[0]
      #expect(single.result.step == one.result.step, "\(one.name)")
    }
    #expect(cases[1].result.step > cases[0].result.step)
    #expect(cases[2].peak == FLOPRate(148e12))
  }
}

/// What is wrong with a sweep, each with its line.
private let wrongSweeps: [(String, [String])] = [
  (
    "  training.micro_batch: 2",
    [
      "s.yaml:11: sweep.training.micro_batch is 2: it must be a list of values; write it like "
        + "[2, ...]"
    ]
  ),
  (
    "  training.micro_batch: []",
    [
      "s.yaml:11: sweep.training.micro_batch is an empty list: it holds the values of the key, one "
        + "for each point; add some or remove the key"
    ]
  ),
  (
    "  training.micro_batch: [1, 2, 1]",
    [
      "s.yaml:11: sweep.training.micro_batch has 1 twice: each point is simulated once; remove one "
        + "of them"
    ]
  ),
  (
    "  training.microbatch: [1, 2]",
    [
      "s.yaml:11: training.microbatch is not a key: its table takes "
        + ScenarioKeys.training.joined(separator: ", ") + "; did you mean micro_batch?"
    ]
  ),
  (
    "  a b: [1]",
    [
      "s.yaml:11: sweep has a b, which is no key path; write one as --set takes it, such as "
        + "routing.distribution"
    ]
  ),
  (
    "  name: [a, b]\n  compare: [[1f1b]]",
    [
      "s.yaml:11: sweep has name, which all cases of a scenario share; remove it",
      "s.yaml:12: sweep has compare, whose schedules make cases at every point anyway; write "
        + "compare: [1f1b, dualpipe] outside of sweep",
    ]
  ),
  (
    "  training.schedule: [1f1b, gpipe]",
    [
      "s.yaml:11: sweep has training.schedule, but compare decides which schedules are simulated, "
        + "so it would do nothing; remove one of the two"
    ]
  ),
  (
    "  cluster: [{node: h800, nodes: 2}]\n  cluster.nodes: [2, 4]",
    [
      "s.yaml:12: sweep has cluster and cluster.nodes, one inside the other: a point sets each key "
        + "once; remove one of them"
    ]
  ),
  (
    "  training.micro_batch: [1]\n  training: {micro_batch: [2]}",
    [
      "s.yaml:12: sweep.training.micro_batch stands here and on line 11: a key may stand once; "
        + "remove one of them"
    ]
  ),
  (
    "  routing.seed: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]\n"
      + "  training.micro_batch: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]",
    [
      "s.yaml:10: sweep has 110 points: at most 100 are simulated in one run; sweep fewer values "
        + "or keys",
      "s.yaml:11: routing.seed is 1: llama-2-7b has no experts, so it would do nothing; remove the "
        + "key",
    ]
  ),
  (
    // Every problem at once; a value of a list stands in its own line.
    "  training.micro_batch:\n    - 1\n    - 3\n    - x\n  cluster.nic: [100 Gbit/s, fast]",
    [
      "s.yaml:13: training.global_batch is 64: it must be a multiple of data x micro_batch, 4 x 3; "
        + "use 60 or 72",
      "s.yaml:14: training.micro_batch is x: it must be a whole number in decimal digits; write it "
        + "like 16, without quotes or unit",
      "s.yaml:15: cluster.nic is fast: it must be a number with a unit; write it like 400 Gbit/s",
    ]
  ),
  (
    // Two values that do not go together are both named.
    "  parallelism.pipeline: [2, 4]\n  cluster.nodes: [2, 3]",
    [
      "s.yaml:11: with parallelism.pipeline=2, cluster.nodes=3: training.global_batch is 64: it must be a multiple of "
        + "data x micro_batch, 12 x 1; use 60 or 72",
      "s.yaml:11: with parallelism.pipeline=4, cluster.nodes=3: training.global_batch is 64: it must be a multiple of "
        + "data x micro_batch, 6 x 1; use 60 or 66",
    ]
  ),
]

@Test(arguments: wrongSweeps)
func wrongSweep(_ lines: String, _ expected: [String]) {
  #expect(sentences(swept(lines)) == expected)
}

@Test func sweepThatIsNoTable() {
  let text = base([10: "sweep: [1]"])
  #expect(
    sentences(text) == [
      "s.yaml:10: sweep is a list: it must be a table from key paths to lists of values; write it "
        + "like sweep: {routing.distribution: [balanced, zipf(0.3)]}"
    ])
}

/// The verdict of a sweep names the fastest at each point.
@Test func verdictPointByPoint() throws {
  let cases = try Study(load(swept("  training.micro_batch: [1, 2]"))).run { _ in }.cases
  func changed(_ seconds: [Double], fitting: [Bool]) -> [CaseOutcome] {
    zip(cases, zip(seconds, fitting)).map { one, change in
      var one = one
      one.result.step = Time(seconds: change.0)
      one.memoryCapacity = change.1 ? Bytes(1e12) : Bytes(1e9)
      return one
    }
  }
  let verdict = Verdict(cases: changed([2, 4, 5, 3], fitting: [true, true, true, true]))
  #expect(verdict.winner == 0)
  #expect(
    verdict.reason.hasPrefix(
      "1f1b, training.micro_batch=1 takes 2 s a step, 33.3 % less than dualpipe, "
        + "training.micro_batch=2, the next that fits (3 s). "))
  #expect(
    verdict.reason.hasSuffix(
      "Point by point: 1f1b is the fastest that fits at training.micro_batch=1; dualpipe is the "
        + "fastest that fits at training.micro_batch=2."))
  let one = Verdict(cases: changed([2, 4, 5, 3], fitting: [false, true, false, false]))
  #expect(one.winner == 1)
  #expect(one.reason.contains("; it is the only case that fits the memory of a GPU."))
  #expect(
    one.reason.hasSuffix(
      "Point by point: dualpipe is the fastest that fits at training.micro_batch=1; nothing fits at "
        + "training.micro_batch=2."))
}
