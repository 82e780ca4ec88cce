import Foundation
import Scenarios
import Schedules
import Testing
import Training

/// Schedules that a scenario loads from a file.
@Suite struct LoadedScheduleTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ text: String) throws -> String {
    try folder.write(text, to: "mine.csv")
  }

  private let scenario = """
    format: 1
    name: loaded
    model: llama-2-7b
    cluster: {node: h100, nodes: 2}
    parallelism: {pipeline: 4, data: 4}
    training: {sequence_length: 2048, global_batch: 32, precision: bf16, schedule: 1f1b}
    """

  /// The same lists give the same step, wherever they come from: both directions, V and loop.
  @Test(arguments: [BuiltIn.dualPipe, .dualPipeV, .interleaved, .zeroBubbleH1, .bitPipe])
  func aFileRunsLikeABuiltIn(builtIn: BuiltIn) throws {
    let path = try write(try builtIn.schedule(ranks: 4, microBatches: 8).text())
    let compare = "compare=[\(builtIn.rawValue), {file: '\(path)'}]"
    let cases = try Study(load(scenario, set: [compare])).run { _ in }.cases
    #expect(cases.map(\.name) == [builtIn.rawValue, path])
    #expect(cases[0].result.step == cases[1].result.step)
    #expect(cases[0].result.memory == cases[1].result.memory)
    #expect(cases[0].result.placement == cases[1].result.placement)
  }

  @Test func aFileIsForItsOwnRanksAndMicroBatches() throws {
    let path = try write(
      try BuiltIn.oneForwardOneBackward.schedule(ranks: 2, microBatches: 6).text())
    let found = sentences(scenario, set: ["training.schedule={file: '\(path)'}"])
    #expect(
      found == [
        "s.yaml:5: parallelism.pipeline is 4: \(path) is a list for 2 ranks; use 2, or another "
          + "list",
        "s.yaml:6: training.global_batch is 32, 8 micro-batches for each pipeline: \(path) is a "
          + "list for 6; use 24, or another list",
      ])
  }

  @Test func aWrongFileIsToldByItsOwnLines() throws {
    let path = try write("0F0,0B0\n1F0,1F0,1B0junk\n")
    let found = sentences(scenario, set: ["training.schedule={file: '\(path)'}"])
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("\(path):2: cell 3 is 1B0junk: nothing may follow an action"))
  }

  /// Copies of a part are summed over all ranks that hold one, so these must hold the same parts.
  @Test func ranksThatShareAPartUnevenlyAreRefused() throws {
    // Rank 0 holds the first part, rank 1 a copy of it and both copies of the second.
    let path = try write("0F0,0B0\n2F1,3F1,3B1,2B1,1F0,1B0\n")
    let set = [
      "parallelism={pipeline: 2, data: 1}", "cluster={node: h100, nodes: 2, gpus_per_node: 1}",
      "training.global_batch=2", "training.schedule={file: '\(path)'}",
    ]
    let found = sentences(scenario, set: set)
    #expect(found.count == 1)
    #expect(
      found[0].hasSuffix(
        "rank 0 holds the parts 0 of the model and rank 1 the parts 0, 1: ranks that share a part "
          + "must hold all the same parts, as their gradients are summed together; change the lists"
      ))
  }

  /// Where every micro-batch has stages of its own on the same ranks there is one copy of the model.
  @Test func stagesOfTheirOwnOnTheSameRanksAreNoCopies() throws {
    let path = try write("0F0,2F1,0B0,2B1\n1F0,1B0,3F1,3B1\n")
    let set = [
      "parallelism={pipeline: 2, data: 1}", "cluster={node: h100, nodes: 2, gpus_per_node: 1}",
      "training.global_batch=2", "compare=[1f1b, {file: '\(path)'}]",
    ]
    let cases = try Study(load(scenario, set: set)).run { _ in }.cases
    #expect(cases.map(\.result.schedule.parameterCopies) == [1, 1])
    #expect(cases[0].result.memory.map(\.weights) == cases[1].result.memory.map(\.weights))
    #expect(cases[0].result.memory.map(\.optimizer) == cases[1].result.memory.map(\.optimizer))
  }
}
