import Foundation
import Testing

/// `fathom run`, from the scenario to its files.
@Suite(.enabled(if: Command.isBuilt)) struct RunTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: [String] = [], output: String? = nil) throws -> Command.Result {
    try Command.run(
      ["run", Command.scenario, "--output", output ?? folder.path] + Command.small + arguments)
  }

  /// One JSON value with the promised keys, and the files beside it.
  @Test func jsonAndFiles() throws {
    let result = try run(["--json"])
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    let root = try #require(try result.json() as? [String: Any])
    #expect(root["scenario"] as? String == "deepseek-v3-pretraining")
    let cases = try #require(root["cases"] as? [[String: Any]])
    #expect(cases.map { $0["name"] as? String } == ["1f1b", "dualpipe"])
    let keys = [
      "step_s", "bubble_ratio", "tokens_per_day", "mfu_causal_ratio", "peak_memory_bytes",
      "gpu_hours", "wall_days", "rent_usd", "wall_clock_s", "events",
    ]
    for key in keys { #expect(cases[0][key] is Double, "\(key) is a number") }
    try checkThatRanksAddUp(cases)
    #expect(
      folder.files.map { URL(filePath: $0).lastPathComponent } == [
        "cases.csv", "collectives.csv", "critical-path.csv", "links.csv", "memory.csv", "ranks.csv",
        "resolved.yaml", "spans.csv", "summary.json", "tensors.csv",
        "timeline-1f1b.svg", "timeline-dualpipe.svg", "trace.json",
        "waterfall.csv",
      ])
  }

  /// Seconds of each rank sum to the step, to the picosecond.
  private func checkThatRanksAddUp(_ cases: [[String: Any]]) throws {
    let parts = [
      "forward_s", "input_backward_s", "weight_backward_s", "overlapped_s", "bubble_s",
      "optimizer_s",
    ]
    for one in cases {
      let step = try #require(one["step_s"] as? Double)
      for rank in try #require(one["ranks"] as? [[String: Any]]) {
        let sum = parts.compactMap { rank[$0] as? Double }.reduce(0, +)
        #expect(abs(sum - step) < 1e-11)
      }
    }
  }

  /// A table for people, with the winner in words.
  @Test func table() throws {
    let result = try run()
    #expect(result.status == 0)
    #expect(result.text.contains("GPU-hours a"))
    #expect(result.text.contains("\nWinner: "))
    #expect(result.text.contains("Held equal:"))
    #expect(!result.text.contains("\u{1b}"))
  }

  /// What-if answers stand beside the cases and in the text; two runs give the same.
  @Test func whatIf() throws {
    let result = try run(["--json", "--what-if"])
    #expect(result.status == 0)
    let root = try #require(try result.json() as? [String: Any])
    let answers = try #require(root["what_if"] as? [String: Any])
    #expect(answers["case"] as? String == root["winner"] as? String)
    let changes = try #require(answers["changes"] as? [[String: Any]])
    #expect(changes.count >= 5)
    let effects = changes.compactMap { $0["effect_ratio"] as? Double }
    #expect(effects.map(\.magnitude) == effects.map(\.magnitude).sorted(by: >))
    #expect(effects.contains { $0 < 0 })
    let text = try run(["--what-if"])
    #expect(text.text.contains("\nWhat if, "))
    #expect(text.text.contains("NIC bandwidth +10 %"))
  }

  /// Parts of each case's waterfall, and its critical path, sum to the step.
  @Test func waterfallAndPathAddUp() throws {
    let root = try #require(try run(["--json"]).json() as? [String: Any])
    for one in try #require(root["cases"] as? [[String: Any]]) {
      let step = try #require(one["step_s"] as? Double)
      for key in ["waterfall", "critical_path"] {
        let parts = try #require(one[key] as? [String: Any])
        let sum = parts.filter { $0.key.hasSuffix("_s") }.values.compactMap { $0 as? Double }
          .sorted().reduce(0, +)
        #expect(abs(sum - step) < 1e-10, "\(key)")
      }
    }
  }

  /// The same scenario gives the same files, byte for byte.
  @Test func twoRunsAreEqual() throws {
    let other = try TemporaryFolder()
    #expect(try run().status == 0)
    #expect(try run(output: other.path).status == 0)
    #expect(folder.files == other.files && !folder.files.isEmpty)
    for name in folder.files {
      let one = FileManager.default.contents(atPath: folder.path + "/" + name)
      let two = FileManager.default.contents(atPath: other.path + "/" + name)
      #expect(one == two, "\(name)")
    }
  }

  /// A wrong scenario writes nothing, not even a folder.
  @Test func wrongScenarioWritesNothing() throws {
    let result = try run(["--set", "cluster.node=abacus"])
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("abacus"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  /// A place that cannot be written to is said before anything is simulated.
  @Test func unwritableOutput() throws {
    let file = folder.path + "/file"
    #expect(FileManager.default.createFile(atPath: file, contents: nil))
    for place in [file, "/proc", "/proc/nothing"] {
      let result = try run(output: place)
      #expect(result.status == 1)
      #expect(result.output.isEmpty, "no row was printed, so nothing was simulated")
      #expect(result.errors.hasPrefix(place))
      #expect(result.errors.contains("--output"))
      #expect(result.errors.split(separator: "\n").count == 1)
    }
    #expect(folder.files == ["file"])
  }

  /// When the command is stopped.
  enum Moment: CaseIterable {
    case atTheStart, whileSimulating, whileWriting
  }

  /// Stopped at any moment, the command leaves whole files or none, and nothing hidden.
  @Test(arguments: [SIGINT, SIGTERM], Moment.allCases)
  func interruption(signal: Int32, moment: Moment) throws {
    // Long enough to be stopped while it simulates, or one case, which is written soon.
    let cases = moment == .whileWriting ? ["--set", "compare=[1f1b]"] : []
    let (process, output, errors) = try Command.start(
      ["run", Command.scenario, "--output", folder.path] + cases)
    // The listener is in place before the first folder is made.
    while process.isRunning, !hasCome(moment) { usleep(500) }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    withExtendedLifetime((output, errors)) {}
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 128 + signal)
    #expect(folder.files.allSatisfy { !$0.contains(".partial") }, "\(folder.files)")
    if folder.files.isEmpty {
      #expect(!FileManager.default.fileExists(atPath: made), "no empty folder stays behind")
    }
    if let spans = FileManager.default.contents(atPath: made + "/spans.csv") {
      #expect(spans.last == UInt8(ascii: "\n"))
    }
  }

  private var made: String { folder.path + "/deepseek-v3-pretraining" }

  private func hasCome(_ moment: Moment) -> Bool {
    switch moment {
    case .atTheStart: return FileManager.default.fileExists(atPath: made)
    case .whileSimulating:
      guard FileManager.default.fileExists(atPath: made) else { return false }
      usleep(200_000)
      return true
    case .whileWriting: return folder.files.contains { $0.contains(".spans.csv.") }
    }
  }
}
