import Fabric
public import Scenarios

/// How tokens spread over experts, ranks and nodes, for the `routing` verb.
public struct RoutingReport {
  private let study: RoutingStudy

  /// A report on a study.
  public init(_ study: RoutingStudy) { self.study = study }

  /// Everything, as scripts read it.
  public var json: JSONValue {
    let gate = study.gate
    var fields: [(key: String, value: JSONValue)] = [
      ("model", .text(study.model)), ("layer", .integer(study.layer)),
      ("gpus", .integer(gate.ranks)), ("nodes", .integer(gate.nodes)),
      ("experts", .integer(gate.experts)), ("experts_per_token", .integer(gate.perToken)),
      ("groups", .integer(gate.groups)), ("groups_per_token", .integer(gate.groupsPerToken)),
      ("distribution", .text(study.distribution.text)), ("tokens", .integer(study.tokens)),
      ("seed", .integer(study.seed)),
    ]
    fields += Self.fields(study.loads)
    let placed: [(key: String, value: JSONValue)] = [
      ("redundant_experts", .integer(study.placement.slots.count - gate.experts)),
      ("slots", .list(study.placement.slots.map { .integer($0) })),
    ]
    fields.append(("placement", .object(placed + Self.fields(study.placedLoads))))
    if let balancing = study.balancing {
      fields.append(
        (
          "balancing",
          .object([
            ("steps", .integer(balancing.imbalance.count - 1)),
            ("speed", .number(BiasBalancing.speed)),
            ("tokens_per_step", .integer(BiasBalancing.tokensOfStep)),
            ("sampled_imbalance_ratio", .number(study.sampledImbalance)),
            ("imbalance_ratio", .list(balancing.imbalance.map { .number($0) })),
            ("expert_imbalance_ratio", .list(balancing.expertImbalance.map { .number($0) })),
          ])
        ))
    }
    return .object(fields)
  }

  private static func fields(_ loads: RoutingLoads) -> [(key: String, value: JSONValue)] {
    let nodes = loads.nodeVisits.count
    let ranks = loads.rankRows.count
    let mean = loads.rankRows.reduce(0, +) / Double(ranks)
    return [
      ("nodes_per_token", .number(loads.nodesPerToken)),
      ("ranks_per_token", .number(loads.ranksPerToken)),
      ("imbalance_ratio", .number(loads.imbalance)),
      ("expert_imbalance_ratio", .number(loads.expertImbalance)),
      (
        "ranks",
        .list(
          (0..<ranks).map { rank in
            .object([
              ("rank", .integer(rank)), ("node", .integer(rank * nodes / ranks)),
              ("rows_per_token", .number(loads.rankRows[rank])),
              ("visits_per_token", .number(loads.rankVisits[rank])),
              ("load_ratio", .number(loads.rankRows[rank] / mean)),
            ])
          })
      ),
      ("expert_rows_per_token", .list(loads.expertRows.map { .number($0) })),
    ]
  }

  /// The same as lines for people.
  public var text: String { head + summary + ranks + balancing }

  private var head: String {
    let gate = study.gate
    let groups =
      gate.groupsPerToken < gate.groups
      ? ", in at most \(gate.groupsPerToken) of \(gate.groups) groups" : ""
    return "\(study.model), layer \(study.layer): \(gate.experts) experts, \(gate.perToken) a "
      + "token\(groups), on \(gate.ranks) GPUs of \(counted(gate.nodes, "node"))\n"
      + "\(study.distribution.text) routing of \(DisplayText.number(study.tokens)) tokens, seed "
      + "\(study.seed)\n\n"
  }

  private var summary: String {
    let redundant = study.placement.slots.count - study.gate.experts
    let placed = redundant > 0 ? "EPLB, \(redundant) redundant" : "EPLB"
    let rows: [(String, (RoutingLoads) -> Double)] = [
      ("nodes a token", \.nodesPerToken), ("ranks a token", \.ranksPerToken),
      ("busiest rank / mean", \.imbalance), ("busiest expert / mean", \.expertImbalance),
    ]
    let width = max(placed.count, 10)
    var text = "  \(DisplayText.left("", 22))\(DisplayText.right("in order", 10))  "
    text += DisplayText.right(placed, width) + "\n"
    for (name, value) in rows {
      text += "  \(DisplayText.left(name, 22))\(number(value(study.loads), 10))  "
      text += number(value(study.placedLoads), width) + "\n"
    }
    return text + "\n"
  }

  /// A line a rank: rows and visits a token, the load over the mean with a bar, and with EPLB.
  private var ranks: String {
    let loads = study.loads
    let count = loads.rankRows.count
    let mean = loads.rankRows.reduce(0, +) / Double(count)
    let largest = max(loads.imbalance, study.placedLoads.imbalance)
    var text =
      "  \(DisplayText.right("rank", 5))  \(DisplayText.right("node", 5))"
      + "  \(DisplayText.right("rows", 8))  \(DisplayText.right("visits", 8))"
      + "  \(DisplayText.right("load", 6))  \(DisplayText.right("EPLB", 6))\n"
    for rank in 0..<count {
      let load = loads.rankRows[rank] / mean
      let bar = String(repeating: "#", count: Int((load / largest * 32).rounded()))
      text += "  \(DisplayText.right("\(rank)", 5))"
      text += "  \(DisplayText.right("\(rank * loads.nodeVisits.count / count)", 5))"
      text += "  \(number(loads.rankRows[rank], 8))  \(number(loads.rankVisits[rank], 8))"
      text += "  \(number(load, 6))  \(number(study.placedLoads.rankRows[rank] / mean, 6))"
      text += bar.isEmpty ? "\n" : "  \(bar)\n"
    }
    return text + "  rows and visits a token brings; load over the mean of all ranks\n"
  }

  private var balancing: String {
    guard let balancing = study.balancing else { return "" }
    let last = balancing.imbalance.count - 1
    var text =
      "\nBiases moved by \(BiasBalancing.speed) a step, busiest over mean in "
      + "\(DisplayText.number(BiasBalancing.tokensOfStep)) tokens\n"
      + "  \(DisplayText.right("step", 6))  \(DisplayText.right("rank", 6))"
      + "  \(DisplayText.right("expert", 6))\n"
    var shown = -1
    for part in 0...10 where last * part / 10 != shown {
      shown = last * part / 10
      text += "  \(DisplayText.right("\(shown)", 6))"
      text += "  \(number(balancing.imbalance[shown], 6))"
      text += "  \(number(balancing.expertImbalance[shown], 6))\n"
    }
    return text + "  a sample of that size shows \(number(study.sampledImbalance, 0)) for ranks "
      + "even where all experts are alike\n"
  }

  private func number(_ value: Double, _ width: Int) -> String {
    DisplayText.right(DisplayText.number(value, decimals: 3), width)
  }

  private func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}
