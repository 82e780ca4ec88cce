import Quantities
import Training

/// Which case wins, and why.
struct Verdict {
  /// Index of the fastest case that fits memory, the first of equals; nil where none fits.
  let winner: Int?
  /// Why, in a sentence or two.
  let reason: String

  init(cases: [CaseOutcome]) {
    let pace = Pace(cases)
    let fitting = cases.indices.filter { cases[$0].fits }
      .sorted {
        pace.isFaster(cases[$0], cases[$1]) || !pace.isFaster(cases[$1], cases[$0]) && $0 < $1
      }
    winner = fitting.first
    guard let winner = fitting.first else {
      reason = Self.nothingFits(cases)
      return
    }
    let best = cases[winner]
    var sentences: [String] = []
    if fitting.count > 1 {
      sentences += Self.comparison(best, with: cases[fitting[1]], pace)
    } else {
      sentences.append(
        "\(best.name) \(pace.verb) \(pace.text(best))"
          + (cases.count > 1 ? "; it is the only case that fits the memory of a GPU." : "."))
    }
    sentences += Self.misfits(cases.filter { !$0.fits && pace.isFaster($0, best) }, pace)
    if let points = Self.points(cases, pace) { sentences.append(points) }
    reason = sentences.joined(separator: " ")
  }

  /// What would be faster than the winner but does not fit.
  private static func misfits(_ misfits: [CaseOutcome], _ pace: Pace) -> [String] {
    let isShort = misfits.count <= mostMisfits || misfits.allSatisfy(\.point.isEmpty)
    let told = isShort ? misfits.count : mostMisfits
    var sentences = misfits.prefix(told).map { misfit in
      "\(misfit.name) would be faster, \(pace.text(misfit)), but \(need(misfit))."
    }
    if !isShort {
      let rest = misfits.count - told
      sentences.append(
        "\(rest) more \(rest == 1 ? "case" : "cases") would be faster but \(rest == 1 ? "does" : "do") not fit."
      )
    }
    return sentences
  }

  /// Cases of a sweep of which each is told why it does not win.
  private static let mostMisfits = 3

  /// Which schedule is the fastest at each point of a sweep; nil where only one is simulated.
  private static func points(_ cases: [CaseOutcome], _ pace: Pace) -> String? {
    guard let first = cases.first, !first.point.isEmpty,
      cases.contains(where: { $0.entry != first.entry })
    else { return nil }
    var points: [(text: String, best: CaseOutcome?)] = []
    for one in cases {
      if points.last?.text != one.pointText { points.append((one.pointText, nil)) }
      guard one.fits else { continue }
      if points[points.count - 1].best.map({ pace.isFaster(one, $0) }) ?? true {
        points[points.count - 1].best = one
      }
    }
    guard points.count > 1 else { return nil }
    var winners: [(entry: String?, points: [String])] = []
    for (text, best) in points {
      if let index = winners.firstIndex(where: { $0.entry == best?.entry }) {
        winners[index].points.append(text)
      } else {
        winners.append((best?.entry, [text]))
      }
    }
    let parts = winners.map { entry, texts in
      let place = winners.count == 1 ? "every point" : Terms.few(texts)
      return entry.map { "\($0) is the fastest that fits at \(place)" }
        ?? "nothing fits at \(place)"
    }
    return "Point by point: \(parts.joined(separator: "; "))."
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
  private static func comparison(
    _ best: CaseOutcome, with next: CaseOutcome, _ pace: Pace
  ) -> [String] {
    guard pace.isFaster(best, next) else {
      return ["\(best.name) and \(next.name) take the same time, and \(best.name) comes first."]
    }
    guard pace.isOfStep else {
      let share = percent(best.tokensPerSecond / next.tokensPerSecond - 1)
      return [
        "\(best.name) \(pace.verb) \(pace.text(best)), \(share) % more than \(next.name), the "
          + "next that fits (\(pace.text(next)))."
      ]
    }
    let ahead = next.stepSeconds - best.stepSeconds
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
      "\(best.name) takes \(seconds(best.stepSeconds)) a step, \(percent(ahead / next.stepSeconds)) % less than "
        + "\(next.name), the next that fits (\(seconds(next.stepSeconds))).",
      origin + ".",
    ]
  }

  private static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded()
    return tenths < 1 ? "under 0.1" : significant(tenths / 10)
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

/// What cases are held against each other by: their steps, or where those are of different numbers
/// of tokens, their tokens a second.
private struct Pace {
  /// Whether a step decides.
  let isOfStep: Bool

  init(_ cases: [CaseOutcome]) {
    isOfStep = cases.allSatisfy { $0.tokensPerStep == cases[0].tokensPerStep }
  }

  func isFaster(_ one: CaseOutcome, _ other: CaseOutcome) -> Bool {
    isOfStep
      ? one.result.step < other.result.step : one.tokensPerSecond > other.tokensPerSecond
  }

  var verb: String { isOfStep ? "takes" : "trains" }

  func text(_ one: CaseOutcome) -> String {
    isOfStep
      ? "\(seconds(one.stepSeconds)) a step"
      : "\(Dimension.count.text(one.tokensPerSecond)) tokens a second"
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
