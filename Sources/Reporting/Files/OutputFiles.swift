public import Scenarios

extension OutputFolder {
  /// Writes every file of `outcome`, each whole or not at all, and returns their names.
  ///
  /// The result is in `summary.json`, the tables in the CSV files, the scenario as it was resolved
  /// in `resolved.yaml`; `trace.json` holds the winner (the first case where none wins).
  public func write(_ outcome: Outcome) throws(OutputError) -> [String] {
    var names: [String] = []
    func file(
      _ name: String, _ fill: (inout ByteWriter) throws(OutputError) -> Void
    ) throws(OutputError) {
      try WholeFile.write(to: path(of: name), fill)
      names.append(name)
    }
    try file("summary.json") { outcome.json(clock: false).write(to: &$0) }
    try file("cases.csv") { CSVTables.writeCases(outcome, to: &$0) }
    try file("ranks.csv") { CSVTables.writeRanks(outcome, to: &$0) }
    try file("links.csv") { CSVTables.writeLinks(outcome, to: &$0) }
    try file("spans.csv") { CSVTables.writeSpans(outcome, to: &$0) }
    if let traced = outcome.tracedCase {
      try file("trace.json") { TraceEvents.write(traced, to: &$0) }
    }
    for (one, name) in zip(outcome.cases, outcome.drawingNames) {
      try file(name) { TimelineDrawing(one).write(to: &$0) }
    }
    try file("resolved.yaml") { ResolvedText.write(outcome.scenario, to: &$0) }
    return names
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
