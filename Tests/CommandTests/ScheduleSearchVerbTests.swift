import Foundation
import Testing

/// `fathom schedule search` and the drawings of `fathom schedule show`, from the call to the answer.
@Suite(.enabled(if: Command.isBuilt)) struct ScheduleSearchVerbTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ text: String, name: String) throws -> String {
    let path = folder.path + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// Stages of different lengths, the last with a head.
  private let uneven = """
    stage,forward,input_backward,weight_backward,p2p,activation
    0,1.1,1,0.7,0.05,1
    1,1,1.3,0.7,0.05,1
    2,1.2,1,0.9,0.05,1
    3,1.4,1.5,1.2,0.05,1.5

    """

  @Test func searchPrintsAListThatTimesAsItSays() throws {
    let durations = try file(uneven, name: "stages.csv")
    let call = [
      "schedule", "search", "--ranks", "4", "--micro-batches", "6", "--durations", durations,
      "--memory-limit", "4.5", "--evaluations", "300",
    ]
    let result = try Command.run(call)
    #expect(result.status == 0)
    #expect(result.errors.contains("best built-in schedule that fits: "))
    let list = try file(result.text, name: "found.csv")
    let timed = try Command.run(
      "schedule", "time", list, "--durations", durations, "--json")
    let timing = try #require(try timed.json() as? [String: Any])
    let json = try #require(try Command.run(call + ["--json"]).json() as? [String: Any])
    let makespan = try #require(json["makespan"] as? Double)
    #expect(abs(makespan - (timing["makespan"] as? Double ?? 0)) < 1e-9 * makespan)
    let bound = try #require(json["lower_bound"] as? Double)
    #expect(bound > 0 && bound <= makespan)
    #expect(try #require(json["best_built_in_makespan"] as? Double) >= makespan)
    let peaks = try #require(json["peak_activations"] as? [Double])
    #expect(peaks.allSatisfy { $0 <= 4.5 + 1e-9 })
    let lists = try #require(json["actions"] as? [[String]])
    #expect(lists.map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n" == result.text)
    #expect(try Command.run(call).text == result.text, "the same seed gives the same list")
  }

  /// Every built-in that fits, timed by another verb, is no shorter than what the search finds.
  @Test func searchIsNoLongerThanAnyBuiltIn() throws {
    let durations = try file(uneven, name: "stages.csv")
    let found = try #require(
      try Command.run(
        "schedule", "search", "--ranks", "4", "--micro-batches", "8", "--durations", durations,
        "--evaluations", "50", "--json"
      ).json() as? [String: Any])
    let makespan = try #require(found["makespan"] as? Double)
    for name in ["gpipe", "1f1b", "zb-h1", "zb-h2", "zb-1p", "zb-2p", "chimera", "dualpipe"] {
      let timed = try #require(
        try Command.run(
          "schedule", "time", name, "--ranks", "4", "--micro-batches", "8", "--durations",
          durations, "--json"
        ).json() as? [String: Any])
      #expect(try #require(timed["makespan"] as? Double) >= makespan - 1e-9, "\(name)")
    }
  }

  @Test(arguments: [
    (["--ranks", "4", "--micro-batches", "4", "--memory-limit", "x"], Int32(64), "of the form"),
    (["--ranks", "4", "--micro-batches", "4", "--memory-limit", "0.5"], 1, "limit"),
    (["--ranks", "4", "--micro-batches", "0"], 1, "micro-batches: 0 is too few"),
    (["--ranks", "4", "--micro-batches", "4", "--memory-limit", "4,4"], 1, "give 1 for all or 4"),
    (["--ranks", "4", "--micro-batches", "4", "--evaluations", "0"], 64, "takes 1 or more"),
    (["--ranks", "4", "--micro-batches", "4", "--parameter-copies", "3"], 1, "use 2"),
  ])
  func searchRefuses(options: [String], status: Int32, words: String) throws {
    let result = try Command.run(["schedule", "search"] + options)
    #expect(result.status == status)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains(words), "\(result.errors)")
  }

  /// An interrupt ends a search that would take hours with a list that keeps every rule.
  @Test func anInterruptEndsTheSearchWithTheBestSoFar() throws {
    let (process, output, errors) = try Command.start([
      "schedule", "search", "--ranks", "6", "--micro-batches", "24", "--p2p", "0.1",
      "--memory-limit", "4", "--parameter-copies", "1", "--evaluations", "1000000000",
    ])
    usleep(1_000_000)
    kill(process.processIdentifier, SIGINT)
    let text = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let sentences = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(String(decoding: sentences, as: UTF8.self).contains("orders tried"))
    let list = try file(text, name: "found.csv")
    #expect(try Command.run("schedule", "check", list).status == 0)
    #expect(text.split(separator: "\n").count == 6)
  }

  @Test func showDraws() throws {
    let call = [
      "schedule", "show", "dualpipe", "--ranks", "4", "--micro-batches", "8", "--overlapped", "2.5",
      "--svg",
    ]
    let plain = try Command.run(call)
    #expect(plain.status == 0)
    let document = try XMLShape(plain.output)
    #expect(document.root == "svg")
    #expect(plain.text.contains("overlapped pair 2.5"))
    let memory = try Command.run(call + ["--memory"])
    #expect(memory.output.count > plain.output.count)
    #expect(try Command.run(Array(call.dropLast()) + ["--memory"]).status == 64)
  }
}

/// The outermost element of a text that is well-formed XML.
private struct XMLShape {
  var root: String

  init(_ data: Data) throws {
    let text = String(decoding: data, as: UTF8.self)
    let start = try #require(text.firstIndex(of: "<"))
    let name = text[start...].dropFirst().prefix { $0.isLetter }
    try #require(text.hasSuffix("</\(name)>\n"))
    root = String(name)
  }
}
