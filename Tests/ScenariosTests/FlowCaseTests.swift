import Foundation
import Scenarios
import Testing

@Suite struct FlowCaseTests {
  /// A link of 1 GB/s that is waited for 1 us, and whatever the test adds.
  private func problems(links: String = "", flows: String) -> [String] {
    let text = """
      {"links": [{"id": "a", "capacity_Bps": 1e9, "latency_s": 1e-6}\(links)],
       "flows": [\(flows)]}
      """
    return refusal(of: text)
  }

  private func refusal(of text: String) -> [String] {
    do throws(ScenarioError) {
      _ = try FlowCase(text: text, file: "f.json")
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func flowsWaitLatenciesOnceAndShareLinks() throws {
    // Both drain at 0.5 GB/s from 1 us on; the one without bytes ends after the wait, the one
    // without links at once.
    let flows = try FlowCase(
      text: """
        {"name": "x", "links": [{"id": 7, "capacity_Bps": 1e9, "latency_s": 1e-6}],
         "flows": [{"id": "f", "path": [7], "bytes": 1e6, "start_s": 0},
                   {"id": "\\u0067", "path": ["7"], "bytes": 1000000, "start_s": 0.0},
                   {"id": 3, "path": [7, 7], "bytes": 0, "start_s": 1},
                   {"id": 4, "path": [], "bytes": 5, "start_s": 2}], "finish_s": {"f": [[]]}}
        """, file: "f.json")
    let result = try flows.solved()
    #expect(flows.ids == ["f", "g", "3", "4"])
    for (got, wanted) in zip(result.finish, [2.001e-3, 2.001e-3, 1.000002, 2]) {
      #expect(abs(got - wanted) < 1e-15)
    }
    #expect(result.carried == [2e6])
  }

  /// Numbers follow JSON's grammar.
  @Test(arguments: [
    ("0", true), ("-0", true), ("10", true), ("1.5", true), ("1e3", true), ("1E+3", true),
    ("0.5e-3", true), ("0x10", false), ("01", false), ("1.", false), ("+1", false), (".5", false),
    ("1e", false), ("-", false), ("1_0", false), ("1.5.2", false),
  ])
  func numbersFollowTheGrammar(number: String, isSound: Bool) {
    let flow = "{\"id\": \"f\", \"path\": [\"a\"], \"bytes\": \(number), \"start_s\": 0}"
    let found = problems(flows: flow)
    #expect(found.isEmpty == isSound, "\(number): \(found)")
    #expect(isSound || found.first?.contains("this is no JSON") == true)
  }

  /// A letter written as one code point and as two is two ids.
  @Test func idsAreBytes() throws {
    let flow = #""path": [], "bytes": 0, "start_s": 0}"#
    let text = #"{"links": [], "flows": [{"id": "\u00e9", \#(flow), {"id": "e\u0301", \#(flow)]}"#
    #expect(try FlowCase(text: text, file: "f.json").ids.count == 2)
    #expect(refusal(of: text.replacingOccurrences(of: "e\\u0301", with: "\\u00e9")).count == 1)
  }

  @Test func bytesThatAreNoTextAreRefused() throws {
    let folder = try TemporaryFolder()
    let bytes = Array(#"{"links": [], "flows": [], "name": ""#.utf8) + [0xFF] + Array("\"}".utf8)
    let path = try folder.write(Data(bytes), to: "f.json")
    do throws(ScenarioError) {
      _ = try FlowCase(path: path)
      Issue.record("it was read")
    } catch {
      #expect(error.description.contains("this is no JSON: a text in UTF-8 is needed here"))
    }
  }

  /// Every sentence names the flow or link, the value, the rule and what to do.
  @Test(arguments: [
    (
      #"{"id": "f", "path": ["b"], "bytes": 1, "start_s": 0}"#,
      "f.json: flow f: path crosses b, which is no id in links; add that link or correct the id"
    ),
    (
      #"{"id": "f", "path": ["a"], "bytes": -1, "start_s": 0}"#,
      "f.json: flow f: bytes is -1: it must be a number from 0 to 1e24; correct it"
    ),
    (
      #"{"path": ["a"], "bytes": 1, "start_s": -1e-9, "id": 5}"#,
      "f.json: flow 5: start_s is -1e-9: it must be a number from 0 to 1e9, in seconds; correct it"
    ),
    (
      #"{"id": "f", "path": ["a"], "bytes": 1, "start_s": 0, "weight": 2}"#,
      "f.json: flow f: there is no key weight: a flow takes id, path, bytes, start_s; remove it"
    ),
    (
      #"{"id": "f", "path": ["a"], "bytes": 1, "start_s": 0, "strat_s": 2}"#,
      "f.json: flow f: there is no key strat_s: a flow takes id, path, bytes, start_s; did you "
        + "mean start_s?"
    ),
    (
      #"{"id": "f", "path": ["a"], "bytes": NaN, "start_s": 0}"#,
      "f.json: flow f: bytes is NaN: it must be a number from 0 to 1e24; correct it"
    ),
    (
      #"{"id": "f", "path": ["a"], "bytes": 1e999, "start_s": 0}"#,
      "f.json: flow f: bytes is 1e999: it must be a number from 0 to 1e24; correct it"
    ),
    (
      #"{"id": "f", "path": ["a"], "bytes": "1", "start_s": 0}"#,
      #"f.json: flow f: bytes is "1": it must be a number from 0 to 1e24; correct it"#
    ),
    (
      #"{"id": "f", "path": "a", "bytes": 1, "start_s": 0}"#,
      #"f.json: flow f: path is "a": it must be a list of link ids; correct it"#
    ),
    (
      #"{"id": "f", "path": [["a"]], "bytes": 1, "start_s": 0}"#,
      "f.json: flow f: path is a list with a list in it: it must be a list of link ids; correct it"
    ),
    (
      #"{"id": null, "path": [], "bytes": 1, "start_s": 0}"#,
      "f.json: flow number 1: id is null: it must be a text or a number; correct it"
    ),
    (
      #"{"id": "f", "path": [], "start_s": 0}"#,
      #"f.json: flow f: bytes is missing: it has no default; add it, such as "bytes": 1e6"#
    ),
    (
      #"{"id": "f", "path": [], "bytes": 1, "bytes": 2, "start_s": 0}"#,
      "f.json: flow f: bytes stands twice: a key may stand once; remove one of them"
    ),
    ("17", "f.json: flow number 1 is 17: it must be an object; give it id, path, bytes, start_s"),
  ])
  func aBadFlow(text: String, sentence: String) {
    #expect(problems(flows: text) == [sentence])
  }

  @Test(arguments: ["0", "-5", "NaN", "Infinity", "-Infinity", "1e99", "0.5", "null", "\"1\""])
  func aBadCapacity(value: String) {
    let link = #", {"id": "b", "capacity_Bps": \#(value), "latency_s": 0}"#
    #expect(
      problems(links: link, flows: "") == [
        "f.json: link b: capacity_Bps is \(value): it must be a number from 1 to 1e18, in bytes a"
          + " second; correct it"
      ])
  }

  @Test func idsStandOnce() {
    let link = #", {"id": "a", "capacity_Bps": 1, "latency_s": 0}"#
    let flow = #"{"id": 1, "path": [], "bytes": 1, "start_s": 0}"#
    let other = #"{"id": "1", "path": [], "bytes": 1, "start_s": 0}"#
    #expect(
      problems(links: link, flows: flow + "," + other) == [
        "f.json: link a stands twice, as number 1 and number 2: each id stands once; rename one",
        "f.json: flow 1 stands twice, as number 1 and number 2: each id stands once; rename one",
      ])
  }

  @Test func aMisspeltLinkGetsASuggestion() {
    let link = #", {"id": "spine-1", "capacity_Bps": 1, "latency_s": 0}"#
    let flow = #"{"id": 1, "path": ["spine_1"], "bytes": 1, "start_s": 0}"#
    #expect(problems(links: link, flows: flow).first?.hasSuffix("did you mean spine-1?") == true)
  }

  /// All problems at once, up to 20, and how many there are beside.
  @Test func manyProblems() {
    let flows = (0..<37).map { #"{"id": \#($0), "path": ["x"], "bytes": 1, "start_s": 0}"# }
    let sentences = problems(flows: flows.joined(separator: ","))
    #expect(sentences.count == 21)
    #expect(sentences.last?.contains("and 17 more problems") == true)
  }

  @Test(arguments: [
    ("", "f.json:1: this is no JSON: a value is needed here; correct the file"),
    ("{\n\"links\": [}", "f.json:2: this is no JSON: a value is needed here; correct the file"),
    ("{\"a\" 1}", "f.json:1: this is no JSON: a colon is needed here; correct the file"),
    ("[1] x", "f.json: the file is a list"),
    ("{} x", "f.json:1: this is no JSON: the end of the file is needed here; correct the file"),
    ("{\"links\": 1, \"flows\": []}", "f.json: links is 1: it must hold a list of objects"),
    ("{\"links\": []}", "f.json: flows is missing: it has no default; add \"flows\": [...]"),
    ("{\"links\": [], \"links\": [], \"flows\": []}", "f.json: links stands twice"),
  ])
  func aBadFile(text: String, start: String) {
    #expect(refusal(of: text).first?.hasPrefix(start) == true)
  }

  /// Nothing a file can hold stops the reader: every prefix of a case, and cases with a byte
  /// changed, are refused or solved.
  @Test func brokenFilesAreRefused() throws {
    let text = #"""
      {"links": [{"id": "a\u00e9\n", "capacity_Bps": 1e9, "latency_s": 0.0}],
       "flows": [{"id": -1, "path": ["a\u00e9\n"], "bytes": 1, "start_s": 0}], "x": [true, null]}
      """#
    let bytes = Array(text.utf8)
    for end in bytes.indices {
      #expect(!refusal(of: String(decoding: bytes[..<end], as: UTF8.self)).isEmpty)
    }
    for place in bytes.indices {
      for byte in "\"\\{}[],:0-e\u{1}" {
        var changed = bytes
        changed[place] = byte.asciiValue ?? 0
        if let flows = try? FlowCase(text: String(decoding: changed, as: UTF8.self), file: "f") {
          #expect(throws: Never.self) { try flows.solved() }
        }
      }
    }
    #expect(!refusal(of: String(repeating: "[", count: 100_000)).isEmpty)
  }
}
