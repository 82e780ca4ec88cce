import Fabric
import Quantities
public import Scenarios
import Schedules
import Training

/// The CSV files of an outcome: a header, then a line a row, fields apart by commas.
///
/// Every column ends in its unit; a field without a value is empty. `output/README.md` defines
/// each column.
public enum CSVTables {
  /// `cases.csv`: one row a case.
  public static func writeCases(_ outcome: Outcome, to writer: inout ByteWriter) {
    let swept = CaseFields.swept(outcome.scenario)
    let fields = CaseFields.beforeRanks + CaseFields.afterRanks + CaseFields.added + swept
    writer.putRow(header: fields.map(\.key))
    for one in outcome.cases {
      writer.putRow(fields.map { $0.value(one) })
    }
  }

  /// `ranks.csv`: one row a case and rank.
  public static func writeRanks(_ outcome: Outcome, to writer: inout ByteWriter) {
    let fields = RankRow.columns + RankRow.details
    writer.putRow(header: ["case"] + fields.map(\.key))
    for one in outcome.cases {
      for row in RankRow.rows(of: one) {
        writer.putRow([.text(one.name)] + fields.map { $0.value(row) })
      }
    }
  }

  /// `links.csv`: one row a case and link, with the share of each traffic class in its bytes.
  public static func writeLinks(_ outcome: Outcome, to writer: inout ByteWriter) {
    writer.putRow(
      header: ["case", "rank", "port", "bytes", "rate_bytes_per_s", "busy_ratio", "gpu", "owner"]
        + Activity.traffic.prefix(6).map { $0.word + "_ratio" } + ["name"]
        + Activity.traffic.dropFirst(6).map { $0.word + "_ratio" })
    for one in outcome.cases {
      for load in one.result.links {
        var row: [JSONValue] = [
          .text(one.name), load.rank.map { .integer($0) } ?? .null, .text(load.kind.rawValue),
          .number(load.bytes.value.rounded()), .number(load.rate.value), .number(load.busyRatio),
          load.gpu.map { .integer($0) } ?? .null, .integer(load.owner),
        ]
        // The first six classes stood before the name when the others were added.
        let shares = load.bytesByClass.map {
          JSONValue.number(load.bytes > .zero ? $0 / load.bytes : 0)
        }
        row += shares.prefix(6) + [.text(load.name)] + shares.dropFirst(6)
        writer.putRow(row)
      }
    }
  }

  /// `collectives.csv`: one row a case, rank, activity and pass, with what limits it.
  public static func writeCollectives(_ outcome: Outcome, to writer: inout ByteWriter) {
    writer.putRow(header: [
      "case", "rank", "activity", "pass", "count", "bytes", "alone_s", "mean_s", "longest_s",
      "contention_ratio", "bottleneck",
    ])
    for one in outcome.cases {
      for use in one.result.traffic {
        writer.putRow([
          .text(one.name), .integer(use.rank), .text(use.activity.word),
          .text(FileWords.passes[Int(use.pass.rawValue)]), .integer(use.count),
          .number(use.bytes.value.rounded()), .seconds(Time(seconds: use.alone)),
          .seconds(Time(seconds: use.mean)),
          .seconds(use.longest), .number(use.contention),
          .text(use.bottleneck),
        ])
      }
    }
  }

  /// `routing.csv`: one row a point of the sweep, layer with experts, draw of its tokens,
  /// expert-parallel group and rank.
  public static func writeRouting(_ outcome: Outcome, to writer: inout ByteWriter) {
    writer.putRow(header: [
      "layer", "draw", "group", "expert_rank", "load_ratio", "visits_ratio", "point",
    ])
    var last: String?
    for one in outcome.cases where one.pointText != last {
      guard let routing = one.result.routing else { continue }
      last = one.pointText
      for layer in routing.layers { putRouting(layer, point: one.pointText, to: &writer) }
    }
  }

  private static func putRouting(
    _ layer: StepRouting.Layer, point: String, to writer: inout ByteWriter
  ) {
    for (draw, groups) in layer.draws.enumerated() {
      for (group, loads) in groups.enumerated() {
        let mean = loads.rankRows.reduce(0, +) / Double(max(loads.rankRows.count, 1))
        for (rank, rows) in loads.rankRows.enumerated() {
          writer.putRow([
            .integer(layer.index), .integer(draw), .integer(group), .integer(rank),
            .number(rows / mean), .number(loads.rankVisits[rank]), .text(point),
          ])
        }
      }
    }
  }

  /// `gpus.csv`: one row a case and GPU, where every GPU was simulated.
  public static func writeGPUs(_ outcome: Outcome, to writer: inout ByteWriter) {
    let fields = RankRow.columns.filter { $0.key != "peak_memory_bytes" }
    writer.putRow(header: ["case", "gpu"] + fields.map(\.key) + ["compute_busy_s"])
    for one in outcome.cases where one.result.gpus.count > one.result.ranks.count {
      for gpu in one.result.gpus {
        let row = RankRow(time: gpu, memory: nil)
        writer.putRow(
          [.text(one.name), .integer(gpu.gpu)] + fields.map { $0.value(row) }
            + [.seconds(gpu.computeBusy)])
      }
    }
  }

  /// `spans.csv`: one row a span of every case.
  public static func writeSpans(_ outcome: Outcome, to writer: inout ByteWriter) {
    writer.putRow(header: [
      "case", "rank", "stream", "activity", "category", "pass", "stage", "micro_batch", "layer",
      "start_s", "end_s",
    ])
    for one in outcome.cases {
      let name = ByteWriter.text { $0.put(field: one.name) }
      for span in one.result.spans { writer.put(span, case: name) }
    }
  }
}

extension ByteWriter {
  private static let comma = UInt8(ascii: ",")

  /// One row of `spans.csv`; `name` is quoted already.
  fileprivate mutating func put(_ span: Span, case name: String) {
    put(name)
    put(Self.comma)
    put(Int(span.rank))
    put(Self.comma)
    put(FileWords.streams[Int(span.stream.rawValue)])
    put(Self.comma)
    put(FileWords.activities[Int(span.activity.rawValue)])
    put(Self.comma)
    put(FileWords.categories[Int(span.category.rawValue)])
    put(Self.comma)
    if span.stage >= 0 { put(FileWords.passes[Int(span.pass.rawValue)]) }
    put(Self.comma)
    put(unlessNegative: span.stage)
    put(Self.comma)
    put(unlessNegative: span.microBatch)
    put(Self.comma)
    put(unlessNegative: span.layer)
    put(Self.comma)
    put(span.start)
    put(Self.comma)
    put(span.end)
    put(UInt8(ascii: "\n"))
  }

  private mutating func put(unlessNegative number: Int32) {
    if number >= 0 { put(Int(number)) }
  }

  /// A header.
  mutating func putRow(header names: [String]) { putRow(names.map { .text($0) }) }

  /// A row of plain values.
  mutating func putRow(_ values: [JSONValue]) {
    for (index, value) in values.enumerated() {
      if index > 0 { put(Self.comma) }
      switch value {
      case .text(let text): put(field: text)
      case .boolean(let value): put(value ? "true" : "false")
      case .integer(let value): put(value)
      case .number(let value): put(value)
      case .seconds(let time): put(time)
      case .null, .list, .object: break
      }
    }
    put(UInt8(ascii: "\n"))
  }

  /// A text, in quotes where it holds a comma, a quote or a line end, and after an apostrophe where
  /// a spreadsheet would take it for a formula.
  mutating func put(field text: String) {
    let text = text.readsAsFormula ? "'" + text : text
    let special = text.utf8.contains { byte in
      byte == Self.comma || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n")
        || byte == UInt8(ascii: "\r")
    }
    guard special else { return put(text) }
    put(UInt8(ascii: "\""))
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") { put(byte) }
      put(byte)
    }
    put(UInt8(ascii: "\""))
  }
}

extension String {
  /// Whether a spreadsheet takes the text of a cell for a formula; not where it is a quantity with
  /// its sign, such as `-5 % .. 5 %`.
  fileprivate var readsAsFormula: Bool {
    switch utf8.first {
    case UInt8(ascii: "="), UInt8(ascii: "@"), UInt8(ascii: "\t"), UInt8(ascii: "\r"): return true
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
      let startsWithDigit = utf8.dropFirst().first.map(digits.contains) ?? false
      return !startsWithDigit || utf8.contains { "=(!|&'\"".utf8.contains($0) }
    default: return false
    }
  }
}
