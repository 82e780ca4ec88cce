public import Scenarios

extension OutputFolder {
  /// Writes every file of `outcome` and returns their names: all of them, or none.
  ///
  /// The result is in `summary.json`, the tables in the CSV files, the scenario as it was resolved
  /// in `resolved.yaml`; `trace.json` holds the winner (the first case where none wins). Drawings
  /// of an earlier run's cases are removed; `summary.json` is the last file to appear.
  public func write(_ outcome: Outcome) throws(OutputError) -> [String] {
    typealias Fill = (inout ByteWriter) throws(OutputError) -> Void
    var files: [(name: String, fill: Fill)] = [
      ("cases.csv", { CSVTables.writeCases(outcome, to: &$0) }),
      ("ranks.csv", { CSVTables.writeRanks(outcome, to: &$0) }),
      ("links.csv", { CSVTables.writeLinks(outcome, to: &$0) }),
      ("spans.csv", { CSVTables.writeSpans(outcome, to: &$0) }),
    ]
    if let traced = outcome.tracedCase {
      files.append(("trace.json", { TraceEvents.write(traced, to: &$0) }))
    }
    for (one, name) in zip(outcome.cases, outcome.drawingNames) {
      files.append((name, { TimelineDrawing(one).write(to: &$0) }))
    }
    files.append(("resolved.yaml", { ResolvedText.write(outcome.scenario, to: &$0) }))
    files.append(("summary.json", { outcome.json(clock: false).write(to: &$0) }))
    try WholeFile.writeAll(files.map { (path(of: $0.name), $0.fill) })
    removeDrawings(except: outcome.drawingNames)
    return files.map(\.name)
  }
}

extension Outcome {
  /// The case in `trace.json`: the winner, or the first where none wins.
  var tracedCase: CaseOutcome? {
    if let winner, cases.indices.contains(winner) { cases[winner] } else { cases.first }
  }

  /// File names of the cases' drawings, each once.
  var drawingNames: [String] {
    var names: [String] = []
    for one in cases {
      let name = TimelineDrawing.fileName(of: one.name)
      var free = name
      var number = 2
      while names.contains(free) {
        free = name.dropLast(".svg".count) + "-\(number).svg"
        number += 1
      }
      names.append(free)
    }
    return names
  }
}
