import Quantities
public import Scenarios
import Training

extension Outcome {
  /// The outcome as scripts read it.
  ///
  /// - Parameter clock: Whether each case tells how long its simulation took. The file
  ///   `summary.json` goes without, so that the same scenario gives the same bytes.
  public func json(clock: Bool) -> JSONValue {
    let fields: [(key: String, value: JSONValue)] = [
      ("scenario", .text(scenario.name)),
      ("cases", .list(cases.map { $0.json(clock: clock) })),
      ("winner", winnerName.map { .text($0) } ?? .null),
      ("equal_terms", .list(equalTerms.map { .text($0) })),
      ("assumptions", .list(assumptions.map { .text($0) })),
      ("reason", .text(reason)),
      ("memory", memory?.json ?? .null),
    ]
    return .object(fields + (whatIf.map { [("what_if", $0.json)] } ?? []))
  }

  /// Name of the winning case, or nil where none fits.
  var winnerName: String? {
    winner.flatMap { cases.indices.contains($0) ? cases[$0].name : nil }
  }
}

extension CaseOutcome {
  /// The case as scripts read it.
  func json(clock: Bool) -> JSONValue {
    let ranks = RankRow.rows(of: self).map { row in
      JSONValue.object(
        RankRow.columns.map { ($0.key, $0.value(row)) } + [
          ("peak_time_s", row.memory.map { .seconds($0.peakTime) } ?? .null),
          ("memory", row.memory?.json ?? .null),
        ])
    }
    var fields: [(key: String, value: JSONValue)] = []
    for column in CaseFields.beforeRanks { fields.append((column.key, column.value(self))) }
    fields.append(("ranks", .list(ranks)))
    let last = CaseFields.afterRanks + (clock ? [CaseFields.clock] : []) + CaseFields.added
    for column in last { fields.append((column.key, column.value(self))) }
    if !result.waterfalls.isEmpty {
      fields.append(("waterfall", result.waterfall.json))
      fields.append(("critical_path", result.criticalPath.json))
    }
    if let search = result.search { fields.append(("search", search.json)) }
    if !point.isEmpty {
      fields.append(("point", .object(point.map { ($0.key, .text($0.value)) })))
    }
    return .object(fields)
  }
}

extension MemoryReport {
  /// The fullest rank of the winner, and what each technique saves it.
  var json: JSONValue {
    .object([
      ("case", .text(name)), ("rank", .integer(memory.rank)),
      ("peak_memory_bytes", .number(memory.peak.value)),
      (
        "savings",
        .list(
          savings.map {
            .object([("without", .text($0.words)), ("bytes", .number($0.bytes.value))])
          })
      ),
    ])
  }
}

extension SearchSummary {
  /// The search as scripts read it.
  var json: JSONValue {
    .object([
      ("makespan_s", .seconds(makespan)),
      ("lower_bound_s", .seconds(lowerBound)),
      ("best_built_in", bestBuiltIn.map { .text($0.name) } ?? .null),
      ("best_built_in_s", bestBuiltIn.map { .seconds($0.makespan) } ?? .null),
      ("evaluations", .integer(evaluations)),
      ("kept_built_in", keptBuiltIn.map { .text($0) } ?? .null),
      ("placement", .text(placement)),
    ])
  }
}
