import Hardware
import Models

/// Checks of the degrees against the cluster and the model.
extension ScenarioReader {
  /// Pipeline, tensor, context and data degrees multiply to the cluster; works out the data degree where
  /// it is left open.
  mutating func checkLayout() {
    checkTensor()
    guard let cluster, let pipeline, let tensor, let context else { return }
    let isLeftOpen = !keys.has("parallelism.data")
    let degrees = [pipeline, tensor, context] + (isLeftOpen ? [] : [data].compactMap(\.self))
    guard isLeftOpen || data != nil else { return }
    let paths = [
      "parallelism.pipeline", "parallelism.tensor", "parallelism.context", "parallelism.data",
      "cluster.nodes", "cluster.gpus_per_node", "cluster.node",
    ]
    let fault = Fault.degrees(
      pipeline: pipeline, tensor: tensor, context: context, data: isLeftOpen ? nil : data,
      gpus: cluster.gpus)
    let product = product(degrees) ?? .max
    guard
      isLeftOpen ? cluster.gpus.isMultiple(of: product) : cluster.gpus == product
    else {
      data = nil
      keys.report(fault, amid: paths)
      return
    }
    if isLeftOpen { data = cluster.gpus / product }
  }

  /// A layer's matrices divide among its tensor-parallel GPUs.
  private mutating func checkTensor() {
    guard let tensor, tensor > 1 else { return }
    let path = "parallelism.tensor"
    if let node, tensor > node.gpus, !tensor.isMultiple(of: node.gpus) {
      keys.report(
        .notMultiple(
          key: path, value: tensor, of: .gpusPerNode, total: node.gpus,
          nearest: multiples(of: node.gpus, near: tensor)),
        amid: [path, "cluster.node", "cluster.gpus_per_node"])
    }
    guard let model = model?.architecture else { return }
    checkDivides(path, tensor, .attentionHeads, model.heads, amid: [path, "model"])
    if model.denseLayers > 0 {
      checkDivides(
        path, tensor, .feedForwardWidth, model.feedForward.intermediate, amid: [path, "model"])
    }
  }

  /// Experts divide among the GPUs of an expert-parallel group, and groups among GPUs.
  mutating func checkExperts() {
    guard let expert, let model = model?.architecture else { return }
    let path = "parallelism.expert"
    guard let experts = model.experts else {
      if expert > 1 {
        keys.report(.noExperts(key: path, value: "\(expert)", model: model.name), at: path)
      }
      return
    }
    let possible = expertDegrees(near: expert, routed: experts.routed)
    if let node, expert > node.gpus, !expert.isMultiple(of: node.gpus) {
      keys.report(
        .notMultiple(
          key: path, value: expert, of: .gpusPerNode, total: node.gpus,
          nearest: possible ?? multiples(of: node.gpus, near: expert)),
        amid: [path, "cluster.node", "cluster.gpus_per_node"])
    }
    checkDivides(
      path, expert, .routedExperts, experts.routed, nearest: possible, amid: [path, "model"])
    if let tensor, let context, let data {
      checkDivides(
        path, expert, .tensorTimesData(context: context), tensor * context * data,
        nearest: possible,
        amid: [
          path, "parallelism.data", "parallelism.tensor", "parallelism.context",
          "parallelism.pipeline", "cluster.nodes",
        ])
    }
    checkNodeLimit(experts)
    checkRouting(experts)
  }

  /// The degrees on both sides of `degree` that keep every rule, so that no remedy breaks another;
  /// nil where the layout is not known.
  private func expertDegrees(near degree: Int, routed: Int) -> [Int]? {
    guard let node, let tensor, let context, let data else { return nil }
    let gpus = tensor * context * data
    let most = min(routed, gpus)
    let possible = (1...max(most, 1)).filter { other in
      routed.isMultiple(of: other) && gpus.isMultiple(of: other)
        && (other <= node.gpus || other.isMultiple(of: node.gpus))
    }
    return [possible.last { $0 <= degree }, possible.first { $0 > degree }].compactMap(\.self)
  }

  private mutating func checkDivides(
    _ path: String, _ value: Int, _ total: Total, _ size: Int, nearest: [Int]? = nil,
    amid paths: [String]
  ) {
    guard size > 0, !size.isMultiple(of: value) else { return }
    keys.report(
      .notDivisor(
        key: path, value: value, of: total, total: size,
        nearest: nearest ?? divisors(of: size, near: value)),
      amid: paths)
  }
}

extension Architecture {
  /// Query heads of every layer.
  var heads: Int {
    switch attention {
    case .grouped(let attention): attention.heads
    case .latent(let attention): attention.heads
    }
  }
}

/// The product, or nil where it does not fit.
func product(_ factors: [Int]) -> Int? {
  var total = 1
  for factor in factors {
    let (next, overflow) = total.multipliedReportingOverflow(by: factor)
    if overflow { return nil }
    total = next
  }
  return total
}

/// The divisors of `total` next below and above `value`.
func divisors(of total: Int, near value: Int) -> [Int] {
  var below = 1
  var above: Int?
  var small = 1
  while small <= total / small {
    if total.isMultiple(of: small) {
      for divisor in [small, total / small] {
        if divisor < value { below = max(below, divisor) }
        if divisor > value { above = min(above ?? divisor, divisor) }
      }
    }
    small += 1
  }
  return [below, above].compactMap(\.self)
}

/// The multiples of `unit` next below and above `value`, none of them zero; neither is above 2^60.
func multiples(of unit: Int, near value: Int) -> [Int] {
  let below = value / unit * unit
  return (below > 0 ? [below] : []) + [below + unit]
}
