import Fabric
import Models

/// A request of the `routing` verb in which everything fits together.
struct RoutingChecks {
  let name: String
  let gate: ExpertGate
  let distribution: RoutingDistribution
  let layer: Int

  /// - Throws: `ScenarioError` with every problem.
  init(_ request: RoutingRequest) throws(ScenarioError) {
    let model = try loadModel(request.model).architecture
    name = model.name
    guard let experts = model.experts else {
      throw ScenarioError(.denseModel(model.name), at: .argument)
    }
    let gpus = request.gpus ?? Self.defaultGPUs(experts.routed)
    let layers = model.layersWithExperts
    layer = request.layer ?? layers.lowerBound
    var faults = request.rangeFaults
    faults += Self.group(request, gpus: gpus, experts: experts)
    if !layers.contains(layer) || !model.hasExperts(layer: layer) {
      faults.append(.layerWithoutExperts(layer, layers))
    }
    gate = ExpertGate(
      experts: experts.routed, perToken: experts.perToken, ranks: gpus,
      nodes: max(1, gpus / RoutingRequest.perNode), groups: experts.groups,
      groupsPerToken: experts.groupsPerToken)
    var problems: [Problem] = []
    var distribution = RoutingDistribution.uniform
    do throws(ScenarioError) {
      distribution = try loadDistribution(request.distribution)
    } catch {
      problems = error.problems
    }
    self.distribution = distribution
    if case .counts(let counts) = distribution {
      do throws(RoutingError) {
        try counts.check(experts: experts.routed, layers: model.expertLayers)
      } catch {
        faults.append(
          .routing(key: "--distribution", value: shortened(request.distribution), error: error))
      }
    }
    problems += faults.map { Problem(place: .argument, fault: $0) }
    guard problems.isEmpty else { throw ScenarioError(problems: problems) }
  }

  /// The group divides the experts and fills its nodes, and what is asked of it fits on it.
  private static func group(_ request: RoutingRequest, gpus: Int, experts: Experts) -> [Fault] {
    let key = "--gpus"
    let perNode = RoutingRequest.perNode
    guard KeyReader.gpuCounts.contains(gpus) else { return [] }  // told among the ranges
    let possible = (1...max(1, experts.routed)).filter {
      experts.routed.isMultiple(of: $0) && ($0 <= perNode || $0.isMultiple(of: perNode))
    }
    let nearest = [possible.last { $0 <= gpus }, possible.first { $0 > gpus }].compactMap(\.self)
    guard experts.routed.isMultiple(of: gpus) else {
      return [
        .notDivisor(
          key: key, value: gpus, of: .routedExperts, total: experts.routed, nearest: nearest)
      ]
    }
    guard gpus <= perNode || gpus.isMultiple(of: perNode) else {
      return [
        .notMultiple(key: key, value: gpus, of: .gpusPerNode, total: perNode, nearest: nearest)
      ]
    }
    return redundant(request.redundantExperts, experts.routed, gpus)
      + nodeLimit(request.nodeLimit, experts, nodes: max(1, gpus / perNode))
  }

  /// A token's experts fit on the nodes it may visit.
  private static func nodeLimit(_ limit: Int?, _ experts: Experts, nodes: Int) -> [Fault] {
    let held = max(1, experts.routed / nodes)
    guard let limit, (1...nodes).contains(limit), limit * held < experts.perToken else { return [] }
    return [
      .tooFewNodes(
        key: "--node-limit", value: limit, perToken: experts.perToken, reachable: limit * held,
        least: min(nodes, (experts.perToken + held - 1) / held))
    ]
  }

  private static func redundant(_ redundant: Int, _ experts: Int, _ gpus: Int) -> [Fault] {
    let key = "--redundant-experts"
    guard redundant >= 0 else { return [] }  // told among the ranges
    let range = 0...experts * (gpus - 1)
    guard range.contains(redundant) else {
      return [.outOfRange(key: key, value: "\(redundant)", range: range)]
    }
    guard !redundant.isMultiple(of: gpus) else { return [] }
    return [
      .notMultiple(
        key: key, value: redundant, of: .groupGPUs, total: gpus,
        nearest: multiples(of: gpus, near: redundant))
    ]
  }

  /// 64 GPUs, or the most below that divide the experts and fill nodes.
  private static func defaultGPUs(_ experts: Int) -> Int {
    let perNode = RoutingRequest.perNode
    return (1...64).last {
      experts.isMultiple(of: $0) && ($0 <= perNode || $0.isMultiple(of: perNode))
    } ?? 1
  }
}

extension RoutingRequest {
  /// Options that are wrong whatever the model; nil where there are none.
  ///
  ///     request.tokens = 0
  ///     request.misuse      // "--tokens is 0: it must be from 1 to 1000000000; use 1"
  public var misuse: String? {
    var problems = rangeFaults.map { Problem(place: .argument, fault: $0) }
    if !RoutingDistribution.isCountsPath(distribution) {
      do throws(ScenarioError) {
        _ = try loadDistribution(distribution)
      } catch {
        problems += error.problems
      }
    }
    return problems.isEmpty ? nil : problems.map(\.description).joined(separator: "\n")
  }

  /// Numbers that are outside their ranges whatever the model.
  var rangeFaults: [Fault] {
    let numbers: [(key: String, value: Int?, range: ClosedRange<Int>)] = [
      ("--gpus", gpus, KeyReader.gpuCounts), ("--node-limit", nodeLimit, KeyReader.gpuCounts),
      ("--tokens", tokens, 1...Self.mostTokens),
      ("--redundant-experts", redundantExperts, 0...Int.max),
      ("--balance-steps", balanceSteps, 0...Self.mostSteps), ("--layer", layer, 0...Int.max),
      ("--seed", seed, 0...KeyReader.mostOfAny),
    ]
    return numbers.compactMap { key, value, range in
      guard let value, !range.contains(value) else { return nil }
      return .outOfRange(key: key, value: "\(value)", range: range)
    }
  }
}

extension Architecture {
  /// From the first layer with experts to the last.
  fileprivate var layersWithExperts: ClosedRange<Int> {
    let first = (0..<layers).first { hasExperts(layer: $0) } ?? 0
    return first...max(first, (0..<layers).last { hasExperts(layer: $0) } ?? 0)
  }

  /// All layers with experts, prediction layers following the last.
  var expertLayers: [Int] {
    (0..<layers + predictionLayers).filter { $0 >= layers || hasExperts(layer: $0) }
  }
}
