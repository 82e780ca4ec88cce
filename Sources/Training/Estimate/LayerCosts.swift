import Fabric
import Hardware
import Models
import Quantities
import Schedules

/// Everything in a plan that one layer's kernels, exchanges and bytes depend on.
struct LayerKey: Hashable {
  private let tensor, context, expert, expertTensor: Int
  private let microBatch, sequenceLength, communicationMultiprocessors: Int
  private let nodeLimit: Int?
  private let redundantExperts: Int
  private let sequenceParallel, overlapsTensorExchange: Bool
  private let format: NumberFormat
  private let recompute: Recompute
  private let attentionKernel: AttentionKernel
  /// What of the state is sharded in every micro-batch, over how many replicas, beside what.
  private var zero = 1
  private var replicas = 0
  private var overlapsGradientReduction = false
  private var overlapsParameterGather = false
  /// GPUs of the step where groups of neighbours may lie across nodes, one otherwise than another.
  private var gpus = 0

  init(_ plan: Plan, gpusPerNode: Int) {
    tensor = plan.tensor
    context = plan.context
    expert = plan.expert
    expertTensor = plan.expertTensor
    microBatch = plan.microBatch
    sequenceLength = plan.sequenceLength
    communicationMultiprocessors = plan.communicationMultiprocessors
    nodeLimit = plan.nodeLimit
    redundantExperts = plan.redundantExperts
    sequenceParallel = plan.sequenceParallel
    overlapsTensorExchange = plan.overlapsTensorExchange
    format = plan.format
    recompute = plan.recompute
    attentionKernel = plan.attentionKernel
    var groups = [plan.tensorGroup, plan.contextGroup, plan.expertTensorGroup, plan.expertGroup]
    if plan.zero >= 2 {
      zero = plan.zero
      replicas = plan.data
      overlapsGradientReduction = plan.overlapsGradientReduction
      overlapsParameterGather = plan.overlapsParameterGather
      groups += [plan.shardedReplicas, plan.wholeReplicas, plan.expertReplicas]
    }
    let fill = groups.allSatisfy {
      $0.span.isMultiple(of: gpusPerNode) || gpusPerNode.isMultiple(of: max($0.span, 1))
    }
    if !fill { gpus = plan.gpus }
  }
}

/// A cut of such layers into stages, and their place on ranks.
struct CutKey: Hashable {
  var layer: LayerKey
  var stages: Int
  var ranks: Int
  var placement: StagePlacement
  /// Whether passes run in pairs.
  var overlaps: Bool

  /// Whether stages from both ends of the model that share a rank are balanced together.
  var balancesRanks: Bool

  /// Whether pairs run on ranks that hold a stage from both ends of the model.
  var mirrors: Bool {
    balancesRanks && overlaps && (placement == .vShape || placement == .bidirectional)
  }
}

/// Seconds, bytes and weights of a piece of the model, or of several.
struct PieceCosts {
  /// Passes by themselves, their exchanges in the open.
  var forward = 0.0
  var input = 0.0
  var weight = 0.0
  /// What of it gathers shards of weights and reduces gradients to theirs, which no cut looks at.
  var sharding = 0.0
  /// Halves of an overlapped pair.
  var paired = PairedCost()
  /// Bytes a micro-batch takes by phase: held from forward to input gradient, held from there to the
  /// weight gradient, and needed at most while a layer is worked on.
  var held = 0.0
  var pending = 0.0
  var forwardWorking = 0.0
  var backwardWorking = 0.0
  var weights = WorkWeights()
  var works = 0

  /// Forward and backward by themselves.
  var alone: Double { forward + input + weight }
  /// Compute or exchanges of a pair of like halves, whichever is longer.
  var pair: Double {
    max(paired.forward + paired.backward, paired.forwardExchange + paired.backwardExchange)
  }

  mutating func add(_ other: PieceCosts) {
    forward += other.forward
    input += other.input
    weight += other.weight
    sharding += other.sharding
    paired.forward += other.paired.forward
    paired.forwardExchange += other.paired.forwardExchange
    paired.backward += other.paired.backward
    paired.backwardExchange += other.paired.backwardExchange
    held += other.held
    pending += other.pending
    forwardWorking = max(forwardWorking, other.forwardWorking)
    backwardWorking = max(backwardWorking, other.backwardWorking)
    weights.add(other.weights)
    works += other.works
  }
}

/// Costs of every piece of the model, in its order.
struct LayerCosts {
  private(set) var items: [ModelItem]
  private(set) var costs: [PieceCosts] = []
  /// Entries of the embedding's or the head's table on a GPU.
  let tables: Double

  /// Pieces of a kind cost the same, so each kind is worked out once.
  init(_ simulation: StepSimulation, graph: LinkGraph, balanced: RoutingLoads?) {
    let model = simulation.model
    items = ModelItem.items(of: model)
    let workload = Workload(simulation, graph: graph, balanced: balanced)
    tables = workload.table
    var known: [(kind: Int, costs: PieceCosts)] = []
    for item in items {
      let kind =
        switch item {
        case .layer(let index): workload.kind(ofLayer: index)
        case .embedding: -1
        case .head: -2
        case .prediction: -3
        }
      if let same = known.first(where: { $0.kind == kind }) {
        costs.append(same.costs)
        continue
      }
      var sum = PieceCosts()
      for var work in workload.work(of: item) {
        if simulation.plan.zero >= 2 { workload.addShards(to: &work) }
        sum.add(simulation.costs(of: work))
      }
      known.append((kind, sum))
      costs.append(sum)
    }
  }
}

extension StepSimulation {
  /// What a work costs by itself and in a pair.
  fileprivate func costs(of work: LayerWork) -> PieceCosts {
    func seconds(_ exchanges: [Exchange]) -> Double {
      exchanges.reduce(0) { sum, exchange in
        let open = exchange.isCut && plan.overlapsTensorExchange ? 1 / BlockCut.chunks : 1
        return sum + exchange.transfer.seconds(alone: cluster.node) * open
      }
    }
    let again = plan.recompute == .full && work.layer >= 0
    var costs = PieceCosts()
    let gathers = seconds(work.gathers) * (plan.overlapsParameterGather ? 0 : 1)
    let forwards =
      work.alone.forward.seconds + seconds(work.afterAttention + work.afterFeedForward)
    costs.forward = forwards + gathers
    costs.input =
      work.alone.input.seconds + seconds(work.beforeFeedForward + work.beforeAttention)
      + (again ? forwards : 0) + gathers
    let reductions = seconds(work.reductions) * (plan.overlapsGradientReduction ? 0 : 1)
    costs.weight = work.alone.weight.seconds + reductions
    costs.sharding = 2 * gathers + reductions
    costs.paired = pairedCost(work)
    costs.held = work.activations.held.value
    costs.pending = work.activations.pendingWeight.value
    costs.forwardWorking = work.activations.working(Lifetime.forwardBlocks).value
    costs.backwardWorking = work.activations.working(Lifetime.backwardBlocks).value
    costs.weights = work.weights
    costs.works = 1
    return costs
  }
}

/// Costs of each stage of a cut, and of each rank.
struct StageCosts {
  private(set) var stages: [PieceCosts]
  private(set) var ranks: [RankCosts]
  /// The mean stage's seconds.
  private(set) var mean = PieceCosts()

  /// - Parameter layout: the stages as written down; nil to balance them.
  init(
    _ layers: LayerCosts, _ key: CutKey, _ model: Architecture, layout: [[ModelItem]]? = nil
  ) {
    let costs = layers.costs.map { Time(seconds: key.overlaps ? $0.pair : $0.alone - $0.sharding) }
    let mirrored =
      layout == nil && key.mirrors
      ? Placement(
        mirroring: layers.items, works: layers.costs.map { [$0.paired] }, into: key.stages) : nil
    let placement =
      layout.map { Placement(stages: $0) } ?? mirrored
      ?? Placement(balancing: layers.items, costs: costs, into: key.stages)
    let stages = placement.stages.map { items in
      var sum = PieceCosts()
      for item in items {
        if let index = layers.items.firstIndex(of: item) { sum.add(layers.costs[index]) }
      }
      return sum
    }
    self.stages = stages
    ranks = (0..<key.ranks).map { rank in
      let held = key.placement.stages(of: rank, ranks: key.ranks, count: key.stages)
      return RankCosts(held.map { stages[$0] }, tables: layers.tables, tied: model.tiedEmbeddings)
    }
    let share = 1 / Double(max(stages.count, 1))
    for stage in stages {
      mean.forward += stage.forward * share
      mean.input += stage.input * share
      mean.weight += stage.weight * share
    }
  }
}

/// Costs of the stages of one rank together.
struct RankCosts {
  private(set) var sum = PieceCosts()

  /// - Parameters:
  ///   - tables: entries of a whole table on a GPU; a rank holds each once however many of its works
  ///     read it.
  ///   - tied: whether embedding and head are one table.
  init(_ stages: [PieceCosts], tables: Double, tied: Bool) {
    for stage in stages { sum.add(stage) }
    sum.weights.embedding = min(sum.weights.embedding, tables)
    sum.weights.head = min(sum.weights.head, tied ? tables - sum.weights.embedding : tables)
  }

  /// A micro-batch through all its stages, a share of the passes in pairs.
  func seconds(inPairs share: Double) -> Double { share * sum.pair + (1 - share) * sum.alone }
}

extension StagePlacement {
  /// The model stages of a rank, of `count` in all.
  func stages(of rank: Int, ranks: Int, count: Int) -> [Int] {
    let rounds = 0..<max(count / ranks, 1)
    return switch self {
    case .linear: [rank]
    case .loop: rounds.map { $0 * ranks + rank }
    case .vShape, .wave:
      rounds.map { $0 * ranks + ($0.isMultiple(of: 2) ? rank : ranks - 1 - rank) }
    case .bidirectional: [rank, ranks - 1 - rank]
    case .bidirectionalV: [rank, 2 * ranks - 1 - rank, ranks - 1 - rank, ranks + rank]
    }
  }
}
