import Quantities
import Statistics

/// How the durations of kernel blocks scatter about their means, GPU by GPU.
///
/// Each GPU draws from a stream of its own in the order its blocks run, which no event on another
/// GPU changes: the same seed gives the same durations whatever else in the step is changed.
struct Jitter {
  /// Factors on durations.
  let spread: LognormalSpread
  private let seed: UInt64

  /// The jitter of a plan; nil where there is none.
  init?(_ plan: Plan) {
    guard plan.jitter > 0 else { return nil }
    spread = LognormalSpread(deviation: plan.jitter)
    seed = plan.seed
  }

  /// A stream for each GPU.
  func streams(gpus: Int) -> [QuickStream] {
    (0..<gpus).map { QuickStream(seed: seed, component: "jitter", index: UInt64($0)) }
  }
}
