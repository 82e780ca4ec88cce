import Hardware
import Models
import Quantities
import Scenarios
import Schedules
import Testing
import Training

/// What a wrong `--set` is told: the origin is the option, not a line.
private let badOverrideCases: [([String], String)] = [
  (
    ["training.micro_batch"],
    "--set training.micro_batch: this sets no key; write key.path=value, such as "
      + "training.micro_batch=2"
  ),
  (
    ["=3"],
    "--set =3: this sets no key; write key.path=value, such as training.micro_batch=2"
  ),
  (
    ["a..b=1"],
    "--set a..b=1: this sets no key; write key.path=value, such as training.micro_batch=2"
  ),
  (
    ["a b=1"],
    "--set a b=1: this sets no key; write key.path=value, such as training.micro_batch=2"
  ),
  (
    ["a.b.c.d.e.f.g.h.i=1"],
    "--set a.b.c.d.e.f.g.h.i=1: no key path has so many parts; write key.path=value, such as "
      + "training.micro_batch=2"
  ),
  (
    ["name.first=x"],
    "--set name.first=x: name is tiny, which is no table, so there is no key inside it; "
      + "set name itself"
  ),
  (
    ["compare=[1f1b"],
    "--set compare=[1f1b: the value cannot be read as YAML: while parsing a flow sequence, did "
      + "not find expected ',' or ']'; correct it or put it in quotes"
  ),
  (
    ["name=--- a\n--- b"],
    "--set name=--- a --- b: the value cannot be read as YAML: it holds two documents; "
      + "correct it or put it in quotes"
  ),
  (
    ["cluster={node: h800, nodes: 256, node: h100}"],
    "--set cluster={node: h800, nodes: 256, node: h100}: cluster.node stands twice here: a key "
      + "may stand once; remove one of them"
  ),
  (
    ["training.micro_batch=0"],
    "--set training.micro_batch=0: training.micro_batch is 0: it must be from 1 to 65536; use 1"
  ),
  (
    ["training.micro_batch=7"],
    "--set training.micro_batch=7: training.global_batch is 15360: it must be a multiple of "
      + "data x micro_batch, 128 x 7; use 15232 or 16128"
  ),
  (
    ["training.microbatch=2"],
    "--set training.microbatch=2: training.microbatch is not a key: its table takes "
      + "sequence_length, global_batch, micro_batch, precision, schedule, stages_per_rank, "
      + "recompute, attention, communication_multiprocessors, traffic_priority, jitter; did you mean "
      + "micro_batch?"
  ),
  (
    ["rooting.seed=2"],
    "--set rooting.seed=2: rooting is not a key: its table takes format, name, model, cluster, "
      + "parallelism, training, routing, compare, sweep, run, reliability, price, techniques, "
      + "headline; did you mean routing?"
  ),
]

@Test(arguments: badOverrideCases)
func badOverride(_ options: [String], _ sentence: String) {
  #expect(sentences(base(), set: options) == [sentence])
}

/// The last one wins, tables are made where there are none, and lists and tables can be set whole.
@Test func goodOverrides() throws {
  let scenario = try load(
    base(),
    set: [
      "training.micro_batch=1", "training.micro_batch=2", "run.tokens=1.5T",
      "compare=[1f1b, gpipe]", "cluster={node: h200, nodes: 256, nvlink: 300 GB/s}",
      "name=\"my.name\"",
    ])
  #expect(scenario.plan.microBatch == 2)
  #expect(scenario.tokens == 1.5e12)
  #expect(scenario.cases.map(\.name) == ["1f1b", "gpipe"])
  #expect(scenario.cluster.node.name == "h200")
  #expect(scenario.name == "my.name")
  #expect(scenario.resolved.first { $0.path == "run.tokens" }?.origin == .commandLine)
  #expect(scenario.resolved.first { $0.path == "model" }?.origin == .file(line: 3))
}

/// A relation of several keys is told at the option that broke it, or else at its first key.
@Test func placeOfRelation() {
  #expect(
    sentences(base(), set: ["cluster.nodes=255"]) == [
      "--set cluster.nodes=255: parallelism.pipeline is 16: pipeline x tensor is 16 x 1, and must "
        + "divide the cluster's 2040 GPUs; change a degree or the number of nodes"
    ])
  #expect(
    sentences(base([4: "cluster: {node: h800, nodes: 255}"])) == [
      "s.yaml:5: parallelism.pipeline is 16: pipeline x tensor is 16 x 1, and must "
        + "divide the cluster's 2040 GPUs; change a degree or the number of nodes"
    ])
}

/// A value of null takes a key out of the file, so that its default holds again.
@Test func nullRemovesAKey() throws {
  let text = base([10: "compare: [gpipe, dualpipe]"])
  #expect(try load(text, set: ["compare=null"]).cases.map(\.name) == ["dualpipe"])
  let sentences = sentences(text, set: ["training.sequence_length=null"])
  #expect(sentences.count == 1 && sentences[0].contains("training.sequence_length is missing"))
}

/// GPT-3 has learned positions for 2,048 tokens, and no more.
@Test func learnedPositionsBoundTheSequence() {
  let options = ["model=gpt-3-175b", "parallelism.expert=1", "routing=null"]
  #expect(sentences(base(), set: options + ["training.sequence_length=2048"]).isEmpty)
  #expect(
    sentences(base(), set: options + ["training.sequence_length=4096"]) == [
      "--set training.sequence_length=4096: training.sequence_length is 4096: it must be from 1 to "
        + "2048; use 2048"
    ])
}

/// Values of a list are numbered from 1; null takes one out.
@Test func valuesOfAListAreSet() throws {
  let text = base([10: "compare: [gpipe, {search: {seed: 2}}, dualpipe]"])
  func cases(_ set: [String]) throws -> [PlannedSchedule] {
    try load(text, set: set).cases.map(\.plan.schedule)
  }
  func search(seed: UInt64) -> PlannedSchedule {
    .searched(
      PlannedSearch(stagesPerRank: 2, parameterCopies: 1, evaluations: nil, seed: seed))
  }
  #expect(
    try cases(["compare.2.search.seed=5"]) == [
      .builtIn(.gpipe), search(seed: 5), .builtIn(.dualPipe),
    ])
  #expect(try cases(["compare.1=1f1b"])[0] == .builtIn(.oneForwardOneBackward))
  #expect(try cases(["compare.1=null"]) == [search(seed: 2), .builtIn(.dualPipe)])
  for path in ["compare.4", "compare.0", "compare.x", "compare.1.name"] {
    #expect(
      sentences(text, set: ["\(path)=1"]).first?.hasPrefix("--set \(path)=1: ") == true, "\(path)")
  }
}
