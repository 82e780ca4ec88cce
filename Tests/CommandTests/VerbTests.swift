import Foundation
import Testing

/// Exit statuses, answers and messages of the verbs that simulate nothing.
@Suite(.enabled(if: Command.isBuilt)) struct VerbTests {
  /// DeepSeek-V3's numbers, to the last digit where they are counted.
  @Test func modelAsJSON() throws {
    let result = try Command.run("model", "deepseek-v3", "--json")
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    let fields = try #require(try result.json() as? [String: Double])
    #expect(fields["parameters"] == 671_026_419_200)
    #expect(fields["kv_bytes_per_token"] == 70_272)
    #expect(abs((fields["training_flops_per_token_causal"] ?? 0) / 250e9 - 1) < 0.01)
    #expect(abs((fields["training_flops_per_token_noncausal"] ?? 0) / 281e9 - 1) < 0.01)
    #expect(fields["active_parameters"] != nil)
    #expect(fields.count == 5)
  }

  /// A longer sequence makes more work a token.
  @Test func sequenceLengthMatters() throws {
    let short = try #require(
      try Command.run("model", "llama-2-7b", "--json").json() as? [String: Double])
    let long = try #require(
      try Command.run("model", "llama-2-7b", "--sequence-length", "32768", "--json").json()
        as? [String: Double])
    let key = "training_flops_per_token_causal"
    #expect((long[key] ?? 0) > (short[key] ?? 0))
  }

  @Test(arguments: ["gpus", "clusters", "transfers", "models", "schedules", "prices"])
  func catalogue(topic: String) throws {
    let people = try Command.run("catalog", topic)
    #expect(people.status == 0 && !people.text.isEmpty)
    let entries = try #require(
      try Command.run("catalog", topic, "--json").json() as? [[String: Any]])
    #expect(!entries.isEmpty)
    #expect(entries.allSatisfy { $0["name"] is String && $0["numbers"] is [[String: Any]] })
  }

  /// Every key of the scenario with where it came from.
  @Test func explain() throws {
    let result = try Command.run("explain", Command.scenario, "--set", "training.micro_batch=2")
    #expect(result.status == 0)
    #expect(result.text.contains("# file line "))
    #expect(result.text.contains("training.micro_batch: 2"))
    #expect(result.text.contains("# --set"))
    let json = try #require(
      try Command.run("explain", Command.scenario, "--json").json() as? [String: Any])
    #expect(json["keys"] is [[String: Any]])
  }

  /// What is wrong with the call is a matter of usage.
  @Test(arguments: [
    ["run"], ["fly"], ["catalog", "trains"], ["model", "deepseek-v3", "--sequence-length", "0"],
    ["run", "x.yaml", "--set", "nothing"], ["model", "deepseek-v3", "--fast"],
  ])
  func wrongUsage(arguments: [String]) throws {
    let result = try Command.run(arguments)
    #expect(result.status == 64)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("Usage:"))
  }

  /// What is wrong with a file or name is a sentence, and no output.
  @Test(arguments: [
    ["run", "/nowhere/x.yaml"], ["explain", "/nowhere/x.yaml", "--json"],
    ["model", "no-such-model", "--json"],
  ])
  func wrongInput(arguments: [String]) throws {
    let result = try Command.run(arguments)
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains(arguments[1]), "the sentence names what is wrong")
    #expect(!result.errors.contains("Error:"))
  }

  /// Each verb's help has an example.
  @Test(arguments: ["run", "explain", "model", "routing", "catalog"])
  func help(verb: String) throws {
    let result = try Command.run(verb, "--help")
    #expect(result.status == 0)
    #expect(result.text.contains("Example"))
    #expect(result.text.contains("fathom \(verb) "))
  }

  /// A full disk under standard output is a failure, not a silence.
  @Test func fullStandardOutput() throws {
    let process = Process()
    process.executableURL = URL(filePath: try #require(Command.executable))
    process.arguments = ["model", "deepseek-v3"]
    process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let sentence = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    #expect(String(decoding: sentence, as: UTF8.self).contains("standard output"))
  }

  /// A reader that goes away after a line is no error.
  @Test func closedPipe() throws {
    let (process, output, _) = try Command.start(["catalog", "models"])
    try output.fileHandleForReading.close()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 0)
  }
}
