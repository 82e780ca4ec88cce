import Quantities
import Scenarios

extension StageOutcome {
  /// The kinds of work of the stage and what its models keep; nothing of a stage of one kind.
  var partsText: String {
    guard !parts.isEmpty else { return "" }
    var text = "\n\(DisplayText.plain(stage.name)), by kind of work"
    text += parts.contains { $0.name == "generation" } ? " (generation estimated):\n\n" : ":\n\n"
    text += DisplayText.table(
      ["work", "GPU-hours", "%", "FLOP"],
      parts.map { part in
        [
          part.name, DisplayText.figure(part.gpuHours, decimals: 1),
          DisplayText.number(gpuHours > 0 ? part.gpuHours / gpuHours * 100 : 0, decimals: 1),
          DisplayText.short(part.operations),
        ]
      })
    guard !states.isEmpty else { return text }
    let sum = states.reduce(0) { $0 + $1.bytesPerParameter }
    let each = states.map { "\($0.name) \(DisplayText.number($0.bytesPerParameter, decimals: 0))" }
    text += "\nState, bytes a parameter: \(each.joined(separator: " + ")) = "
    return text + "\(DisplayText.number(sum, decimals: 0))\n"
  }
}

extension StagePart {
  /// The part as scripts read it.
  var json: JSONValue {
    .object([
      ("name", .text(name)), ("gpu_hours", .number(gpuHours)), ("flops", .number(operations)),
    ])
  }
}

extension StageState {
  /// The state as scripts read it.
  var json: JSONValue {
    .object([("name", .text(name)), ("bytes_per_parameter", .number(bytesPerParameter))])
  }
}
