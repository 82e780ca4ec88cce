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
    let wording = Wording(scenario.cases)
    var sentences = scenario.sweep.isEmpty ? [] : [Self.differing(scenario, cases)]
    for topic in Self.topics {
      let texts = scenario.cases.map { topic($0, wording) }
      let groups = Self.groups(cases, texts)
      sentences += groups.compactMap { group in
        guard let text = group.value else { return nil }
        return groups.count == 1 ? text : "With \(Self.few(group.names)): \(text)"
      }
    }
    self.sentences = sentences + Self.differences(cases)
  }

  /// How cases are spoken of.
  private struct Wording {
    var every: String
    /// The routing of all cases; nil where they differ in it, which is told already.
    var routing: String?

    init(_ cases: [ScenarioCase]) {
      every = cases.count == 1 ? "The case has" : "Every case has"
      let texts = cases.map(\.plan.routing.text)
      routing = texts.allSatisfy { $0 == texts[0] } ? texts.first : nil
    }
  }

  /// What is told of a case, in this order; nil where there is nothing to tell.
  private static let topics: [@Sendable (ScenarioCase, Wording) -> String?] = [
    size, batch, layout, { one, _ in upLinks(one.cluster) }, { one, _ in faults(one.cluster) },
  ]

  /// What the cases were made to differ in.
  private static func differing(_ scenario: Scenario, _ cases: [CaseOutcome]) -> String {
    var entries: [String] = []
    for one in cases where !entries.contains(one.entry) { entries.append(one.entry) }
    let schedules =
      entries.count > 1 ? ["the schedule (\(entries.joined(separator: ", ")))"] : []
    let keys = scenario.sweep.map { "\($0.key) (\($0.values.joined(separator: ", ")))" }
    return "Cases differ in \((schedules + keys).joined(separator: " and in "))."
  }

  private static func size(_ one: ScenarioCase, _ wording: Wording) -> String? {
    let cluster = one.cluster
    let network = cluster.links.map { "links of \($0.name)" } ?? cluster.topology.rawValue
    return "\(wording.every) \(counted(cluster.gpus, "GPU")) (\(counted(cluster.nodes, "node")) of "
      + "\(cluster.node.gpus), \(cluster.node.gpu.name), \(network)) and \(one.model.name)."
  }

  private static func batch(_ one: ScenarioCase, _ wording: Wording) -> String? {
    let plan = one.plan
    return
      "\(wording.every) \(grouped(plan.globalBatch)) sequences of \(grouped(plan.sequenceLength)) "
      + "tokens a step, \(counted(plan.microBatches, "micro-batch")) of \(plan.microBatch) for "
      + "\(plan.data == 1 ? "one pipeline" : "each of \(grouped(plan.data)) pipelines"), "
      + "in \(plan.format.rawValue) with "
      + "\(plan.recompute == .none ? "no" : plan.recompute.rawValue) recompute."
  }

  private static func upLinks(_ cluster: Cluster) -> String? {
    guard cluster.oversubscription > 1 else { return nil }
    return "A leaf switch has \(cluster.oversubscription.formatted) times as many down-links as "
      + "up-links."
  }

  private static func faults(_ cluster: Cluster) -> String? {
    let faults = cluster.faults.map { fault in
      switch fault {
      case .slowGPU(let gpu, let speed): "GPU \(gpu) computes at \(percent(speed)) of its speed"
      case .nvlink(let gpu, let share): "NVLink of GPU \(gpu) carries \(percent(share))"
      case .nic(let nic, let share): "NIC \(nic) carries \(percent(share))"
      case .uplinks(let leaf, let share): "leaf \(leaf) has \(percent(share)) of its up-links"
      }
    }
    if faults.isEmpty { return nil }
    let some = faults.prefix(5).joined(separator: ", ")
    let rest = faults.count > 5 ? " and \(faults.count - 5) more" : ""
    return "Below its rate works: \(some)\(rest)."
  }

  private static func percent(_ share: Double) -> String { "\((share * 100).formatted) %" }

  private static func layout(_ one: ScenarioCase, _ wording: Wording) -> String? {
    let plan = one.plan
    let experts =
      one.model.experts != nil
      ? ", experts spread over \(counted(plan.expert, "GPU")) with "
        + "\(wording.routing ?? "different") routing"
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
    let stages = cases.map { one in
      let schedule = one.result.schedule
      let held = (0..<schedule.ranks).map { rank in schedule.rankOfStage.count { $0 == rank } }
      let (least, most) = (held.min() ?? 0, held.max() ?? 0)
      return least == most ? "\(least)" : "\(least) to \(most)"
    }
    let copies = cases.map { "\($0.result.schedule.parameterCopies)" }
    return [
      "Stages a rank holds: \(words(groups(cases, stages))).",
      "Copies of the parameters over the ranks of a pipeline: \(words(groups(cases, copies))).",
    ]
  }

  /// A value with what of the cases it belongs to.
  private typealias Group<Value> = (value: Value, names: [String])

  /// Cases by value, in the order in which the values come up. Cases go by their schedule or by a
  /// single swept value where that decides, by their point or name where only it does.
  private static func groups<Value: Equatable>(
    _ cases: [CaseOutcome], _ values: [Value]
  ) -> [Group<Value>] {
    var ways: [(CaseOutcome) -> String] = [\.entry]
    for axis in cases.first?.point.indices ?? 0..<0 { ways.append { $0.point[axis].text } }
    ways += [\.pointText, \.name]
    for way in ways {
      var groups: [Group<Value>] = []
      for (one, value) in zip(cases, values) {
        let name = way(one)
        if let index = groups.firstIndex(where: { $0.value == value }) {
          if !groups[index].names.contains(name) { groups[index].names.append(name) }
        } else {
          groups.append((value, [name]))
        }
      }
      let names = groups.flatMap(\.names)
      if names.indices.allSatisfy({ !names[..<$0].contains(names[$0]) }) { return groups }
    }
    return []
  }

  private static func words(_ groups: [Group<String>]) -> String {
    groups.count == 1
      ? groups[0].value
      : groups.map { "\($0.value) under \(few($0.names))" }.joined(separator: "; ")
  }

  /// The names, or how many more there are than fit a sentence.
  static func few(_ names: [String]) -> String {
    names.prefix(12).joined(separator: ", ")
      + (names.count > 12 ? " and \(names.count - 12) more" : "")
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
