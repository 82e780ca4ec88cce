import Fabric
import Hardware
import Models
import Quantities
import Schedules
import Training

/// The main job without reading and writing files: DeepSeek-V3's step on 2,048 H800 under each
/// schedule, and under all of them.
enum StepBenchmark {
  static func rows(_ effort: Effort) throws -> [BenchmarkRow] {
    guard let model = ModelCatalogue.model(named: "deepseek-v3"),
      let node = HardwareCatalogue.node(named: "h800")
    else { return [] }
    let cluster = Cluster(node: node, nodes: 256, topology: .multiPlaneFatTree)
    let rates = try KernelRates.fitted(for: node.gpu)
    var rows: [BenchmarkRow] = []
    var total = 0.0
    for schedule in BuiltIn.allCases {
      let simulation = StepSimulation(
        model: model.architecture, cluster: cluster, rates: rates, plan: plan(schedule))
      var best = Double.infinity
      var tasks = 0
      for _ in 0..<effort.repetitions(7) {
        best = min(best, try cpuSeconds { tasks = try simulation.run().spans.count })
      }
      total += best
      rows.append(
        BenchmarkRow(
          name: "V3 step, \(schedule.rawValue)", size: tasks, value: best * 1e3, unit: "ms"))
    }
    rows.append(
      BenchmarkRow(name: "V3 step, all schedules", size: rows.count, value: total * 1e3, unit: "ms")
    )
    rows.append(try advice(model.architecture, cluster, rates))
    rows.append(try everyGPU(model.architecture, cluster, rates))
    return rows
  }

  /// What would bring GPipe's step into memory.
  private static func advice(
    _ model: Architecture, _ cluster: Cluster, _ rates: KernelRates
  ) throws -> BenchmarkRow {
    let simulation = StepSimulation(
      model: model, cluster: cluster, rates: rates, plan: plan(.gpipe))
    let result = try simulation.run()
    var changes = 0
    let seconds = cpuSeconds {
      changes =
        simulation.memoryAdvice(for: result, capacity: cluster.node.gpu.memory.value).alone.count
    }
    return BenchmarkRow(
      name: "V3 memory advice, gpipe", size: changes, value: seconds * 1e3, unit: "ms")
  }

  /// The same step with each of the 2,048 GPUs on its own.
  private static func everyGPU(
    _ model: Architecture, _ cluster: Cluster, _ rates: KernelRates
  ) throws -> BenchmarkRow {
    var simulation = StepSimulation(
      model: model, cluster: cluster, rates: rates, plan: plan(.dualPipe))
    simulation.plan.routing = .zipf(0.5)
    var events = 0
    let seconds = try cpuSeconds { events = try simulation.run().events }
    return BenchmarkRow(
      name: "V3 step, skewed routing, every GPU", size: events, value: seconds, unit: "s")
  }

  private static func plan(_ schedule: BuiltIn) -> Plan {
    Plan(
      pipeline: 16, tensor: 1, data: 128, expert: 64, zero: 1, sequenceLength: 4096,
      globalBatch: 15_360, microBatch: 1, format: .fp8, recompute: .selective,
      schedule: .builtIn(schedule),
      communicationMultiprocessors: 20, nodeLimit: 4, seed: 1)
  }
}
