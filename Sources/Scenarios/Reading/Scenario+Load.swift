import Economics
public import Hardware
import Models

extension Scenario {
  /// Reads and checks a scenario file.
  ///
  ///     let scenario = try Scenario.load(
  ///       path: "scenarios/deepseek-v3-pretraining.yaml", set: ["training.micro_batch=2"])
  ///     scenario.cases.map(\.name)       // ["gpipe", "1f1b", ...]
  ///
  /// Each point of a sweep is read as the file with the point's values set, and what is wrong with
  /// any of them is told at once.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - set: values that replace or add to the file's, each `key.path=value`, in order.
  /// - Throws: `ScenarioError` with every problem at once.
  public static func load(path: String, set: [String]) throws(ScenarioError) -> Scenario {
    try load(try Document(path: path), set: set)
  }

  /// Checks the scenario of a document; as `load(path:set:)`.
  public static func load(_ document: Document, set: [String]) throws(ScenarioError) -> Scenario {
    let (document, problems) = changed(document, set: set)
    return try SweepReader(document, problems: problems).scenario()
  }

  /// Reads and checks the `cluster` table of a scenario file, whatever else the file holds.
  ///
  /// - Throws: `ScenarioError` with every problem of the table at once.
  public static func cluster(path: String, set: [String] = []) throws(ScenarioError) -> Cluster {
    let (changed, problems) = changed(try Document(path: path), set: set)
    return try cluster(of: changed, problems: problems)
  }

  /// Checks the `cluster` table of a document; as `cluster(path:set:)`.
  static func cluster(
    of changed: Document, problems: [Problem] = []
  ) throws(ScenarioError) -> Cluster {
    var reader = ScenarioReader(changed)
    reader.keys.report(problems)
    reader.keys.check(ScenarioKeys.tables.filter { $0.path.hasPrefix("cluster") })
    reader.readCluster()
    guard reader.keys.problems.isEmpty, let cluster = reader.cluster else {
      // Where there is no cluster there is a problem, so the other is for the compiler.
      let problems = reader.keys.problems
      guard problems.isEmpty else { throw ScenarioError(problems: problems) }
      throw ScenarioError(.empty, at: .file(changed.file))
    }
    return cluster
  }

  /// The document with each change made that can be, and what is wrong with the file and the others.
  static func changed(
    _ document: Document, set: [String]
  ) -> (document: Document, problems: [Problem]) {
    var document = document
    var problems = document.problems
    for (index, text) in set.enumerated() {
      do {
        try Override(text: text, index: index).apply(to: &document)
      } catch {
        problems += error.problems
      }
    }
    return (document, problems)
  }
}

/// The tables of a scenario with their keys, in reading order.
enum ScenarioKeys {
  static let cluster = [
    "node", "device", "nodes", "fabric", "network", "oversubscription", "gpus_per_node",
    "nics_per_node",
    "nvlink", "nic", "memory", "memory_bandwidth", "links", "faults",
  ]
  /// The keys of a value of `cluster.faults`: one that says what, and one that says how much.
  static let fault = ["gpu", "nvlink", "nic", "leaf", "speed", "share"]
  static let parallelism = [
    "pipeline", "tensor", "context", "data", "expert", "expert_tensor", "sequence_parallel", "zero",
    "overlap", "layout",
  ]
  static let training = [
    "sequence_length", "global_batch", "micro_batch", "precision", "schedule",
    "stages_per_rank", "recompute", "attention", "communication_multiprocessors",
    "traffic_priority", "jitter",
  ]
  static let run = [
    "tokens", "stages", "research_overhead", "step_error", "samples", "seed",
  ]
  static let reliability = [
    "failures", "rate", "detection", "restart", "repair", "checkpoint_write", "checkpoint_interval",
    "spares", "swap", "start_failure", "lemons", "stragglers",
  ]
  static let price = ["rent", "date", "own"]
  static let ownership = OwnershipTerm.allCases.map(\.rawValue)
  static let routing = ["distribution", "node_limit", "redundant_experts", "seed"]

  /// Each table's keys, the file's own under "".
  static let tables: [(path: String, keys: [String])] = [
    (
      "",
      [
        "format", "name", "model", "cluster", "parallelism", "training", "routing", "compare",
        "sweep", "run", "reliability", "price", "techniques", "headline",
      ]
    ),
    ("cluster", cluster), ("parallelism", parallelism), ("training", training),
    ("routing", routing), ("run", run), ("reliability", reliability),
    ("price", price), ("price.own", ownership), ("headline", Headline.keys),
  ]
}
