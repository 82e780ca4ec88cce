import Economics
import Quantities
import Scenarios

extension CostOutcome {
  /// The cost as scripts read it: each figure with its range, then the stages.
  var json: JSONValue {
    var fields: [(key: String, value: JSONValue)] = [("scenario", .text(plan.name))]
    for figure in figures {
      fields.append((figure.key.rawValue, .number(figure.value)))
      fields.append(("\(figure.key.rawValue)_p5", .number(figure.low)))
      fields.append(("\(figure.key.rawValue)_p50", .number(figure.median)))
      fields.append(("\(figure.key.rawValue)_p95", .number(figure.high)))
    }
    fields.append(("stages", .list(stages.map(\.json))))
    fields.append(
      (
        "parts",
        .list(
          parts.map {
            .object([("part", .text($0.kind.rawValue)), ("gpu_hours", .number($0.gpuHours))])
          })
      ))
    fields.append(("ownership", ownership?.json ?? .null))
    fields.append(("break_even_months", breakEvenMonths.map { .number($0) } ?? .null))
    fields.append(("samples", .integer(plan.terms.samples)))
    fields.append(("tornado", .list(tornado.map(\.json))))
    fields.append(("own_tornado", .list(ownTornado.map(\.json))))
    fields.append(("unfinished_draws", .integer(unfinishedDraws)))
    fields.append(("inputs", .list(plan.terms.inputs.map(\.json))))
    fields.append(("assumptions", .list(assumptions.map { .text($0) })))
    return .object(fields)
  }
}

extension OwnershipCost {
  /// What owning costs, as scripts read it.
  var json: JSONValue {
    .object([
      ("usd_per_gpu_hour", .number(perGPUHour.value)), ("capital_usd", .number(capital.value)),
      ("operating_usd_per_year", .number(operatingPerYear.value)),
      ("network_share_ratio", .number(networkShare)),
      (
        "network_usd_per_endpoint",
        fleet.endpointLinks > 0
          ? .number(networkCapital.value / Double(fleet.endpointLinks)) : .null
      ), ("switches", .integer(fleet.switches)),
      ("inter_switch_links", .integer(fleet.interSwitchLinks)),
      ("endpoint_links", .integer(fleet.endpointLinks)),
      (
        "parts",
        .list(
          waterfall.map { part, dollars in
            .object([
              ("part", .text(part.rawValue)), ("usd_per_gpu_hour", .number(dollars.value)),
              ("capital_usd", .number(capital(part).value)),
            ])
          })
      ),
    ])
  }
}

extension StageOutcome {
  /// The stage as scripts read it.
  var json: JSONValue {
    .object(
      Self.columns.map { ($0.key, $0.value(self)) } + [
        ("parts", .list(parts.map(\.json))), ("states", .list(states.map(\.json))),
        ("is_finished", .boolean(isFinished)), ("checkpoints", checkpoints?.json ?? .null),
      ])
  }
}

extension StageCheckpoints {
  /// How work is saved, as scripts read it.
  var json: JSONValue {
    .object([
      ("interval_s", .number(interval)), ("rule", .text(rule.rawValue)),
      ("failures", .number(failures)), ("nodes_out_p99", .integer(nodesOut)),
      ("closed_form_effective_time_ratio", closedFormRatio.map { .number($0) } ?? .null),
      ("no_closed_form_because", .list(closedFormLimits.map { .text($0) })),
    ])
  }
}

extension TornadoRow {
  /// The row as scripts read it.
  var json: JSONValue {
    .object([
      ("input", .text(input)), ("low", .text(inputs.low)), ("high", .text(inputs.high)),
      ("figure_at_low", .number(figures.low)), ("figure_at_high", .number(figures.high)),
    ])
  }
}

extension CostInput {
  /// The input as scripts read it.
  var json: JSONValue { .object(Self.columns.map { ($0.key, $0.value(self)) }) }
}
