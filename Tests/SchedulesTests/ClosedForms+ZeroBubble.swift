import Schedules
import Testing

/// Bubbles and peaks of the schedules that split every backward, with durations that are multiples
/// of 1/1024.
@Suite struct ZeroBubbleForms {
  private func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-9 * max(1, abs(b)) }

  @Test(arguments: ClosedForms.shapes)
  func zeroBubbleH2HidesTwoW(shape: ClosedForms.Shape) throws {
    // From first start to last finish: (p − 1)·max(F + I − 2W, 0) if W ≤ min(F, I).
    var stream = FixedStream(shape.seed)
    let (f, i) = (stream.real(0.5...2), stream.real(0.5...2))
    let w = stream.real(0...min(f, i))
    let p = shape.ranks
    let m = 2 * p - 1 + stream.whole(0...12)
    let timing = try Schedule.zeroBubbleH2(ranks: p, microBatches: m)
      .timing(Durations(forward: f, inputBackward: i, weightBackward: w))
    let bubble: Double = Double(p - 1) * max(f + i - 2 * w, 0)
    #expect(near(timing.longestSpan - Double(m) * (f + i + w), bubble))
    #expect(
      timing.peakActivationsReleaseAtW == Array(repeating: 2 * p - 1, count: p),
      "rank r holds 2(p − r) − 1 in its warm-up, and 2r more whose W waits")
  }

  @Test(arguments: [(2, 3), (3, 6), (4, 9), (8, 24)])
  func zeroBubbleH2StartsLateButNeverWaits(p: Int, m: Int) throws {
    // F = I = W: no bubble in a span, and (p − 1)F in the makespan.
    let timing = try Schedule.zeroBubbleH2(ranks: p, microBatches: m).timing(.unit)
    #expect(timing.spanBubbleRatio == 0)
    #expect(timing.makespan == Double(3 * m + p - 1))
  }

  @Test(arguments: ClosedForms.shapes)
  func zeroBubbleVIsExact(shape: ClosedForms.Shape) throws {
    // (p − 1)·max(I, 2(I − W)) if W ≤ F ≤ I and m ≥ 2p.
    var stream = FixedStream(shape.seed)
    let i = stream.real(0.5...2)
    let f = stream.real(0.25...i)
    let w = stream.real(0...f)
    let p = shape.ranks
    let m = 2 * p + stream.whole(0...12)
    let timing = try Schedule.zeroBubbleV(ranks: p, microBatches: m)
      .timing(Durations(forward: f, inputBackward: i, weightBackward: w))
    let bubble: Double = Double(p - 1) * max(i, 2 * (i - w))
    #expect(near(timing.makespan - Double(2 * m) * (f + i + w), bubble))
    #expect(timing.peakActivationsReleaseAtW == Array(repeating: 2 * p, count: p))
  }

  @Test(arguments: [(1, 1), (2, 5), (4, 8), (8, 20)])
  func zeroBubbleVStartsLateButNeverWaits(p: Int, m: Int) throws {
    let timing = try Schedule.zeroBubbleV(ranks: p, microBatches: m).timing(.unit)
    #expect(timing.spanBubbleRatio == 0)
    #expect(timing.makespan == Double(6 * m + p - 1))
  }

  @Test(arguments: 2...6)
  func fewMicroBatchesAreThoseOfTheFullList(p: Int) throws {
    // Below 2p − 1 the list is that of 2p − 1 without the others.
    let full = try Schedule.zeroBubbleV(ranks: p, microBatches: 2 * p - 1)
    for m in 1..<(2 * p - 1) {
      let kept = full.actions.map { list in
        list.filter { action in
          if case .single(let pass) = action { pass.microBatch < m } else { false }
        }
      }
      #expect(try Schedule.zeroBubbleV(ranks: p, microBatches: m).actions == kept)
    }
  }

  @Test(arguments: ClosedForms.shapes, 1...4)
  func interleavedZeroBubbleHidesOneWOfAStage(shape: ClosedForms.Shape, v: Int) throws {
    // (p − 1)(F + I − W) with the times of one stage, if W ≤ min(F, I), also where p does not
    // divide m.
    var stream = FixedStream(shape.seed)
    let (f, i) = (stream.real(0.5...2), stream.real(0.5...2))
    let w = stream.real(0...min(f, i))
    let (p, m) = (shape.ranks, shape.microBatches)
    let group = try #require((p...m).first { m % $0 == 0 || m % $0 >= p })
    let timing = try Schedule.interleavedZeroBubble(
      ranks: p, microBatches: m, stagesPerRank: v
    ).timing(Durations(forward: f, inputBackward: i, weightBackward: w))
    let bubble: Double = Double(p - 1) * (f + i - w)
    #expect(near(timing.makespan - Double(m * v) * (f + i + w), bubble))
    #expect(
      timing.peakActivationsReleaseAtW
        == Array(repeating: min(v * m, (v - 1) * group + p), count: p),
      "the warm-up, the one in work, and r whose W waits")
  }
}
