import Hardware
import Quantities
import Statistics

/// Reads what a scenario says of the run, its prices and its failures.
///
/// A number that is not written is taken from the catalogue, or has a default that is marked as
/// assumed; only tokens and stages have none.
struct CostTermsReader {
  var keys: KeyReader
  var terms = CostTerms()
  /// The cluster, whose node the catalogue is asked for; nil where it is wrong.
  let cluster: Cluster?

  /// The cluster's node.
  var node: Node? { cluster?.node }

  /// Standard deviation of a simulated step's error: the root mean square over the published steps
  /// of `Validation`. Their mean, which is below zero, is left out: it would be a fit to steps.
  static let stepDeviation = 0.125
  /// Most samples that are drawn.
  static let mostSamples = 100_000
  /// Most stages times samples, each of which is kept.
  static let mostDraws = 1_000_000

  init(_ keys: KeyReader, cluster: Cluster?) {
    self.keys = keys
    self.cluster = cluster
  }

  /// Reads all tables.
  mutating func read() {
    readRun()
    readReliability(nodes: cluster?.nodes)
    readPrice()
  }

  private mutating func readRun() {
    var stages = StageReader(keys: keys, terms: terms)
    stages.read()
    keys = stages.keys
    terms = stages.terms
    terms.researchOverhead = input("run.research_overhead", .share, in: 1...1000)
    terms.stepError = input(
      "run.step_error", .share, in: -0.9...10,
      default: .normal(mean: 0, deviation: Self.stepDeviation), .derived,
      "root mean square of the errors of the 47 published steps that `fathom validate` lists")
    terms.samples =
      keys.whole("run.samples", in: 1...Self.mostSamples, default: terms.samples) ?? terms.samples
    let count = terms.stages.count
    if terms.samples * count > Self.mostDraws {
      keys.report(
        .run(.tooManyDraws(samples: terms.samples, stages: count, most: Self.mostDraws)),
        at: "run.samples")
    }
    terms.seed = UInt64(keys.whole("run.seed", in: 0...KeyReader.mostOfAny, default: 1) ?? 1)
  }

  /// A number of the file; nil where it is absent or reported.
  mutating func input(
    _ path: String, _ dimension: Dimension, in range: ClosedRange<Double>
  ) -> InputReference? {
    keys.input(path, dimension, in: range, of: &terms)
  }

  /// A number of the file, or else the default of that status and source.
  mutating func input(
    _ path: String, _ dimension: Dimension, in range: ClosedRange<Double>,
    default spread: Spread, _ status: Status, _ source: String
  ) -> InputReference? {
    if keys.has(path) { return input(path, dimension, in: range) }
    return terms.add(
      CostInput(
        path: path, spread: spread, dimension: dimension, range: range,
        origin: .catalogue(source: source, status: status.rawValue)))
  }
}
