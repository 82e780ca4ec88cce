import Quantities
import Training

/// Which case wins, and why.
struct Verdict {
  /// Index of the fastest case that fits memory, the first of equals; nil where none fits.
  let winner: Int?
  /// Why, in a sentence or two.
  let reason: String

  init(cases: [CaseOutcome]) {
    let fitting = cases.indices.filter { cases[$0].fits }
      .sorted { (cases[$0].result.step.picoseconds, $0) < (cases[$1].result.step.picoseconds, $1) }
    winner = fitting.first
    guard let winner = fitting.first else {
      reason = Self.nothingFits(cases)
      return
    }
    let best = cases[winner]
    let misfits = cases.filter { !$0.fits && $0.result.step < best.result.step }
    var sentences: [String] = []
    if fitting.count > 1 {
      sentences += Self.comparison(best, with: cases[fitting[1]])
    } else {
      sentences.append(
        "\(best.name) takes \(seconds(best.stepSeconds)) a step"
          + (cases.count > 1 ? "; it is the only case that fits the memory of a GPU." : "."))
    }
    sentences += misfits.map { misfit in
      "\(misfit.name) would be faster, \(seconds(misfit.stepSeconds)) a step, "
        + "but \(Self.need(misfit))."
    }
    reason = sentences.joined(separator: " ")
  }

  private static func nothingFits(_ cases: [CaseOutcome]) -> String {
    let least = cases.min { $0.peakMemory < $1.peakMemory }
    guard let least else { return "There is no case." }
    let which = cases.count == 1 ? "\(least.name) does not fit" : "No case fits"
    return "\(which) the memory of a GPU: "
      + "\(cases.count == 1 ? "it" : "\(least.name), the smallest,") \(need(least))."
  }

  /// What a case needs beside what there is.
  private static func need(_ outcome: CaseOutcome) -> String {
    "needs \(Dimension.data.text(outcome.peakMemory.value)) of memory where a GPU has "
      + Dimension.data.text(outcome.memoryCapacity.value)
  }

  /// How far the winner is ahead, and what a mean rank's time differs by. The three parts sum to
  /// the difference, as a rank either computes, only communicates or is idle.
  private static func comparison(_ best: CaseOutcome, with next: CaseOutcome) -> [String] {
    let ahead = next.stepSeconds - best.stepSeconds
    guard ahead > 0 else {
      return ["\(best.name) and \(next.name) take the same time, and \(best.name) comes first."]
    }
    let tenths = (ahead / next.stepSeconds * 1000).rounded()
    let share = tenths < 1 ? "under 0.1" : significant(tenths / 10)
    let a = MeanRank(best.result)
    let b = MeanRank(next.result)
    let parts = [
      part(b.bubble - a.bubble, of: ahead, "idle"),
      part(b.exposed - a.exposed, of: ahead, "with nothing but communication running"),
      part(b.compute - a.compute, of: ahead, "computing"),
    ].compactMap(\.self)
    var origin = "A mean rank of \(best.name) spends " + joined(parts)
    if a.overlapped > 0 || b.overlapped > 0 {
      func filled(_ time: Double) -> String { time > 0 ? seconds(time) : "none" }
      origin +=
        "; overlapped pairs fill \(filled(a.overlapped)) of its step and "
        + "\(filled(b.overlapped)) of \(next.name)'s"
    }
    return [
      "\(best.name) takes \(seconds(best.stepSeconds)) a step, \(share) % less than "
        + "\(next.name), the next that fits (\(seconds(next.stepSeconds))).",
      origin + ".",
    ]
  }

  /// Nil for less than a hundredth of the difference.
  private static func part(_ saved: Double, of ahead: Double, _ doing: String) -> String? {
    guard abs(saved) >= ahead / 100 else { return nil }
    return "\(seconds(abs(saved))) \(saved < 0 ? "more" : "less") \(doing)"
  }

  private static func joined(_ parts: [String]) -> String {
    guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
    return parts.dropLast().joined(separator: ", ") + " and " + last
  }
}

/// Seconds a mean rank of a step spends on each thing.
private struct MeanRank {
  var bubble: Double
  var exposed: Double
  var compute: Double
  var overlapped: Double

  init(_ result: StepResult) {
    let ranks = result.ranks
    let count = Double(max(ranks.count, 1))
    func mean(_ part: (RankBreakdown) -> Time) -> Double {
      ranks.reduce(0) { $0 + part($1).seconds } / count
    }
    bubble = mean(\.bubble)
    exposed = mean(\.exposedCommunication)
    overlapped = mean(\.overlapped)
    compute = result.step.seconds - bubble - exposed
  }
}

func seconds(_ value: Double) -> String { Dimension.time.text(value) }
