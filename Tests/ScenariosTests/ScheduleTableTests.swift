import Scenarios
import Schedules
import Testing
import Training

/// Schedules written as tables: a name with options, a file, a search.
@Suite struct ScheduleTableTests {
  @Test func namesTakeOptionsOfTheirOwn() throws {
    let scenario = try load(
      base(),
      set: [
        "compare=[interleaved-1f1b, {name: interleaved-1f1b, stages_per_rank: 3, group_size: 40}]"
      ])
    #expect(
      scenario.cases.map(\.name) == [
        "interleaved-1f1b", "interleaved-1f1b stages_per_rank=3 group_size=40",
      ])
    #expect(
      scenario.cases.map(\.plan.schedule) == [
        .builtIn(.interleaved, ScheduleOptions(stagesPerRank: 2)),
        .builtIn(.interleaved, ScheduleOptions(stagesPerRank: 3, groupSize: 40)),
      ])
  }

  @Test func aSearchHasDefaults() throws {
    let scenario = try load(base(), set: ["training.schedule={search: {}}"])
    #expect(
      scenario.cases.map(\.plan.schedule) == [
        .searched(
          PlannedSearch(stagesPerRank: 2, parameterCopies: 1, evaluations: nil, seed: 1))
      ])
    #expect(scenario.cases.map(\.name) == ["searched"])
    let given = try load(
      base(),
      set: [
        "training.schedule={search: {stages_per_rank: 1, parameter_copies: 2, evaluations: 50, "
          + "seed: 7}}"
      ])
    #expect(
      given.cases.map(\.plan.schedule) == [
        .searched(
          PlannedSearch(stagesPerRank: 1, parameterCopies: 2, evaluations: 50, seed: 7))
      ])
  }

  static let refused: [(set: [String], sentences: [String])] = [
    (
      ["training.schedule={}"],
      [
        "training.schedule has none out of name, file and search: a schedule is just one of them; "
          + "write {name: dualpipe}, {file: my.csv} or {search: {}}"
      ]
    ),
    (
      ["training.schedule={name: gpipe, search: {}}"],
      [
        "training.schedule has name and search out of name, file and search: a schedule is just one "
          + "of them; write {name: dualpipe}, {file: my.csv} or {search: {}}"
      ]
    ),
    (
      ["training.schedule={nam: gpipe}"],
      [
        "training.schedule.nam is not a key: its table takes name, file, search, "
          + "stages_per_rank, group_size, memory_limit, pairs; did you mean name?",
        "training.schedule has none out of name, file and search: a schedule is just one of them; "
          + "write {name: dualpipe}, {file: my.csv} or {search: {}}",
      ]
    ),
    (
      ["training.schedule={name: gpipe, memory_limit: 4}"],
      [
        "training.schedule.memory_limit is 4: gpipe takes no memory limit; leave it out"
      ]
    ),
    (
      ["training.schedule={name: interleaved-1f1b, group_size: 17}"],
      [
        "training.schedule.group_size is 17, 120 micro-batches for each of 128 pipelines: "
          + "interleaved-1f1b needs groups of 16 to 120 micro-batches, the last no shorter than "
          + "16 ranks: a group size of 17 does not do; use 20"
      ]
    ),
    (
      ["training.schedule={name: interleaved-1f1b, stages_per_rank: 9}"],
      [
        "training.schedule.stages_per_rank is 9: interleaved-1f1b stages_per_rank=9 then cuts the "
          + "model into 144 stages, but its layers, embedding, head and prediction layers are 64 "
          + "parts; use at most 4"
      ]
    ),
    (
      ["training.schedule={search: {evaluations: 0, sed: 1}}"],
      [
        "training.schedule.search.sed is not a key: its table takes stages_per_rank, "
          + "parameter_copies, evaluations, seed; did you mean seed?",
        "training.schedule.search.evaluations is 0: it must be from 1 to 100000000; use 1",
      ]
    ),
    (
      ["training.schedule={search: {}, group_size: 3}"],
      [
        "training.schedule.group_size is an option of a named schedule, so beside search it would "
          + "do nothing; remove it or write it below search"
      ]
    ),
    (
      ["training.schedule={file: nowhere.csv}"],
      [
        "training.schedule.file is nowhere.csv: there is no such file in the scenario's folder or "
          + "the current one; correct the path, or write a list with `fathom schedule show`"
      ]
    ),
  ]

  @Test(arguments: refused)
  func refusals(set: [String], expected: [String]) {
    let found = sentences(base(), set: set)
    #expect(found.count == expected.count)
    for (sentence, ending) in zip(found, expected) {
      #expect(sentence.hasPrefix("--set training.schedule={"))
      #expect(sentence.hasSuffix(": " + ending))
    }
  }
}
