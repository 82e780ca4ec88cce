import Schedules
import Testing

/// Makespans and peaks against formulas, with durations that are multiples of 1/1024 so that the
/// sums are exact, or nearly.
@Suite struct ClosedForms {
  /// Ranks, micro-batches and a seed for durations.
  struct Shape: Sendable {
    var ranks: Int
    var microBatches: Int
    var seed: Int
  }

  static let shapes: [Shape] = (1...80).map { seed in
    var stream = FixedStream(seed)
    let ranks = stream.whole(2...9)
    return Shape(ranks: ranks, microBatches: ranks + stream.whole(0...20), seed: seed)
  }

  private func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-9 * max(1, abs(b)) }

  @Test(arguments: shapes)
  func gpipeFillsAndDrainsOnce(shape: Shape) throws {
    // Each of F and B fills and drains the pipeline once: (p − 1)(F + B), and 2(p − 1) hops.
    var stream = FixedStream(shape.seed)
    let (f, i, w) = (stream.real(0.5...2), stream.real(0.5...2), stream.real(0.5...2))
    let c = stream.real(0...1)
    let timing = try Schedule.gpipe(ranks: shape.ranks, microBatches: shape.microBatches)
      .timing(
        Durations(forward: f, inputBackward: i, weightBackward: w, pointToPoint: c))
    let rounds = Double(shape.microBatches + shape.ranks - 1)
    let hops = Double(2 * shape.ranks - 2)
    let makespan: Double = rounds * (f + i + w) + hops * c
    #expect(near(timing.makespan, makespan))
    #expect(
      timing.peakActivationsReleaseAtW
        == Array(repeating: shape.microBatches, count: shape.ranks),
      "no backward runs before all forwards have")
  }

  @Test(arguments: shapes)
  func oneForwardOneBackwardPaysLatencyForEveryMicroBatch(shape: Shape) throws {
    // T = (m + p − 1)(F + B) + 2C(m + p − 3 − ⌊(m − 2)/p⌋).
    var stream = FixedStream(shape.seed)
    let (f, i, w) = (stream.real(0.5...2), stream.real(0.5...2), stream.real(0.5...2))
    let c = stream.real(0...1)
    let (p, m) = (shape.ranks, shape.microBatches)
    let schedule = try Schedule.oneForwardOneBackward(ranks: p, microBatches: m)
    let timing = try schedule.timing(
      Durations(forward: f, inputBackward: i, weightBackward: w, pointToPoint: c))
    let hops = Double(2 * (m + p - 3 - (m - 2) / p))
    let makespan: Double = Double(m + p - 1) * (f + i + w) + hops * c
    #expect(near(timing.makespan, makespan))
    let latencyFree = try schedule.timing(
      Durations(forward: f, inputBackward: i, weightBackward: w))
    let bubble: Double = Double(p - 1) * (f + i + w)
    for busy in latencyFree.rankBusy {
      #expect(near(latencyFree.makespan - busy, bubble), "(p − 1)(F + B)")
    }
    #expect(
      timing.peakActivationsReleaseAtW == (0..<p).map { min(m, p - $0) },
      "a rank holds the warm-up and the one in work")
  }

  @Test(arguments: shapes, 1...4)
  func interleavedBubbleIsThatOfOneStage(shape: Shape, stagesPerRank: Int) throws {
    // (p − 1)(F + B) with the times of one stage, also where p does not divide m; the warm-up is
    // that of the smallest group whose last group is not shorter than p.
    var stream = FixedStream(shape.seed)
    let (f, i, w) = (stream.real(0.5...2), stream.real(0.5...2), stream.real(0.5...2))
    let (p, m) = (shape.ranks, shape.microBatches)
    let group = try #require((p...m).first { m % $0 == 0 || m % $0 >= p })
    let timing = try Schedule.interleaved(
      ranks: p, microBatches: m, stagesPerRank: stagesPerRank
    ).timing(Durations(forward: f, inputBackward: i, weightBackward: w))
    let makespan: Double = Double(m * stagesPerRank + p - 1) * (f + i + w)
    #expect(near(timing.makespan, makespan))
    #expect(
      timing.peakActivationsReleaseAtW
        == (0..<p).map {
          min(stagesPerRank * m, 2 * (p - 1 - $0) + (stagesPerRank - 1) * group + 1)
        }, "the warm-up and the one in work")
  }

  @Test(arguments: [(2, 4, 2), (3, 6, 2), (4, 8, 3), (8, 32, 2)])
  func interleavedHidesSmallLatencyButForOneRoundTrip(p: Int, m: Int, v: Int) throws {
    // Equal times and small C: only the 2(vp − 1) hops of filling and draining are seen.
    let schedule = try Schedule.interleaved(ranks: p, microBatches: m, stagesPerRank: v)
    func makespan(_ c: Double) throws -> Double {
      try schedule.timing(
        Durations(forward: 1, inputBackward: 0.5, weightBackward: 0.5, pointToPoint: c)
      ).makespan
    }
    #expect(near(try makespan(1 / 1024) - makespan(0), Double(2 * (v * p - 1)) / 1024))
  }

  @Test(arguments: shapes)
  func zeroBubbleH1HidesOneW(shape: Shape) throws {
    // (p − 1)(F + I − W) if W ≤ min(F, I).
    var stream = FixedStream(shape.seed)
    let (f, i) = (stream.real(0.5...2), stream.real(0.5...2))
    let w = stream.real(0...min(f, i))
    let (p, m) = (shape.ranks, shape.microBatches)
    let timing = try Schedule.zeroBubbleH1(ranks: p, microBatches: m)
      .timing(Durations(forward: f, inputBackward: i, weightBackward: w))
    let bubble: Double = Double(p - 1) * (f + i - w)
    #expect(near(timing.makespan - Double(m) * (f + i + w), bubble))
    #expect(
      timing.peakActivationsReleaseAtW == Array(repeating: p, count: p),
      "rank r holds p − r in its warm-up, and r more whose W waits")
    #expect(timing.peakActivationsReleaseAtI == (0..<p).map { p - $0 }, "as 1F1B")
  }

  @Test(arguments: [(2, 3), (3, 6), (4, 9), (8, 24)])
  func zeroBubbleH1PaysFourHopsARank(p: Int, m: Int) throws {
    // F = I = W = 1, m > p and small C: 2(p − 1) hops to fill and drain, as many in between.
    let schedule = try Schedule.zeroBubbleH1(ranks: p, microBatches: m)
    func makespan(_ c: Double) throws -> Double {
      try schedule.timing(
        Durations(forward: 1, inputBackward: 1, weightBackward: 1, pointToPoint: c)
      ).makespan
    }
    let late = try makespan(1 / 1024)
    #expect(near(late - (try makespan(0)), Double(4 * (p - 1)) / 1024))
  }

  /// The exact idle time of the innermost ranks; `depth` is p/2 for DualPipe, p for DualPipeV.
  private func dualPipeBubble(depth: Int, _ d: Durations) -> Double {
    let (f, i, w) = (d.forward, d.inputBackward, d.weightBackward)
    let hops = Double(depth - 1)
    return hops * (max(f, i) + d.overlapped - (i + w) + max(i - w, 0))
      - min(f, hops * max(i - f, 0))
  }

  @Test(arguments: shapes)
  func dualPipeIsExact(shape: Shape) throws {
    var stream = FixedStream(shape.seed)
    let p = 2 * stream.whole(1...8)
    let m = 2 * p + 2 * stream.whole(0...6)
    let (f, i, w) = (stream.real(0.5...2), stream.real(0.5...2), stream.real(0.5...2))
    let d = try Durations(
      forward: f, inputBackward: i, weightBackward: w,
      overlapped: stream.real(max(f, i + w)...(f + i + w)))
    let timing = try Schedule.dualPipe(ranks: p, microBatches: m).timing(d)
    for rank in [p / 2 - 1, p / 2] {
      #expect(
        near(timing.makespan - timing.rankBusy[rank], dualPipeBubble(depth: p / 2, d)),
        "the two ranks in the middle")
    }
    #expect(timing.peakActivationsReleaseAtW == Array(repeating: p + 1, count: p))
  }

  @Test(arguments: shapes)
  func dualPipeVIsExact(shape: Shape) throws {
    // Exact where I is the longest of the three.
    var stream = FixedStream(shape.seed)
    let p = stream.whole(1...8)
    let m = 2 * p + stream.whole(0...7)
    let i = stream.real(0.5...2)
    let (f, w) = (stream.real(0.25...i), stream.real(0.25...i))
    let d = try Durations(
      forward: f, inputBackward: i, weightBackward: w,
      overlapped: stream.real(max(f, i + w)...(f + i + w)))
    let timing = try Schedule.dualPipeV(ranks: p, microBatches: m).timing(d)
    #expect(near(timing.makespan - timing.rankBusy[p - 1], dualPipeBubble(depth: p, d)))
    #expect(timing.peakActivationsReleaseAtW == Array(repeating: 2 * p + 1, count: p))
  }

  @Test(arguments: [(2, 4), (4, 10), (6, 12), (8, 20), (16, 40)])
  func publishedDualPipeBubbleHoldsWhereIEqualsF(p: Int, m: Int) throws {
    // (p/2 − 1)(FB + B − 3W) needs I = F ≥ W.
    let d = try Durations(
      forward: 1.25, inputBackward: 1.25, weightBackward: 0.5, overlapped: 2.5)
    let published = Double(p / 2 - 1) * (2.5 + 1.75 - 3 * 0.5)
    let full = try Schedule.dualPipe(ranks: p, microBatches: m).timing(d)
    #expect(near(full.makespan - full.rankBusy[p / 2], published))
    let half = try Schedule.dualPipeV(ranks: p / 2, microBatches: m / 2 + p / 2).timing(d)
    #expect(near(half.makespan - half.rankBusy[p / 2 - 1], published))
  }

  @Test(arguments: [(1, 2), (2, 5), (3, 8), (5, 10)])
  func dualPipeVIsHalfOfDualPipe(p: Int, m: Int) throws {
    // The first p ranks of twice the pipeline; the second direction comes back in its place.
    let half = try Schedule.dualPipeV(ranks: p, microBatches: m)
    let full = try Schedule.dualPipe(ranks: 2 * p, microBatches: 2 * m)
    func folded(_ pass: Pass) -> Pass {
      guard pass.stage >= 2 * p else { return pass }
      return Pass(Int(pass.stage) - 2 * p, pass.kind, Int(pass.microBatch) - m)
    }
    let expected = full.actions.prefix(p).map { list in
      list.map { action -> Action in
        switch action {
        case .single(let pass): .single(folded(pass))
        case .overlapped(let forward, let backward):
          .overlapped(forward: folded(forward), backward: folded(backward))
        }
      }
    }
    #expect(half.actions == expected)
  }
}
