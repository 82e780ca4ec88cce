import Fabric
import Hardware
import Models
import Quantities
import Schedules

extension StepSimulation {
  /// The plan's layout or, where it has none, stages balanced by simulated time: each by itself or,
  /// where overlapped pairs run on ranks that hold a stage from both ends of the model, by rank.
  /// DeepSeek-V3's DualPipe step takes 17.8 s when balanced by rank, 18.2 s by stage.
  func place(
    _ schedule: Schedule, _ workload: Workload
  ) throws(StepError) -> Placement {
    if let layout = plan.layout {
      guard layout.count == schedule.modelStages else {
        throw .layout(
          .stages(count: layout.count, schedule: schedule.name, stages: schedule.modelStages))
      }
      return Placement(stages: layout)
    }
    let items = ModelItem.items(of: model)
    guard items.count >= schedule.modelStages else {
      throw .tooFewItems(items: items.count, stages: schedule.modelStages)
    }
    return placement(of: items, schedule, workload, byRank: balancesRanks)
  }

  /// Items balanced by stage or by rank.
  func placement(
    of items: [ModelItem], _ schedule: Schedule, _ workload: Workload, byRank: Bool
  ) -> Placement {
    let costs = costs(of: items, schedule, workload)
    let byStage = Placement(balancing: items, costs: costs, into: schedule.modelStages)
    guard byRank, schedule.isMirrored, schedule.overlaps else { return byStage }
    let works = items.map { workload.work(of: $0).map(pairedCost) }
    return Placement(mirroring: items, works: works, into: schedule.modelStages) ?? byStage
  }

  /// What a work costs in an overlapped pair.
  func pairedCost(_ work: LayerWork) -> PairedCost {
    func seconds(_ exchanges: [Exchange]) -> Double {
      exchanges.reduce(0) { $0 + $1.seconds(beside: true, on: cluster.node) }
    }
    let again = plan.recompute == .full && work.layer >= 0
    return PairedCost(
      forward: work.beside.forward.seconds,
      forwardExchange: seconds(work.afterAttention + work.afterFeedForward),
      backward: (work.beside.input + work.beside.weight
        + (again ? work.beside.forward : .zero)).seconds,
      backwardExchange: seconds(
        work.beforeFeedForward + work.beforeAttention + (again ? work.afterAttention : [])))
  }

  /// What each item costs under the schedule: with overlapped pairs the longer of its compute and
  /// its communication, without them their sum.
  private func costs(
    of items: [ModelItem], _ schedule: Schedule, _ workload: Workload
  ) -> [Time] {
    let overlaps = schedule.overlaps
    return items.map { item in
      workload.work(of: item).reduce(Time.zero) { sum, work in
        let repeats = plan.recompute == .full && work.layer >= 0
        let exchanges = work.exchanges + (repeats ? work.afterAttention : [])
        let exchanged = exchanges.reduce(0) {
          $0 + $1.seconds(beside: overlaps, on: cluster.node)
        }
        let communication = Time(seconds: exchanged)
        let times = overlaps ? work.beside : work.alone
        let compute = times.total + (repeats ? times.forward : .zero)
        return sum + (overlaps ? max(compute, communication) : compute + communication)
      }
    }
  }
}

extension Exchange {
  /// Seconds without other traffic, in the open or beside compute.
  func seconds(beside compute: Bool, on node: Node) -> Double {
    let alone = transfer.seconds(alone: node)
    guard compute, let balanced else { return alone }
    return alone * ExchangeRates.overlapSlowdown(balanced.kind).value
  }
}
