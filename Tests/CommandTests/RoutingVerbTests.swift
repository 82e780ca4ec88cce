import Foundation
import Testing

/// `fathom routing` and `fathom catalog transfers`.
@Suite(.enabled(if: Command.isBuilt)) struct RoutingVerbTests {
  @Test func asJSON() throws {
    let result = try Command.run(
      "routing", "deepseek-v3", "--distribution", "zipf(0.8)", "--redundant-experts", "64",
      "--balance-steps", "2", "--json")
    #expect(result.status == 0 && result.errors.isEmpty)
    let fields = try #require(try result.json() as? [String: Any])
    let nodes = try #require(fields["nodes_per_token"] as? Double)
    #expect(abs(nodes - 3.97) < 0.05)
    let ranks = try #require(fields["ranks"] as? [[String: Any]])
    #expect(ranks.count == 64)
    #expect(abs(ranks.compactMap { $0["rows_per_token"] as? Double }.reduce(0, +) - 8) < 1e-6)
    let placement = try #require(fields["placement"] as? [String: Any])
    #expect((placement["slots"] as? [Int])?.count == 320)
    let before = try #require(fields["imbalance_ratio"] as? Double)
    #expect(try #require(placement["imbalance_ratio"] as? Double) < before)
    let balancing = try #require(fields["balancing"] as? [String: Any])
    #expect((balancing["imbalance_ratio"] as? [Double])?.count == 3)
  }

  @Test func forPeople() throws {
    let result = try Command.run("routing", "mixtral-8x7b", "--distribution", "hot-rank(3)")
    #expect(result.status == 0)
    #expect(result.text.contains("busiest rank / mean"))
    #expect(result.text.split(separator: "\n").contains { $0.contains("#") })
    let again = try Command.run("routing", "mixtral-8x7b", "--distribution", "hot-rank(3)")
    #expect(again.output == result.output)
  }

  @Test func aDenseModelIsASentence() throws {
    let result = try Command.run("routing", "llama-2-7b")
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.errors.contains("llama-2-7b: it has no experts"))
  }

  /// Options that are wrong whatever the model are misuse, facts about the model are not.
  @Test(arguments: [
    "--gpus=0", "--tokens=0", "--seed=-1", "--distribution=zip(2)", "--gpus=48", "--layer=2",
  ])
  func misuseAndFactsExitApart(option: String) throws {
    let result = try Command.run("routing", "deepseek-v3", option)
    let isFact = ["--gpus=48", "--layer=2"].contains(option)
    #expect(result.status == (isFact ? 1 : 64) && result.output.isEmpty)
    #expect(!result.errors.isEmpty)
  }

  @Test func theFitIsShown() throws {
    let result = try Command.run("catalog", "transfers", "--json")
    let entries = try #require(try result.json() as? [[String: Any]])
    #expect(entries.count == 10)
    let errors = entries.flatMap { $0["numbers"] as? [[String: Any]] ?? [] }
      .filter { $0["key"] as? String == "error_ratio" }.compactMap { $0["value"] as? Double }
    #expect(errors.count == 8)
    #expect(errors.allSatisfy { abs($0) < 0.07 })
  }
}
