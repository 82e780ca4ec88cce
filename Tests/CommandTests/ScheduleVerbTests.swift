import Foundation
import Testing

/// `fathom schedule`, from the call to its answer.
@Suite(.enabled(if: Command.isBuilt)) struct ScheduleVerbTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ text: String, name: String = "mine.csv") throws -> String {
    let path = folder.path + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func object(_ result: Command.Result) throws -> [String: Any] {
    try #require(try result.json() as? [String: Any])
  }

  @Test func list() throws {
    let people = try Command.run("schedule", "list")
    #expect(people.status == 0)
    #expect(people.text.contains("\ndualpipe  (stated: "))
    let entries = try #require(
      try Command.run("schedule", "list", "--json").json() as? [[String: Any]])
    let dualPipe = try #require(entries.first { $0["name"] as? String == "dualpipe" })
    #expect(dualPipe["placement"] as? String == "bidirectional")
    #expect(dualPipe["parameter_copies"] as? Int == 2)
    for key in [
      "title", "ranks", "micro_batches", "bubble", "activation_peak", "source",
    ] {
      #expect(entries.allSatisfy { ($0[key] as? String)?.isEmpty == false }, "\(key)")
    }
    for key in [
      "searched", "reconstruction", "chooses_group_size", "chooses_stages_per_rank",
      "splits_backward",
    ] {
      #expect(entries.allSatisfy { $0[key] is Bool }, "\(key)")
    }
  }

  /// Exactly the text, and the same as JSON.
  @Test func show() throws {
    let call = ["schedule", "show", "dualpipe", "--ranks", "2", "--micro-batches", "4"]
    let result = try Command.run(call)
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    let lines = """
      0F0,3F2,0F1,3B2,(3F3;0B0)OVERLAP_F_B,3B3,0I1,0W1
      2F2,1F0,2F3,1B0,(1F1;2B2)OVERLAP_F_B,1B1,2I3,2W3

      """
    #expect(result.text == lines)
    let json = try object(try Command.run(call + ["--json"]))
    #expect(json["name"] as? String == "dualpipe")
    #expect(json["ranks"] as? Int == 2)
    #expect(json["micro_batches"] as? Int == 4)
    #expect(json["stages_per_rank"] as? Int == 2)
    #expect(json["parameter_copies"] as? Int == 2)
    #expect(json["rank_of_stage"] as? [Int] == [0, 1, 1, 0])
    #expect(
      (json["actions"] as? [[String]])?.map { $0.joined(separator: ",") }
        == lines.split(separator: "\n").map(String.init))
    // What is shown is a file that is shown as it is, in any of its forms.
    let path = try file(lines.replacingOccurrences(of: "\n", with: "\r\n"))
    #expect(try Command.run("schedule", "show", path).text == lines)
  }

  @Test func checkGoodFile() throws {
    let path = try file("0F0,,0SEND_F0,0RECV_B0,0I0,0W0\n1RECV_F0,1F0,1B0,1SEND_B0\n")
    let people = try Command.run("schedule", "check", path)
    #expect(people.status == 0)
    #expect(people.text.hasPrefix("\(path): a valid schedule\n"))
    #expect(people.text.contains("  not checked       4 sends, "))
    let json = try object(try Command.run("schedule", "check", path, "--json"))
    #expect(json["valid"] as? Bool == true)
    #expect(json["ranks"] as? Int == 2 && json["stages"] as? Int == 2)
    #expect(json["micro_batches"] as? Int == 1)
    #expect(json["placement"] as? String == "linear")
    #expect(json["actions"] as? Int == 5)
    #expect(json["ignored_communication_actions"] as? Int == 4)
  }

  /// Sentences and the grid on standard error, and the same as one JSON value.
  @Test func checkDeadlock() throws {
    let path = try file("0F0,0B0,0F1,0B1\n1F1,1F0,1B0,1B1\n")
    let people = try Command.run("schedule", "check", path)
    #expect(people.status == 1)
    #expect(people.output.isEmpty)
    let lines = people.errors.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("\(path):1: deadlock: rank 0 waits at 0B0 (line 1, cell 2) for "))
    #expect(lines[1].contains(">0B0<") && lines[2].contains(">1F1<"))
    let result = try Command.run("schedule", "check", path, "--json")
    #expect(result.status == 1)
    let json = try object(result)
    #expect(json["valid"] as? Bool == false)
    let problem = try #require((json["problems"] as? [[String: Any]])?.first)
    #expect(problem["line"] as? Int == 1 && problem["cell"] as? Int == 2)
    #expect(problem["waiting_ranks"] as? [Int] == [0, 1])
    #expect((problem["grid"] as? String)?.contains(">1F1<") == true)
    // A list that deadlocks is not timed either.
    #expect(try Command.run("schedule", "time", path, "--json").status == 1)
  }

  /// GPipe of 3 ranks and 5 micro-batches: (m + p − 1)(F + B) + 2(p − 1)C.
  @Test func time() throws {
    let path = try file(
      try Command.run("schedule", "show", "gpipe", "--ranks", "3", "--micro-batches", "5").text)
    let durations = [
      "--forward", "1", "--input-backward", "1.5", "--weight-backward", "0.5", "--p2p", "0.25",
    ]
    let json = try object(try Command.run(["schedule", "time", path, "--json"] + durations))
    #expect(json["ranks"] as? Int == 3 && json["micro_batches"] as? Int == 5)
    #expect(json["makespan"] as? Double == 22)
    #expect(json["rank_busy"] as? [Double] == [15, 15, 15])
    #expect(json["rank_finish"] as? [Double] == [22, 19.75, 17.5])
    #expect(abs((json["bubble_ratio"] as? Double ?? 0) - 7.0 / 22) < 1e-15)
    #expect(json["longest_span"] as? Double == 22)
    #expect(abs((json["span_bubble_ratio"] as? Double ?? 0) - 7.0 / 22) < 1e-15)
    #expect(json["peak_activations_release_at_w"] as? [Int] == [5, 5, 5])
    #expect(json["peak_activations_release_at_i"] as? [Int] == [5, 5, 5])
    let people = try Command.run(["schedule", "time", path] + durations)
    #expect(
      people.text.contains(
        "\ndurations: F 1, I 1.5, W 0.5, overlapped pair 3 (F + I + W), p2p 0.25\n"))
    #expect(people.text.contains("  makespan      22.00000  bubble  31.82 %  "))
    // The built-in by name is the same list.
    let named = try Command.run(
      ["schedule", "time", "gpipe", "--ranks", "3", "--micro-batches", "5", "--json"] + durations)
    #expect(try object(named)["makespan"] as? Double == 22)
  }

  /// One slow stage: rank 0 has 4 x (1 + 2) of work and then waits for the last backward.
  @Test func timeWithDurationsOfStages() throws {
    let path = try file(
      "stage,forward,input_backward,weight_backward\n1,3,3,3\n0,1,1,1\n", name: "durations.csv")
    let call = ["schedule", "time", "1f1b", "--ranks", "2", "--micro-batches", "4"]
    let result = try Command.run(call + ["--durations", path, "--json"])
    let json = try object(result)
    #expect(json["rank_busy"] as? [Double] == [12, 36])
    // First forward 1, all work of the slow rank 36, last backward 2.
    #expect(json["makespan"] as? Double == 39)
    #expect(try Command.run(call + ["--durations", path, "--forward", "1"]).status == 64)
    let words = try Command.run(call + ["--durations", path]).text.split { $0.isWhitespace }
    #expect(words.joined(separator: " ").contains("durations: of 2 stages, from \(path) rank "))
  }

  @Test(arguments: [
    ["schedule", "show", "dualpipe"], ["schedule", "show", "1f1b", "--ranks", "x"],
    ["schedule", "time", "1f1b", "--ranks", "2", "--micro-batches", "2", "--p2p=-1"],
    ["schedule", "time", "1f1b", "--ranks", "2", "--micro-batches", "2", "--forward", "nan"],
    ["schedule", "dance"], ["schedule", "check"],
  ])
  func wrongUsage(arguments: [String]) throws {
    let result = try Command.run(arguments)
    #expect(result.status == 64)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("Usage:"))
  }

  @Test(arguments: [
    ["schedule", "show", "dualpip", "--ranks", "2", "--micro-batches", "4"],
    ["schedule", "check", "/nowhere/x.csv", "--json"], ["schedule", "time", "/nowhere/x.csv"],
  ])
  func wrongInput(arguments: [String]) throws {
    let result = try Command.run(arguments)
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains(arguments[2]))
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test(arguments: ["list", "show", "check", "time"])
  func help(verb: String) throws {
    let result = try Command.run("schedule", verb, "--help")
    #expect(result.status == 0)
    #expect(result.text.contains("fathom schedule \(verb)"))
  }
}
