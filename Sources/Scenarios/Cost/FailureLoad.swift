import Economics
import Statistics

/// What the failures of a run take to simulate, told before they are.
extension CostModel {
  /// Most failures over all draws and means; some ten million a second are simulated on one core.
  static let mostFailures = 1e9
  /// The longest stage whose failures are drawn: about 3,000 years, in seconds.
  static let longestStage = 1e11
  private static let secondsOfYear = 365.25 * 86_400

  /// Why the run's failures are not simulated; nil where they are.
  var refusal: StudyError? {
    let middles = terms.middles
    let runs = runs(middles)
    if let long = runs.first(where: { $0.seconds > Self.longestStage && $0.reliability != nil }) {
      return .tooLong(
        stage: long.name, years: long.seconds / Self.secondsOfYear,
        most: Self.longestStage / Self.secondsOfYear)
    }
    // The mean, each draw at about the mean, and the ends of every input that changes something.
    var most = 0.0
    var means = 0.0
    for (index, input) in terms.inputs.enumerated() where input.spread.isSpread {
      for end in [input.value(0.05), input.value(0.95)] {
        var values = middles
        values[index] = end
        let ends = self.runs(values)
        means += zip(ends, runs).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : $1.0.meanFailures) }
        most = max(most, ends.reduce(0) { $0 + $1.failures })
      }
    }
    means += runs.reduce(0) { $0 + $1.meanFailures }
    let mean = runs.reduce(0) { $0 + $1.failures }
    let failures = means + (mean + max(most, mean)) / 2 * Double(terms.samples)
    guard failures > Self.mostFailures else { return nil }
    return .tooManyFailures(failures: failures, samples: terms.samples, most: Self.mostFailures)
  }

  /// A stage's work and how it fails.
  private struct Run: Equatable {
    var name: String
    var seconds: Double
    var nodes: Int
    var reliability: Reliability?
    /// Failures of one draw, no more than are simulated.
    var failures: Double

    /// Failures over the samples of a mean.
    var meanFailures: Double { max(failures * 200, 4000) }
  }

  private func runs(_ values: [Double]) -> [Run] {
    let stretch = 1 + (terms.stepError.map { values[$0] } ?? 0)
    let productive = Self.productive(stages, values, stretch: stretch)
    var runs: [Run] = []
    for (number, work) in stages.enumerated() {
      let seconds = productive[number]
      guard work.stage.isSimulated,
        var reliability = terms.reliability?.reliability(values, nodes: work.nodes)
      else { continue }
      if let interval = intervals[number] { reliability.interval = .every(interval.seconds) }
      let run = try? GoodputRun(productive: seconds, nodes: work.nodes, reliability: reliability)
      let failures = run.map { min($0.expectedFailures, Double($0.mostFailures)) } ?? 0
      runs.append(
        Run(
          name: work.stage.name, seconds: seconds, nodes: work.nodes, reliability: reliability,
          failures: failures))
    }
    return runs
  }
}
