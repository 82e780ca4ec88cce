import Scenarios
import Testing

private let modelNames =
  "deepseek-v3, deepseek-r1, deepseek-v3.2, deepseek-v2, deepseek-v2-lite, deepseek-moe-16b, "
  + "deepseek-67b, kimi-k2, glm-5, llama-3.1-405b, llama-3.1-70b, llama-3.1-8b, llama-2-7b, "
  + "llama-2-70b, mixtral-8x7b, mixtral-8x22b, qwen3-235b-a22b, qwen3-30b-a3b, qwen3-32b, "
  + "qwen2.5-32b, qwen2.5-72b, gpt-oss-120b, gpt-oss-20b, minimax-m2, glm-4.5, gpt-3-175b, "
  + "bloom-176b, gpt-22b, gpt-175b, gpt-530b, gpt-1t"
private let nodeNames = "h800, h100, h200, h20, a100, b200, gb200-nvl72, mi300x"
private let scheduleNames =
  "gpipe, 1f1b, interleaved-1f1b, interleaved-1f1b-overlapped, looped-bfs, zb-h1, zb-h2, zb-1p, "
  + "zb-2p, zb-v, zb-v-greedy, v-half, v-min, interleaved-zero-bubble, chimera, dualpipe, "
  + "dualpipev, hanayo, bitpipe"
private let folderRule =
  "it names a folder, so it takes up to 100 letters, digits, '.', '_' and '-' and starts with no "
  + "'.'; use a name such as my-scenario"

private let parallelismKeys =
  "pipeline, tensor, context, data, expert, expert_tensor, sequence_parallel, zero, overlap, layout"

/// One wrong value and what is said of it, after the place.
private let wrongValueCases: [(String, String)] = [
  ("format=2", "format is 2: this version reads format 1; write format: 1"),
  ("format=\"1.0\"", "format is \"1.0\": this version reads format 1; write format: 1"),
  ("name=../x", "name is ../x: \(folderRule)"),
  ("name=", "name is empty: \(folderRule)"),
  ("name=.x", "name is .x: \(folderRule)"),
  ("name=a/b", "name is a/b: \(folderRule)"),
  ("name=[1]", "name is a list: \(folderRule)"),
  (
    "model=deepsek-v3",
    "model is deepsek-v3: it must be the path of a Hugging Face config.json or one of the models "
      + "\(modelNames); did you mean deepseek-v3?"
  ),
  (
    "model=zzz",
    "model is zzz: it must be the path of a Hugging Face config.json or one of the models "
      + "\(modelNames); use one of them"
  ),
  (
    "model=no/config.json",
    "model is no/config.json: there is no such file in the scenario's folder or the current one; "
      + "correct the path, or use a name that `fathom catalog models` lists"
  ),
  ("model=[1]", "model is a list: it must be a word; write one word, or remove the key"),
  (
    "cluster.node=H80",
    "cluster.node is H80: the nodes are \(nodeNames); did you mean h800?"
  ),
  (
    "cluster.node=gaudi", "cluster.node is gaudi: the nodes are \(nodeNames); use one of them"
  ),
  (
    "cluster.fabric=fattree",
    "cluster.fabric is fattree: the fabrics are multi-plane-fat-tree, multi-rail-fat-tree, "
      + "fat-tree, fat-tree-3, single-switch; did you mean fat-tree?"
  ),
  (
    "training.precision=int8",
    "training.precision is int8: the precisions are fp8, bf16, fp16; use one of them"
  ),
  (
    "training.recompute=ful",
    "training.recompute is ful: the kinds are none, selective, attention, full; did you "
      + "mean full?"
  ),
  (
    "training.attention=flsh",
    "training.attention is flsh: the kinds are flash, unfused; did you mean flash?"
  ),
  (
    "training.attention=unfused",
    "training.attention is unfused: the latent attention of deepseek-v3 is run by fused kernels "
      + "alone; use flash"
  ),
  (
    "training.schedule=dual_pipe",
    "training.schedule is dual_pipe: the schedules are \(scheduleNames); did you mean dualpipe?"
  ),
  (
    "parallelism.zero=4", "parallelism.zero is 4: it must be from 0 to 3; use 3"
  ),
  (
    "routing.distribution=zipf",
    "routing.distribution is zipf: zipf needs a number in parentheses; write it like zipf(1.2)"
  ),
  (
    "parallelism=3",
    "parallelism is 3: it must be a table of \(parallelismKeys); write its keys below it, indented"
  ),
  (
    "training.global_batch=15360.5",
    "training.global_batch is 15360.5: it must be a whole number; round it"
  ),
  (
    "training.sequence_length=16777217",
    "training.sequence_length is 16777217: it must be from 1 to 16777216; use 16777216"
  ),
  (
    "training.traffic_priority=[pipeline_sends]",
    "training.traffic_priority.1 is pipeline_sends: the traffic classes are dispatch, combine, "
      + "tensor_exchange, pipeline_send, gradient_reduction, parameter_gather, context_exchange; "
      + "did you mean pipeline_send?"
  ),
  (
    "training.traffic_priority=[combine, combine]",
    "training.traffic_priority has combine twice: each class has one place; remove one of them"
  ),
  (
    "training.traffic_priority=[dispatch, tensor_exchange]",
    "training.traffic_priority.2 is tensor_exchange: this plan has no such traffic, so it would do "
      + "nothing; remove it or give parallelism.tensor above 1"
  ),
  (
    "training.traffic_priority=first",
    "training.traffic_priority is first: it must be fair, or a list of traffic classes; write it like "
      + "[pipeline_send, dispatch]"
  ),
  (
    "training.jitter=0.6",
    "training.jitter is 0.6: it must be from 0 to 0.5; use 0.5"
  ),
  (
    "training.jitter=-0.1",
    "training.jitter is -0.1: it must be from 0 to 0.5; use 0"
  ),
  (
    "training.jitter=2 %",
    "training.jitter is 2 %: it must be a number in decimal digits; write it like 0.5, without quotes "
      + "or unit"
  ),
  (
    "training.communication_multiprocessors=132",
    "training.communication_multiprocessors is 132: it must be from 1 to 131; use 131"
  ),
  (
    "training.micro_batch=\"16\"",
    "training.micro_batch is \"16\": it must be a whole number in decimal digits; "
      + "write it like 16, without quotes or unit"
  ),
  (
    "routing.node_limit=0", "routing.node_limit is 0: it must be from 1 to 65536; use 1"
  ),
  (
    "compare=1f1b",
    "compare is 1f1b: it must be a list of schedules; write it like [1f1b, dualpipe]"
  ),
  (
    "compare=[]",
    "compare is an empty list: it names the schedules to compare; add some or remove the key"
  ),
  (
    "compare=[1f1b, gpipe, 1f1b]",
    "compare has 1f1b twice: each schedule is simulated once; remove one of them"
  ),
  (
    "compare=[1f2b]",
    "compare has 1f2b: the schedules are \(scheduleNames); did you mean 1f1b?"
  ),
  (
    "compare=[~]",
    "compare has an empty item: the schedules are \(scheduleNames); use one of them"
  ),
  (
    "run.tokens=14.8X", "run.tokens is 14.8X: X is no unit out of K, M, B, T; write it like 14.8T"
  ),
  (
    "run.tokens=many", "run.tokens is many: it must be a number; write it like 14.8T"
  ),
  (
    "run.tokens=0",
    "run.tokens is 0: it must be from 1 to 1000000T; correct the number or its unit"
  ),
  (
    "run.token=1T",
    "run.token is not a key: its table takes tokens, stages, research_overhead, "
      + "step_error, samples, seed; did you mean tokens?"
  ),
  (
    "weather.rain=1",
    "weather is not a key: its table takes format, name, model, cluster, parallelism, training, "
      + "routing, compare, sweep, run, reliability, price, techniques, headline; remove it"
  ),
  (
    "cluster.memory=80",
    "cluster.memory is 80: it needs a unit out of B, KB, kB, KiB, MB, MiB, GB, GiB, TB, TiB; "
      + "write it like 80 GB"
  ),
  (
    "cluster.nvlink=400 GB",
    "cluster.nvlink is 400 GB: GB is no unit out of B/s, Mbit/s, MB/s, Gbit/s, GB/s, GiB/s, "
      + "Tbit/s, TB/s; write it like 400 Gbit/s"
  ),
  (
    "cluster.nic=fast",
    "cluster.nic is fast: it must be a number with a unit; write it like 400 Gbit/s"
  ),
  (
    "cluster.memory_bandwidth=-5 GB/s",
    "cluster.memory_bandwidth is -5 GB/s: it must be from 1 GB/s to 1000 TB/s; "
      + "correct the number or its unit"
  ),
  (
    "price.rent=2 USD/GPU-hour",
    "price.rent is 2 USD/GPU-hour: without run.tokens there is nothing to pay for; "
      + "add run: {tokens: 1T} with the tokens of the run, or remove the key"
  ),
]

@Test(arguments: wrongValueCases)
func wrongValue(_ option: String, _ rest: String) {
  #expect(sentences(base(), set: [option]) == ["--set \(option): \(rest)"])
}

/// A key without a default that is not there is told at its table, or at the file.
private let missingKeyCases: [(Int, String)] = [
  (1, "s.yaml: format is missing: it has no default; add it, such as format: 1"),
  (2, "s.yaml: name is missing: it has no default; add it, such as name: my-scenario"),
  (3, "s.yaml: model is missing: it has no default; add it, such as model: deepseek-v3"),
  (
    7,
    "s.yaml:6: training.sequence_length is missing: it has no default; add it, such as "
      + "sequence_length: 4096"
  ),
  (
    8,
    "s.yaml:6: training.global_batch is missing: it has no default; add it, such as "
      + "global_batch: 15360"
  ),
  (
    9,
    "s.yaml:6: training.schedule is missing: it has no default; add it, such as "
      + "schedule: dualpipe"
  ),
]

@Test(arguments: missingKeyCases)
func missingKey(_ line: Int, _ sentence: String) {
  #expect(sentences(base([line: ""])) == [sentence])
}

@Test func missingTables() {
  #expect(
    sentences(base([4: "cluster:", 5: ""])) == [
      "s.yaml: parallelism.pipeline is missing: it has no default; add it, such as pipeline: 16",
      "s.yaml:4: cluster.node is missing: it has no default; add it, such as node: h800",
      "s.yaml:4: cluster.nodes is missing: it has no default; add it, such as nodes: 256",
    ])
}

/// All problems at once, in the order of the file and then of the options.
@Test func allAtOnce() {
  let text = """
    format: 2
    name: a/b
    model: deepseek-v3
    cluster: {nod: h800, nodes: 0}
    parallelism: 7
    training:
      sequence_lenght: 1
      micro_batch: 1.5
    compare: [1f1b, x, 1f1b]
    """
  #expect(
    sentences(text, set: ["training.zz=1", "foo"]) == [
      "s.yaml:1: format is 2: this version reads format 1; write format: 1",
      "s.yaml:2: name is a/b: \(folderRule)",
      "s.yaml:4: cluster.nod is not a key: its table takes node, device, nodes, fabric, network, "
        + "oversubscription, gpus_per_node, nics_per_node, nvlink, nic, memory, memory_bandwidth, "
        + "links, faults; did you mean node?",
      "s.yaml:4: cluster.nodes is 0: it must be from 1 to 65536; use 1",
      "s.yaml:5: parallelism is 7: it must be a table of \(parallelismKeys); write its keys below it, "
        + "indented",
      "s.yaml:6: training.global_batch is missing: it has no default; add it, such as "
        + "global_batch: 15360",
      "s.yaml:7: training.sequence_lenght is not a key: its table takes sequence_length, "
        + "global_batch, micro_batch, precision, schedule, stages_per_rank, recompute, "
        + "attention, communication_multiprocessors, traffic_priority, jitter; did you mean "
        + "sequence_length?",
      "s.yaml:8: training.micro_batch is 1.5: it must be a whole number; round it",
      "s.yaml:9: compare has x: the schedules are \(scheduleNames); use one of them",
      "s.yaml:9: compare has 1f1b twice: each schedule is simulated once; remove one of them",
      "--set training.zz=1: training.zz is not a key: its table takes sequence_length, "
        + "global_batch, micro_batch, precision, schedule, stages_per_rank, recompute, "
        + "attention, communication_multiprocessors, traffic_priority, jitter; remove it",
      "--set foo: this sets no key; write key.path=value, such as training.micro_batch=2",
    ])
}
