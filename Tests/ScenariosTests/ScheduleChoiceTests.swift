import Foundation
import Scenarios
import Schedules
import Testing

/// Schedules by name and by file.
@Suite struct ScheduleChoiceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ text: String) throws -> String {
    try folder.write(text, to: "mine.csv")
  }

  private func sentences(_ choice: ScheduleChoice) -> [String] {
    do throws(ScenarioError) {
      _ = try choice.load()
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  private func choice(_ name: String, _ ranks: Int?, _ microBatches: Int?) -> ScheduleChoice {
    var choice = ScheduleChoice(name)
    (choice.ranks, choice.microBatches) = (ranks, microBatches)
    return choice
  }

  @Test func builtIn() throws {
    let loaded = try choice("dualpipe", 4, 10).load()
    #expect(loaded.schedule == (try Schedule.dualPipe(ranks: 4, microBatches: 10)))
    #expect(loaded.file == nil)
  }

  @Test func refusedShape() {
    #expect(
      sentences(choice("dualpipe", 3, 10))
        == ["dualpipe needs an even number of ranks: 3 is not; use 2 or 4"])
    var group = choice("1f1b", 2, 4)
    group.groupSize = 2
    #expect(sentences(group) == ["1f1b takes no group size; leave it out"])
  }

  @Test func unknownName() {
    let told = sentences(choice("dual-pipe", 4, 10))
    #expect(told.count == 1)
    #expect(told[0].hasPrefix("schedule is dual-pipe: the schedules are gpipe, 1f1b, "))
    #expect(told[0].hasSuffix("; did you mean dualpipe?"))
  }

  @Test func misuse() throws {
    #expect(
      choice("dualpipe", nil, 4).misuse
        == "dualpipe is built for a number of ranks and of micro-batches; add --ranks.")
    #expect(choice("dualpipe", 2, 4).misuse == nil)
    let path = try write("0F0,0B0\n")
    #expect(choice(path, nil, nil).misuse == nil)
    #expect(choice(path, nil, 4).misuse?.hasSuffix("; leave out --micro-batches.") == true)
    var durations = UniformDurations()
    #expect(!durations.isGiven && durations.misuse == nil)
    durations.weightBackward = .nan
    #expect(
      durations.misuse
        == "--weight-backward takes a duration from 0 to 1e100; nan is not in that range.")
  }

  @Test func file() throws {
    let path = try write("0F0,,0SEND_F0,0RECV_B0,0B0\r\n1RECV_F0,1F0,1B0,1SEND_B0\r\n")
    let loaded = try ScheduleChoice(path).load()
    #expect(loaded.schedule.name == "mine")
    #expect(loaded.schedule.ranks == 2)
    #expect(loaded.ignored == 4)
    let timing = try loaded.timing(ChosenDurations(UniformDurations()))
    #expect(timing.makespan == 6)
  }

  /// Sentences begin with file and line, and go by lines.
  @Test func wrongFile() throws {
    let path = try write("0F0,0B0\n1f0,1B0,x\n")
    #expect(
      sentences(ScheduleChoice(path)) == [
        "\(path):2: cell 1 is 1f0: letters are in upper case; write 1F0",
        "\(path):2: cell 3 is x: an action is a stage, then F, I, W or B, then a micro-batch; "
          + "write one such as 2F0",
      ])
    let many = try write((0..<25).reversed().map { "0F\($0)" }.joined(separator: ","))
    #expect(sentences(ScheduleChoice(many)).count == 21)
    #expect(
      sentences(ScheduleChoice(many)).last
        == "\(many): and 5 more problems; correct those above first")
    #expect(
      sentences(ScheduleChoice("/nowhere/x.csv"))
        == ["/nowhere/x.csv: there is no such file; give the path of a file that exists"])
    #expect(
      sentences(ScheduleChoice(folder.path))
        == ["\(folder.path): this is a folder, not a file; name a file in it"])
  }

  /// Durations of another number of stages are the durations file's problem.
  @Test func durationsOfOtherStages() throws {
    let path = try write(
      "stage,forward,input_backward,weight_backward\n0,1,1,1\n1,1,1,1\n2,1,1,1\n")
    let loaded = try choice("1f1b", 2, 4).load()
    let durations = try ChosenDurations(file: path)
    let error = #expect(throws: ScenarioError.self) { try loaded.timing(durations) }
    #expect(
      error?.description
        == "\(path): durations are given for 3 stages, but the schedule has 2; give one set for "
        + "each")
  }
}
