import Foundation

/// A batch that grows linearly in tokens, from a size to the stage's own over its first tokens.
///
///     # DeepSeek-V3: arXiv 2412.19437, section 4.2
///     batch_ramp: {from: 3072, over: 469B}
public struct BatchRamp: Sendable, Equatable {
  /// Sequences of the first step.
  public var from: InputReference
  /// Tokens after which the batch is the stage's own.
  public var over: InputReference
}

/// Step times at several batch sizes, and what a run takes whose batch grows.
///
/// The step is taken to lie on straight lines between the sizes, and on the outer lines beyond them.
struct RampPace: Sendable, Equatable {
  /// A batch in sequences with the seconds of its step.
  struct Point: Sendable, Equatable {
    var batch: Double
    var seconds: Double
  }

  /// Simulated sizes, the smallest first; at least one.
  var points: [Point]
  /// The batch that is grown to; one of the points.
  var full: Point
  /// Tokens of a sequence.
  var sequenceLength: Double

  /// Seconds for so many tokens when the batch grows from `from` to the full one over the first
  /// `over` tokens: the integral of T(B) / (B * s) over tokens.
  ///
  /// With B linear in tokens and T = a + b * B on a line, a stretch from B1 to B2 takes
  /// over / (full - from) * (a * ln(B2 / B1) + b * (B2 - B1)) / s.
  func seconds(tokens: Double, from: Double, over: Double) -> Double {
    let perToken = full.seconds / (full.batch * sequenceLength)
    guard from < full.batch, from > 0, over > 0 else { return tokens * perToken }
    let ramped = min(over, tokens)
    let end = from + (full.batch - from) * ramped / over
    var sum = 0.0
    let last = max(points.count - 2, 0)
    for index in 0...last {
      let lower = index == 0 ? from : max(from, points[index].batch)
      let upper = index == last ? end : min(end, points[index + 1].batch)
      guard lower < upper else { continue }
      let line = line(index)
      sum += line.base * log(upper / lower) + line.slope * (upper - lower)
    }
    return sum * over / (full.batch - from) / sequenceLength + (tokens - ramped) * perToken
  }

  /// The line through a point and the next; one through the origin where there is no next, or where
  /// the line would have a step of no sequences take less than no time.
  private func line(_ index: Int) -> (base: Double, slope: Double) {
    let first = points[index]
    guard index + 1 < points.count else { return (0, first.seconds / first.batch) }
    let next = points[index + 1]
    let slope = (next.seconds - first.seconds) / (next.batch - first.batch)
    let base = first.seconds - slope * first.batch
    return index == 0 && base < 0 ? (0, first.seconds / first.batch) : (base, slope)
  }
}
