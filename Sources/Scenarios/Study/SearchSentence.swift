import Quantities
import Training

extension CaseOutcome {
  /// What the search for the case's schedule found; nil where none was made.
  ///
  /// Lengths are those of the searched model, stages' durations and latencies alone, so that the
  /// best order can be told from the bound; the case's step has contention and the update too.
  var searchSentence: String? {
    guard let search = result.search else { return nil }
    let makespan = search.makespan.seconds
    let bound = search.lowerBound.seconds
    let gap = bound > 0 ? makespan / bound - 1 : .infinity
    var text =
      "\(name): the best of \(counted(search.evaluations, "order")) takes "
      + "\(seconds(makespan)) without contention and update, "
      + (gap <= 1e-9
        ? "which is optimal"
        : "at most \(significant(gap * 100)) % more than the best possible "
          + "(lower bound \(seconds(bound)))")
    if let builtIn = search.bestBuiltIn {
      text +=
        "; the best built-in schedule that fits, \(builtIn.name), takes "
        + seconds(builtIn.makespan.seconds)
    }
    if search.keptBuiltIn { text += " and was kept, as its step is simulated to be shorter" }
    return text + "."
  }
}
