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
  /// What a layer's kernels depend on besides the architecture.
  let shape: LayerShape
  /// Kernel times with every multiprocessor, and with those left beside communication.
  private let whole, left: KernelSeconds
  /// What differs from GPU to GPU.
  let uneven: UnevenLoads
  private let tensorExchange: Transfer
  /// Dispatch, dispatch with a known layout and combine of a micro-batch under balanced routing.
  private let experts: (dispatch: Exchange, cachedDispatch: Exchange, combine: Exchange)?
  /// The cluster's network.
  let graph: LinkGraph

  /// The work under a simulation's plan.
  ///
  /// - Parameters:
  ///   - known: The cluster's network, where it is known already.
  ///   - sizesOnly: Whether only weights and activations are wanted: what experts exchange under
  ///     balanced routing is then left out.
  init(_ simulation: StepSimulation, graph known: LinkGraph? = nil, sizesOnly: Bool = false) {
    model = simulation.model
    cluster = simulation.cluster
    plan = simulation.plan
    graph = known ?? LinkGraph(simulation.cluster)
    var shape = LayerShape(
      tokens: plan.tokensPerMicroBatch, sequenceLength: Double(plan.sequenceLength),
      tensor: Double(plan.tensor), expertDegree: Double(plan.expert), format: plan.format,
      recompute: plan.recompute)
    shape.context = Double(plan.context)
    shape.expertTensor = Double(plan.expertTensor)
    shape.sequenceParallel = plan.sequenceParallel
    shape.attentionKernel = plan.attentionKernel
    if let experts = model.experts, plan.redundantExperts > 0 {
      // As many more experts on each GPU, with as many rows in all.
      let routed = Double(experts.routed)
      shape.expertDegree *= routed / (routed + Double(plan.redundantExperts))
    }
    self.shape = shape
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
      latency: cluster.latency.value)
    let needsExchanges = !sizesOnly || simulation.routing != nil
    experts =
      needsExchanges ? simulation.expertExchanges(tokens: shape.tokens / shape.tensor) : nil
    guard let routing = simulation.routing else {
      uneven = .none
      return
    }
    let (model, balanced, whole, left) = (model, shape, whole, left)
    uneven = UnevenLoads(routing) { layer, load, beside in
      var shape = balanced
      shape.expertLoad = load
      let kernels =
        layer < model.layers
        ? model.kernels(layer: layer, shape: shape) : model.predictionKernels(shape: shape)
      return BlockTimes(kernels, on: beside ? left : whole)
    }
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
        layerIndex, hasExperts: model.experts != nil,
        kernels: model.predictionKernels(shape: shape),
        besides: model.predictionActivations(shape: shape))
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

  private func layer(
    _ index: Int, hasExperts: Bool, kernels: LayerKernels,
    besides: LayerActivations = LayerActivations()
  ) -> LayerWork {
    var work = LayerWork(
      layer: Int32(index), attention: .attention, feedForward: .feedForward,
      alone: BlockTimes(kernels, on: whole), beside: BlockTimes(kernels, on: left))
    let tensor = Exchange(activity: .tensorExchange, transfer: tensorExchange)
    if !tensorExchange.isEmpty {
      work.afterAttention = [tensor]
      work.beforeAttention = [tensor]
    }
    if hasExperts, var (dispatch, cachedDispatch, combine) = experts {
      work.load = uneven.load(ofLayer: index)
      dispatch.uneven = uneven.exchange(.dispatch, load: work.load)
      cachedDispatch.uneven = uneven.exchange(.cachedDispatch, load: work.load)
      combine.uneven = uneven.exchange(.combine, load: work.load)
      work.afterAttention.append(dispatch)
      work.afterFeedForward = [combine]
      // The gradient of a combine is a dispatch, and the other way round.
      work.beforeFeedForward = [cachedDispatch]
      work.beforeAttention.insert(combine, at: 0)
    } else if !hasExperts, !tensorExchange.isEmpty {
      work.afterFeedForward = [tensor]
      work.beforeFeedForward = [tensor]
    }
    work.activations = model.activations(hasExperts: hasExperts, shape: shape) + besides
    if work.load >= 0 {
      var double = shape
      double.expertLoad = 2
      let doubled = model.activations(hasExperts: hasExperts, shape: double) + besides
      work.activationSlope = doubled.minus(work.activations)
    }
    let parts = model.feedForwardParameters(layer: index)
    let attention = model.attentionParameters(tensor: plan.tensor)
    work.shardedParameters = attention.sharded
    work.replicatedParameters = attention.replicated + Double(model.layerNormParameters)
    if hasExperts {
      work.expertParameters =
        Double(parts.routedExpert) * Double(parts.routedExperts)
        / shape.divisor(of: .routedExperts)
      work.replicatedParameters += Double(parts.always + parts.gate)
    } else {
      work.shardedParameters += Double(parts.always) / shape.divisor(of: .tensorSharded)
    }
    return work
  }
}

extension StepSimulation {
  /// Dispatch, dispatch with a known layout and combine of GPUs with `tokens` tokens each, under
  /// balanced routing; nil where nothing is exchanged.
  func expertExchanges(
    tokens: Double
  ) -> (dispatch: Exchange, cachedDispatch: Exchange, combine: Exchange)? {
    guard let gate else { return nil }
    let loads = RoutingLaw(gate, .balanced, layer: 0, seed: plan.seed).loads
    func exchange(_ kind: ExpertExchange.Kind) -> Exchange {
      let isCombine = kind == .combine
      let balanced = ExpertExchange(
        kind, loads, tokens: tokens, rowBytes: isCombine ? rowBytes.combine : rowBytes.dispatch)
      return Exchange(
        activity: isCombine ? .combine : .dispatch,
        transfer: balanced.transfer(latency: cluster.latency.value), balanced: balanced)
    }
    let dispatch = exchange(.dispatch)
    guard !dispatch.transfer.isEmpty else { return nil }
    return (dispatch, exchange(.cachedDispatch), exchange(.combine))
  }

  /// Bytes of a token on its way: dispatched in the products' format with its scales, and combined
  /// in BF16.
  var rowBytes: (dispatch: Bytes, combine: Bytes) {
    let width = Double(model.hidden)
    return (dispatch: Bytes(width * plan.format.bytesWithScale), combine: Bytes(width * 2))
  }

  /// What sends tokens to their experts: the model's gate under the plan's limit of nodes; nil
  /// without expert parallelism.
  var gate: ExpertGate? {
    guard let experts = model.experts, plan.expert > 1 else { return nil }
    let group = expertGroup
    return ExpertGate(
      experts: experts.routed, perToken: experts.perToken, ranks: group.size, nodes: group.nodes,
      groups: experts.groups, groupsPerToken: experts.groupsPerToken
    ).limited(toNodes: plan.nodeLimit)
  }

  private var expertGroup: Group {
    .neighbours(plan.expert, among: plan.gpus, gpusPerNode: cluster.node.gpus)
  }
}
