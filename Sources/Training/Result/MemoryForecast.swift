public import Quantities
import Fabric
import Hardware
import Models
import Schedules

/// What a change of the plan would make of the memory of the rank that then needs most.
public struct MemoryRemedy: Sendable, Equatable {
  /// The change, such as `full recompute`.
  public var words: String
  /// Rank that needs most with it.
  public var rank: Int
  /// What that rank needs.
  public var peak: Bytes
}

/// What something the plan does saves on one rank.
public struct MemorySaving: Sendable, Equatable {
  /// What is done, such as `ZeRO 1`, and what would be in its place.
  public var words: String
  /// How much more the rank would need without it.
  public var bytes: Bytes
}

/// What could bring a step that does not fit into memory.
public struct MemoryAdvice: Sendable, Equatable {
  /// Changes that help, each on its own, in the order they are to be tried.
  public var alone: [MemoryRemedy] = []
  /// The first of them together, as many as it takes to fit or all; nil where one is enough.
  public var together: MemoryRemedy?

  /// No change.
  public init() {}
}

extension StepSimulation {
  /// Changes that would lower the peak of a step, each worked out with the order of its list:
  /// stronger recompute, sharded states, smaller micro-batches, more GPUs for each replica. They end
  /// with the first that fits.
  public func memoryAdvice(for result: StepResult, capacity: Bytes) -> MemoryAdvice {
    var advice = MemoryAdvice()
    let changes = planChanges
    let graph = LinkGraph(cluster)
    for change in changes {
      guard let remedy = remedy([change], result, graph), remedy.peak < result.peakMemory else {
        continue
      }
      advice.alone.append(remedy)
      if remedy.peak <= capacity { return advice }
    }
    var taken: [PlanChange] = []
    var least = result.peakMemory
    for change in changes where !change.isHalfWay && least > capacity {
      guard let remedy = remedy(taken + [change], result, graph), remedy.peak < least else {
        continue
      }
      taken.append(change)
      least = remedy.peak
      advice.together = remedy
    }
    if taken.count < 2 { advice.together = nil }
    return advice
  }

  /// What each technique of the plan saves on a rank, worked out by doing without it.
  public func memorySavings(of result: StepResult, rank: Int) -> [MemorySaving] {
    guard let now = result.memory.first(where: { $0.rank == rank }) else { return [] }
    var savings: [MemorySaving] = []
    let graph = LinkGraph(cluster)
    func add(_ words: String, _ change: (inout StepSimulation) -> Void) {
      var other = self
      change(&other)
      guard
        let memory = try? other.forecast(
          result.schedule, result.placement, states: self, graph)
      else { return }
      savings.append(MemorySaving(words: words, bytes: memory[rank].peak - now.peak))
    }
    if plan.format == .fp8 {
      add("FP8 activations, not BF16") { $0.plan.format = .bf16 }
      let moments = now.parts.first { $0.kind == .moments }?.bytes ?? .zero
      savings.append(
        MemorySaving(
          words: "BF16 moments, not FP32", bytes: moments * (8 / stateFormat.moments - 1)))
    }
    if plan.recompute != .none {
      add("\(plan.recompute.rawValue) recompute, not none") { $0.plan.recompute = .none }
    }
    if plan.tensor > 1, plan.sequenceParallel {
      add("sequence parallelism, not whole rows") { $0.plan.sequenceParallel = false }
    }
    if plan.zero > 0 {
      var other = self
      other.plan.zero = 0
      if let memory = try? other.forecast(
        result.schedule, result.placement, states: other, graph)
      {
        savings.append(
          MemorySaving(
            words: "ZeRO \(plan.zero), not whole states", bytes: memory[rank].peak - now.peak))
      }
    }
    return savings.enumerated().filter { $0.element.bytes > .zero }
      .sorted { ($1.element.bytes, $0.offset) < ($0.element.bytes, $1.offset) }.map(\.element)
  }

  /// Memory of each rank by the order of a list alone.
  ///
  /// - Parameter states: whose weights and states are held, which may be in other formats.
  private func forecast(
    _ schedule: Schedule, _ placement: Placement?, states: StepSimulation, _ graph: LinkGraph
  ) throws(StepError) -> [RankMemory] {
    let workload = Workload(self, graph: graph, sizesOnly: placement != nil)
    let placement = if let placement { placement } else { try place(schedule, workload) }
    let stages = workload.stages(placement)
    let weights = states.weights(schedule: schedule, stages: stages)
    return try states.memory(
      schedule: schedule, stages: stages, weights: weights, uneven: workload.uneven)
  }

  /// What the rank that needs most needs after some changes; nil where the plan cannot be so.
  private func remedy(
    _ changes: [PlanChange], _ result: StepResult, _ graph: LinkGraph
  ) -> MemoryRemedy? {
    var changed = self
    for change in changes { change.apply(&changed.plan) }
    guard changed.plan != plan, let memory = try? changed.forecast(after: self, result, graph),
      let most = memory.max(by: { $0.peak < $1.peak })
    else { return nil }
    return MemoryRemedy(
      words: changes.map(\.words).joined(separator: " and "), rank: most.rank, peak: most.peak)
  }

  /// Memory of each rank of a step whose plan differs from that of a simulated one.
  private func forecast(
    after base: StepSimulation, _ result: StepResult, _ graph: LinkGraph
  ) throws(StepError) -> [RankMemory]? {
    if plan.pipeline == base.plan.pipeline, plan.microBatches == base.plan.microBatches {
      return try forecast(result.schedule, result.placement, states: self, graph)
    }
    guard case .builtIn(let builtIn, let options) = plan.schedule else { return nil }
    var changed = self
    changed.plan.layout = nil
    changed.routing = nil
    changed.routing = try StepRouting(changed)
    let schedule = try changed.write(builtIn, options, Workload(changed, graph: graph))
    guard schedule.unevenSharing == nil else { return nil }
    let placement =
      schedule.modelStages == result.schedule.modelStages ? result.placement : nil
    return try changed.forecast(schedule, placement, states: changed, graph)
  }

  /// What may lower the peak, in the order it is to be tried.
  private var planChanges: [PlanChange] {
    var changes: [PlanChange] = []
    if plan.attentionKernel == .unfused, plan.recompute == .none {
      changes.append(
        PlanChange(words: "attention recompute", isHalfWay: true) { $0.recompute = .attention })
    }
    if plan.recompute == .none || plan.recompute == .attention {
      changes.append(
        PlanChange(words: "selective recompute", isHalfWay: true) { $0.recompute = .selective })
    }
    if plan.recompute != .full {
      changes.append(PlanChange(words: "full recompute") { $0.recompute = .full })
    }
    if plan.zero == 0 { changes.append(PlanChange(words: "ZeRO 1") { $0.zero = 1 }) }
    if plan.microBatch.isMultiple(of: 2) {
      let half = plan.microBatch / 2
      changes.append(
        PlanChange(words: "micro-batches of \(half)") { $0.microBatch = half })
    }
    guard plan.data.isMultiple(of: 2) else { return changes }
    let tensor = plan.tensor * 2
    if tensor <= cluster.node.gpus, model.attention.heads.isMultiple(of: tensor) {
      changes.append(
        PlanChange(words: "tensor degree \(tensor)") {
          $0.tensor *= 2
          $0.data /= 2
        })
    }
    if (plan.gpusPerRank / 2).isMultiple(of: plan.expert * plan.expertTensor) {
      changes.append(
        PlanChange(words: "\(plan.pipeline * 2) pipeline ranks") {
          $0.pipeline *= 2
          $0.data /= 2
        })
    }
    return changes
  }
}

/// A change of the plan that may lower the peak.
private struct PlanChange {
  var words: String
  /// Whether another change of the list goes further in the same direction.
  var isHalfWay = false
  var apply: @Sendable (inout Plan) -> Void

  init(words: String, isHalfWay: Bool = false, apply: @escaping @Sendable (inout Plan) -> Void) {
    self.words = words
    self.isHalfWay = isHalfWay
    self.apply = apply
  }
}

extension Attention {
  /// Query heads.
  fileprivate var heads: Int {
    switch self {
    case .grouped(let grouped): grouped.heads
    case .latent(let latent): latent.heads
    }
  }
}
