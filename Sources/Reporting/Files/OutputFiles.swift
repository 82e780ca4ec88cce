public import Scenarios
import Training

extension OutputFolder {
  /// Writes every file of `outcome` and returns their names: all of them, or none.
  ///
  /// The result is in `summary.json`, the tables in the CSV files, the scenario as it was resolved
  /// in `resolved.yaml`; `trace.json` holds the winner (the first case where none wins). Drawings
  /// and tables of an earlier run that this one has not are removed; `summary.json` is the last file to appear.
  public func write(_ outcome: Outcome) throws(OutputError) -> [String] {
    typealias Fill = (inout ByteWriter) throws(OutputError) -> Void
    var files: [(name: String, fill: Fill)] = [
      ("cases.csv", { CSVTables.writeCases(outcome, to: &$0) }),
      ("ranks.csv", { CSVTables.writeRanks(outcome, to: &$0) }),
      ("links.csv", { CSVTables.writeLinks(outcome, to: &$0) }),
      ("collectives.csv", { CSVTables.writeCollectives(outcome, to: &$0) }),
      ("waterfall.csv", { CSVTables.writeWaterfalls(outcome, to: &$0) }),
      ("critical-path.csv", { CSVTables.writeCriticalPaths(outcome, to: &$0) }),
      ("memory.csv", { MemoryTables.writeTimeline(outcome, to: &$0) }),
      ("tensors.csv", { MemoryTables.writeTensors(outcome, to: &$0) }),
      ("spans.csv", { CSVTables.writeSpans(outcome, to: &$0) }),
    ]
    if outcome.hasGPUs { files.append(("gpus.csv", { CSVTables.writeGPUs(outcome, to: &$0) })) }
    if outcome.cases.contains(where: { $0.result.routing != nil }) {
      files.append(("routing.csv", { CSVTables.writeRouting(outcome, to: &$0) }))
    }
    if let traced = outcome.tracedCase {
      files.append(("trace.json", { TraceEvents.write(traced, to: &$0) }))
    }
    for (one, name) in zip(outcome.cases, outcome.drawingNames) {
      files.append((name, { TimelineDrawing(one).write(to: &$0) }))
    }
    files.append(("resolved.yaml", { ResolvedText.write(outcome.scenario, to: &$0) }))
    files.append(("summary.json", { outcome.json(clock: false).write(to: &$0) }))
    try WholeFile.writeAll(files.map { (path(of: $0.name), $0.fill) })
    removeStale(except: files.map(\.name))
    return files.map(\.name)
  }
}

extension Outcome {
  /// The case in `trace.json`: the winner, or the first where none wins.
  public var tracedCase: CaseOutcome? {
    if let winner, cases.indices.contains(winner) { cases[winner] } else { cases.first }
  }

  /// Whether every GPU of some case was simulated.
  var hasGPUs: Bool { cases.contains { $0.result.gpus.count > $0.result.ranks.count } }

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
