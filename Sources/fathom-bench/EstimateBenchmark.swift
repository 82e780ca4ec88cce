import Fabric
import Hardware
import Models
import Quantities
import Schedules
import Training

/// Closed-form estimates of DeepSeek-V3's step on 2,048 H800 under many plans, no two the same: all
/// that can be of pipeline, tensor and expert degree, micro-batch, schedule, stages on a rank, ZeRO
/// stage and recompute.
enum EstimateBenchmark {
  static func rows(_ effort: Effort) throws -> [BenchmarkRow] {
    guard let model = ModelCatalogue.model(named: "deepseek-v3"),
      let node = HardwareCatalogue.node(named: "h800")
    else { return [] }
    let cluster = Cluster(node: node, nodes: gpus / node.gpus, topology: .multiPlaneFatTree)
    let plans = plans
    let simulation = StepSimulation(
      model: model.architecture, cluster: cluster, rates: try .fitted(for: node.gpu),
      plan: plans[0])
    var best = Double.infinity
    var done = 0
    for _ in 0..<effort.repetitions(3) {
      done = 0
      let seconds = cpuSeconds {
        // Nothing is known to it from the round before.
        var estimator = StepEstimator(simulation)
        estimator.balancesRanks = false
        for plan in plans {
          // Plans that cannot be are refused, and not counted.
          if let estimate = try? estimator.estimate(plan), estimate.seconds > 0 { done += 1 }
        }
      }
      best = min(best, seconds)
    }
    return [
      BenchmarkRow(
        name: "closed-form estimates, plans/s", size: done, value: Double(done) / best,
        unit: "plans/s")
    ]
  }

  private static let gpus = 2_048

  private static var plans: [Plan] {
    var plans: [Plan] = []
    for pipeline in [4, 8, 16] {
      for tensor in [1, 2, 4, 8] {
        for expert in [16, 32, 64] {
          for microBatch in [1, 2] {
            for schedule in BuiltIn.allCases {
              for stages in stages(of: schedule) {
                for zero in 0...3 {
                  for recompute in [Recompute.none, .attention, .selective, .full] {
                    plans.append(
                      Plan(
                        pipeline: pipeline, tensor: tensor, data: gpus / pipeline / tensor,
                        expert: expert, zero: zero, sequenceLength: 4_096, globalBatch: 30_720,
                        microBatch: microBatch, format: .fp8, recompute: recompute,
                        schedule: .builtIn(schedule, ScheduleOptions(stagesPerRank: stages)),
                        communicationMultiprocessors: 20, nodeLimit: 4, seed: 1))
                  }
                }
              }
            }
          }
        }
      }
    }
    return plans
  }

  private static func stages(of schedule: BuiltIn) -> [Int?] {
    schedule.facts.choosesStagesPerRank ? [2, 4] : [nil]
  }
}
