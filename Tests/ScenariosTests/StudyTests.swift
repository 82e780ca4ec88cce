import Foundation
import Hardware
import Quantities
import Testing
import Training

@testable import Scenarios

private let folder = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .appending(path: "scenarios")

/// Every scenario that is shipped loads, is named like its file and opens with its question.
@Test func shippedScenarios() throws {
  let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    .filter { $0.hasSuffix(".yaml") }
  #expect(files.count >= 5)
  for file in files {
    let path = folder.appending(path: file).path
    // Those of the debate are whole runs, some of them arithmetic without a step.
    let name =
      file.hasPrefix("debate-")
      ? try CostPlan.load(path: path, set: []).name : try Scenario.load(path: path, set: []).name
    #expect(name + ".yaml" == file)
    #expect(
      try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")[0].hasSuffix("?"))
  }
}

@Test func mainScenario() throws {
  let scenario = try Scenario.load(
    path: folder.appending(path: "deepseek-v3-pretraining.yaml").path, set: [])
  #expect(
    scenario.cases.map(\.name) == [
      "gpipe", "1f1b", "interleaved-1f1b", "zb-h1", "dualpipev", "dualpipe",
    ])
  #expect(scenario.plan.microBatches == 120)
  #expect(scenario.plan.nodeLimit == 4)
  #expect(scenario.plan.format == .fp8)
  #expect(scenario.cluster.topology == .multiPlaneFatTree)
  #expect(scenario.tokens == 14.8e12)
  #expect(scenario.cluster.gpus == 2048)
}

/// A small model on a small cluster, so that a study takes little time.
private let small = """
  format: 1
  name: small
  model: llama-2-7b
  cluster: {node: h100, nodes: 2}
  parallelism: {pipeline: 4}
  training: {sequence_length: 4096, global_batch: 64, recompute: full}
  compare: [gpipe, 1f1b, dualpipe]
  run: {tokens: 1T}
  price: {rent: 2 USD/GPU-hour}
  """

@Test func study() throws {
  var seen: [String] = []
  let outcome = try Study(load(small)).run { seen.append($0.name) }
  #expect(seen == ["gpipe", "1f1b", "dualpipe"])
  #expect(outcome.cases.map(\.name) == seen)
  let first = try #require(outcome.cases.first)
  #expect(first.gpus == 16)
  #expect(first.tokensPerStep == 64 * 4096)
  #expect(first.peak == FLOPRate(989e12))
  #expect(first.memoryCapacity == Bytes(80e9))
  // The run is of one trillion tokens, at 2 dollars.
  let rent = try #require(first.rent)
  #expect(abs(rent.value / (2 * first.gpuHoursPerTrillionTokens) - 1) < 1e-9)
  #expect(first.noncausalFLOPsPerToken > first.causalFLOPsPerToken)
  #expect(first.wallClock > 0)
}

@Test func equalTerms() throws {
  let outcome = try Study(load(small)).run { _ in }
  #expect(
    outcome.equalTerms == [
      "Every case has 16 GPUs (2 nodes of 8, H100 SXM, multi-rail-fat-tree) and llama-2-7b.",
      "Every case has 64 sequences of 4,096 tokens a step, 16 micro-batches of 1 for each of 4 "
        + "pipelines, in bf16 with full recompute.",
      "The layout is 4 pipeline ranks x 1 tensor x 4 data, with optimizer states sharded over the "
        + "replicas.",
      "Stages a rank holds: 1 under gpipe, 1f1b; 2 under dualpipe.",
      "Copies of the parameters over the ranks of a pipeline: 1 under gpipe, 1f1b; 2 under "
        + "dualpipe.",
    ])
}

@Test func assumptions() throws {
  let common = [
    "Layers are cut into stages so that the costliest stage, or rank where it runs pairs of two "
      + "stages, costs least; published layouts may differ.",
    "1.5 GB of each GPU's memory are taken by CUDA context, NCCL communicators and workspaces of "
      + "libraries.",
    "2.0 % of activations and working memory are lost to fragmentation: an allocator that maps "
      + "pages as it needs them.",
  ]
  let inBF16 =
    "Products in bf16 reach the share of peak that FP8 products were measured at."
  let trace =
    "deepseek-ai/profile-data, train.json (H800, 2025-02) and deepseek-ai/DeepGEMM, README of "
    + "2025-02 (H800)"
  /// Which kernels or shapes were not measured is tested with the rates.
  func others(_ sentences: [String]) -> [String] {
    let others = sentences.filter {
      !$0.hasPrefix("Some kernels are more than twice as large")
        && !$0.hasPrefix("No kernel of class optimizer was measured")
    }
    #expect(others.count == sentences.count - 2)
    return others
  }
  let outcome = try Study(load(small)).run { _ in }
  #expect(
    others(outcome.assumptions) == [
      "cluster.nvlink_achieved is 311.6 GB/s: the share of peak that the H800's port reaches "
        + "(fit to DeepEP's normal kernels, README 2025-04-22 (`fathom catalog transfers`): "
        + "138.5 +/- 4.3 GB/s on the wire; arXiv 2505.09343 says about 160)."
    ] + common + [
      "Kernels reach the shares of peak of H800 SXM kernels (\(trace)).", inBF16,
    ])
  let measured = try Study(load(small, set: ["cluster.node=h800"])).run { _ in }
  #expect(others(measured.assumptions) == common + [inBF16])
}

/// A study of one case says what it holds in the singular.
@Test func oneCase() throws {
  let text = small.replacing("compare: [gpipe, 1f1b, dualpipe]\n", with: "")
  let outcome = try Study(
    load(text, set: ["training.schedule=1f1b", "parallelism.pipeline=1", "cluster.nodes=1"])
  ).run { _ in }
  #expect(outcome.winner == 0)
  #expect(outcome.reason.hasPrefix("1f1b takes "))
  #expect(outcome.equalTerms.first?.hasPrefix("The case has 8 GPUs (1 node of 8, ") == true)
}

/// The verdict on cases that are alike but for what a test changes in them.
@Suite struct VerdictTests {
  let cases: [CaseOutcome]

  init() throws { cases = try Study(load(small)).run { _ in }.cases }

  private func changed(_ seconds: [Double], fitting: [Bool]) -> [CaseOutcome] {
    zip(cases, zip(seconds, fitting)).map { one, change in
      var one = one
      one.result.step = Time(seconds: change.0)
      one.memoryCapacity = change.1 ? Bytes(1e12) : Bytes(1e9)
      for rank in one.result.ranks.indices {
        one.result.ranks[rank].bubble = Time(seconds: change.0 / 4)
        one.result.ranks[rank].exposedCommunication = .zero
        one.result.ranks[rank].overlapped = .zero
      }
      return one
    }
  }

  @Test func fastestThatFits() {
    let verdict = Verdict(cases: changed([2, 4, 3], fitting: [false, true, true]))
    #expect(verdict.winner == 2)
    #expect(
      verdict.reason.hasPrefix(
        "dualpipe takes 3 s a step, 25 % less than 1f1b, the next that fits (4 s). A mean rank of "
          + "dualpipe spends 250 ms less idle and 750 ms less computing. gpipe would be faster, 2 s "
          + "a step, but needs "))
    #expect(verdict.reason.hasSuffix(" of memory where a GPU has 1 GB."))
  }

  @Test func tieGoesToTheFirst() {
    let verdict = Verdict(cases: changed([3, 3, 3], fitting: [true, true, true]))
    #expect(verdict.winner == 0)
    #expect(verdict.reason == "gpipe and 1f1b take the same time, and gpipe comes first.")
  }

  @Test func nothingFits() {
    let verdict = Verdict(cases: changed([1, 2, 3], fitting: [false, false, false]))
    #expect(verdict.winner == nil)
    #expect(
      verdict.reason.hasPrefix("No case fits the memory of a GPU: 1f1b, the smallest, needs "))
  }

  @Test func onlyOneFits() {
    let verdict = Verdict(cases: changed([3, 4, 5], fitting: [false, false, true]))
    #expect(verdict.winner == 2)
    #expect(
      verdict.reason.hasPrefix(
        "dualpipe takes 5 s a step; it is the only case that fits the memory of a GPU. gpipe would "
          + "be faster"))
  }
}

@Test func studyErrorsNameTheCase() {
  #expect(
    StudyError.step(case: "1f1b", error: .tooLong).description
      == "case 1f1b: the step is longer than 106 days; check the model's size, the batch and the "
      + "rates")
  #expect(
    StudyError.rates(gpu: "H100 SXM", reason: "too few rows").description
      == "the kernel rates of H100 SXM cannot be fitted: too few rows; this is a fault of Fathom's "
      + "own measurements, please report it")
}
