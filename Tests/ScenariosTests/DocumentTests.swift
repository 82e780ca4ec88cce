import Foundation
import Scenarios
import Testing

/// What a text that is no scenario is told.
private let badTextCases: [(String, String)] = [
  ("", "s.yaml: the file is empty: it must hold keys with values; write some"),
  ("# only this\n", "s.yaml: the file is empty: it must hold keys with values; write some"),
  ("~", "s.yaml: the file is empty: it must hold keys with values; write some"),
  (
    "- 1\n- 2",
    "s.yaml:1: the file holds a list: it must hold keys with values; write them as key: value"
  ),
  (
    "\nhello",
    "s.yaml:2: the file holds hello: it must hold keys with values; write them as key: value"
  ),
  (
    "a: 1\n---\nb: 2",
    "s.yaml:2: a second document starts here: a file holds one; remove it or give it a file of "
      + "its own"
  ),
  (
    "a: [1, 2\nb: 3",
    "s.yaml:2: this cannot be read as YAML: while parsing a flow sequence, did not find expected "
      + "',' or ']'; correct this line or the one before it"
  ),
  (
    "a: 1\nb:\n\t- c",
    "s.yaml:3: this cannot be read as YAML: while scanning for the next token, found character "
      + "that cannot start any token; correct this line or the one before it"
  ),
  (
    "a: 1\nb: \u{1}",
    "s.yaml:2: this cannot be read as YAML: control characters are not allowed; correct this line "
      + "or the one before it"
  ),
  (
    "a: *nothing",
    "s.yaml:1: this cannot be read as YAML: found undefined alias; correct this line or the one "
      + "before it"
  ),
  (
    String(repeating: "[", count: 100_000),
    "s.yaml:1: lists and tables are nested too deep: at most 1000 levels are read; nest fewer"
  ),
  (
    String(repeating: "- ", count: 100_000),
    "s.yaml:1: lists and tables are nested too deep: at most 1000 levels are read; nest fewer"
  ),
  (
    (0..<1500).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
    "s.yaml:1000: lists and tables are nested too deep: at most 1000 levels are read; nest fewer"
  ),
  (
    "a: &a 1\nb: [" + String(repeating: "*a, ", count: 17) + "]",
    "s.yaml: the file uses 17 aliases (*name): at most 16 are read; write the values out"
  ),
  (
    String(repeating: "# comment\n", count: 400_001),
    "s.yaml: the file has 4000010 bytes: at most 4000000 are read; give a shorter file"
  ),
  (
    base([10: "[1, 2]: 3"]),
    "s.yaml:10: a list or a table stands where a key is needed; write a word"
  ),
]

/// By index: some texts are too long to be printed as a test's argument.
@Test(arguments: badTextCases.indices)
func badText(index: Int) {
  let (text, sentence) = badTextCases[index]
  #expect(sentences(text) == [sentence])
}

/// Aliases that repeat each other are refused before they fill memory.
@Test func nestedAliasesAreBounded() {
  let wide = String(repeating: "1,", count: 100_000)
  let text = "a: &a [\(wide)]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]"
  #expect(
    sentences(text) == ["s.yaml: the file holds more than 1000000 values; give a shorter file"])
}

/// Deep nesting that YAML still allows is an unknown key, not a crash.
@Test func deepTableIsRead() {
  let text =
    base() + "\nx: " + String(repeating: "{a: ", count: 900) + String(repeating: "}", count: 900)
  #expect(sentences(text).map { $0.prefix(27) } == ["s.yaml:10: x is not a key: "])
}

/// Keys that stand twice are told with both lines, all of them at once.
private let duplicateKeysCases: [([Int: String], [String])] = [
  (
    [10: "format: 1", 11: "name: x"],
    [
      "s.yaml:10: format stands here and on line 1: a key may stand once; remove one of them",
      "s.yaml:11: name stands here and on line 2: a key may stand once; remove one of them",
    ]
  ),
  (
    [10: "format: 1", 11: "format: 1"],
    [
      "s.yaml:10: format stands here and on line 1: a key may stand once; remove one of them",
      "s.yaml:11: format stands here and on line 1: a key may stand once; remove one of them",
    ]
  ),
  (
    [10: "  sequence_length: 1", 11: "  \"global_batch\": 2", 12: "'name': y"],
    [
      "s.yaml:10: training.sequence_length stands here and on line 7: a key may stand once; "
        + "remove one of them",
      "s.yaml:11: training.global_batch stands here and on line 8: a key may stand once; "
        + "remove one of them",
      "s.yaml:12: name stands here and on line 2: a key may stand once; remove one of them",
    ]
  ),
  (
    [4: "cluster: {node: h800, nodes: 256, node: h100}"],
    ["s.yaml:4: cluster.node stands twice here: a key may stand once; remove one of them"]
  ),
  (
    [4: "cluster: {node: h800, nodes: 256, 1: 2, \"1\": 3}"],
    [
      "s.yaml:4: cluster.1 is not a key: its table takes node, device, nodes, fabric, network, "
        + "oversubscription, gpus_per_node, nics_per_node, nvlink, nic, memory, memory_bandwidth, "
        + "links, faults; remove it",
      "s.yaml:4: cluster.1 stands twice here: a key may stand once; remove one of them",
    ]
  ),
  (
    [2: "&anchor name: x", 10: "name: y"],
    ["s.yaml:2: name stands twice here: a key may stand once; remove one of them"]
  ),
]

@Test(arguments: duplicateKeysCases)
func duplicateKeys(_ changes: [Int: String], _ expected: [String]) {
  #expect(sentences(base(changes)) == expected)
}

@Test func duplicateKeysWithWindowsLineEnds() {
  let text = base([10: "name: x"]).split(separator: "\n").joined(separator: "\r\n")
  #expect(
    sentences(text) == [
      "s.yaml:10: name stands here and on line 2: a key may stand once; remove one of them"
    ])
}

/// A few aliases are a convenience; JSON and Windows line ends are read.
@Test(arguments: [
  base([4: "cluster: {node: &node h800, nodes: 256}", 2: "name: tiny # *x *y"]),
  base().split(separator: "\n").joined(separator: "\r\n"),
  """
  {"format": 1, "name": "tiny", "model": "deepseek-v3", "cluster": {"node": "h800", "nodes": 256},
   "parallelism": {"pipeline": 16}, "training": {"sequence_length": 4096, "global_batch": 15360,
   "schedule": "dualpipe"}}
  """,
])
func goodText(_ text: String) throws {
  #expect(sentences(text) == [])
}

/// Files that cannot be read, each with its sentence.
@Suite struct FileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ name: String, _ bytes: Data) throws -> String {
    try folder.write(bytes, to: name)
  }

  private func sentence(_ path: String) -> String {
    do {
      _ = try Scenario.load(path: path, set: [])
      return ""
    } catch {
      return error.description
    }
  }

  @Test func missing() {
    let path = folder.url.appending(path: "none.yaml").path
    #expect(
      sentence(path) == "\(path): there is no such file; give the path of a file that exists")
    #expect(sentence("") == "there is no such file; give the path of a file that exists")
  }

  @Test func folderInPlaceOfFile() {
    #expect(
      sentence(folder.path) == "\(folder.path): this is a folder, not a file; name a file in it")
  }

  @Test func notUTF8() throws {
    let path = try file("latin.yaml", Data([0x61, 0x3A, 0x20, 0xE9]))
    #expect(
      sentence(path) == "\(path): the file is not UTF-8 text; save it in that encoding")
  }

  @Test func tooLarge() throws {
    let path = try file("large.yaml", Data(repeating: 0x23, count: 4_000_001))
    #expect(
      sentence(path)
        == "\(path): the file has more than 4000000 bytes, which is the most that is read; "
        + "give a shorter file")
  }

  /// A file without an end is refused, not read for ever.
  @Test func endless() {
    #expect(
      sentence("/dev/zero")
        == "/dev/zero: the file has more than 4000000 bytes, which is the most that is read; "
        + "give a shorter file")
  }

  @Test func unreadable() throws {
    let path = try file("secret.yaml", Data("a: 1".utf8))
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
    // The superuser reads everything.
    guard !FileManager.default.isReadableFile(atPath: path) else { return }
    #expect(sentence(path) == "\(path): this file cannot be read; check its permissions")
  }

  @Test func byteOrderMark() throws {
    let path = try file("mark.yaml", Data("\u{FEFF}".utf8) + Data(base().utf8))
    #expect(sentence(path) == "")
  }
}
