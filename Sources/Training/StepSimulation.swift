public import Hardware
public import Models
import Engine
import Fabric
import Quantities
import Schedules

/// Everything one step depends on, and the walk from it to a result.
///
///     let result = try StepSimulation(
///       model: model, cluster: cluster, rates: rates, plan: plan).run()
///     print(result.step.seconds, result.bubbleRatio)
public struct StepSimulation: Sendable {
  /// The model.
  public var model: Architecture
  /// The cluster.
  public var cluster: Cluster
  /// What kernels achieve on the cluster's GPU.
  public var rates: KernelRates
  /// The plan.
  public var plan: Plan

  /// A simulation of one step.
  public init(model: Architecture, cluster: Cluster, rates: KernelRates, plan: Plan) {
    self.model = model
    self.cluster = cluster
    self.rates = rates
    self.plan = plan
  }

  /// Simulates the step: schedule, placement, tasks, the loop over time, and what it tells.
  ///
  /// - Throws: `StepError` when the plan cannot run or the result breaks a law.
  public func run() throws(StepError) -> StepResult {
    let schedule = try writtenSchedule()
    let workload = Workload(self)
    let placement = try place(schedule, workload)
    let stages = placement.stages.map { $0.flatMap(workload.work) }
    let weights = weights(schedule: schedule, placement: placement, stages: stages)

    var builder = StepTasksBuilder(self, schedule: schedule, stages: stages)
    let tasks = builder.build(UpdateWork(self, weights: weights))
    var run = StepRun(tasks)
    run.run()
    try checkEnd(of: run, tasks)

    let memory = try memory(
      schedule: schedule, stages: stages, weights: weights, run: run, tasks: tasks)
    let result = StepResult(
      schedule: schedule, placement: placement, tasks: tasks, run: run, memory: memory)
    try check(result)
    return result
  }

  private func writtenSchedule() throws(StepError) -> Schedule {
    do {
      return try plan.schedule.schedule(
        ranks: plan.pipeline, microBatches: plan.microBatches, stagesPerRank: plan.stagesPerRank)
    } catch {
      throw .schedule(error)
    }
  }

  /// Balances stages by what an item costs under the schedule: with overlapped pairs the longer
  /// of its compute and its communication, without them their sum.
  private func place(
    _ schedule: Schedule, _ workload: Workload
  ) throws(StepError) -> Placement {
    let items = ModelItem.items(of: model)
    guard items.count >= schedule.modelStages else {
      throw .tooFewItems(items: items.count, stages: schedule.modelStages)
    }
    let overlaps = schedule.overlaps
    let costs = items.map { item in
      workload.work(of: item).reduce(Time.zero) { sum, work in
        let repeats = plan.recompute == .full && work.layer >= 0
        let exchanges = work.exchanges + (repeats ? work.afterAttention : [])
        let exchanged = exchanges.reduce(0) { $0 + $1.transfer.seconds(alone: cluster.node) }
        let communication = Time(seconds: exchanged)
        let times = overlaps ? work.beside : work.alone
        let compute = times.total + (repeats ? times.forward : .zero)
        return sum + (overlaps ? max(compute, communication) : compute + communication)
      }
    }
    return Placement(balancing: items, costs: costs, into: schedule.modelStages)
  }
}

extension Schedule {
  /// Whether any rank runs an overlapped pair.
  var overlaps: Bool {
    actions.contains { list in
      list.contains { action in
        if case .overlapped = action { true } else { false }
      }
    }
  }
}
