public import Scenarios

extension CostOutcome {
  /// The cost as people read it: figures with their range, the stages, what matters most, and what
  /// everything rests on.
  public var text: String {
    var text = "\(plan.name)\n\n"
    text += DisplayText.table(
      ["", "value", "5 %", "median", "95 %"],
      figures.map { figure in
        [figure.key.title]
          + [figure.value, figure.low, figure.median, figure.high].map(figure.key.text)
      })
    text += "\nStages, every input at its middle:\n\n"
    text += DisplayText.table(
      ["stage", "GPUs", "tokens", "step, s", "days", "GPU-hours", "kept %", "step MFU %", "billed %"],
      stages.map { stage in
        [
          stage.stage.name, DisplayText.number(stage.gpus),
          stage.tokens.map { DisplayText.count($0) } ?? "",
          stage.step.map { DisplayText.number($0.stepSeconds, decimals: 3) } ?? "stated",
          DisplayText.number(stage.wallDays, decimals: 2),
          DisplayText.number(stage.gpuHours, decimals: 0),
          DisplayText.number(stage.effectiveTimeRatio * 100, decimals: 1),
          stage.step.map { DisplayText.number($0.causalMFU * 100, decimals: 1) } ?? "",
          stage.billedMFU.map { DisplayText.number($0 * 100, decimals: 1) } ?? "",
        ]
      })
    for stage in stages { text += stage.partsText }
    return text
  }
}

extension CostFigure.Key {
  /// Its name in a table.
  var title: String {
    switch self {
    case .gpuHours: "GPU-hours, billed"
    case .wallDays: "days on the clock"
    case .rent: "rent, USD"
    case .effectiveTimeRatio: "effective time, %"
    case .billedMFU: "MFU of billed hours, %"
    }
  }

  /// A value as a cell of a table.
  func text(_ value: Double) -> String {
    switch self {
    case .gpuHours, .rent: DisplayText.number(value, decimals: 0)
    case .wallDays: DisplayText.number(value, decimals: 2)
    case .effectiveTimeRatio, .billedMFU: DisplayText.number(value * 100, decimals: 1)
    }
  }
}
