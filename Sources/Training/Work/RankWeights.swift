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
}

extension StepSimulation {
  /// FP32 gradients and master weights; moments in BF16 as V3 keeps them when training in FP8
  /// (arXiv 2412.19437, section 3.3.3), in FP32 otherwise.
  var stateFormat: StateFormat {
    StateFormat(gradient: 4, master: 4, moments: plan.format == .fp8 ? 4 : 8)
  }

  /// Weights of each rank under a schedule and a placement.
  ///
  /// Embedding and head count once on a rank that holds several items that need them; a tied head
  /// is the embedding.
  func weights(schedule: Schedule, placement: Placement, stages: [[LayerWork]]) -> [RankWeights] {
    let table = Double(model.vocabulary * model.hidden) / Double(plan.tensor)
    return (0..<schedule.ranks).map { rank in
      var experts = 0.0
      var others = 0.0
      var needsEmbedding = false
      var needsHead = false
      for stage in schedule.modelStages(of: rank) {
        for work in stages[stage] {
          experts += work.expertParameters
          others += work.otherParameters
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
        experts: experts, others: others, tables: table * Double(held),
        copies: schedule.parameterCopies)
    }
  }

  private func rankWeights(
    experts: Double, others: Double, tables: Double, copies: Int
  ) -> RankWeights {
    let all = RankWeights.Part(
      parameters: others, weightBytes: plan.format.bytes, replicas: plan.data * copies,
      stride: plan.tensor)
    let ends = RankWeights.Part(
      parameters: tables, weightBytes: 2, replicas: plan.data * copies, stride: plan.tensor)
    let routed = RankWeights.Part(
      parameters: experts, weightBytes: plan.format.bytes,
      replicas: plan.data * plan.tensor / plan.expert * copies, stride: plan.expert)
    return RankWeights(parts: [all, ends, routed].filter { $0.parameters > 0 })
  }
}
