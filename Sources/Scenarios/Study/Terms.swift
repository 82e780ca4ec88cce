import Fabric
import Hardware
import Models
import Quantities
import Schedules
import Training

/// What was held equal between the cases of a scenario, and what was not.
struct Terms {
  /// A sentence each.
  let sentences: [String]

  init(scenario: Scenario, cases: [CaseOutcome]) {
    let plan = scenario.plan
    let cluster = scenario.cluster
    let network = cluster.links.map { "links of \($0.name)" } ?? cluster.topology.rawValue
    let every = cases.count == 1 ? "The case has" : "Every case has"
    var sentences = [
      "\(every) \(counted(cluster.gpus, "GPU")) (\(counted(cluster.nodes, "node")) of "
        + "\(cluster.node.gpus), \(cluster.node.gpu.name), \(network)) and "
        + "\(scenario.model.name).",
      "\(every) \(grouped(plan.globalBatch)) sequences of \(grouped(plan.sequenceLength)) tokens "
        + "a step, \(counted(plan.microBatches, "micro-batch")) of \(plan.microBatch) for "
        + "\(plan.data == 1 ? "one pipeline" : "each of \(grouped(plan.data)) pipelines"), "
        + "in \(plan.format.rawValue) with "
        + "\(plan.recompute == .none ? "no" : plan.recompute.rawValue) recompute.",
      Self.layout(plan, hasExperts: scenario.model.experts != nil),
    ]
    sentences += Self.network(cluster)
    sentences += Self.differences(cases)
    self.sentences = sentences
  }

  /// What makes the network other than sound and of full bisection.
  private static func network(_ cluster: Cluster) -> [String] {
    var sentences: [String] = []
    if cluster.oversubscription > 1 {
      sentences.append(
        "A leaf switch has \(cluster.oversubscription.formatted) times as many down-links as "
          + "up-links.")
    }
    let faults = cluster.faults.map { fault in
      switch fault {
      case .slowGPU(let gpu, let speed): "GPU \(gpu) computes at \(percent(speed)) of its speed"
      case .nvlink(let gpu, let share): "NVLink of GPU \(gpu) carries \(percent(share))"
      case .nic(let nic, let share): "NIC \(nic) carries \(percent(share))"
      case .uplinks(let leaf, let share): "leaf \(leaf) has \(percent(share)) of its up-links"
      }
    }
    if !faults.isEmpty {
      let some = faults.prefix(5).joined(separator: ", ")
      let rest = faults.count > 5 ? " and \(faults.count - 5) more" : ""
      sentences.append("Below its rate works: \(some)\(rest).")
    }
    return sentences
  }

  private static func percent(_ share: Double) -> String { "\((share * 100).formatted) %" }

  private static func layout(_ plan: Plan, hasExperts: Bool) -> String {
    let experts =
      hasExperts
      ? ", experts spread over \(counted(plan.expert, "GPU")) with \(plan.routing.text) routing"
        + (plan.nodeLimit.map {
          " over at most \(counted($0, "node")), which replaces the model's own limit"
        } ?? "") : ""
    return "The layout is \(counted(plan.pipeline, "pipeline rank")) x \(plan.tensor) tensor x "
      + (plan.context > 1 ? "\(plan.context) context x " : "")
      + "\(grouped(plan.data)) data\(experts), with "
      + (plan.zero == 3
        ? "weights, gradients and " : plan.zero == 2 ? "gradients and " : "")
      + "optimizer states "
      + (plan.zero == 0 ? "whole on every replica." : "sharded over the replicas.")
  }

  /// Stages and copies of the parameters, which schedules do not leave equal.
  private static func differences(_ cases: [CaseOutcome]) -> [String] {
    let stages = byValue(cases) { one in
      let schedule = one.result.schedule
      let held = (0..<schedule.ranks).map { rank in schedule.rankOfStage.count { $0 == rank } }
      let (least, most) = (held.min() ?? 0, held.max() ?? 0)
      return least == most ? "\(least)" : "\(least) to \(most)"
    }
    let copies = byValue(cases) { "\($0.result.schedule.parameterCopies)" }
    return [
      "Stages a rank holds: \(words(stages)).",
      "Copies of the parameters over the ranks of a pipeline: \(words(copies)).",
    ]
  }

  /// Names by value, in the order in which the values come up.
  private static func byValue(
    _ cases: [CaseOutcome], _ value: (CaseOutcome) -> String
  ) -> [(value: String, names: [String])] {
    var groups: [(value: String, names: [String])] = []
    for one in cases {
      let value = value(one)
      if let index = groups.firstIndex(where: { $0.value == value }) {
        groups[index].names.append(one.name)
      } else {
        groups.append((value, [one.name]))
      }
    }
    return groups
  }

  private static func words(_ groups: [(value: String, names: [String])]) -> String {
    groups.count == 1
      ? groups[0].value
      : groups.map { "\($0.value) under \($0.names.joined(separator: ", "))" }
        .joined(separator: "; ")
  }
}

/// A number of things, such as `1 node` or `2,048 micro-batches`.
func counted(_ number: Int, _ noun: String) -> String {
  number == 1 ? "1 \(noun)" : "\(grouped(number)) \(noun)\(noun.hasSuffix("ch") ? "es" : "s")"
}

/// A whole number with a comma between thousands, such as `2,048`.
func grouped(_ number: Int) -> String {
  let digits = Array(String(number.magnitude))
  var text = number < 0 ? "-" : ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
    text.append(digit)
  }
  return text
}

extension Double {
  /// The number without a fraction where it has none, with two decimals at most otherwise.
  fileprivate var formatted: String {
    let cents = (self * 100).rounded()
    guard abs(cents) < 1e15 else { return "\(self)" }
    let whole = cents / 100
    return whole == whole.rounded() ? "\(Int(whole))" : "\(whole)"
  }
}
