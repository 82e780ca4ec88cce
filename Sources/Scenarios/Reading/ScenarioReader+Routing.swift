import Fabric
import Hardware
import Models

/// How tokens find their experts.
extension ScenarioReader {
  /// Reads the section; on a model without experts none of its keys does anything but
  /// the seed under jitter.
  mutating func readRouting() {
    seed = keys.whole("routing.seed", in: 0...KeyReader.mostOfAny, default: 1)
    nodeLimit = keys.whole("routing.node_limit", in: KeyReader.gpuCounts, default: nil)
    redundantExperts = keys.whole(
      "routing.redundant_experts", in: 0...KeyReader.gpuCounts.upperBound, default: 0)
    guard let model = model?.architecture, model.experts == nil else { return readDistribution() }
    routing = .balanced
    // Jitter is drawn from the seed too.
    for key in ScenarioKeys.routing where key != "seed" || jitter == 0 {
      let path = "routing.\(key)"
      guard keys.has(path) else { continue }
      keys.report(.noExperts(key: path, value: keys.quoted(path), model: model.name), at: path)
    }
  }

  private mutating func readDistribution() {
    let path = "routing.distribution"
    guard let text = keys.word(path) else {
      if !keys.has(path) { routing = .balanced }
      return
    }
    do {
      routing = try loadDistribution(
        text, key: path, scenario: keys.document.file, place: keys.place(path))
    } catch {
      keys.report(error.problems)
    }
  }

  /// Counts are of the model's experts and layers, and redundant slots spread evenly over a group's GPUs.
  mutating func checkRouting(_ experts: Experts) {
    if case .counts(let counts) = routing, let architecture = model?.architecture {
      do {
        try counts.check(experts: experts.routed, layers: architecture.expertLayers)
      } catch {
        let path = "routing.distribution"
        keys.report(
          .routing(key: path, value: shortened(counts.source), error: error),
          amid: [path, "model"])
      }
    }
    guard let redundantExperts, redundantExperts > 0, let expert else { return }
    let path = "routing.redundant_experts"
    if expert == 1 {
      keys.report(.redundantWithoutGroup(key: path, value: redundantExperts), at: path)
    } else if redundantExperts > experts.routed * (expert - 1) {
      keys.report(
        .outOfRange(
          key: path, value: "\(redundantExperts)", range: 0...experts.routed * (expert - 1)),
        at: path)
    } else if experts.routed.isMultiple(of: expert), !redundantExperts.isMultiple(of: expert) {
      keys.report(
        .notMultiple(
          key: path, value: redundantExperts, of: .groupGPUs, total: expert,
          nearest: multiples(of: expert, near: redundantExperts)),
        amid: [path, "parallelism.expert"])
    }
  }

  /// A token's experts fit on the nodes it may visit; more nodes than the group has are no limit.
  mutating func checkNodeLimit(_ experts: Experts) {
    guard let nodeLimit, let expert, let node else { return }
    let path = "routing.node_limit"
    let nodes = max(1, expert / node.gpus)
    let expertsOfNode = max(1, experts.routed / nodes)
    let reachable = expertsOfNode * nodeLimit
    if reachable < experts.perToken {
      keys.report(
        .tooFewNodes(
          key: path, value: nodeLimit, perToken: experts.perToken, reachable: reachable,
          least: min(nodes, (experts.perToken + expertsOfNode - 1) / expertsOfNode)), at: path)
    }
  }
}
