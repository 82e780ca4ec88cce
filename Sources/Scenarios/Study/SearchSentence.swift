import Quantities
import Training

extension CaseOutcome {
  /// What the search for the case's schedule found; nil where none was made.
  ///
  /// Lengths are those of the searched model, in which each pass takes as long as it does alone, so
  /// that an order can be held against the bound; the case's step has contention and the update.
  var searchSentence: String? {
    guard let search = result.search else { return nil }
    let makespan = search.makespan.seconds
    let bound = search.lowerBound.seconds
    let gap = bound > 0 ? makespan / bound - 1 : .infinity
    func plain(_ seconds: Double) -> String { "\(significant(seconds)) s" }
    var text =
      "\(name): by the stages' own durations the order kept, with \(search.placement) placement, out "
      + "of \(counted(search.evaluations, "order")) tried takes \(plain(makespan)); "
      + (gap < -1e-9
        ? "the search itself allowed for less memory, within which none takes under \(plain(bound))"
        : gap <= 1e-9
          ? "none of as many stages and copies is shorter"
          : "none of as many stages and copies is shorter than \(plain(bound)), "
            + "so it is at most \(gap < 1e-4 ? "0.01" : significant(gap * 100)) % too long")
    if let builtIn = search.bestBuiltIn {
      text +=
        "; the shortest built-in of as many stages whose step fits, \(builtIn.name), takes "
        + plain(builtIn.makespan.seconds)
    } else {
      text += "; no built-in of as many stages fits"
    }
    if let kept = search.keptBuiltIn {
      text += "; the order kept is that of \(kept), whose step is simulated to be best"
    }
    return text + "."
  }
}
