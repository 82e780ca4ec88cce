import Economics
import Quantities
import Scenarios
import Training

extension OutputFolder {
  /// Writes the files of a cost and returns their names: all of them, or none.
  ///
  /// `cost.json` is what `fathom cost --json` prints; the tables are documented in
  /// `output/README.md`.
  public func write(_ report: CostReport) throws(OutputError) -> [String] {
    typealias Fill = (inout ByteWriter) throws(OutputError) -> Void
    let cost = report.cost
    var files: [(name: String, fill: Fill)] = [
      ("cost-stages.csv", { CostTables.writeStages(cost, to: &$0) }),
      ("cost-parts.csv", { CostTables.writeParts(cost, to: &$0) }),
      ("cost-ownership.csv", { CostTables.writeOwnership(cost, to: &$0) }),
      ("cost-tornado.csv", { CostTables.writeTornado(cost, to: &$0) }),
      ("cost-inputs.csv", { CostTables.writeInputs(cost, to: &$0) }),
      ("cost-draws.csv", { CostTables.writeDraws(cost, to: &$0) }),
    ]
    if let techniques = report.techniques {
      files.append(("techniques.csv", { techniques.write(to: &$0) }))
    }
    files.append(("cost.json", { report.json.write(to: &$0) }))
    try WholeFile.writeAll(files.map { (path(of: $0.name), $0.fill) })
    return files.map(\.name)
  }
}

/// The CSV files of a cost: a header, then a line a row.
enum CostTables {
  /// `cost-stages.csv`: one row a stage, every input at its middle.
  static func writeStages(_ cost: CostOutcome, to writer: inout ByteWriter) {
    let columns = StageOutcome.columns
    writer.putRow(header: columns.map(\.key))
    for stage in cost.stages { writer.putRow(columns.map { $0.value(stage) }) }
  }

  /// `cost-parts.csv`: one row a part of the GPU-hours, every input at its middle.
  static func writeParts(_ cost: CostOutcome, to writer: inout ByteWriter) {
    writer.putRow(header: ["part", "gpu_hours"])
    for part in cost.parts { writer.putRow([.text(part.kind.rawValue), .number(part.gpuHours)]) }
  }

  /// `cost-ownership.csv`: one row a part of what a GPU-hour costs its owner.
  static func writeOwnership(_ cost: CostOutcome, to writer: inout ByteWriter) {
    writer.putRow(header: ["part", "usd_per_gpu_hour", "capital_usd", "usd_per_year"])
    guard let ownership = cost.ownership else { return }
    for (part, dollars) in ownership.waterfall {
      writer.putRow([
        .text(part.rawValue), .number(dollars.value),
        .number(ownership.capital(part).value), .number(ownership.perYear(part).value),
      ])
    }
  }

  /// `cost-tornado.csv`: one row an input that is a range, the one that matters most first.
  static func writeTornado(_ cost: CostOutcome, to writer: inout ByteWriter) {
    let key = cost.headline.rawValue
    writer.putRow(header: ["input", "low", "high", "\(key)_at_low", "\(key)_at_high"])
    for row in cost.tornado {
      writer.putRow([
        .text(row.input), .text(row.inputs.low), .text(row.inputs.high),
        .number(row.figures.low), .number(row.figures.high),
      ])
    }
  }

  /// `cost-inputs.csv`: one row a number, with where it comes from.
  static func writeInputs(_ cost: CostOutcome, to writer: inout ByteWriter) {
    let columns = CostInput.columns
    writer.putRow(header: columns.map(\.key))
    for input in cost.plan.terms.inputs { writer.putRow(columns.map { $0.value(input) }) }
  }

  /// `cost-draws.csv`: one row a draw with each figure.
  static func writeDraws(_ cost: CostOutcome, to writer: inout ByteWriter) {
    writer.putRow(header: ["draw"] + cost.figures.map(\.key.rawValue))
    for (index, draw) in cost.draws.enumerated() {
      writer.putRow([.integer(index)] + draw.map { .number($0) })
    }
  }
}

extension StageOutcome {
  /// A stage's fields in files.
  static let columns: [Column<StageOutcome>] = [
    .text("name", \.stage.name), .text("stage", \.stage.kind.rawValue),
    .text("source", \.stage.source), .integer("gpus", \.gpus), .number("tokens", \.tokens),
    .text("schedule") { $0.step?.schedule ?? "" }, .seconds("step_s") { $0.step?.result.step },
    Column(key: "fits") { stage in stage.step.map { .boolean($0.fits) } ?? .null },
    .number("wall_days", \.wallDays), .number("wall_days_p5") { $0.wallDaysRange?.lowerBound },
    .number("wall_days_p95") { $0.wallDaysRange?.upperBound },
    .number("gpu_hours", \.gpuHours), .number("gpu_hours_p5") { $0.gpuHoursRange?.lowerBound },
    .number("gpu_hours_p95") { $0.gpuHoursRange?.upperBound },
    .number("effective_time_ratio", \.effectiveTimeRatio),
    .number("step_mfu_ratio") { $0.step?.causalMFU }, .number("billed_mfu_ratio", \.billedMFU),
  ]
}

extension CostInput {
  /// An input's fields in files.
  static let columns: [Column<CostInput>] = [
    .text("key", \.path), .text("value", \.text), .text("status", \.origin.statusWord),
    .text("source", \.origin.sourceText),
  ]
}

extension ResolvedKey.Origin {
  /// How well a number of this origin is known, in a word.
  var statusWord: String {
    switch self {
    case .file, .commandLine: "given"
    case .byDefault: "assumed"
    case .derived: "derived"
    case .catalogue(_, let status): status
    }
  }

  /// Where it comes from, in words.
  var sourceText: String {
    switch self {
    case .file(let line): "line \(line) of the scenario"
    case .commandLine: "--set"
    case .byDefault: "default"
    case .derived: "other keys"
    case .catalogue(let source, _): source
    }
  }
}
