public import Fabric

/// What the `routing` verb is asked.
public struct RoutingRequest: Sendable {
  /// A catalogue name or the path of a config.json.
  public var model: String
  /// GPUs of the expert-parallel group; 64, or as many as the model has experts if fewer.
  public var gpus: Int?
  /// A distribution as scenarios write it.
  public var distribution = "uniform"
  /// Most nodes a token's experts may stand on, in place of the gate's own limit; as many as the
  /// group has or more is no limit, nil leaves it to the model's gate.
  public var nodeLimit: Int?
  /// Tokens of the whole group.
  public var tokens: Int?
  /// Slots for replicas beyond one an expert.
  public var redundantExperts = 0
  /// Steps of the balancing by biases; 0 leaves it out.
  public var balanceSteps = 0
  /// The layer; nil is the first with experts.
  public var layer: Int?
  /// Seed of everything random.
  public var seed = 1

  /// A request with everything left to its default.
  public init(model: String) { self.model = model }

  /// GPUs of a node.
  static let perNode = 8
  /// Most steps of the balancing.
  static let mostSteps = 10_000
  /// Most tokens of a group.
  static let mostTokens = 1_000_000_000
  /// Tokens of a GPU in V3's pretraining: one sequence.
  static let tokensOfGPU = 4096
}

/// How a model's tokens spread over a group of GPUs: loads under a distribution, with experts placed
/// by their loads, and balanced by biases step after step.
public struct RoutingStudy: Sendable {
  /// The model's name.
  public let model: String
  /// The gate, a node limit included.
  public let gate: ExpertGate
  /// The distribution.
  public let distribution: RoutingDistribution
  /// Tokens of the group.
  public let tokens: Int
  /// The layer.
  public let layer: Int
  /// The seed.
  public let seed: Int
  /// Loads with experts in order: a GPU has an equal, consecutive part.
  public let loads: RoutingLoads
  /// Experts placed by the loads of the law.
  public let placement: ExpertPlacement
  /// Loads with the experts placed so.
  public let placedLoads: RoutingLoads
  /// The balancing, if it was asked for.
  public let balancing: BiasBalancing?
  /// Imbalance of ranks that samples of a balancing step show on average where all experts are
  /// alike.
  public let sampledImbalance: Double

  /// Checks the request and draws everything.
  ///
  /// - Throws: `ScenarioError` with every problem.
  public init(_ request: RoutingRequest) throws(ScenarioError) {
    let checks = try RoutingChecks(request)
    let own = checks.gate
    let seed = UInt64(request.seed)
    gate = own.limited(toNodes: request.nodeLimit)
    model = checks.name
    distribution = checks.distribution
    layer = checks.layer
    self.seed = request.seed
    let tokens = request.tokens ?? gate.ranks * RoutingRequest.tokensOfGPU
    self.tokens = tokens
    let law = RoutingLaw(gate, distribution, layer: layer, seed: seed)
    loads = law.loads(tokens: Double(tokens), group: 0)
    do throws(RoutingError) {
      placement = try ExpertPlacement(
        loads: law.loads.expertRows, slots: gate.experts + request.redundantExperts,
        groups: gate.groups, nodes: gate.nodes, gpus: gate.ranks)
    } catch {
      throw ScenarioError(
        .routing(
          key: "--redundant-experts", value: "\(request.redundantExperts)", error: error),
        at: .argument)
    }
    placedLoads = law.placed(by: placement).loads(tokens: Double(tokens), group: 0)
    balancing =
      request.balanceSteps > 0
      ? BiasBalancing(gate, distribution, steps: request.balanceSteps, layer: layer, seed: seed)
      : nil
    let alike = RoutingLaw(gate, .uniform, layer: layer, seed: seed)
    let draws = (0..<Self.floorDraws).map {
      alike.loads(tokens: Double(BiasBalancing.tokensOfStep), group: 0, index: $0).imbalance
    }
    sampledImbalance = draws.reduce(0, +) / Double(draws.count)
  }

  /// Samples behind `sampledImbalance`, whose mean they give to a hundredth.
  private static let floorDraws = 32
}
