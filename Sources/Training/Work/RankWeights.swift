import Models
import Quantities
import Schedules

/// Bytes of a parameter's training state.
struct StateFormat {
  /// Gradient, accumulated over micro-batches.
  var gradient: Double
  /// Master weight.
  var master: Double
  /// Both moments of Adam together.
  var moments: Double
}

/// Weights one GPU of a pipeline rank holds, by how they are replicated.
struct RankWeights {
  /// Weights that share a set of replicas.
  struct Part {
    /// Weights on this GPU.
    var parameters: Double
    /// Bytes of a weight as products read it.
    var weightBytes: Double
    /// GPUs that hold the same weights, over which their state may be sharded.
    var replicas: Int
    /// GPUs from one replica to the next.
    var stride: Int
    /// GPUs among which the weights, their gradients and their optimizer states are shared out; 1
    /// where this GPU holds all of them.
    var shards = Shards()
  }

  /// Among how many GPUs each part of the training state is shared out.
  struct Shards: Equatable {
    var weights = 1.0
    var gradients = 1.0
    var optimizer = 1.0

    init() {}

    /// ZeRO's stages (arXiv 1910.02054, section 5): 1 shares out optimizer states, 2 gradients too,
    /// 3 weights too.
    ///
    /// Copies of a stage on several pipeline ranks run at different times, so weights and gradients
    /// are shared out among the replicas of one rank, optimizer states among all.
    init(zero: Int, replicas: Int, copies: Int) {
      if zero >= 1 { optimizer = Double(replicas * copies) }
      if zero >= 2 { gradients = Double(replicas) }
      if zero >= 3 { weights = Double(replicas) }
    }
  }

  var parts: [Part]
  /// First GPU of the rank, and of the ranks that hold copies of its stages.
  var blocks: [Int]
}

extension StateFormat {
  /// What an update moves through memory: of a shard's parameters the gradient read for its norm,
  /// clipped in place and read again, master weight and moments read and written, and the weight
  /// written; and what a GPU holds of `gradients` set to zero for the next step.
  func updateBytes(shard: Double, gradients: Double) -> Bytes {
    Bytes(shard * (4 * gradient + 2 * (master + moments) + 2) + gradients * gradient)
  }
}

/// Weights of a work that share a set of replicas.
struct WeightPart: Equatable {
  var parameters: Double
  var weightBytes: Double
  var group: MemberGroup
}

extension Plan {
  /// FP32 gradients and master weights; moments in BF16 as V3 keeps them when training in FP8
  /// (arXiv 2412.19437, section 3.3.3), in FP32 otherwise. FP16 training scales its loss so that
  /// gradients are kept and reduced in FP16 too, which is what Megatron-LM does unless it is asked
  /// for FP32 (`--accumulate-allreduce-grads-in-fp32`, which BF16 turns on).
  var stateFormat: StateFormat {
    StateFormat(
      gradient: format == .fp16 ? 2 : 4, master: 4, moments: format == .fp8 ? 4 : 8)
  }
}

extension Plan {
  /// Bytes that training keeps of a parameter before any is shared out: the weight as products read
  /// it, gradient, master weight and moments. 18 in BF16, 16 in FP16, 13 in FP8.
  public var stateBytesPerParameter: Double {
    format.bytes + stateFormat.gradient + stateFormat.master + stateFormat.moments
  }
}

/// Weights of a work, or of several, on one GPU.
struct WorkWeights: Equatable {
  /// Of routed experts.
  var expert = 0.0
  /// Of which this GPU holds a tensor-parallel part, and those every tensor rank holds whole.
  var sharded = 0.0
  var replicated = 0.0
  /// Entries of the embedding's and the head's table.
  var embedding = 0.0
  var head = 0.0

  mutating func add(_ other: WorkWeights) {
    expert += other.expert
    sharded += other.sharded
    replicated += other.replicated
    embedding += other.embedding
    head += other.head
  }

  /// The weights by their replicas: cut by tensor parallelism, whole on each of its ranks, tables of
  /// the embedding and the head, experts.
  func parts(_ plan: Plan) -> [WeightPart] {
    let bytes = plan.format.bytes
    return [
      WeightPart(parameters: sharded, weightBytes: bytes, group: plan.shardedReplicas),
      WeightPart(parameters: replicated, weightBytes: bytes, group: plan.wholeReplicas),
      WeightPart(parameters: embedding + head, weightBytes: 2, group: plan.shardedReplicas),
      WeightPart(parameters: expert, weightBytes: bytes, group: plan.expertReplicas),
    ].filter { $0.parameters > 0 }
  }
}

extension StepSimulation {
  /// Bytes of a parameter's training state.
  var stateFormat: StateFormat { plan.stateFormat }

  /// Weights of each rank under a schedule.
  func weights(schedule: Schedule, stages: [[LayerWork]]) -> [RankWeights] {
    (0..<schedule.ranks).map { rank in
      var sum = WorkWeights()
      for work in held(by: rank, schedule: schedule, stages: stages) { sum.add(work.weights) }
      let blocks = schedule.holders(ofStagesOf: rank).map { $0 * plan.gpusPerRank }
      return RankWeights(
        parts: sum.parts(plan).map { part in
          RankWeights.Part(
            parameters: part.parameters, weightBytes: part.weightBytes,
            replicas: part.group.count * blocks.count, stride: part.group.stride,
            shards: RankWeights.Shards(
              zero: plan.zero, replicas: part.group.count, copies: blocks.count))
        }, blocks: blocks)
    }
  }

  /// The works of a rank, stage by stage in the model's order. Embedding and head count once on a
  /// rank that holds several works that need them, with the first; a tied head is the embedding.
  func held(by rank: Int, schedule: Schedule, stages: [[LayerWork]]) -> [LayerWork] {
    var hasEmbedding = false
    var hasHead = false
    return schedule.modelStages(of: rank).sorted().flatMap { stages[$0] }.map { work in
      var work = work
      if work.weights.embedding > 0 {
        if hasEmbedding || (model.tiedEmbeddings && hasHead) { work.weights.embedding = 0 }
        hasEmbedding = true
      }
      if work.weights.head > 0 {
        if hasHead || (model.tiedEmbeddings && hasEmbedding) { work.weights.head = 0 }
        hasHead = true
      }
      return work
    }
  }
}
