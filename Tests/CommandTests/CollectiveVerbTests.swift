import Foundation
import Testing

/// `fathom collective`: keys, sentences and exit statuses.
@Suite(.enabled(if: Command.isBuilt)) struct CollectiveVerbTests {
  private func run(_ kind: String, _ more: String...) throws -> Command.Result {
    try Command.run(["collective", kind, "--cluster", "h800"] + more)
  }

  private func fields(_ arguments: [String]) throws -> [String: Any] {
    let result = try Command.run(["collective"] + arguments + ["--json"])
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    return try #require(try result.json() as? [String: Any])
  }

  @Test(arguments: ["all-to-all", "all-reduce", "all-gather", "reduce-scatter", "broadcast", "p2p"])
  func keys(kind: String) throws {
    let fields = try fields([kind, "--cluster", "h800", "--gpus", "64", "--bytes", "64MiB"])
    #expect(
      Set(fields.keys) == [
        "time_s", "algorithm_bandwidth_bytes_per_s", "bus_bandwidth_bytes_per_s", "bottleneck",
        "flows", "links", "algorithm", "latency_s", "lower_bound_s",
      ])
    let time = try #require(fields["time_s"] as? Double)
    let bandwidth = try #require(fields["algorithm_bandwidth_bytes_per_s"] as? Double)
    #expect(abs(bandwidth * time / 67_108_864 - 1) < 1e-9)
    let bus = try #require(fields["bus_bandwidth_bytes_per_s"] as? Double)
    let factor =
      switch kind {
      case "all-reduce": 2.0 * 63 / 64
      case "broadcast", "p2p": 1.0
      default: 63.0 / 64
      }
    #expect(abs(bus / bandwidth - factor) < 1e-9)
    #expect(try #require(fields["lower_bound_s"] as? Double) <= time)
    let links = try #require(fields["links"] as? [[String: Any]])
    for link in links {
      #expect(
        Set(link.keys) == ["kind", "bytes", "busy_ratio", "total_bytes", "rate_bytes_per_s"])
      let bytes = try #require(link["bytes"] as? Double)
      let rate = try #require(link["rate_bytes_per_s"] as? Double)
      let busy = try #require(link["busy_ratio"] as? Double)
      #expect(abs(bytes / rate / time - busy) < 1e-9)
      #expect(busy <= 1)
    }
    let kinds = links.compactMap { $0["kind"] as? String }
    #expect(kinds.contains("nic_out") && Set(kinds).count == kinds.count)
    #expect((fields["bottleneck"] as? String)?.contains(" of GPU ") == true)
  }

  /// Every pair is a flow, and it takes as long as the few that stand for all.
  @Test func expanded() throws {
    let question = ["all-to-all", "--cluster", "h800", "--gpus", "24", "--bytes", "24MB"]
    let folded = try fields(question)
    let expanded = try fields(question + ["--expand"])
    #expect(expanded["flows"] as? Int == 24 * 23)
    #expect(try #require(folded["flows"] as? Int) < 10)
    let times = try [folded, expanded].map { try #require($0["time_s"] as? Double) }
    #expect(abs(times[0] - times[1]) <= 1e-9 * times[1] + 4e-12)
    #expect(folded["bottleneck"] as? String == expanded["bottleneck"] as? String)
  }

  /// A size may carry any unit or none, and a named algorithm is taken.
  @Test func sizesAndAlgorithms() throws {
    let question = ["all-reduce", "--cluster", "h800", "--gpus", "16", "--bytes"]
    let times = try ["1000000", "1MB", "1000 kB", "1e6"].map {
      try #require(try fields(question + [$0])["time_s"] as? Double)
    }
    #expect(Set(times).count == 1)
    let named = try fields(question + ["1GB", "--algorithm", "hierarchical"])
    #expect(named["algorithm"] as? String == "hierarchical")
    #expect(try fields(question + ["1kB"])["algorithm"] as? String == "tree")
    #expect(try fields(question + ["10GB"])["algorithm"] as? String == "ring")
  }

  /// The cluster of a scenario file, whose other tables do not matter.
  @Test func clusterOfAFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/cluster.yaml"
    try "cluster: {node: h800, nodes: 2, fabric: single-switch, nic: 800 Gbit/s}\nmodel: no-such\n"
      .write(toFile: path, atomically: true, encoding: .utf8)
    let fast = try fields(["p2p", "--cluster", path, "--gpus", "9", "--bytes", "1GB"])
    let plain = try fields([
      "p2p", "--cluster", "h800", "--fabric", "single-switch", "--gpus", "9", "--bytes", "1GB",
    ])
    let times = try [fast, plain].map { try #require($0["time_s"] as? Double) }
    #expect(times[0] < times[1] * 0.51)
    let few = try Command.run(
      ["collective", "all-reduce", "--cluster", path, "--gpus", "17", "--bytes", "1GB"])
    #expect(few.status == 1)
    #expect(few.errors.contains("17 GPUs are more than the cluster's 16"))
    try "cluster: {node: h900, nodes: 2}\n".write(toFile: path, atomically: true, encoding: .utf8)
    let wrong = try Command.run(
      ["collective", "all-reduce", "--cluster", path, "--gpus", "16", "--bytes", "1GB"])
    #expect(wrong.status == 1)
    #expect(wrong.errors.contains("cluster.yaml:1") && wrong.errors.contains("h900"))
  }

  /// A stride spreads the group: 8 GPUs on 8 nodes have no NVLink between them.
  @Test func stride() throws {
    let apart = try fields([
      "all-gather", "--cluster", "h800", "--gpus", "8", "--stride", "8", "--bytes", "1GB",
    ])
    let links = try #require(apart["links"] as? [[String: Any]])
    let kinds = links.compactMap { $0["kind"] as? String }
    #expect(!kinds.contains("nvlink_out") && kinds.contains("nic_out"))
  }

  @Test func textSaysWhatTheSizeMeans() throws {
    let result = try run("all-gather", "--gpus", "64", "--bytes", "64MB")
    #expect(result.status == 0)
    #expect(result.text.contains("all-gather of 64,000,000 bytes among 64 GPUs of h800"))
    #expect(result.text.contains("each GPU gives 1,000,000 bytes"))
    #expect(result.text.contains("bus bandwidth") && result.text.contains("The busiest link is "))
    #expect(result.text.contains("fastest of ring, halving-doubling"))
  }

  @Test(arguments: [
    (["all-reduce"], "Missing expected argument '--cluster"),
    (["all-reduse", "--gpus", "8", "--bytes", "1MB"], "did you mean all-reduce?"),
    (["all-reduce", "--gpus", "8"], "give its size, as in --bytes 64MiB"),
    (["all-reduce", "--gpus", "1", "--bytes", "1MB"], "at least 2 GPUs"),
    (["all-reduce", "--gpus", "0", "--bytes", "1MB"], "0 is not in that range"),
    (["all-reduce", "--gpus=-8", "--bytes", "1MB"], "-8 is not in that range"),
    (["all-reduce", "--gpus", "9223372036854775807", "--bytes", "1MB"], "is not in that range"),
    (["all-reduce", "--gpus", "99999999999999999999", "--bytes", "1MB"], "invalid"),
    (["all-reduce", "--gpus", "8", "--stride", "0", "--bytes", "1MB"], "--stride takes 1 to"),
    (["all-reduce", "--gpus", "8", "--bytes", "0"], "'0' is not in that range"),
    (["all-reduce", "--gpus", "8", "--bytes=-1MB"], "'-1MB' is not in that range"),
    (["all-reduce", "--gpus", "8", "--bytes", "1e300"], "is not in that range"),
    (["all-reduce", "--gpus", "8", "--bytes", "nan"], "is not of that form"),
    (["all-reduce", "--gpus", "8", "--bytes", "1 Gbit"], "'1 Gbit' is not of that form"),
    (["all-reduce", "--gpus", "8", "--bytes", "1MB", "--fabric", "fat-treee"], "fat-tree?"),
    (["all-reduce", "--gpus", "8", "--bytes", "1MB", "--algorithm", "rings"], "mean ring?"),
    (["all-to-all", "--gpus", "8", "--bytes", "1MB", "--algorithm", "ring"], "direct, two-hop"),
    (["all-reduce", "--gpus", "8", "--bytes", "1MB", "--tokens", "4"], "--tokens is for dispatch"),
    (["dispatch", "--gpus", "8", "--bytes", "1MB"], "leave out --bytes"),
    (["combine", "--gpus", "8", "--tokens", "4096"], "add --hidden and --top-k and --experts"),
    (
      [
        "dispatch", "--gpus", "8", "--tokens", "0", "--hidden", "7168", "--top-k", "8", "--experts",
        "256",
      ], "--tokens takes 1 to"
    ),
    (
      [
        "dispatch", "--gpus", "8", "--tokens", "4096", "--hidden", "7168", "--top-k", "9",
        "--experts", "8",
      ], "at most as many experts"
    ),
  ])
  func wrongUsage(arguments: [String], sentence: String) throws {
    let cluster = arguments.count > 1 ? ["--cluster", "h800"] : []
    let result = try Command.run(["collective"] + arguments + cluster)
    #expect(result.status == 64)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains(sentence), "\(result.errors)")
  }

  @Test(arguments: [
    (["--cluster", "h80", "--gpus", "8"], "did you mean h800?"),
    (["--cluster", "zzz", "--gpus", "8"], "nodes are h800, h100"),
    (["--cluster", "/nowhere/x.yaml", "--gpus", "8"], "/nowhere/x.yaml"),
    (["--cluster", "h800", "--gpus", "128", "--fabric", "single-switch"], "take --fabric"),
    (["--cluster", "h800", "--gpus", "4096", "--fabric", "fat-tree"], "4096 GPUs are more than"),
    (["--cluster", "h800", "--gpus", "1000", "--stride", "1000"], "1000 apart, reach over"),
    (["--cluster", "h800", "--gpus", "4096", "--expand"], "simulated one by one"),
  ])
  func wrongInput(arguments: [String], sentence: String) throws {
    let result = try Command.run(["collective", "all-to-all", "--bytes", "1GB"] + arguments)
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains(sentence), "\(result.errors)")
    #expect(!result.errors.contains("Error:"))
  }

  @Test func help() throws {
    let result = try Command.run("collective", "--help")
    #expect(result.status == 0)
    #expect(result.text.contains("fathom collective all-reduce"))
  }
}
