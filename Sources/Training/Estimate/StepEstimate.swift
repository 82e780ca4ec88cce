import Fabric
import Hardware
import Kernels
import Models
public import Quantities
import Schedules

/// A step in closed form: no event is simulated.
///
/// Durations of stages are those the simulation uses, alone or in a pair; the schedule's own formula
/// makes a step of them (`ClosedForm`). What the formula leaves out: traffic of different kinds on the
/// same links, stages that differ within a rank's order, and everything random. Memory counts the
/// micro-batches that the schedule's list holds.
public struct StepEstimate: Sendable, Equatable {
  /// Length of the step.
  public var seconds: Double
  /// Most memory of any rank's GPU.
  public var peakMemory: Bytes
}

/// Estimates steps of one model on one cluster under many plans.
///
///     var estimator = StepEstimator(simulation)
///     for plan in plans { print(try estimator.estimate(plan)?.seconds ?? .nan) }
///
/// What plans have in common is worked out once: kernels and exchanges of each layer for plans that
/// agree in degrees, micro-batch, formats and recompute; the cut into stages for those that agree in
/// the number of stages too; what ranks hold for those that agree in the schedule. The others are
/// arithmetic.
public struct StepEstimator {
  private let model: StepSimulation
  private let graph: LinkGraph
  private var layers: [LayerKey: LayerCosts] = [:]
  private var cuts: [CutKey: StageCosts] = [:]
  private var profiles: [ProfileKey: MemoryProfile] = [:]
  private var updates: [UpdateKey: UpdateCosts] = [:]
  private var loads: [ExpertLoads] = []

  /// Whether stages that share a rank and run in pairs are balanced together, as the simulation does:
  /// the search for such a cut takes most of the time. A search over many plans may leave it out, and
  /// is then up to a few percent further off for DualPipe and DualPipeV.
  public var balancesRanks = true

  /// An estimator of steps that `simulation` would run under other plans.
  public init(_ simulation: StepSimulation) {
    model = simulation
    graph = LinkGraph(simulation.cluster)
  }

  /// The estimate of a plan with a built-in schedule; nil for one that is searched or written, or
  /// that runs its pairs one after the other.
  ///
  /// - Throws: `StepError` when the model has fewer pieces than the schedule has stages, the schedule
  ///   cannot be, or durations cannot be represented.
  public mutating func estimate(_ plan: Plan) throws(StepError) -> StepEstimate? {
    guard case .builtIn(let builtIn, let options) = plan.schedule, options.pairs != .serial else {
      return nil
    }
    let form = ClosedForm(
      builtIn, ranks: plan.pipeline, microBatches: plan.microBatches,
      stagesPerRank: options.stagesPerRank)
    let profile = try profile(builtIn, plan, options)
    let facts = builtIn.facts
    let costs = try costs(
      plan, facts, stagesPerRank: form.stagesPerRank, overlaps: form.pairs > 0)
    var simulation = model
    simulation.plan = plan
    let seconds = try Self.seconds(form, costs, boundary: boundarySeconds(simulation))
    let update = update(costs.ranks, simulation, copies: facts.parameterCopies)
    let memory = memory(costs, profile, simulation, copies: facts.parameterCopies)
    return StepEstimate(seconds: seconds + update, peakMemory: Bytes(memory))
  }

  /// The formula for stages of mean length, and on top what the costliest rank takes longer than the
  /// mean in every micro-batch.
  private static func seconds(
    _ form: ClosedForm, _ costs: StageCosts, boundary: Double
  ) throws(StepError) -> Double {
    let share = form.passesPerRank > 0 ? form.pairs / form.passesPerRank : 0
    var (sum, most, pairs) = (0.0, 0.0, 0.0)
    for rank in costs.ranks {
      let seconds = rank.seconds(inPairs: share)
      sum += seconds
      most = max(most, seconds)
      pairs += rank.sum.pair
    }
    let ranks = Double(max(costs.ranks.count, 1))
    let perRank = Double(form.stagesPerRank)
    do {
      let durations = try Durations(
        forward: costs.mean.forward, inputBackward: costs.mean.input,
        weightBackward: costs.mean.weight, overlapped: pairs / ranks / perRank,
        pointToPoint: boundary)
      return form.makespan(durations) + (most - sum / ranks) * form.passesPerRank / perRank
    } catch {
      throw .schedule(error)
    }
  }

  /// Time of a send to the next rank.
  private func boundarySeconds(_ simulation: StepSimulation) -> Double {
    let node = model.cluster.node
    let isLocal = simulation.plan.gpusPerRank < node.gpus
    let rate = isLocal ? node.nvlink.achieved.value : node.nic.achieved.value
    let latency = isLocal ? Cluster.nvlinkLatency.value : model.cluster.latency.value
    return simulation.boundary / rate + latency.seconds
  }
}

extension StepEstimator {
  private mutating func costs(
    _ plan: Plan, _ facts: Facts, stagesPerRank: Int, overlaps: Bool
  ) throws(StepError) -> StageCosts {
    let layer = LayerKey(plan, gpusPerNode: model.cluster.node.gpus)
    let key = CutKey(
      layer: layer, stages: plan.pipeline * stagesPerRank / facts.parameterCopies,
      ranks: plan.pipeline, placement: facts.placement, overlaps: overlaps,
      balancesRanks: balancesRanks)
    if plan.layout == nil, let known = cuts[key] { return known }
    let costs: LayerCosts
    if let known = layers[layer] {
      costs = known
    } else {
      costs = layerCosts(plan)
      layers[layer] = costs
    }
    if let layout = plan.layout, layout.count == key.stages {
      return StageCosts(costs, key, model.model, layout: layout)
    }
    guard costs.items.count >= key.stages else {
      throw .tooFewItems(items: costs.items.count, stages: key.stages)
    }
    let found = StageCosts(costs, key, model.model)
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
        let fresh = simulation.balancedLoads()?.loads
        if let fresh { loads.append(ExpertLoads(gate: gate, loads: fresh)) }
        known = fresh
      }
    }
    return LayerCosts(simulation, graph: graph, balanced: known)
  }

  private mutating func profile(
    _ builtIn: BuiltIn, _ plan: Plan, _ options: ScheduleOptions
  ) throws(StepError) -> MemoryProfile {
    let key = ProfileKey(builtIn, plan, options)
    if let known = profiles[key] { return known }
    do {
      let found = try key.profile()
      profiles[key] = found
      return found
    } catch {
      throw .schedule(error)
    }
  }

  /// Reduction, update and gather of the costliest rank's weights. What runs beside passes is seen
  /// only where its last bucket outlasts them.
  private mutating func update(
    _ ranks: [RankCosts], _ simulation: StepSimulation, copies: Int
  ) -> Double {
    let plan = simulation.plan
    let format = plan.stateFormat
    var (reduction, rest) = (0.0, 0.0)
    for rank in ranks {
      var (reduced, gathered, shard, gradients) = (0.0, 0.0, 0.0, 0.0)
      for part in rank.sum.weights.parts(plan) {
        let key = UpdateKey(part, plan, copies: copies)
        let costs: UpdateCosts
        if let known = updates[key] {
          costs = known
        } else {
          costs = UpdateCosts(part, simulation, copies: copies)
          updates[key] = costs
        }
        reduced += costs.reduction(part.parameters)
        gathered += costs.gather(part.parameters)
        let shards = RankWeights.Shards(
          zero: plan.zero, replicas: part.group.count, copies: copies)
        shard += part.parameters / shards.optimizer
        gradients += part.parameters / shards.gradients
      }
      let optimizer = model.rates.seconds(
        .memory(.optimizer, format.updateBytes(shard: shard, gradients: gradients)),
        on: model.cluster.node.gpu, multiprocessorShare: 1)
      let buckets = 1 / Double(max(rank.sum.works, 1))
      reduction = max(reduction, reduced * (plan.overlapsGradientReduction ? buckets : 1))
      rest = max(rest, optimizer + gathered * (plan.overlapsParameterGather ? buckets : 1))
    }
    return reduction + rest
  }

  /// Memory of the rank that needs most.
  private func memory(
    _ costs: StageCosts, _ profile: MemoryProfile, _ simulation: StepSimulation, copies: Int
  ) -> Double {
    let plan = simulation.plan
    let format = plan.stateFormat
    let buffers = simulation.buffers(neighbours: 0).reduce(0) { $0 + $1.bytes.value }
    let boundary = simulation.boundary.value
    var most = 0.0
    for (rank, weights) in zip(profile.ranks, costs.ranks) {
      var standing = StepSimulation.reservedMemory.value.value + buffers
      standing += 2 * boundary * Double(rank.neighbours)
      for part in weights.sum.weights.parts(plan) {
        let shards = RankWeights.Shards(
          zero: plan.zero, replicas: part.group.count, copies: copies)
        standing +=
          part.parameters
          * (part.weightBytes / shards.weights + format.gradient / shards.gradients
            + (format.master + format.moments) / shards.optimizer)
      }
      let passing = rank.peak(costs.stages, microBatches: plan.microBatches)
      most = max(most, standing + passing * (1 + StepSimulation.fragmentation.value))
    }
    return most
  }
}

/// Loads of experts under balanced routing.
private struct ExpertLoads {
  var gate: ExpertGate
  var loads: RoutingLoads
}
