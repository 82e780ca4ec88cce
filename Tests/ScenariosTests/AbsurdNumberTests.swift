import Scenarios
import Testing
import Training

private let wholeKeys = [
  "cluster.nodes", "cluster.gpus_per_node", "parallelism.pipeline", "parallelism.tensor",
  "parallelism.data", "parallelism.expert", "parallelism.zero", "training.sequence_length",
  "training.global_batch", "training.micro_batch", "training.stages_per_rank",
  "training.communication_multiprocessors", "routing.node_limit", "routing.seed",
  "routing.redundant_experts",
]

/// No number makes a key trap; each is told by the key's own name.
@Test(
  arguments: wholeKeys,
  [
    "-1", "1.5", "1e300", "1e400", "nan", ".nan", ".inf", "-.inf", "9223372036854775808",
    "-9223372036854775809", "0x10", "010", "0o17", "0b1", "true", "~", "", "[1]", "{a: 1}",
    "\"16\"", "1:30", "1K", "--3", "1e", "½", "٣", "1 2", "16 sequences",
  ])
func absurdWhole(_ key: String, _ value: String) {
  let found = sentences(base(), set: ["\(key)=\(value)"])
  #expect(found.contains { $0.contains(": \(key) is ") })
  #expect(found.allSatisfy { $0.contains("; ") && !$0.contains("\n") })
}

/// Zero is a value of three keys only.
@Test(arguments: wholeKeys)
func zero(_ key: String) {
  let mayBeZero = ["parallelism.zero", "routing.seed", "routing.redundant_experts"].contains(key)
  #expect(sentences(base(), set: ["\(key)=0"]).isEmpty == mayBeZero)
}

/// Numbers at the end of every range neither trap nor pass.
@Test(
  arguments: [
    "cluster.nodes", "cluster.gpus_per_node", "parallelism.pipeline", "parallelism.tensor",
    "parallelism.data", "parallelism.expert", "training.global_batch",
  ], ["65535", "999999999999999", "1000000000000000", "1000000000000001", "9e18"])
func largeWhole(_ key: String, _ value: String) {
  #expect(!sentences(base(), set: ["\(key)=\(value)"]).isEmpty)
}

/// Everything large at once ends as sentences, too.
@Test func everythingLarge() {
  let options = wholeKeys.map { key in
    "\(key)=" + (key == "training.global_batch" ? "1000000000000000" : "65536")
  }
  #expect(!sentences(base(), set: options).isEmpty)
}

@Test(
  arguments: [
    "cluster.nvlink", "cluster.nic", "cluster.memory", "cluster.memory_bandwidth", "run.tokens",
  ],
  [
    "0", "-1", "1e300", "1e400", "nan", ".inf", "true", "~", "", "[1]", "{a: 1}", "1e300 GB/s",
    "1e400 GB", "-3 GB", "nan GB", "GB/s", "0x10 GB",
  ])
func absurdAmount(_ key: String, _ value: String) {
  let found = sentences(base(), set: ["\(key)=\(value)"])
  #expect(found.count == 1)
  #expect(found.allSatisfy { $0.contains(": \(key) is ") && $0.contains("; ") })
}

/// Ways to write a whole number that mean what they say.
@Test(arguments: ["15360", "15_360", "+15360", "15360.0", "1.536e4"])
func wholeNumbers(_ text: String) throws {
  #expect(try load(base(), set: ["training.global_batch=\(text)"]).plan.globalBatch == 15_360)
}
