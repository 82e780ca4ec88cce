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
  }

  var parts: [Part]
  /// First GPU of the rank, and of the ranks that hold copies of its stages.
  var blocks: [Int]
}

extension StepSimulation {
  /// FP32 gradients and master weights; moments in BF16 as V3 keeps them when training in FP8
  /// (arXiv 2412.19437, section 3.3.3), in FP32 otherwise. FP16 training scales its loss so that
  /// gradients are kept and reduced in FP16 too, which is what Megatron-LM does unless it is asked
  /// for FP32 (`--accumulate-allreduce-grads-in-fp32`, which BF16 turns on).
  var stateFormat: StateFormat {
    StateFormat(
      gradient: plan.format == .fp16 ? 2 : 4, master: 4, moments: plan.format == .fp8 ? 4 : 8)
  }

  /// Weights of each rank under a schedule and a placement.
  ///
  /// Embedding and head count once on a rank that holds several items that need them; a tied head
  /// is the embedding.
  func weights(schedule: Schedule, placement: Placement, stages: [[LayerWork]]) -> [RankWeights] {
    let table = Double(model.vocabulary * model.hidden) / Double(plan.tensor)
    return (0..<schedule.ranks).map { rank in
      var experts = 0.0
      var sharded = 0.0
      var replicated = 0.0
      var needsEmbedding = false
      var needsHead = false
      for stage in schedule.modelStages(of: rank) {
        for work in stages[stage] {
          experts += work.expertParameters
          sharded += work.shardedParameters
          replicated += work.replicatedParameters
        }
        for item in placement.stages[stage] {
          switch item {
          case .embedding: needsEmbedding = true
          case .head: needsHead = true
          case .prediction:
            needsEmbedding = true
            needsHead = true
          case .layer: break
          }
        }
      }
      let tables = (needsEmbedding ? 1 : 0) + (needsHead ? 1 : 0)
      let held = model.tiedEmbeddings ? min(tables, 1) : tables
      return rankWeights(
        experts: experts, sharded: sharded, replicated: replicated, tables: table * Double(held),
        blocks: schedule.holders(ofStagesOf: rank).map { $0 * plan.tensor * plan.data })
    }
  }

  private func rankWeights(
    experts: Double, sharded: Double, replicated: Double, tables: Double, blocks: [Int]
  ) -> RankWeights {
    let copies = blocks.count
    func part(_ parameters: Double, bytes: Double, replicas: Int, stride: Int) -> RankWeights.Part {
      RankWeights.Part(
        parameters: parameters, weightBytes: bytes, replicas: replicas * copies, stride: stride)
    }
    let bytes = plan.format.bytes
    let all = [
      part(sharded, bytes: bytes, replicas: plan.data, stride: plan.tensor),
      part(replicated, bytes: bytes, replicas: plan.data * plan.tensor, stride: 1),
      part(tables, bytes: 2, replicas: plan.data, stride: plan.tensor),
      part(
        experts, bytes: bytes, replicas: plan.data * plan.tensor / plan.expert,
        stride: plan.expert),
    ]
    return RankWeights(parts: all.filter { $0.parameters > 0 }, blocks: blocks)
  }
}
