import Fabric
import Hardware
import Kernels
import Models
import Quantities

/// Turns the model's items into work on one GPU under a plan.
struct Workload {
  private let model: Architecture
  private let cluster: Cluster
  private let plan: Plan
  private let shape: LayerShape
  /// Kernel times with every multiprocessor, and with those left beside communication.
  private let whole, left: KernelSeconds
  /// What differs from GPU to GPU.
  let uneven: UnevenLoads
  private let tensorExchange: Transfer
  private let expertTransfers: ExpertTransfers?

  init(_ simulation: StepSimulation) {
    model = simulation.model
    cluster = simulation.cluster
    plan = simulation.plan
    shape = LayerShape(
      tokens: plan.tokensPerMicroBatch, sequenceLength: Double(plan.sequenceLength),
      tensor: Double(plan.tensor), expertDegree: Double(plan.expert), format: plan.format,
      recompute: plan.recompute)
    uneven = .none
    let gpu = cluster.node.gpu
    let processors = Double(gpu.multiprocessors.value)
    whole = KernelSeconds(gpu: gpu, rates: simulation.rates, multiprocessorShare: 1)
    left = KernelSeconds(
      gpu: gpu, rates: simulation.rates,
      multiprocessorShare: (processors - Double(plan.communicationMultiprocessors)) / processors)
    // Reduce-scatter after a sharded block and all-gather before the next, in BF16.
    tensorExchange = .allReduce(
      Bytes(shape.tokens * Double(model.hidden) * 2),
      over: .neighbours(
        plan.tensor, among: plan.gpus, gpusPerNode: cluster.node.gpus),
      topology: cluster.topology)
    expertTransfers = simulation.expertTransfers(tokens: shape.tokens / shape.tensor)
  }

  /// The work of an item; a prediction layer is two: its layer and its pass through the head.
  func work(of item: ModelItem) -> [LayerWork] {
    switch item {
    case .embedding:
      var work = LayerWork(
        layer: -1, attention: .embedding, feedForward: .embedding,
        alone: BlockTimes(model.embeddingKernels(shape: shape), on: whole),
        beside: BlockTimes(model.embeddingKernels(shape: shape), on: left))
      if plan.tensor > 1 {
        // Each rank looks up its part of the vocabulary; the parts are added up.
        work.afterFeedForward = [Exchange(activity: .tensorExchange, transfer: tensorExchange)]
      }
      return [work]
    case .layer(let index):
      let hasExperts = model.hasExperts(layer: index)
      return [
        layer(
          index, hasExperts: hasExperts,
          kernels: model.kernels(layer: index, shape: shape)
        )
      ]
    case .head:
      return [head]
    case .prediction(let index):
      let layerIndex = model.layers + index
      var work = layer(
        layerIndex, hasExperts: model.experts != nil, kernels: model.predictionKernels(shape: shape)
      )
      work.shardedParameters += Double(model.predictionProjectionParameters) / shape.tensor
      work.replicatedParameters += Double(2 * model.finalNormParameters)
      return [work, head]
    }
  }

  private var head: LayerWork {
    let kernels = model.headKernels(shape: shape)
    var work = LayerWork(
      layer: -1, attention: .head, feedForward: .head, alone: BlockTimes(kernels, on: whole),
      beside: BlockTimes(kernels, on: left))
    work.activations = model.headActivations(shape: shape)
    work.replicatedParameters = Double(model.finalNormParameters)
    return work
  }

  private func layer(_ index: Int, hasExperts: Bool, kernels: LayerKernels) -> LayerWork {
    var work = LayerWork(
      layer: Int32(index), attention: .attention, feedForward: .feedForward,
      alone: BlockTimes(kernels, on: whole), beside: BlockTimes(kernels, on: left))
    let tensor = Exchange(activity: .tensorExchange, transfer: tensorExchange)
    if !tensorExchange.isEmpty {
      work.afterAttention = [tensor]
      work.beforeAttention = [tensor]
    }
    if hasExperts, let expertTransfers, !expertTransfers.dispatch.isEmpty {
      let combine = Exchange(activity: .combine, transfer: expertTransfers.combine)
      work.afterAttention.append(
        Exchange(activity: .dispatch, transfer: expertTransfers.dispatch))
      work.afterFeedForward = [combine]
      // The gradient of a combine is a dispatch, and the other way round.
      work.beforeFeedForward = [
        Exchange(activity: .dispatch, transfer: expertTransfers.cachedDispatch)
      ]
      work.beforeAttention.insert(combine, at: 0)
    } else if !hasExperts, !tensorExchange.isEmpty {
      work.afterFeedForward = [tensor]
      work.beforeFeedForward = [tensor]
    }
    work.activations = model.activations(hasExperts: hasExperts, shape: shape)
    let parts = model.feedForwardParameters(layer: index)
    let attention = model.attentionParameters(tensor: plan.tensor)
    work.shardedParameters = attention.sharded
    work.replicatedParameters = attention.replicated + Double(model.layerNormParameters)
    if hasExperts {
      work.expertParameters =
        Double(parts.routedExpert) * Double(parts.routedExperts) / shape.expertDegree
      work.replicatedParameters += Double(parts.always + parts.gate)
    } else {
      work.shardedParameters += Double(parts.always) / shape.tensor
    }
    return work
  }
}

extension StepSimulation {
  /// Dispatch and combine of a GPU with `tokens` tokens; nil without expert parallelism.
  func expertTransfers(tokens: Double) -> ExpertTransfers? {
    guard let experts = model.experts, plan.expert > 1 else { return nil }
    let group = Group.neighbours(
      plan.expert, among: plan.gpus, gpusPerNode: cluster.node.gpus)
    let width = Double(model.hidden)
    // Rows go out in the products' format with its scales; results come back in BF16.
    let dispatched = width * plan.format.bytesWithScale
    return ExpertTransfers(
      tokens: tokens, rowBytes: (dispatch: Bytes(dispatched), combine: Bytes(width * 2)),
      spread: spread(experts, group: group),
      group: group, topology: cluster.topology)
  }

  /// Where the gate sends tokens: by the model's own groups or, where that leaves fewer nodes, by a
  /// limit of the plan that makes nodes the groups.
  private func spread(_ experts: Experts, group: Group) -> RoutingSpread {
    func sampled(groups: Int, perToken: Int) -> RoutingSpread {
      RoutingSpread(
        sampling: RoutingSpread.Gate(
          experts: experts.routed, perToken: experts.perToken, ranks: group.size,
          nodes: group.nodes, groups: groups, groupsPerToken: perToken), seed: plan.seed)
    }
    let own = sampled(groups: experts.groups, perToken: experts.groupsPerToken)
    guard let limit = plan.nodeLimit, limit < group.nodes,
      (group.nodes, limit) != (experts.groups, experts.groupsPerToken)
    else { return own }
    let limited = sampled(groups: group.nodes, perToken: limit)
    return limited.nodesPerToken < own.nodesPerToken ? limited : own
  }
}
