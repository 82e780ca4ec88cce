import Foundation
import Hardware
import Quantities
import Testing

@testable import Scenarios

/// The sentences of a text as a list of links for `gpus` GPUs, under the name `l.csv`.
private func linkSentences(_ text: String, gpus: Int = 2) -> [String] {
  var reader = LinkListReader(file: "l.csv", gpus: gpus)
  let list = reader.read(Array(text.utf8))
  reader.check(list)
  return reader.problems.isEmpty ? [] : reader.error.problems.map(\.description)
}

private let header = "from,to,rate,latency\n"
private let row = "gpu0,gpu1,50 GB/s,1 us\n"
private let columns = "the columns are from, to, rate, latency, count, directions"
private let nameRule =
  "it names a GPU, NIC or switch by up to 64 letters, digits, '.', '_' and '-'; write a name such as "
  + "gpu0 or leaf1"

/// Wrong lists of links for two GPUs, and what is said of them.
private let wrongLists: [(String, [String])] = [
  (
    "",
    [
      "l.csv: the file is empty: it starts with the names of its columns; write "
        + "from,to,rate,latency and a row for each link"
    ]
  ),
  (header, ["l.csv:1: no row follows the header; write one for each link"]),
  (
    "from,to,rate,latencies\n" + row,
    ["l.csv:1: latencies is no column: \(columns); did you mean latency?"]
  ),
  ("from,to,rate,weather\n" + row, ["l.csv:1: weather is no column: \(columns); remove it"]),
  (
    "from,to,rate,rate\n" + row,
    ["l.csv:1: column rate stands twice: each column stands once; remove one"]
  ),
  (
    "from,to,rate\ngpu0,gpu1,1 GB/s",
    ["l.csv:1: column latency is missing: it has no default; add it"]
  ),
  (
    header + row + "gpu0,leaf0\n",
    [
      "l.csv:3: the row has 2 cells but the header 4: each column has a cell; write 4"
    ]
  ),
  (
    header + "gpu0,gpu1,0 GB/s,1 us",
    ["l.csv:2: rate is 0 GB/s: it must be from 1 MB/s to 1000 TB/s; correct the number or its unit"]
  ),
  (
    header + "gpu0,gpu1,nan,1 us",
    ["l.csv:2: rate is nan: it must be a number with a unit; write it like 400 Gbit/s"]
  ),
  (
    header + "gpu0,gpu1,nan GB/s,1 us",
    ["l.csv:2: rate is nan GB/s: it must be a number with a unit; write it like 400 Gbit/s"]
  ),
  (
    header + "gpu0,gpu1,50,1 us",
    [
      "l.csv:2: rate is 50: it needs a unit out of B/s, Mbit/s, MB/s, Gbit/s, GB/s, GiB/s, Tbit/s, TB/s; write it like 400 Gbit/s"
    ]
  ),
  (
    header + "gpu0,gpu1,,1 us",
    ["l.csv:2: rate is empty: it must be a number with a unit; write it like 400 Gbit/s"]
  ),
  (
    header + "gpu0,gpu1,1 GB/s,-1 us",
    ["l.csv:2: latency is -1 us: it must be from 0 ps to 1 s; correct the number or its unit"]
  ),
  (
    header + "gpu0,gpu1,1 GB/s,2 s",
    ["l.csv:2: latency is 2 s: it must be from 0 ps to 1 s; correct the number or its unit"]
  ),
  (header + "gpu 0,gpu1,1 GB/s,1 us", ["l.csv:2: from is gpu 0: \(nameRule)"]),
  (header + "gpu0,,1 GB/s,1 us", ["l.csv:2: to is empty: \(nameRule)"]),
  (
    header + "gpu0,gpu2,1 GB/s,1 us",
    [
      "l.csv:2: there is no gpu2: the cluster has 2 GPUs, gpu0 to gpu1; correct the name, or cluster.nodes"
    ]
  ),
  (
    header + "gpu0,gpu01,1 GB/s,1 us",
    [
      "l.csv:2: there is no gpu01: the cluster has 2 GPUs, gpu0 to gpu1; correct the name, or cluster.nodes"
    ]
  ),
  (
    header + "leaf0,leaf0,1 GB/s,1 us",
    ["l.csv:2: the link joins leaf0 to itself: a link has two ends; correct one or remove the row"]
  ),
  (
    "from,to,rate,latency,count\ngpu0,gpu1,1 GB/s,1 us,0",
    ["l.csv:2: count is 0: it must be a whole number from 1 to 65536; correct it"]
  ),
  (
    "from,to,rate,latency,directions\ngpu0,gpu1,1 GB/s,1 us,up",
    ["l.csv:2: directions is up: it must be one or both; correct it"]
  ),
  (
    header + row + "\n" + "gpu1,gpu0,50 GB/s,1 us\n",
    [
      "l.csv:4: the link from gpu1 to gpu0 stands here and on line 2: a link stands once; remove one "
        + "of them, or give the number of parallel links as count"
    ]
  ),
  (
    header + "gpu0,leaf0,1 GB/s,1 us",
    ["l.csv: gpu1 has no link: the cluster has 2 GPUs; add links, or correct cluster.nodes"]
  ),
  (
    header + "gpu0,leaf0,1 GB/s,1 us\ngpu1,leaf1,1 GB/s,1 us",
    ["l.csv: GPU 0 cannot reach GPU 1: no chain of links leads there; add one"]
  ),
  (
    "from,to,rate,latency,directions\ngpu0,gpu1,1 GB/s,1 us,one",
    ["l.csv: GPU 1 cannot reach GPU 0: no chain of links leads there; add one"]
  ),
  (
    header + "gpu0,gpu1,0 GB/s,-1 us\ngpu0,gpu0,1 GB/s,1 us",
    [
      "l.csv:2: rate is 0 GB/s: it must be from 1 MB/s to 1000 TB/s; correct the number or its unit",
      "l.csv:2: latency is -1 us: it must be from 0 ps to 1 s; correct the number or its unit",
      "l.csv:3: the link joins gpu0 to itself: a link has two ends; correct one or remove the row",
    ]
  ),
]

@Test(arguments: wrongLists)
func wrongList(_ text: String, _ expected: [String]) {
  #expect(linkSentences(text) == expected)
}

/// Files of links.
@Suite struct LinkListFileTests {
  /// Columns in any order, blanks, quotes, Windows line ends and a byte order mark are all fine;
  /// parallel links are one trunk, a row is both directions unless it says one.
  @Test func whatIsWrittenIsRead() throws {
    var reader = LinkListReader(file: "l.csv", gpus: 2)
    let list = reader.read(
      Array(
        ("\u{FEFF}latency, rate,from,to,directions,count\r\n 1 us , 400 Gbit/s,gpu0,\"leaf0\",both,2\r\n"
          + "\r\n2 us,1 GB/s,leaf0,gpu1,one,1").utf8))
    #expect(reader.problems.isEmpty)
    #expect(list.places == ["gpu0", "gpu1", "leaf0"])
    let fast = Bandwidth(100e9)
    #expect(
      list.links == [
        ListedLink(from: 0, to: 2, rate: fast, latency: Time(seconds: 1e-6)),
        ListedLink(from: 2, to: 0, rate: fast, latency: Time(seconds: 1e-6)),
        ListedLink(from: 2, to: 1, rate: Bandwidth(1e9), latency: Time(seconds: 2e-6)),
      ])
  }

  @Test func manyProblemsAreCounted() {
    let found = linkSentences(header + String(repeating: "gpu0,gpu0,1 GB/s,1 us\n", count: 25))
    #expect(found.count == 21)
    #expect(found.last == "l.csv: and 5 more problems; correct those above first")
  }

  /// Bytes of any kind neither trap nor pass.
  @Test func noBytesTrap() {
    for seed in 0..<200 {
      let alphabet = Array("gpu01,,,\n\n\" GB/suleaf-.\u{0}é9e".utf8)
      let bytes = (0..<80).map {
        alphabet[(seed * 7919 + $0 * $0 * (seed % 13 + 1)) % alphabet.count]
      }
      var reader = LinkListReader(file: "l.csv", gpus: 2)
      _ = reader.read(Array(header.utf8) + bytes)
      #expect(!reader.problems.isEmpty)
    }
  }

  /// A list in a scenario's folder takes the place of the network; keys of that network are refused.
  @Test func aScenarioNamesAList() throws {
    let folder = try TemporaryFolder()
    let rows = (0..<16).map { "gpu\($0),switch0,40 GB/s,1 us\n" }.joined()
    try folder.write(header + rows, to: "star.csv")
    let text = base([
      4: "cluster: {node: h800, nodes: 2, links: star.csv}", 5: "parallelism: {pipeline: 2}",
      8: "  global_batch: 64",
    ])
    let document = try Document(text: text, file: folder.path + "/s.yaml")
    let scenario = try Scenario.load(document, set: [])
    #expect(scenario.cluster.links?.links.count == 32)
    func value(_ path: String) -> String? { scenario.resolved.first { $0.path == path }?.value }
    #expect(value("cluster.links") == "star.csv")
    #expect(value("cluster.links_of_one_direction") == "32")
    #expect(value("cluster.fabric_latency") == nil)
    let refused = [
      ("cluster.fabric=fat-tree", "cluster.fabric describes the network that cluster.links lists"),
      ("cluster.nic=400 Gbit/s", "cluster.nic describes the network that cluster.links lists"),
      (
        "cluster.faults=[{nic: 1, share: 0.5}]",
        "cluster.faults.1.nic describes the network that cluster.links lists"
      ),
    ]
    for (option, sentence) in refused {
      let error = #expect(throws: ScenarioError.self) {
        try Scenario.load(document, set: [option])
      }
      let rest = ", so it would do nothing; remove one of the two keys"
      #expect(error?.problems.map(\.description) == ["--set \(option): \(sentence)\(rest)"])
    }
    let error = #expect(throws: ScenarioError.self) {
      try Scenario.load(document, set: ["cluster.nodes=4"])
    }
    #expect(
      error?.problems.first?.description.hasSuffix(
        "star.csv: gpu16, gpu17, gpu18, gpu19, gpu20, gpu21, gpu22, gpu23 and 8 more have no link: "
          + "the cluster has 32 GPUs; add links, or correct cluster.nodes") == true)
  }
}
