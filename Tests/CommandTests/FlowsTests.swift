import Foundation
import Testing

/// `fathom flows` on small files.
@Suite(.enabled(if: Command.isBuilt)) struct FlowsTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/case.json"
  }

  private func write(_ text: String) throws {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// Two flows of 1 MB share 1 GB/s.
  @Test func answers() throws {
    try write(
      """
      {"links": [{"id": "a", "capacity_Bps": 1e9, "latency_s": 0}],
       "flows": [{"id": "f", "path": ["a"], "bytes": 1e6, "start_s": 0},
                 {"id": 2, "path": ["a"], "bytes": 1e6, "start_s": 0}]}
      """)
    let result = try Command.run("flows", path, "--json")
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    let json = try #require(try result.json() as? [String: Any])
    #expect(json["finish_s"] as? [String: Double] == ["f": 0.002, "2": 0.002])
    let table = try Command.run("flows", path)
    #expect(table.status == 0)
    #expect(table.text.contains("2 flows on 1 link, 1 solve; the last ends after 0.002 s"))
    let widths = Set(table.text.split(separator: "\n").dropFirst().prefix(3).map(\.count))
    #expect(widths.count == 1)
  }

  @Test func refuses() throws {
    let none = try Command.run("flows", path)
    #expect(none.status == 1)
    #expect(none.output.isEmpty)
    #expect(none.errors.contains("there is no such file"))
    try write(#"{"links": [{"id": "a", "capacity_Bps": 0, "latency_s": 0}], "flows": []}"#)
    let result = try Command.run("flows", path, "--json")
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("link a: capacity_Bps is 0"))
    #expect(try Command.run("flows").status == 64)
  }
}
