import Fabric
import Hardware
import Models
import Quantities
import Schedules

/// Everything in a plan that one layer's kernels, exchanges and bytes depend on.
struct LayerKey: Hashable {
  private let degrees: [Int]
  private let switches: [Bool]
  private let names: [String]

  init(_ plan: Plan) {
    // Replicas matter where a layer's weights or gradients travel in every micro-batch.
    let replicas = plan.zero >= 2 ? plan.data : 0
    degrees = [
      plan.tensor, plan.context, plan.expert, plan.expertTensor, plan.microBatch,
      plan.sequenceLength, plan.communicationMultiprocessors, plan.nodeLimit ?? 0,
      plan.redundantExperts, max(plan.zero, 1), replicas,
    ]
    switches = [plan.sequenceParallel, plan.overlapsTensorExchange]
    names = [plan.format.rawValue, plan.recompute.rawValue, plan.attentionKernel.rawValue]
  }
}

/// A cut of such layers into stages.
struct CutKey: Hashable {
  var layer: LayerKey
  var stages: Int
  var overlaps: Bool
  var mirrors: Bool
}

/// Seconds, bytes and weights of a piece of the model, or of several.
struct PieceCosts {
  /// Passes by themselves, their exchanges in the open.
  var forward = 0.0
  var input = 0.0
  var weight = 0.0
  /// Halves of an overlapped pair.
  var paired = PairedCost()
  /// Bytes held from forward to backward, and needed at most while a layer is worked on.
  var held = 0.0
  var working = 0.0
  var weights = LayerWork.nothing
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
    paired.forward += other.paired.forward
    paired.forwardExchange += other.paired.forwardExchange
    paired.backward += other.paired.backward
    paired.backwardExchange += other.paired.backwardExchange
    held += other.held
    working = max(working, other.working)
    weights.addWeights(of: other.weights)
    works += other.works
  }
}

/// Costs of every piece of the model, in its order.
struct LayerCosts {
  private(set) var items: [ModelItem]
  private(set) var costs: [PieceCosts] = []

  /// Pieces of a kind cost the same, so each kind is worked out once.
  init(_ simulation: StepSimulation, graph: LinkGraph, balanced: RoutingLoads?) {
    let model = simulation.model
    items = ModelItem.items(of: model)
    let workload = Workload(simulation, graph: graph, balanced: balanced)
    var known: [(kind: Int, costs: PieceCosts)] = []
    for item in items {
      let kind = Self.kind(item, of: model)
      if let same = known.first(where: { $0.kind == kind }) {
        costs.append(same.costs)
        continue
      }
      var sum = PieceCosts()
      for work in workload.work(of: item) { sum.add(simulation.costs(of: work)) }
      known.append((kind, sum))
      costs.append(sum)
    }
  }

  private static func kind(_ item: ModelItem, of model: Architecture) -> Int {
    switch item {
    case .embedding: 0
    case .head: 1
    case .prediction: 2
    case .layer(let index):
      3 + (model.hasExperts(layer: index) ? 1 : 0) + (model.hasFullAttention(layer: index) ? 2 : 0)
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
    costs.weight =
      work.alone.weight.seconds
      + seconds(work.reductions) * (plan.overlapsGradientReduction ? 0 : 1)
    costs.paired = pairedCost(work)
    costs.held = work.activations.held.value
    costs.working = work.activations.working.value
    costs.weights = work
    costs.works = 1
    return costs
  }
}

/// Costs of each stage of a cut.
struct StageCosts {
  private(set) var stages: [PieceCosts]

  /// - Parameter mirrors: whether pairs run on ranks that hold a stage from both ends of the model.
  init(_ layers: LayerCosts, into count: Int, overlaps: Bool, mirrors: Bool) {
    let costs = layers.costs.map { Time(seconds: overlaps ? $0.pair : $0.alone) }
    let mirrored =
      mirrors
      ? Placement(
        mirroring: layers.items, works: layers.costs.map { [$0.paired] }, into: count) : nil
    let placement = mirrored ?? Placement(balancing: layers.items, costs: costs, into: count)
    var next = 0
    stages = placement.stages.map { items in
      var sum = PieceCosts()
      for index in next..<next + items.count { sum.add(layers.costs[index]) }
      next += items.count
      return sum
    }
  }

  /// The mean of a number over all stages.
  func mean(_ part: KeyPath<PieceCosts, Double>) -> Double {
    stages.reduce(0) { $0 + $1[keyPath: part] } / Double(max(stages.count, 1))
  }
}

/// Costs of the stages of one rank.
struct RankCosts {
  /// Stages it holds.
  let stages: Int
  private var sum = PieceCosts()

  init(_ indices: [Int], _ costs: StageCosts) {
    stages = indices.count
    for index in indices { sum.add(costs.stages[index]) }
  }

  /// A micro-batch through all its stages, a share of the passes in pairs.
  func seconds(inPairs share: Double) -> Double { share * sum.pair + (1 - share) * sum.alone }

  var pair: Double { sum.pair }
  var held: Double { sum.held }
  var working: Double { sum.working }
  var weights: LayerWork { sum.weights }
  var works: Int { sum.works }
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
