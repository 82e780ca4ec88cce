import Economics
import Fabric
import Quantities
import Testing
import Training

@testable import Scenarios

/// What a key can move.
enum Figure: String, Sendable {
  case step, memory, gpuHours, rent, bytesOverNIC
}

/// Which way a figure goes.
enum Direction: Sendable {
  case up, down, moves
}

/// Every key of a scenario moves a figure in the direction one expects.
@Suite struct SensitivityTests {
  /// A small mixture of experts on two nodes, so that every key has something to act on.
  static let text = """
    format: 1
    name: sensitivity
    model: deepseek-v2-lite
    cluster: {node: h800, nodes: 4, fabric: fat-tree}
    parallelism: {pipeline: 2, expert: 16, tensor: 1, zero: 1}
    training:
      sequence_length: 2048
      global_batch: 128
      micro_batch: 1
      precision: fp8
      schedule: dualpipe
    routing: {distribution: balanced, node_limit: 2, seed: 1}
    run: {tokens: 1T}
    price: {rent: 2 USD/GPU-hour}
    """

  struct Row: Sendable, CustomStringConvertible {
    var set: [String]
    var figure: Figure
    var direction: Direction
    var description: String { "\(set) \(figure)" }
  }

  static let rows: [Row] = [
    Row(set: ["model=deepseek-moe-16b"], figure: .step, direction: .moves),
    Row(set: ["cluster.node=h20"], figure: .step, direction: .up),
    Row(set: ["cluster.node=h200"], figure: .step, direction: .down),
    Row(set: ["cluster.nodes=8"], figure: .step, direction: .down),
    Row(set: ["cluster.fabric=single-switch"], figure: .step, direction: .down),
    Row(set: ["cluster.fabric=fat-tree-3"], figure: .step, direction: .up),
    Row(
      set: ["cluster.gpus_per_node=16", "cluster.nodes=2"], figure: .bytesOverNIC,
      direction: .down),
    Row(set: ["cluster.nvlink=20 GB/s"], figure: .step, direction: .up),
    Row(set: ["cluster.nic=100 Gbit/s"], figure: .step, direction: .up),
    Row(set: ["cluster.nics_per_node=4"], figure: .step, direction: .up),
    Row(set: ["cluster.memory_bandwidth=2 TB/s"], figure: .step, direction: .up),
    Row(set: ["cluster.network=roce"], figure: .step, direction: .up),
    Row(set: ["cluster.faults=[{nic: 3, share: 0.25}]"], figure: .step, direction: .up),
    Row(set: ["cluster.faults=[{nvlink: 3, share: 0.1}]"], figure: .step, direction: .up),
    Row(set: ["cluster.faults=[{gpu: 3, speed: 0.5}]"], figure: .step, direction: .up),
    Row(
      set: ["parallelism.pipeline=4", "parallelism.expert=8"], figure: .memory, direction: .moves),
    Row(set: ["parallelism.tensor=2"], figure: .memory, direction: .down),
    Row(set: ["parallelism.expert=4"], figure: .memory, direction: .up),
    Row(set: ["parallelism.zero=0"], figure: .memory, direction: .up),
    Row(set: ["parallelism.zero=2"], figure: .memory, direction: .down),
    Row(set: ["parallelism.zero=3"], figure: .step, direction: .up),
    Row(set: ["parallelism.context=2"], figure: .memory, direction: .down),
    Row(
      set: ["parallelism.expert=8", "parallelism.expert_tensor=2"], figure: .step, direction: .up),
    Row(set: ["parallelism.overlap=[gradient_reduction]"], figure: .step, direction: .down),
    Row(set: ["parallelism.overlap=[parameter_gather]"], figure: .step, direction: .down),
    Row(set: ["parallelism.layout=Et*26|tL"], figure: .step, direction: .up),
    Row(set: ["training.sequence_length=4096"], figure: .step, direction: .up),
    Row(set: ["training.global_batch=256"], figure: .step, direction: .up),
    Row(set: ["training.global_batch=256"], figure: .gpuHours, direction: .down),
    Row(set: ["training.micro_batch=2"], figure: .memory, direction: .up),
    Row(set: ["training.precision=bf16"], figure: .step, direction: .up),
    Row(set: ["training.precision=bf16"], figure: .bytesOverNIC, direction: .up),
    Row(set: ["training.schedule=gpipe"], figure: .step, direction: .up),
    Row(set: ["training.schedule=gpipe"], figure: .memory, direction: .up),
    // DualPipe keeps its weights twice.
    Row(
      set: ["training.schedule=interleaved-1f1b", "training.stages_per_rank=4"], figure: .memory,
      direction: .down),
    Row(set: ["training.recompute=full"], figure: .step, direction: .up),
    Row(set: ["training.jitter=0.05"], figure: .step, direction: .up),
    Row(set: ["training.recompute=full"], figure: .memory, direction: .down),
    Row(set: ["training.recompute=none"], figure: .memory, direction: .up),
    Row(set: ["training.communication_multiprocessors=60"], figure: .step, direction: .up),
    Row(set: ["routing.distribution=zipf(1)"], figure: .step, direction: .up),
    Row(set: ["routing.distribution=zipf(1)"], figure: .memory, direction: .up),
    Row(set: ["routing.redundant_experts=16"], figure: .memory, direction: .up),
    Row(set: ["routing.node_limit=1"], figure: .bytesOverNIC, direction: .down),
    Row(set: ["routing.seed=2"], figure: .bytesOverNIC, direction: .moves),
    Row(set: ["run.tokens=2T"], figure: .gpuHours, direction: .up),
    Row(set: ["price.rent=1 USD/GPU-hour"], figure: .rent, direction: .down),
  ]

  /// Keys that have a test of their own rather than a row.
  static let tested = [
    "cluster.memory", "cluster.links", "cluster.oversubscription", "cluster.device",
    "parallelism.sequence_parallel", "training.attention", "run.stages", "techniques",
    "headline",
  ]

  /// The scenario as it is, which every row is compared with.
  private static let base = Result { try outcome(set: []) }

  @Test(arguments: rows)
  func keyMovesItsFigure(row: Row) throws {
    let before = value(of: row.figure, in: try Self.base.get())
    let after = try value(of: row.figure, set: row.set)
    switch row.direction {
    case .up: #expect(after > before)
    case .down: #expect(after < before)
    case .moves: #expect(after != before)
    }
  }

  /// Tensor parallelism by itself, then with what it overlaps or leaves whole.
  @Test func tensorParallelismHasItsKeys() throws {
    let open =
      ["model=llama-3.1-8b", "parallelism={pipeline: 2, tensor: 4}", "routing={}"]
      + ["training.schedule=1f1b", "training.sequence_length=4096"]
    let step = try value(of: .step, set: open)
    let hidden = open + ["parallelism.overlap=[tensor_exchange]"]
    #expect(try value(of: .step, set: hidden) < step)
    let whole = open + ["parallelism.sequence_parallel=false"]
    #expect(try value(of: .memory, set: whole) > value(of: .memory, set: open))
  }

  /// Attention recomputed is a longer step than with all of it kept, and less memory; unfused it is
  /// longer than fused. Both have their base besides the table's.
  @Test func attentionHasItsKeys() throws {
    let kept = ["training.recompute=none"]
    let recomputed = ["training.recompute=attention"]
    #expect(try value(of: .step, set: recomputed) > value(of: .step, set: kept))
    #expect(try value(of: .memory, set: recomputed) < value(of: .memory, set: kept))
    let fused = ["model=deepseek-moe-16b"]
    let unfused = fused + ["training.attention=unfused"]
    #expect(try value(of: .step, set: unfused) > value(of: .step, set: fused))
  }

  /// More stages a rank shorten the ramp of an interleaved schedule.
  @Test func stagesShortenTheRamp() throws {
    let two = ["training.schedule=interleaved-1f1b", "training.stages_per_rank=2"]
    let four = ["training.schedule=interleaved-1f1b", "training.stages_per_rank=4"]
    let plain = ["training.schedule=1f1b"]
    #expect(try value(of: .step, set: two) < value(of: .step, set: plain))
    #expect(try value(of: .memory, set: four) > value(of: .memory, set: plain))
  }

  /// Sends that go before dispatch and combine reach the next stage sooner.
  @Test func priorityOfSendsShortensAStepThatWaitsForThem() throws {
    let open = ["training.schedule=1f1b"]
    let first = open + ["training.traffic_priority=[pipeline_send]"]
    #expect(try value(of: .step, set: first) < value(of: .step, set: open))
  }

  /// Half of the up-links slow a dispatch that crosses leaves; four nodes share one.
  @Test func oversubscriptionSlowsWhatCrossesLeaves() throws {
    let wide = [
      "cluster.nodes=8", "parallelism.pipeline=1", "parallelism.expert=64",
      "training.schedule=gpipe", "routing.node_limit=8",
    ]
    let sound = try value(of: .step, set: wide)
    let halved = try value(of: .step, set: wide + ["cluster.oversubscription=8"])
    let cut = try value(
      of: .step,
      set: wide + ["cluster.oversubscription=8", "cluster.faults=[{leaf: 1, share: 0.25}]"])
    #expect(halved > sound)
    #expect(cut > halved)
  }

  /// Jitter is drawn from the seed, on a model without experts too, where the seed does nothing else.
  @Test func jitterTakesTheSeed() throws {
    let dense = [
      "model=llama-2-7b", "parallelism={pipeline: 4, tensor: 1}", "training.schedule=1f1b",
      "training.precision=bf16", "routing=null", "cluster.nodes=1", "training.global_batch=16",
    ]
    let step = try value(of: .step, set: dense)
    let jittered = try value(of: .step, set: dense + ["training.jitter=0.1"])
    #expect(jittered > step)
    let other = try value(
      of: .step, set: dense + ["training.jitter=0.1", "routing.seed=2"])
    #expect(other > step && other != jittered)
  }

  /// Memory of a GPU decides the verdict and nothing else.
  @Test func memoryDecidesWhatFits() throws {
    let small = try Self.outcome(set: ["cluster.memory=2 GB"])
    #expect(small.winner == nil && !small.cases[0].fits)
    #expect(try Self.base.get().winner == 0)
  }

  /// A list of schedules makes a case of each.
  @Test func compareMakesCases() throws {
    #expect(
      try Self.outcome(set: ["compare=[gpipe, dualpipe]"]).cases.map(\.name) == [
        "gpipe", "dualpipe",
      ])
  }

  private static func outcome(set: [String]) throws -> Outcome {
    var study = try Study(Scenario.load(try Document(text: text, file: "s.yaml"), set: set))
    study.comparesAlternatives = false
    return try study.run { _ in }
  }

  private func value(of figure: Figure, set: [String]) throws -> Double {
    value(of: figure, in: try Self.outcome(set: set))
  }

  private func value(of figure: Figure, in outcome: Outcome) -> Double {
    let one = outcome.cases[0]
    switch figure {
    case .step: return one.stepSeconds
    case .memory: return one.peakMemory.value
    case .gpuHours: return one.run?.gpuHours ?? 0
    case .rent: return one.rent?.value ?? 0
    case .bytesOverNIC:
      return one.result.links.filter { $0.kind == .nicOut }.reduce(0) { $0 + $1.bytes.value }
    }
  }
}
