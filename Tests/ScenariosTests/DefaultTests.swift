import Hardware
import Models
import Quantities
import Scenarios
import Schedules
import Testing
import Training

/// Every key that may be left out, and what it is then.
@Test func defaults() throws {
  let scenario = try load(base([5: "parallelism: {pipeline: 16}"]))
  let plan = scenario.plan
  #expect(scenario.cluster.topology == .multiRailFatTree)
  #expect(plan.tensor == 1)
  #expect(plan.data == 128)
  #expect(plan.expert == 1)
  #expect(plan.zero == 1)
  #expect(plan.microBatch == 1)
  #expect(plan.microBatches == 120)
  #expect(plan.format == .bf16)
  #expect(plan.recompute == .selective)
  #expect(plan.schedule == .builtIn(.dualPipe))
  #expect(plan.communicationMultiprocessors == 20)
  #expect(plan.nodeLimit == nil)
  #expect(plan.seed == 1)
  #expect(scenario.tokens == nil)
  #expect(scenario.rent == nil)
  #expect(scenario.cases.map(\.name) == ["dualpipe"])
}

/// Only a schedule with a choice gets stages per rank: the file's, or 2.
@Test func stagesPerRank() throws {
  let options = ["compare=[1f1b, interleaved-1f1b]"]
  func schedules(_ set: [String]) throws -> [PlannedSchedule] {
    try load(base(), set: set).cases.map(\.plan.schedule)
  }
  func expected(_ stagesPerRank: Int) -> [PlannedSchedule] {
    [
      .builtIn(.oneForwardOneBackward),
      .builtIn(.interleaved, ScheduleOptions(stagesPerRank: stagesPerRank)),
    ]
  }
  #expect(try schedules(options) == expected(2))
  #expect(try schedules(options + ["training.stages_per_rank=4"]) == expected(4))
}

/// A comparison needs no schedule of its own and decides where there is one; but one named on the
/// command line runs in place of the file's list.
@Test func schedulesOfAComparison() throws {
  let alone = try load(base([9: "compare: [gpipe, 1f1b]"]))
  #expect(alone.cases.map(\.name) == ["gpipe", "1f1b"])
  #expect(alone.plan == alone.cases.first?.plan)
  let both = try load(base([10: "compare: [gpipe, 1f1b]"]))
  #expect(both.cases.map(\.name) == ["gpipe", "1f1b"])
  #expect(
    both.resolved.first { $0.path == "training.schedule" }?.value
      == "dualpipe (not run: compare decides)")
  let named = try load(
    base([10: "compare: [gpipe, dualpipe]"]), set: ["training.schedule=1f1b"])
  #expect(named.cases.map(\.name) == ["1f1b"])
  let set = try load(
    base(), set: ["training.schedule=1f1b", "compare=[gpipe]"])
  #expect(set.cases.map(\.name) == ["gpipe"])
}

/// The numbers of the catalogue that the file replaces; links keep their achieved share.
@Test func replacedNumbers() throws {
  let node = try load(
    base(),
    set: [
      "cluster.nvlink=400 GB/s", "cluster.nic=100 GB/s", "cluster.memory=96 GB",
      "cluster.memory_bandwidth=4 TB/s", "cluster.gpus_per_node=16",
    ]
  ).cluster.node
  #expect(node.nvlink.peak.value == Bandwidth(400e9))
  #expect(node.nvlink.achieved.value == Bandwidth(277e9))
  #expect(node.nvlink.achieved.status == .derived)
  #expect(node.nic.achieved.value == Bandwidth(88e9))
  #expect(node.gpu.memory.value == Bytes(96e9))
  #expect(node.gpu.memoryBandwidth.value == Bandwidth(4e12))
  #expect(node.gpus == 16)
}

/// The listing of a whole scenario, in reading order.
@Test func resolvedListing() throws {
  let scenario = try load(
    base([10: "  micro_batch: 2", 11: "run: {tokens: 1T}"]), set: ["cluster.nic=800 Gbit/s"])
  let listed = scenario.resolved.map { "\($0.path) = \($0.value)  \(word($0.origin))" }
  #expect(
    listed == [
      "format = 1  line 1", "name = tiny  line 2", "model = deepseek-v3  line 3",
      "model.parameters = 671026419200  stated", "model.active_parameters = 37552297472  stated",
      "model.layers = 61  stated", "cluster.node = h800  line 4", "cluster.nodes = 256  line 4",
      "cluster.fabric = multi-rail-fat-tree  default", "cluster.gpus_per_node = 8  stated",
      "cluster.nics_per_node = 8  stated", "cluster.gpus = 2048  derived",
      "cluster.gpu = H800 SXM  stated",
      "cluster.bf16_peak = 989 TFLOPS  stated", "cluster.fp8_peak = 1.979 PFLOPS  stated",
      "cluster.multiprocessors = 132  stated", "cluster.memory = 80 GB  stated",
      "cluster.memory_bandwidth = 3.35 TB/s  stated", "cluster.nvlink = 200 GB/s  stated",
      "cluster.nvlink_achieved = 138.5 GB/s  derived", "cluster.nic = 100 GB/s  --set",
      "cluster.nic_achieved = 88 GB/s  derived", "cluster.nvlink_latency = 3.33 us  measured",
      "cluster.network = infiniband  default", "cluster.oversubscription = 1  default",
      "cluster.layers = 2  derived", "cluster.switches = 96  derived",
      "cluster.inter_switch_links = 2048  derived", "cluster.endpoint_links = 2048  derived",
      "cluster.fabric_latency = 3.7 us  measured", "parallelism.pipeline = 16  line 5",
      "parallelism.tensor = 1  default", "parallelism.context = 1  default",
      "parallelism.data = 128  derived", "parallelism.expert = 64  line 5",
      "parallelism.expert_nodes = 8  derived", "parallelism.expert_tensor = 1  default",
      "parallelism.zero = 1  default", "parallelism.overlap = none  default",
      "parallelism.layout = balanced  default",
      "training.sequence_length = 4096  line 7",
      "training.global_batch = 15360  line 8", "training.micro_batch = 2  line 10",
      "training.micro_batches = 60  derived", "training.tokens_per_step = 62.91M  derived",
      "training.precision = bf16  default", "training.schedule = dualpipe  line 9",
      "training.recompute = selective  default", "training.attention = flash  default",
      "training.communication_multiprocessors = 20  default",
      "training.traffic_priority = fair  default", "training.jitter = 0  default",
      "routing.distribution = balanced  default",
      "routing.node_limit = the model's gate: 4 of 8 groups  derived",
      "routing.redundant_experts = 0  default", "routing.seed = 1  default",
      "compare = dualpipe  derived", "run.tokens = 1T  line 11",
    ])
}

private func word(_ origin: ResolvedKey.Origin) -> String {
  switch origin {
  case .file(let line): "line \(line)"
  case .commandLine: "--set"
  case .byDefault: "default"
  case .derived: "derived"
  case .catalogue(_, let status): status
  }
}
