import Scenarios
import Testing

/// Keys that do not go together, and what is said of them after the place.
private let relationCases: [(String, [String])] = [
  (
    "cluster.nodes=65536",
    [
      "cluster.nodes is 65536, 524288 GPUs in all: multi-rail-fat-tree joins at most 65536; "
        + "use fewer nodes"
    ]
  ),
  (
    "cluster.fabric=single-switch",
    [
      "cluster.nodes is 256, 2048 GPUs in all: single-switch joins at most 64; "
        + "use fabric multi-plane-fat-tree or fewer nodes"
    ]
  ),
  (
    "parallelism.data=100",
    [
      "parallelism.pipeline is 16: pipeline x tensor x data is 16 x 1 x 100, and must be the "
        + "cluster's 2048 GPUs; change a degree, or leave data out to have it worked out"
    ]
  ),
  (
    "parallelism.tensor=12",
    [
      "parallelism.tensor is 12: it must be a multiple of the 8 GPUs of a node; use 8 or 16",
      "parallelism.tensor is 12: it must divide the model's 128 attention heads; use 8 or 16",
      "parallelism.pipeline is 16: pipeline x tensor is 16 x 12, and must divide the cluster's "
        + "2048 GPUs; change a degree or the number of nodes",
    ]
  ),
  (
    "parallelism.tensor=7",
    [
      "parallelism.tensor is 7: it must divide the model's 128 attention heads; use 4 or 8",
      "parallelism.tensor is 7: it must divide the 18432 columns of the model's feed-forward "
        + "part; use 6 or 8",
      "parallelism.pipeline is 16: pipeline x tensor is 16 x 7, and must divide the cluster's "
        + "2048 GPUs; change a degree or the number of nodes",
    ]
  ),
  (
    "parallelism.expert=12",
    [
      "parallelism.expert is 12: it must be a multiple of the 8 GPUs of a node; use 8 or 16",
      "parallelism.expert is 12: it must divide the model's 256 routed experts; use 8 or 16",
      "parallelism.expert is 12: it must divide tensor x data, 128; use 8 or 16",
    ]
  ),
  (
    "parallelism.expert=256",
    ["parallelism.expert is 256: it must divide tensor x data, 128; use 128"]
  ),
  (
    "training.global_batch=15361",
    [
      "training.global_batch is 15361: it must be a multiple of data x micro_batch, 128 x 1; "
        + "use 15360 or 15488"
    ]
  ),
  (
    "training.global_batch=1920",
    [
      "training.global_batch is 1920, 15 micro-batches for each of 128 pipelines: dualpipe needs "
        + "an even number of micro-batches, at least twice the ranks: 15 is too few for 16 "
        + "ranks; use 32 or more, a global_batch of 4096 or more"
    ]
  ),
  (
    "training.global_batch=4224",
    [
      "training.global_batch is 4224, 33 micro-batches for each of 128 pipelines: dualpipe needs "
        + "an even number of micro-batches, at least twice the ranks: 33 is not; use 32 or 34, "
        + "a global_batch of 4096 or 4352"
    ]
  ),
  (
    "training.global_batch=128e12",
    [
      "training.global_batch is 128000000000000, 1000000000000 micro-batches for each pipeline: "
        + "over 64 layers that is about 640000000000000 tasks, and a step of at most 4000000 is "
        + "simulated; use at most 800000"
    ]
  ),
  (
    "parallelism.pipeline=128",
    [
      "parallelism.expert is 64: it must divide tensor x data, 16; use 16",
      "parallelism.pipeline is 128: dualpipe then cuts the model into 128 stages, but its layers, "
        + "embedding, head and prediction layers are 64 parts; use at most 64",
    ]
  ),
  (
    "training.stages_per_rank=2",
    [
      "training.stages_per_rank is 2: dualpipe does not take it, so it would do nothing; "
        + "remove the key or use interleaved-1f1b"
    ]
  ),
  (
    "model=llama-3.1-8b",
    [
      "s.yaml:5: parallelism.expert is 64: llama-3.1-8b has no experts, so it would do nothing; "
        + "remove the key"
    ]
  ),
]

@Test(arguments: relationCases)
func relation(_ option: String, _ rest: [String]) {
  let found = sentences(base(), set: [option]).map {
    $0.hasPrefix("--set \(option): ") ? String($0.dropFirst("--set \(option): ".count)) : $0
  }
  #expect(found.sorted() == rest.sorted())
}

/// Relations that take several options to break.
private let relationsCases: [([String], [String])] = [
  (
    ["cluster.nodes=4096", "cluster.fabric=multi-plane-fat-tree"],
    [
      "--set cluster.nodes=4096: cluster.nodes is 4096, 32768 GPUs in all: multi-plane-fat-tree "
        + "joins at most 16384; use fabric multi-rail-fat-tree or fewer nodes"
    ]
  ),
  (
    ["cluster.node=a100", "training.precision=fp8"],
    [
      "--set training.precision=fp8: training.precision is fp8: A100 80GB SXM does not compute in "
        + "FP8; use bf16 or fp16"
    ]
  ),
  (
    ["model=llama-3.1-8b", "parallelism.expert=1", "routing.node_limit=2"],
    [
      "--set routing.node_limit=2: routing.node_limit is 2: llama-3.1-8b has no experts, so it "
        + "would do nothing; remove the key"
    ]
  ),
  (
    ["model=llama-3.1-8b", "parallelism.expert=1", "routing={seed: 1, redundant_experts: 0}"],
    ["redundant_experts is 0", "seed is 1"].map {
      "--set routing={seed: 1, redundant_experts: 0}: routing.\($0): llama-3.1-8b has no experts, so "
        + "it would do nothing; remove the key"
    }
  ),
  (
    ["routing.redundant_experts=33"],
    [
      "--set routing.redundant_experts=33: routing.redundant_experts is 33: it must be a multiple "
        + "of the 64 GPUs of an expert-parallel group; use 64"
    ]
  ),
  (
    ["parallelism.expert=1", "routing.redundant_experts=64"],
    [
      "--set routing.redundant_experts=64: routing.redundant_experts is 64: with "
        + "parallelism.expert 1 one GPU holds all experts, so it would do nothing; remove the key "
        + "or raise parallelism.expert"
    ]
  ),
  (
    ["parallelism.expert=2", "routing.redundant_experts=512"],
    [
      "--set routing.redundant_experts=512: routing.redundant_experts is 512: it must be from 0 to "
        + "256; use 256"
    ]
  ),
  (
    ["routing.distribution=zipf(-1)"],
    [
      "--set routing.distribution=zipf(-1): routing.distribution is zipf(-1): the number of zipf "
        + "must be from 0 to 10; correct it"
    ]
  ),
  (
    ["routing.distribution=unifrom"],
    [
      "--set routing.distribution=unifrom: routing.distribution is unifrom: the distributions are "
        + "balanced, uniform, zipf(1.2), dirichlet(0.5), hot-expert(8), hot-rank(2), or the path of "
        + "a counts file that ends in .csv; did you mean uniform?"
    ]
  ),
  (
    ["routing.distribution=nowhere.csv"],
    [
      "--set routing.distribution=nowhere.csv: routing.distribution is nowhere.csv: there is no such "
        + "file in the scenario's folder or the current one; correct the path, or use one of "
        + "balanced, uniform, zipf(1.2), dirichlet(0.5), hot-expert(8), hot-rank(2)"
    ]
  ),
  (
    ["model=llama-3.1-8b", "parallelism.expert=1", "routing.distribution=balanced"],
    [
      "--set routing.distribution=balanced: routing.distribution is balanced: llama-3.1-8b has no "
        + "experts, so it would do nothing; remove the key"
    ]
  ),
  (
    [
      "model=mixtral-8x7b", "cluster={node: h800, nodes: 256, gpus_per_node: 1}",
      "parallelism={pipeline: 2, expert: 8}", "routing.node_limit=1",
    ],
    [
      "--set routing.node_limit=1: routing.node_limit is 1: a token visits 2 experts, and 1 of "
        + "the group's nodes hold 1; use 2 or more"
    ]
  ),
  (
    ["training.schedule=interleaved-1f1b", "training.stages_per_rank=5"],
    [
      "--set training.stages_per_rank=5: training.stages_per_rank is 5: interleaved-1f1b then "
        + "cuts the model into 80 stages, but its layers, embedding, head and prediction layers "
        + "are 64 parts; use at most 4"
    ]
  ),
  (
    ["compare=[1f1b, gpipe]", "training.stages_per_rank=2"],
    [
      "--set training.stages_per_rank=2: training.stages_per_rank is 2: 1f1b or gpipe does not "
        + "take it, so it would do nothing; remove the key or use interleaved-1f1b"
    ]
  ),
  (
    ["cluster.nodes=120", "parallelism={pipeline: 15, expert: 8}", "training.global_batch=7680"],
    [
      "--set parallelism={pipeline: 15, expert: 8}: parallelism.pipeline is 15: dualpipe needs an "
        + "even number of ranks: 15 is not; use 14 or 16"
    ]
  ),
]

@Test(arguments: relationsCases)
func relations(_ options: [String], _ expected: [String]) {
  #expect(sentences(base(), set: options) == expected)
}

/// Every schedule of a comparison has its say.
@Test func everyScheduleIsAsked() {
  let found = sentences(
    base(), set: ["compare=[gpipe, 1f1b, dualpipev, dualpipe]", "training.global_batch=1920"])
  let names = found.map { sentence in
    ["gpipe", "1f1b", "dualpipev", "dualpipe"].filter { sentence.contains(": \($0) needs") }
  }
  #expect(names == [["dualpipev"], ["dualpipe"]])
}
