import Fabric
import Hardware
import Kernels
import Models
public import Quantities
import Schedules

/// A step in closed form: no list is written and no event simulated.
///
/// Durations of stages are those the simulation uses, alone or in a pair; the schedule's own formula
/// makes a step of them (`ClosedForm`). What the formula leaves out: traffic of different kinds on the
/// same links, stages that differ within a rank's order, and everything random.
public struct StepEstimate: Sendable, Equatable {
  /// Length of the step.
  public var seconds: Double
  /// Most memory of any rank's GPU.
  public var peakMemory: Bytes
}

/// Estimates steps of one model on one cluster under many plans.
///
///     var estimator = StepEstimator(model: model, cluster: cluster, rates: rates)
///     for plan in plans { print(try estimator.estimate(plan).seconds) }
///
/// What plans have in common is worked out once: kernels and exchanges of each layer for plans that
/// agree in degrees, micro-batch, formats and recompute; the cut into stages for those that agree in
/// the number of stages too. The others are arithmetic.
public struct StepEstimator {
  private let model: StepSimulation
  private let graph: LinkGraph
  private var layers: [LayerKey: LayerCosts] = [:]
  private var cuts: [CutKey: StageCosts] = [:]
  private var loads: [ExpertLoads] = []

  /// An estimator of steps that `simulation` would run under other plans.
  public init(_ simulation: StepSimulation) {
    model = simulation
    graph = LinkGraph(simulation.cluster)
  }

  /// The estimate of a plan with a built-in schedule; nil for one that is searched or written.
  ///
  /// - Throws: `StepError` when the model has fewer pieces than the schedule has stages, or durations
  ///   cannot be represented.
  public mutating func estimate(_ plan: Plan) throws(StepError) -> StepEstimate? {
    guard case .builtIn(let builtIn, let options) = plan.schedule else { return nil }
    let form = ClosedForm(
      builtIn, ranks: plan.pipeline, microBatches: plan.microBatches,
      stagesPerRank: options.stagesPerRank)
    let copies = builtIn.facts.parameterCopies
    let count = plan.pipeline * form.stagesPerRank / copies
    let placement = builtIn.facts.placement
    let stages = try stages(
      plan, count: count, overlaps: form.pairs > 0,
      mirrors: form.pairs > 0 && [.vShape, .bidirectional].contains(placement))
    let ranks = (0..<plan.pipeline).map {
      RankCosts(placement.stages(of: $0, ranks: plan.pipeline, count: count), stages)
    }
    let seconds = try Self.seconds(form, ranks, stages, boundary: boundary(plan))
    let update = ranks.map { self.update($0, plan) }.max() ?? 0
    let memory = ranks.enumerated().map { rank, costs in
      self.memory(costs, plan, alive: form.peakActivations(of: rank), copies: copies)
    }
    return StepEstimate(seconds: seconds + update, peakMemory: Bytes(memory.max() ?? 0))
  }

  /// The formula for stages of mean length, and on top what the costliest rank takes longer than the
  /// mean in every micro-batch.
  private static func seconds(
    _ form: ClosedForm, _ ranks: [RankCosts], _ stages: StageCosts, boundary: Double
  ) throws(StepError) -> Double {
    let share = form.passesPerRank > 0 ? form.pairs / form.passesPerRank : 0
    let costs = ranks.map { $0.seconds(inPairs: share) }
    let mean = costs.reduce(0, +) / Double(max(costs.count, 1))
    let perRank = Double(form.stagesPerRank)
    let pair = ranks.reduce(0) { $0 + $1.pair } / Double(ranks.count) / perRank
    do {
      let durations = try Durations(
        forward: stages.mean(\.forward), inputBackward: stages.mean(\.input),
        weightBackward: stages.mean(\.weight), overlapped: pair, pointToPoint: boundary)
      return form.makespan(durations)
        + ((costs.max() ?? 0) - mean) * form.passesPerRank / perRank
    } catch {
      throw .schedule(error)
    }
  }

  /// Time of a send to the next rank.
  private func boundary(_ plan: Plan) -> Double {
    let node = model.cluster.node
    let bytes = Bytes(plan.localTokens * Double(model.model.hidden) * 2)
    let isLocal = plan.gpusPerRank < node.gpus
    let rate = isLocal ? node.nvlink.achieved.value : node.nic.achieved.value
    let latency = isLocal ? Cluster.nvlinkLatency.value : model.cluster.latency.value
    return bytes / rate + latency.seconds
  }
}

extension StepEstimator {
  private mutating func stages(
    _ plan: Plan, count: Int, overlaps: Bool, mirrors: Bool
  ) throws(StepError) -> StageCosts {
    let layer = LayerKey(plan)
    let key = CutKey(layer: layer, stages: count, overlaps: overlaps, mirrors: mirrors)
    if let known = cuts[key] { return known }
    let costs: LayerCosts
    if let known = layers[layer] {
      costs = known
    } else {
      costs = layerCosts(plan)
      layers[layer] = costs
    }
    guard costs.items.count >= count else {
      throw .tooFewItems(items: costs.items.count, stages: count)
    }
    let found = StageCosts(costs, into: count, overlaps: overlaps, mirrors: mirrors)
    cuts[key] = found
    return found
  }

  private mutating func layerCosts(_ plan: Plan) -> LayerCosts {
    var simulation = model
    simulation.plan = plan
    simulation.plan.routing = .balanced
    simulation.routing = nil
    var known: RoutingLoads?
    if let gate = simulation.gate {
      if let found = loads.first(where: { $0.gate == gate }) {
        known = found.loads
      } else {
        let fresh = RoutingLaw(gate, .balanced, layer: 0, seed: plan.seed).loads
        loads.append(ExpertLoads(gate: gate, loads: fresh))
        known = fresh
      }
    }
    return LayerCosts(simulation, graph: graph, balanced: known)
  }

  /// Reduction, update and gather of a rank's weights. What runs beside passes is seen only where its
  /// last bucket outlasts them.
  private func update(_ rank: RankCosts, _ plan: Plan) -> Double {
    var simulation = model
    simulation.plan = plan
    let node = model.cluster.node
    let format = plan.stateFormat
    var reduction = 0.0
    var gather = 0.0
    var bytes = 0.0
    for part in rank.weights.parts(plan) {
      let replicas = Double(part.group.count)
      let gradients = Bytes(part.parameters * format.gradient)
      let moved = simulation.gather(.gradientReduction, gradients, among: part.group).transfer
      let once = moved.seconds(alone: node)
      if plan.zero < 2 { reduction += plan.zero == 0 ? 2 * once : once }
      if plan.zero == 1 || plan.zero == 2 {
        gather += once * part.weightBytes / format.gradient
      }
      let shard = part.parameters / (plan.zero > 0 ? replicas : 1)
      let held = part.parameters / (plan.zero > 1 ? replicas : 1)
      bytes +=
        shard * (4 * format.gradient + 2 * (format.master + format.moments) + 2)
        + held * format.gradient
    }
    let optimizer = model.rates.seconds(
      .memory(.optimizer, Bytes(bytes)), on: node.gpu, multiprocessorShare: 1)
    let buckets = 1 / Double(max(rank.works, 1))
    return reduction * (plan.overlapsGradientReduction ? buckets : 1)
      + gather * (plan.overlapsParameterGather ? buckets : 1) + optimizer
  }

  /// Memory of a rank with so many activations of its stages alive.
  private func memory(_ rank: RankCosts, _ plan: Plan, alive: Double, copies: Int) -> Double {
    let format = plan.stateFormat
    var standing = StepSimulation.reservedMemory.value.value
    for part in rank.weights.parts(plan) {
      let shards = RankWeights.Shards(
        zero: plan.zero, replicas: part.group.count, copies: copies)
      standing +=
        part.parameters
        * (part.weightBytes / shards.weights + format.gradient / shards.gradients
          + (format.master + format.moments) / shards.optimizer)
    }
    let passing = rank.held / Double(max(rank.stages, 1)) * alive + rank.working
    return standing + passing * (1 + StepSimulation.fragmentation.value)
  }
}

/// Loads of experts under balanced routing.
private struct ExpertLoads {
  var gate: ExpertGate
  var loads: RoutingLoads
}
