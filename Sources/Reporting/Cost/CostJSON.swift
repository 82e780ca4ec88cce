import Quantities
public import Scenarios
import Training

extension CostOutcome {
  /// The cost as scripts read it: each figure with its range, then the stages.
  public var json: JSONValue {
    var fields: [(key: String, value: JSONValue)] = [("scenario", .text(plan.name))]
    for figure in figures {
      fields.append((figure.key.rawValue, .number(figure.value)))
      fields.append(("\(figure.key.rawValue)_p5", .number(figure.low)))
      fields.append(("\(figure.key.rawValue)_p50", .number(figure.median)))
      fields.append(("\(figure.key.rawValue)_p95", .number(figure.high)))
    }
    fields.append(("stages", .list(stages.map(\.json))))
    fields.append(("tornado", .list(tornado.map(\.json))))
    fields.append(("inputs", .list(plan.terms.inputs.map(\.json))))
    fields.append(("assumptions", .list(assumptions.map { .text($0) })))
    return .object(fields)
  }
}

extension StageOutcome {
  /// The stage as scripts read it.
  var json: JSONValue {
    .object([
      ("name", .text(stage.name)), ("stage", .text(stage.kind.rawValue)),
      ("source", stage.source.isEmpty ? .null : .text(stage.source)),
      ("gpus", .integer(gpus)), ("tokens", tokens.map { .number($0) } ?? .null),
      ("schedule", step.map { .text($0.schedule) } ?? .null),
      ("step_s", step.map { .seconds($0.result.step) } ?? .null),
      ("fits", step.map { .boolean($0.fits) } ?? .null),
      ("wall_days", .number(wallDays)), ("gpu_hours", .number(gpuHours)),
      ("effective_time_ratio", .number(effectiveTimeRatio)),
      ("step_mfu_ratio", step.map { .number($0.causalMFU) } ?? .null),
      ("billed_mfu_ratio", billedMFU.map { .number($0) } ?? .null),
      ("parts", .list(parts.map(\.json))), ("states", .list(states.map(\.json))),
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
  var json: JSONValue {
    let source: (String, String) =
      switch origin {
      case .file(let line): ("file, line \(line)", "stated")
      case .commandLine: ("--set", "stated")
      case .byDefault: ("default", "assumed")
      case .derived: ("derived", "derived")
      case .catalogue(let source, let status): (source, status)
      }
    return .object([
      ("key", .text(path)), ("value", .text(text)), ("status", .text(source.1)),
      ("source", .text(source.0)),
    ])
  }
}
