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
  private let tensorExchange: Exchange
  /// Keys and values to all GPUs that share a sequence; backward again, with their gradients back.
  private let context: (forward: Exchange, backward: Exchange)
  /// Rows to all GPUs that share an expert's matrices, and their results summed.
  private let expertTensor: (gather: Exchange, scatter: Exchange)
  /// Dispatch, dispatch with a known layout and combine of a micro-batch under balanced routing.
  private let experts: (dispatch: Exchange, cachedDispatch: Exchange, combine: Exchange)?
  /// The cluster's network.
  let graph: LinkGraph
  /// A layer of each kind, where layers of a kind are alike; see `kind(ofLayer:)`.
  private var alike = [LayerWork?](repeating: nil, count: 4)

  /// The work under a simulation's plan.
  ///
  /// - Parameters:
  ///   - known: The cluster's network, where it is known already.
  ///   - balanced: Loads of experts under balanced routing, where they are known already.
  ///   - sizesOnly: Whether only weights and activations are wanted: what experts exchange under
  ///     balanced routing is then left out.
  init(
    _ simulation: StepSimulation, graph known: LinkGraph? = nil, balanced: RoutingLoads? = nil,
    sizesOnly: Bool = false
  ) {
    model = simulation.model
    cluster = simulation.cluster
    plan = simulation.plan
    graph = known ?? LinkGraph(simulation.cluster)
    var shape = LayerShape(plan)
    if let experts = model.experts, plan.redundantExperts > 0 {
      // As many more experts on each GPU, with as many rows in all.
      let routed = Double(experts.routed)
      shape.expertDegree *= routed / (routed + Double(plan.redundantExperts))
    }
    self.shape = shape
    let gpu = cluster.node.gpu
    let processors = Double(gpu.multiprocessors.value)
    whole = KernelSeconds(
      gpu: gpu, rates: simulation.rates, multiprocessorShare: 1, speeds: simulation.speeds)
    left = KernelSeconds(
      gpu: gpu, rates: simulation.rates,
      multiprocessorShare: (processors - Double(plan.communicationMultiprocessors)) / processors,
      speeds: simulation.speeds)
    // Reduce-scatter after a sharded block and all-gather before the next, in BF16; without sequence
    // parallelism an all-reduce, which moves as much.
    let row = Double(model.hidden) * 2
    var tensorExchange = simulation.allReduce(
      .tensorExchange, Bytes(shape.tokens * row), among: plan.tensorGroup)
    tensorExchange.isCut = true
    self.tensorExchange = tensorExchange
    let keys = Bytes(plan.tokensPerMicroBatch * model.exchangedKeys(shape: shape).value)
    context = (
      forward: simulation.gather(.contextExchange, keys, among: plan.contextGroup),
      backward: simulation.allReduce(.contextExchange, keys, among: plan.contextGroup)
    )
    let (rows, sizes) = (simulation.expertRows, simulation.rowBytes)
    expertTensor = (
      gather: simulation.gather(
        .tensorExchange, sizes.dispatch * rows, among: plan.expertTensorGroup),
      scatter: simulation.gather(
        .tensorExchange, sizes.combine * rows, among: plan.expertTensorGroup)
    )
    let needsExchanges = !sizesOnly || simulation.routing != nil
    experts =
      needsExchanges
      ? simulation.expertExchanges(tokens: plan.localTokens, balanced: balanced) : nil
    guard let routing = simulation.routing else {
      uneven = .none
      for index in 0..<model.layers where alike[kind(ofLayer: index)] == nil {
        alike[kind(ofLayer: index)] = layer(index)
      }
      return
    }
    let (model, balanced, whole, left) = (model, shape, whole, left)
    uneven = UnevenLoads(routing, plan: plan) { load in
      var shape = balanced
      shape.expertLoad = load
      let kernels = model.expertKernels(shape: shape)
      return (BlockTimes(kernels, on: whole), BlockTimes(kernels, on: left))
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
      work.shares = shares(model.embeddingKernels(shape: shape))
      if plan.tensor > 1 {
        // Each rank looks up its part of the vocabulary; the parts are added up.
        work.afterFeedForward = [tensorExchange]
      }
      work.weights.embedding = table
      // Learned positions and the embedding's norm, which every tensor rank holds whole.
      work.weights.replicated =
        Double(model.embeddingParameters) - Double(model.vocabulary) * Double(model.hidden)
      return [work]
    case .layer(let index):
      guard var work = alike[kind(ofLayer: index)] else { return [layer(index)] }
      work.layer = Int32(index)
      return [work]
    case .head:
      return [head]
    case .prediction(let index):
      let layerIndex = model.layers + index
      var work = layer(
        layerIndex, hasExperts: model.experts != nil,
        kernels: model.predictionKernels(shape: shape),
        besides: model.predictionActivations(shape: shape))
      work.weights.sharded += Double(model.predictionProjectionParameters) / shape.tensor
      work.weights.replicated += Double(2 * model.finalNormParameters)
      work.weights.embedding = table
      return [work, head]
    }
  }

  /// Entries of the embedding or of the head on one GPU.
  var table: Double {
    Double(model.vocabulary) * Double(model.hidden) / Double(plan.tensor)
  }

  /// The works of each model stage. A prediction layer that stands before the head leaves its pass
  /// through it to the head's stage.
  func stages(_ placement: Placement) -> [[LayerWork]] {
    var waiting = 0
    var seenHead = false
    var place: Int32 = 0
    return placement.stages.map { stage in
      var works: [LayerWork] = []
      for item in stage {
        let all = work(of: item)
        switch item {
        case .prediction where !seenHead:
          works += all.prefix(1)
          waiting += 1
        case .head:
          seenHead = true
          for _ in 0...waiting { works += all }
        default: works += all
        }
      }
      for index in works.indices {
        works[index].place = place
        place += 1
        if plan.zero >= 2 { addShards(to: &works[index]) }
      }
      return works
    }
  }

  /// Under ZeRO-2 and 3 a layer's gradients are reduced to their shards in each micro-batch; under
  /// ZeRO-3 its weights are gathered from theirs before each pass.
  func addShards(to work: inout LayerWork) {
    for part in work.weights.parts(plan) where part.group.count > 1 {
      let gradients = Bytes(part.parameters * plan.stateFormat.gradient)
      work.reductions.append(
        .gather(.gradientReduction, gradients, among: part.group, plan, cluster))
      guard plan.zero >= 3 else { continue }
      work.gathers.append(
        .gather(
          .parameterGather, Bytes(part.parameters * part.weightBytes), among: part.group, plan,
          cluster))
    }
  }

  private var head: LayerWork {
    let kernels = model.headKernels(shape: shape)
    var work = LayerWork(
      layer: -1, attention: .head, feedForward: .head, alone: BlockTimes(kernels, on: whole),
      beside: BlockTimes(kernels, on: left))
    work.shares = shares(kernels)
    work.activations = model.headActivations(shape: shape)
    work.weights.replicated = Double(model.finalNormParameters)
    work.weights.head = table
    return work
  }

  private func shares(_ kernels: LayerKernels) -> BlockShares {
    BlockShares(kernels, alone: whole, beside: left)
  }

  /// Whether a layer has experts, and whether it looks at every token.
  func kind(ofLayer index: Int) -> Int {
    (model.hasExperts(layer: index) ? 1 : 0) + (model.hasFullAttention(layer: index) ? 2 : 0)
  }

  private func layer(_ index: Int) -> LayerWork {
    layer(
      index, hasExperts: model.hasExperts(layer: index),
      kernels: model.kernels(layer: index, shape: shape))
  }

  private func layer(
    _ index: Int, hasExperts: Bool, kernels: LayerKernels,
    besides: LayerActivations = LayerActivations()
  ) -> LayerWork {
    var work = LayerWork(
      layer: Int32(index), attention: .attention, feedForward: .feedForward,
      alone: BlockTimes(kernels, on: whole), beside: BlockTimes(kernels, on: left))
    work.shares = shares(kernels)
    if !tensorExchange.transfer.isEmpty {
      work.afterAttention = [tensorExchange]
      work.beforeAttention = [tensorExchange]
    }
    if !context.forward.transfer.isEmpty {
      work.contextForward = [context.forward]
      work.contextBackward = [context.backward]
    }
    if plan.overlapsTensorExchange || plan.context > 1 {
      work.cuts = BlockCut.cuts(
        kernels, cutsProducts: plan.overlapsTensorExchange && plan.tensor > 1,
        cutsFeedForward: !hasExperts, cutsCore: plan.context > 1, alone: whole, beside: left)
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
    } else if !hasExperts, !tensorExchange.transfer.isEmpty {
      work.afterFeedForward = [tensorExchange]
      work.beforeFeedForward = [tensorExchange]
    }
    if hasExperts, !expertTensor.gather.transfer.isEmpty {
      work.afterAttention.append(expertTensor.gather)
      work.afterFeedForward.insert(expertTensor.scatter, at: 0)
      work.beforeFeedForward.append(expertTensor.gather)
      work.beforeAttention.insert(expertTensor.scatter, at: 0)
    }
    work.activations = model.activations(hasExperts: hasExperts, shape: shape) + besides
    if work.load >= 0 {
      var double = shape
      double.expertLoad = 2
      let doubled = model.activations(hasExperts: hasExperts, shape: double) + besides
      work.activationSlope = doubled.minus(work.activations)
    }
    addWeights(to: &work, index, hasExperts: hasExperts)
    return work
  }

  private func addWeights(to work: inout LayerWork, _ index: Int, hasExperts: Bool) {
    let parts = model.feedForwardParameters(layer: index)
    let attention = model.attentionParameters(tensor: plan.tensor)
    work.weights.sharded = attention.sharded
    work.weights.replicated = attention.replicated + Double(model.layerNormParameters)
    if hasExperts {
      work.weights.expert =
        Double(parts.routedExpert) * Double(parts.routedExperts)
        / shape.divisor(of: .routedExperts)
      work.weights.replicated += Double(parts.always + parts.gate)
    } else {
      work.weights.sharded += Double(parts.always) / shape.divisor(of: .tensorSharded)
    }
  }
}

extension LayerShape {
  /// The shape of a plan's layers under balanced routing without copies of experts.
  init(_ plan: Plan) {
    self.init(
      tokens: plan.tokensPerGPU, sequenceLength: Double(plan.sequenceLength),
      tensor: Double(plan.tensor), expertDegree: Double(plan.expert), format: plan.format,
      recompute: plan.recompute)
    context = Double(plan.context)
    expertTensor = Double(plan.expertTensor)
    sequenceParallel = plan.sequenceParallel
    attentionKernel = plan.attentionKernel
  }
}

extension StepSimulation {
  /// Dispatch, dispatch with a known layout and combine of GPUs with `tokens` tokens each, under
  /// balanced routing; nil where nothing is exchanged.
  func expertExchanges(
    tokens: Double, balanced: RoutingLoads? = nil
  ) -> (dispatch: Exchange, cachedDispatch: Exchange, combine: Exchange)? {
    guard let loads = balanced ?? balancedLoads()?.loads else { return nil }
    func exchange(_ kind: ExpertExchange.Kind) -> Exchange {
      let isCombine = kind == .combine
      let balanced = ExpertExchange(
        kind, loads, tokens: tokens, rowBytes: isCombine ? rowBytes.combine : rowBytes.dispatch)
      return Exchange(
        activity: isCombine ? .combine : .dispatch,
        transfer: balanced.transfer(latency: cluster.latency.value), group: plan.expertGroup,
        balanced: balanced)
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
    let group = plan.expertGroup.widest(among: plan.gpus, gpusPerNode: cluster.node.gpus)
    return ExpertGate(
      experts: experts.routed, perToken: experts.perToken, ranks: group.size, nodes: group.nodes,
      groups: experts.groups, groupsPerToken: experts.groupsPerToken
    ).limited(toNodes: plan.nodeLimit)
  }

  /// Rows that the GPUs of an expert hold together, each token once for each expert it visits.
  var expertRows: Double {
    plan.localTokens * Double(plan.expertTensor) * Double(model.experts?.perToken ?? 0)
  }

  /// An all-gather or reduce-scatter of `total` bytes, the whole tensor, within groups of a rank.
  func gather(_ activity: Activity, _ total: Bytes, among group: MemberGroup) -> Exchange {
    .gather(activity, total, among: group, plan, cluster)
  }

  /// An all-reduce: a reduce-scatter and an all-gather.
  func allReduce(_ activity: Activity, _ total: Bytes, among group: MemberGroup) -> Exchange {
    var exchange = gather(activity, total, among: group)
    exchange.transfer = exchange.transfer.repeated(2)
    return exchange
  }
}

extension Exchange {
  /// An all-gather or reduce-scatter of `total` bytes, the whole tensor, within groups of a rank; as
  /// long as in the group that is spread over the most nodes.
  static func gather(
    _ activity: Activity, _ total: Bytes, among group: MemberGroup, _ plan: Plan, _ cluster: Cluster
  ) -> Exchange {
    let nodes = group.widest(among: plan.gpus, gpusPerNode: cluster.node.gpus)
    return Exchange(
      activity: activity, transfer: .gather(total, over: nodes, latency: cluster.latency.value),
      group: group)
  }
}

extension Transfer {
  /// So many times the bytes and the latency.
  func repeated(_ times: Double) -> Transfer {
    var transfer = scaled(by: times)
    transfer.latency = Time(seconds: latency.seconds * times)
    return transfer
  }

  /// The same transfer of a share of the bytes.
  func scaled(by share: Double) -> Transfer {
    var transfer = self
    for index in transfer.flows.indices { transfer.flows[index].bytes = flows[index].bytes * share }
    return transfer
  }
}
