import Economics
import Quantities
import Scenarios

extension CostOutcome {
  /// The figures with their range and the stages, as people read them.
  var summaryText: String { figuresText + stagesText }

  /// Where hours and dollars go, what matters most, and what everything rests on.
  var detailText: String { partsText + ownershipText + tornadoText + sourcesText }

  private var figuresText: String {
    let range =
      "(value: every input at its middle, failures at their mean; the others: of "
      + "\(DisplayText.number(plan.terms.samples)) draws of all inputs and failures)"
    return "\(DisplayText.plain(plan.name))\n\n" + memoryText
      + DisplayText.table(
        ["", "value", "5 %", "median", "95 %"],
        figures.map { figure in
          [figure.key.title]
            + [figure.value, figure.low, figure.median, figure.high].map(figure.key.text)
        }) + "  \(DisplayText.wrapped(range, indent: "  "))\n"
  }

  /// Which stages do not fit the GPU's memory; nothing where all do.
  private var memoryText: String {
    let unfit = unfitStages
    guard !unfit.isEmpty else { return "" }
    let text = "Does not fit the GPU's memory: \(unfit.joined(separator: "; "))."
    return DisplayText.wrapped(text, indent: "") + "\n\n"
  }

  /// Stages that do not fit the GPU's memory, each with what it needs and what there is.
  var unfitStages: [String] {
    stages.compactMap { stage in
      guard let step = stage.step, !step.fits else { return nil }
      let (peak, capacity) = (step.peakMemory, step.memoryCapacity)
      return "\(DisplayText.plain(stage.stage.name)), "
        + "\(DisplayText.gigabytes(peak)) GB of \(DisplayText.gigabytes(capacity)) GB"
    }
  }

  private var stagesText: String {
    let heads = [
      "stage", "GPUs", "tokens", "step, s", "fits", "days", "GPU-hours", "5 % .. 95 %", "kept %",
      "MFU %", "billed %",
    ]
    let rows = stages.map { stage -> [String] in
      let kept = DisplayText.number(stage.effectiveTimeRatio * 100, decimals: 1)
      return [
        DisplayText.plain(stage.stage.name), DisplayText.number(stage.gpus),
        stage.tokens.map { DisplayText.count($0) } ?? "",
        stage.step.map { DisplayText.number($0.stepSeconds, decimals: 3) } ?? "stated",
        stage.step.map { $0.fits ? "yes" : "no" } ?? "",
        DisplayText.figure(stage.wallDays, decimals: 2),
        DisplayText.figure(stage.gpuHours, decimals: 0),
        stage.gpuHoursRange.map(DisplayText.brief) ?? "",
        stage.step == nil ? "" : kept,
        stage.step.map { DisplayText.number($0.causalMFU * 100, decimals: 1) } ?? "",
        stage.billedMFU.map { DisplayText.number($0 * 100, decimals: 1) } ?? "",
      ]
    }
    return "\nStages:\n" + DisplayText.table(heads, rows) + failuresText
      + stages.map(\.partsText).joined()
  }

  /// How the cluster fails, and how often each simulated stage saves its work.
  private var failuresText: String {
    guard let reliability = plan.terms.reliability else { return "  Nothing fails.\n" }
    let saved = stages.compactMap { stage in
      stage.checkpoints.map {
        "\(stage.stage.name) every \(DisplayText.number($0.interval / 60, decimals: 1)) min "
          + "(\($0.rule.rawValue)), \(DisplayText.number($0.failures, decimals: 1)) failures"
      }
    }
    guard !saved.isEmpty else { return "" }
    let kept = stages.compactMap { stage in
      stage.checkpoints?.closedFormRatio.map { "\(stage.stage.name) \(DisplayText.percent($0))" }
    }
    let open = stages.first { $0.checkpoints != nil && $0.checkpoints?.closedFormRatio == nil }
    var text = "Failures as of \(reliability.name); checkpoints: \(saved.joined(separator: "; "))."
    if !kept.isEmpty { text += " Kept by Daly's closed form: \(kept.joined(separator: ", "))." }
    let out = stages.compactMap { $0.checkpoints?.nodesOut }.max() ?? 0
    text +=
      reliability.spares == nil
      ? " Spare nodes are never short and cost nothing here: 99 of 100 runs need at most \(out)."
      : " 99 of 100 runs have at most \(out) nodes out at once."
    if let limits = open?.checkpoints?.closedFormLimits {
      text += " No closed form holds: \(limits.joined(separator: "; "))."
    }
    return "  \(DisplayText.wrapped(DisplayText.plain(text), indent: "  "))\n"
  }

  private var partsText: String {
    let all = parts.reduce(0) { $0 + $1.gpuHours }
    let price = figures.first { $0.key == .rent }.map { $0.value / all }
    let rows = parts.filter { $0.gpuHours != 0 }.map { part in
      [
        part.kind.title, DisplayText.figure(part.gpuHours, decimals: 0),
        DisplayText.percent(part.gpuHours / all),
        price.map { DisplayText.figure($0 * part.gpuHours, decimals: 0) } ?? "",
      ]
    }
    return "\nWhere the GPU-hours go:\n"
      + DisplayText.table(["", "GPU-hours", "share", "rent, USD"], rows)
  }

  private var ownershipText: String {
    guard let ownership else { return "" }
    let rows = ownership.waterfall.filter { $0.perGPUHour.value != 0 }.map { part, dollars in
      [
        part.title, DisplayText.number(dollars.value, decimals: 3),
        part.isCapital ? DisplayText.number(ownership.capital(part).value, decimals: 0) : "",
      ]
    }
    let total = [
      "all", DisplayText.number(ownership.perGPUHour.value, decimals: 3),
      DisplayText.number(ownership.capital.value, decimals: 0),
    ]
    var text =
      "\nOwning the cluster, by GPU-hour used:\n"
      + DisplayText.table(["", "USD/GPU-hour", "bought for, USD"], rows + [total])
    text += "  The network is \(DisplayText.percent(ownership.networkShare)) of what is bought. "
    if plan.terms.rent != nil {
      text +=
        breakEvenMonths.map {
          "Owning is cheaper than renting after \(DisplayText.number($0, decimals: 1)) months of "
            + "use.\n"
        } ?? "Renting is cheaper over the cluster's whole life.\n"
    } else {
      text += "\n"
    }
    return text
  }

  private var tornadoText: String {
    var text = Self.tornado(tornado, of: headline)
    // What moves hours moves both; owning has prices of its own.
    if ownTornado.contains(where: { $0.input.hasPrefix("price.own") }) {
      text += Self.tornado(ownTornado, of: .own)
    }
    return text
  }

  private static func tornado(_ rows: [TornadoRow], of key: CostFigure.Key) -> String {
    guard !rows.isEmpty else { return "" }
    let cells = rows.prefix(10).map { row in
      [
        row.input, row.inputs.low, row.inputs.high, key.text(row.figures.low),
        key.text(row.figures.high),
      ]
    }
    return "\nWhat matters most, each alone from its 5 % to its 95 %:\n"
      + DisplayText.table(["input", "5 %", "95 %", "\(key.title) at 5 %", "at 95 %"], Array(cells))
  }

  private var sourcesText: String {
    var text = ""
    if unfinishedDraws > 0 {
      let (open, all) = (DisplayText.number(unfinishedDraws), DisplayText.number(draws.count))
      text += "\n\(open) of \(all) draws do not finish, so that their figures are lower bounds.\n"
    }
    let inputs = plan.terms.inputs.map { input in
      DisplayText.plain(
        "\(input.path) \(input.text) (\(input.origin.statusWord): \(input.origin.sourceText))")
    }
    text += Self.list("Rests on:", inputs)
    text += Self.list("Assumed of the steps, neither measured nor stated:", assumptions)
    return text
  }

  private static func list(_ heading: String, _ sentences: [String]) -> String {
    guard !sentences.isEmpty else { return "" }
    let lines = sentences.map { "  - \(DisplayText.wrapped($0, indent: "    "))\n" }
    return "\n\(heading)\n" + lines.joined()
  }
}

extension CostFigure.Key {
  /// Its name in a table.
  var title: String {
    switch self {
    case .gpuHours: "GPU-hours, billed"
    case .wallDays: "days on the clock"
    case .rent: "rent, USD"
    case .own: "owned, USD"
    case .effectiveTimeRatio: "effective time, %"
    case .billedMFU: "MFU of billed hours, %"
    case .energy: "electricity, MWh"
    case .carbon: "carbon dioxide, t"
    }
  }

  /// A value as a cell of a table.
  func text(_ value: Double) -> String {
    switch self {
    case .gpuHours, .rent, .own, .carbon: DisplayText.figure(value, decimals: 0)
    case .energy: DisplayText.figure(value / 1000, decimals: 1)
    case .wallDays: DisplayText.figure(value, decimals: 2)
    case .effectiveTimeRatio, .billedMFU: DisplayText.number(value * 100, decimals: 1)
    }
  }
}

extension CostPart.Kind {
  /// Its name in a table.
  var title: String {
    switch self {
    case .operations: "the model's operations at the BF16 dense peak"
    case .products: "products and attention beyond that"
    case .memoryBound: "kernels limited by memory"
    case .launch: "gaps and small kernels"
    case .recompute: "recompute"
    case .exposedCommunication: "exposed communication"
    case .bubble: "bubble"
    case .optimizer: "optimizer"
    case .batchRamp: "steps while the batch grows"
    case .forwardPasses: "forward passes beyond that peak"
    case .generation: "generation beyond that peak"
    case .checkpoints: "writing checkpoints"
    case .lostWork: "work that failures lost"
    case .detection: "until failures were known"
    case .restarts: "starting again"
    case .waiting: "waiting for nodes"
    case .slowNodes: "slow nodes"
    case .stated: "stated hours"
    case .researchOverhead: "research that led to no stage"
    }
  }
}

extension OwnershipPart {
  /// Its name in a table.
  var title: String {
    switch self {
    case .servers: "servers"
    case .switches: "switches"
    case .interSwitchLinks: "links between switches"
    case .endpointLinks: "links to the servers"
    case .other: "storage, management, spares"
    case .colocation: "building"
    case .staff: "staff and repairs"
    case .energy: "electricity in use"
    case .idleEnergy: "electricity at rest"
    }
  }
}
