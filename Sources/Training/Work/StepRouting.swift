public import Fabric
import Models
import Quantities

/// Where the tokens of a step go: for every layer of experts the loads of each expert-parallel
/// group of a pipeline rank.
///
/// Popularity belongs to the layer; what differs between groups and micro-batches is the chance of
/// their tokens. Cases that differ in the schedule alone share one routing.
public struct StepRouting: Sendable {
  /// Loads of one layer.
  public struct Layer: Sendable {
    /// Number of the layer in the model, prediction layers following the last.
    public var index: Int
    /// Loads of each group, draw by draw.
    public var draws: [[RoutingLoads]]
  }

  /// Draws of each layer's tokens that micro-batches take in turn.
  public static let draws = 4

  /// Layers with experts, in the model's order.
  public let layers: [Layer]
  /// Tokens of one GPU in a micro-batch.
  let tokens: Double
  /// Experts a token visits.
  let perToken: Double
  /// Bytes of a dispatched token, scales included, and of a combined one.
  let rowBytes: (dispatch: Bytes, combine: Bytes)

  /// Rows of the busiest rank over the mean, averaged over layers, draws and groups: how much longer
  /// than under balanced routing a layer's experts take where nothing else waits.
  public var imbalance: Double {
    let all = layers.flatMap { $0.draws.flatMap { $0.map(\.imbalance) } }
    return all.isEmpty ? 1 : all.reduce(0, +) / Double(all.count)
  }

  /// The routing of a step; nil where every GPU has the same load.
  ///
  /// - Throws: `StepError` where redundant experts cannot be placed.
  public init?(_ simulation: StepSimulation) throws(StepError) {
    let plan = simulation.plan
    let model = simulation.model
    guard let experts = model.experts, plan.expert > 1, plan.routing != .balanced,
      let gate = simulation.gate
    else { return nil }
    tokens = plan.localTokens
    perToken = Double(experts.perToken)
    rowBytes = simulation.rowBytes
    let groups = plan.gpusPerRank / plan.expert
    var layers: [Layer] = []
    for index in 0..<model.layers + model.predictionLayers
    where index >= model.layers || model.hasExperts(layer: index) {
      var law = RoutingLaw(gate, plan.routing, layer: index, seed: plan.seed)
      if plan.redundantExperts > 0 {
        law = law.placed(by: try Self.placement(of: law, gate, plan.redundantExperts))
      }
      let total = tokens * Double(gate.ranks)
      layers.append(
        Layer(
          index: index,
          draws: (0..<Self.draws).map { draw in
            (0..<groups).map { law.loads(tokens: total, group: $0, index: draw) }
          }))
    }
    self.layers = layers
  }

  /// Popular experts in several places, by the loads of the layer's law.
  private static func placement(
    of law: RoutingLaw, _ gate: ExpertGate, _ redundant: Int
  ) throws(StepError) -> ExpertPlacement {
    do {
      return try ExpertPlacement(
        loads: law.loads.expertRows, slots: gate.experts + redundant, groups: gate.groups,
        nodes: gate.nodes, gpus: gate.ranks)
    } catch {
      throw .routing(error)
    }
  }
}
