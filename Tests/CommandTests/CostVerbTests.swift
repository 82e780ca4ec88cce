import Foundation
import Testing

/// `fathom cost`, from files of stated hours to its answers.
@Suite(.enabled(if: Command.isBuilt)) struct CostVerbTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ file: String, name: String, hours: String = "100 .. 200") throws -> String {
    let path = folder.path + "/" + file
    let text = """
      format: 1
      name: \(name)
      cluster: {node: h100, nodes: 2}
      run: {samples: 20, stages: [{stage: stated, gpu_hours: \(hours), source: x}]}
      """
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  private func cost(_ arguments: String...) throws -> Command.Result {
    try Command.run(["cost"] + arguments + ["--output", folder.path + "/out"])
  }

  private var written: [String] { folder.files.filter { $0.hasPrefix("out/") } }

  /// One JSON value of one scenario, a list of several, and nothing else.
  @Test func jsonIsOneValue() throws {
    let (one, two) = (try file("1.yaml", name: "one"), try file("2.yaml", name: "two"))
    let single = try cost(one, "--json")
    #expect(single.status == 0 && single.errors.isEmpty)
    let root = try #require(try single.json() as? [String: Any])
    #expect(root["scenario"] as? String == "one" && root["gpu_hours_p5"] is Double)
    let several = try #require(try cost(one, two, "--json").json() as? [[String: Any]])
    #expect(several.map { $0["scenario"] as? String } == ["one", "two"])
  }

  /// Every file that is named is there, and every folder holds what one scenario alone would.
  @Test func whatIsWrittenIsNamed() throws {
    let (one, two) = (try file("1.yaml", name: "one"), try file("2.yaml", name: "two"))
    let text = try cost(one).text
    let line = try #require(text.split(separator: "\n").last { $0.hasPrefix("Written: ") })
    let names = line.dropFirst("Written: ".count).split(separator: ", ").map(String.init)
    #expect(names.count == 7 && names.count == written.count)
    #expect(names.allSatisfy(FileManager.default.fileExists(atPath:)))
    let page = try cost(one, two).text
    let lines = page.split(separator: "\n")
    let last = try #require(lines.lastIndex { $0 == "Written:" })
    let places = lines[(last + 1)...].map { $0.trimmingCharacters(in: .whitespaces) }
    #expect(places.count == 4 && places.allSatisfy(FileManager.default.fileExists(atPath:)))
    #expect(written.count == 2 * 7 + 2)
  }

  /// Two scenarios of a name, and a file named twice, are refused before anything is written.
  @Test func folderBelongsToOneScenario() throws {
    let (one, two) = (try file("1.yaml", name: "same"), try file("2.yaml", name: "same"))
    let names = try cost(one, two)
    #expect(names.status == 1 && names.output.isEmpty)
    #expect(
      names.errors == "\(one) and \(two) both have the name same, so that one would overwrite the "
        + "other's files; give them different names or run them one by one.\n")
    let twice = try cost(one, folder.path + "/./1.yaml", "--json")
    #expect(twice.status == 1 && twice.output.isEmpty)
    #expect(
      twice.errors
        == "\(folder.path)/./1.yaml stands twice on the command line; name it once.\n")
    #expect(written.isEmpty)
  }

  /// What is wrong with any file is told at once.
  @Test func problemsOfAllFilesAreTold() throws {
    let bad = try file("1.yaml", name: "bad", hours: "-1")
    let result = try cost(bad, folder.path + "/none.yaml", try file("3.yaml", name: "good"))
    #expect(result.status == 1 && result.output.isEmpty)
    let sentences = result.errors.split(separator: "\n")
    #expect(sentences.count == 2)
    #expect(sentences.first?.hasPrefix(bad) == true)
    #expect(sentences.last?.contains("none.yaml") == true)
    #expect(written.isEmpty)
  }

  /// A folder where a table should be leaves nothing behind of the others.
  @Test func allFilesOrNone() throws {
    let one = try file("1.yaml", name: "one")
    try FileManager.default.createDirectory(
      atPath: folder.path + "/out/one/cost-draws.csv", withIntermediateDirectories: true)
    let result = try cost(one)
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.errors.contains("cost-draws.csv"))
    #expect(written.isEmpty)
  }
}
