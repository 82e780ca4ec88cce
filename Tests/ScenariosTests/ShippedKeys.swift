import Scenarios
import Training

/// How a key of a shipped scenario is moved, and what that does.
struct KeyMove: Sendable {
  /// What is measured.
  enum Measure: String, Sendable {
    case step, bubble, memory, weights, gpuHours, rent, bytesOverNIC, cases, letters, orders,
      switches
  }

  /// What becomes of the measure.
  enum Effect: String, Sendable {
    case up, down, moves, refused, same
  }

  /// A value to set: as written, or as a multiple of the value there is.
  enum Value: Sendable {
    case to(String)
    case times(Double)
  }

  var set: [(key: String, value: Value)]
  var measure: Measure
  var effect: Effect
  /// Why it goes that way.
  var because: String
}

/// The table of moves: a row a key, and rows for the scenarios in which it goes another way.
///
/// A new key of a scenario needs one row in `moves`; a new scenario a line in `variants`, and a row
/// in `exceptions` where a common move does not suit it.
enum ShippedKeys {
  /// What makes each scenario small enough to simulate in a fraction of a second. One schedule is
  /// run unless a key of `compare` is moved.
  static let variants: [String: [String]] = [
    "bring-your-own-schedule": ["training.schedule=1f1b"],
    "deepseek-v3-pretraining": [
      "model=deepseek-v2-lite",
      "cluster.nodes=4", "parallelism.pipeline=2", "parallelism.expert=16",
      "training.global_batch=128", "training.schedule=dualpipe",
    ],
    "deepseek-v3-whole-run": [
      "model=deepseek-v2-lite",
      "cluster.nodes=4", "parallelism.pipeline=2", "parallelism.expert=16",
      "training.global_batch=128",
    ],
    "llama-2-7b-one-node": ["training.global_batch=32"],
    "llama-3.1-405b-h100": [
      "model=llama-3.1-8b",
      "cluster.nodes=32", "parallelism.pipeline=4", "training.global_batch=64",
      "training.schedule=interleaved-1f1b",
    ],
    "mixtral-8x7b-a100": [
      "cluster.nodes=2", "parallelism.pipeline=2", "training.global_batch=32",
      "training.schedule=1f1b",
    ],
    "qwen3-235b-h200": [
      "model=qwen3-30b-a3b",
      "cluster.nodes=8", "parallelism.pipeline=2", "training.global_batch=256",
      "training.schedule=dualpipe",
    ],
    "searched-schedule": ["training.schedule=1f1b", "compare.6.search.evaluations=30"],
    "skewed-routing": ["training.global_batch=64", "training.schedule=1f1b"],
    "slow-parts": ["training.global_batch=64", "training.schedule=1f1b"],
    "step-time-against-skew": [
      "model=deepseek-v2-lite", "cluster.nodes=4", "parallelism.pipeline=2",
      "parallelism.expert=16", "training.global_batch=32", "training.schedule=1f1b",
      "sweep.routing.distribution=[zipf(0.3)]",
    ],
  ]

  /// Of so many layers one is kept, where a step of all of them takes long.
  static let layersForOne: [String: Int] = [
    "deepseek-v3-pretraining": 4, "llama-2-7b-one-node": 4,
    "mixtral-8x7b-a100": 4, "qwen3-235b-h200": 4, "skewed-routing": 4, "slow-parts": 3,
    "step-time-against-skew": 4, "searched-schedule": 2,
  ]

  private static func to(
    _ key: String, _ value: String, _ measure: KeyMove.Measure, _ effect: KeyMove.Effect,
    _ because: String
  ) -> (String, KeyMove) {
    (key, KeyMove(set: [(key, .to(value))], measure: measure, effect: effect, because: because))
  }

  private static func times(
    _ keys: [String], _ factor: Double, _ measure: KeyMove.Measure, _ effect: KeyMove.Effect,
    _ because: String
  ) -> (String, KeyMove) {
    let set = keys.map { (key: $0, value: KeyMove.Value.times(factor)) }
    return (keys[0], KeyMove(set: set, measure: measure, effect: effect, because: because))
  }

  /// Each key with its move.
  static let moves: [String: KeyMove] = [String: KeyMove](
    uniqueKeysWithValues: head + cluster + parallelism + training + routing + study)

  private static let head: [(String, KeyMove)] = [
    to("format", "2", .step, .refused, "only format 1 is read"),
    to("name", "a-name-longer-than-any-scenario-has", .letters, .up, "it names the folder"),
    to("model", "llama-2-70b", .step, .up, "ten times the parameters of 7B"),
  ]

  private static let cluster: [(String, KeyMove)] = [
    to("cluster.node", "h20", .step, .up, "an H20 computes a sixth of an H100's FLOPs"),
    times(["cluster.nodes"], 2, .step, .down, "each pipeline runs half of the micro-batches"),
    to("cluster.fabric", "single-switch", .switches, .down, "every NIC is on one switch"),
    times(["cluster.oversubscription"], 4, .step, .up, "fewer up-links carry the same bytes"),
    to("cluster.faults.1.nic", "40", .step, .moves, "another rank waits"),
    to("cluster.faults.1.share", "0.9", .step, .down, "the NIC is less slow"),
    to("cluster.faults.2.gpu", "50", .step, .moves, "another rank waits"),
    to("cluster.faults.2.speed", "0.4", .step, .up, "the GPU is slower"),
  ]

  private static let parallelism: [(String, KeyMove)] = [
    times(
      ["parallelism.pipeline", "cluster.nodes"], 2, .weights, .down,
      "a rank holds half of the layers"),
    times(
      ["parallelism.data", "cluster.nodes"], 2, .step, .down,
      "each pipeline runs half of the micro-batches"),
    times(["parallelism.tensor"], 2, .weights, .down, "a GPU holds half of each matrix"),
    times(["parallelism.expert"], 0.5, .weights, .up, "a GPU holds twice the experts"),
    to("parallelism.zero", "0", .memory, .up, "optimizer states stand whole on each replica"),
  ]

  private static let training: [(String, KeyMove)] = [
    times(["training.sequence_length"], 2, .step, .up, "twice the tokens"),
    times(["training.global_batch"], 2, .step, .up, "twice the micro-batches"),
    times(["training.micro_batch"], 2, .memory, .up, "activations of twice the tokens"),
    to("training.precision", "bf16", .step, .up, "half of FP8's FLOPs, twice its bytes"),
    to("training.schedule", "gpipe", .memory, .up, "activations of all micro-batches are held"),
    times(["training.stages_per_rank"], 0.5, .bubble, .up, "warm-up passes are twice as long"),
    to("training.recompute", "full", .memory, .down, "only the inputs of layers are kept"),
    to(
      "training.communication_multiprocessors", "60", .step, .up,
      "fewer multiprocessors compute beside exchanges"),
    to("training.traffic_priority", "fair", .step, .up, "sends wait for dispatch and combine"),
  ]

  private static let routing: [(String, KeyMove)] = [
    to("routing.distribution", "zipf(1)", .step, .up, "every GPU waits for the busiest"),
    to("routing.node_limit", "1", .bytesOverNIC, .down, "tokens visit fewer nodes"),
    to("routing.redundant_experts", "16", .weights, .up, "each GPU holds one expert more"),
    to("routing.seed", "2", .bytesOverNIC, .moves, "other tokens are drawn"),
  ]

  private static let study: [(String, KeyMove)] = [
    to("compare", "[gpipe, 1f1b]", .cases, .up, "each schedule is a case"),
    to("compare.1", "gpipe", .memory, .up, "activations of all micro-batches are held"),
    to("compare.2", "gpipe", .memory, .up, "activations of all micro-batches are held"),
    to("compare.2.name", "looped-bfs", .memory, .up, "activations of all micro-batches are held"),
    to("compare.2.stages_per_rank", "2", .bubble, .up, "warm-up passes are twice as long"),
    to("compare.3", "gpipe", .memory, .up, "activations of all micro-batches are held"),
    to("compare.4", "gpipe", .memory, .up, "activations of all micro-batches are held"),
    to("compare.4.file", "gpipe.csv", .memory, .up, "the list is GPipe's"),
    to("compare.5", "gpipe", .memory, .up, "activations of all micro-batches are held"),
    to("compare.6.search.stages_per_rank", "1", .bubble, .up, "warm-up passes are twice as long"),
    to("compare.6.search.parameter_copies", "2", .weights, .up, "each stage is held twice"),
    to("compare.6.search.evaluations", "1", .orders, .down, "fewer orders are tried"),
    to("compare.6.search.seed", "2", .step, .same, "orders from any seed end at the same best one"),
    to(
      "sweep.routing.distribution", "[zipf(0.3), balanced]", .cases, .up, "each value is a point"),
    to("run.tokens", "90T", .gpuHours, .up, "more steps"),
    to("price.rent", "9 USD/GPU-hour", .rent, .up, "each GPU-hour costs more"),
  ]

  /// Moves of one scenario's key where the common one does not suit it, under `scenario key`.
  static let exceptions: [String: KeyMove] = {
    var found: [String: KeyMove] = [:]
    func put(_ scenario: String, _ row: (String, KeyMove)) {
      found["\(scenario) \(row.0)"] = row.1
    }
    for scenario in ["bring-your-own-schedule", "searched-schedule", "llama-2-7b-one-node"] {
      put(
        scenario,
        times(
          ["cluster.nodes", "parallelism.data"], 2, .step, .down,
          "each pipeline runs half of the micro-batches"))
    }
    for scenario in [
      "bring-your-own-schedule", "searched-schedule", "llama-2-7b-one-node", "llama-3.1-405b-h100",
    ] {
      put(scenario, to("training.precision", "fp8", .step, .down, "twice the FLOPs of BF16"))
    }
    put(
      "mixtral-8x7b-a100",
      to("training.precision", "fp8", .step, .refused, "an A100 does not compute in FP8"))
    put(
      "mixtral-8x7b-a100",
      to("cluster.fabric", "multi-rail-fat-tree", .switches, .up, "each NIC has a switch"))
    put(
      "mixtral-8x7b-a100",
      to("cluster.node", "h100", .step, .down, "an H100 computes three times as fast"))
    put("mixtral-8x7b-a100", to("model", "mixtral-8x22b", .step, .up, "three times the size"))
    put(
      "llama-3.1-405b-h100",
      times(["parallelism.tensor"], 0.5, .weights, .up, "a GPU holds twice as much of a matrix"))
    put("llama-3.1-405b-h100", to("model", "llama-3.1-70b", .step, .up, "nine times the size"))
    put("qwen3-235b-h200", to("model", "qwen3-235b-a22b", .step, .up, "eight times the size"))
    for scenario in ["deepseek-v3-pretraining", "deepseek-v3-whole-run"] {
      put(scenario, to("model", "deepseek-v2", .step, .up, "ten times the size"))
    }
    put(
      "deepseek-v3-pretraining",
      to("training.schedule", "gpipe", .step, .up, "nothing overlaps dispatch and combine"))
    for scenario in ["skewed-routing", "slow-parts", "step-time-against-skew"] {
      put(scenario, to("model", "deepseek-moe-16b", .step, .moves, "another attention"))
    }
    put(
      "skewed-routing",
      to("routing.distribution", "balanced", .step, .down, "no GPU is busier than others"))
    put(
      "llama-3.1-405b-h100",
      to("cluster.fabric", "multi-plane-fat-tree", .switches, .moves, "planes have other switches"))
    put(
      "slow-parts",
      (
        "cluster.fabric",
        KeyMove(
          set: [
            ("cluster.fabric", .to("single-switch")), ("cluster.oversubscription", .to("null")),
          ], measure: .switches, effect: .down, because: "every NIC is on one switch")
      ))
    put(
      "skewed-routing",
      to("training.traffic_priority", "fair", .step, .moves, "sends wait for dispatch and combine"))
    put(
      "llama-3.1-405b-h100",
      to("compare", "[interleaved-1f1b, 1f1b]", .cases, .up, "each schedule is a case"))
    return found
  }()
}
