import Schedules
import Testing

/// Bubbles and peaks of the schedules that place several stages on a rank and run whole backwards,
/// with durations that are multiples of 1/1024.
@Suite struct DirectionForms {
  private func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-9 * max(1, abs(b)) }

  /// Random F and a B of two parts.
  private func durations(
    _ stream: inout FixedStream, forward: Double? = nil
  ) throws -> Durations {
    let (i, w) = (stream.real(0.25...2), stream.real(0.25...2))
    return try Durations(
      forward: forward ?? stream.real(0.5...4), inputBackward: i, weightBackward: w)
  }

  private func work(_ d: Durations) -> Double { d.forward + d.backward }

  @Test(arguments: ClosedForms.shapes, 1...4)
  func loopedBFSFillsAndDrainsByStages(shape: ClosedForms.Shape, v: Int) throws {
    // (p − 1)(F + B) with the times of one stage.
    var stream = FixedStream(shape.seed)
    let d = try durations(&stream)
    let (p, m) = (shape.ranks, shape.microBatches)
    let timing = try Schedule.loopedBFS(ranks: p, microBatches: m, stagesPerRank: v).timing(d)
    #expect(near(timing.makespan, Double(m * v + p - 1) * work(d)))
    #expect(
      timing.peakActivationsReleaseAtW == Array(repeating: v * m, count: p),
      "no backward runs before all forwards have")
  }

  @Test(arguments: ClosedForms.shapes, 1...4)
  func pairsOfInterleavedLeaveItsBubble(shape: ClosedForms.Shape, v: Int) throws {
    // The last rank idles (p − 1)(F + B), and runs all but (v − 1)g + 1 forwards in pairs.
    var stream = FixedStream(shape.seed)
    let parts = try durations(&stream)
    let d = try Durations(
      forward: parts.forward, inputBackward: parts.inputBackward,
      weightBackward: parts.weightBackward,
      overlapped: stream.real(max(parts.forward, parts.backward)...work(parts)))
    let (p, m) = (shape.ranks, shape.microBatches)
    let group = try #require((p...m).first { m % $0 == 0 || m % $0 >= p })
    let timing = try Schedule.interleavedOverlapped(
      ranks: p, microBatches: m, stagesPerRank: v
    ).timing(d)
    let alone = min(v * m, (v - 1) * group + 1)
    let busy: Double = Double(alone) * work(d) + Double(v * m - alone) * d.overlapped
    #expect(near(timing.makespan, busy + Double(p - 1) * work(d)))
    #expect(
      timing.peakActivationsReleaseAtW
        == (0..<p).map { min(v * m, 2 * (p - 1 - $0) + (v - 1) * group + 2) },
      "the warm-up and the forward of a pair")
  }

  @Test(arguments: ClosedForms.shapes)
  func chimeraHalvesTheBubbleOfEqualPasses(shape: ClosedForms.Shape) throws {
    // (p/2 − 1)(F + B) if F = B and p divides m.
    var stream = FixedStream(shape.seed)
    let (i, w) = (stream.real(0.25...2), stream.real(0.25...2))
    let d = try Durations(forward: i + w, inputBackward: i, weightBackward: w)
    let p = 2 * stream.whole(1...6)
    let m = p * stream.whole(1...4)
    let timing = try Schedule.chimera(ranks: p, microBatches: m).timing(d)
    #expect(near(timing.makespan, (Double(m) + Double(p / 2 - 1)) * work(d)))
    let half = (1...(p / 2)).map { p / 2 + $0 }
    #expect(timing.peakActivationsReleaseAtW == half + half.reversed())
  }

  @Test(arguments: ClosedForms.shapes)
  func oneUnitOfChimeraWaitsForTheLongerPass(shape: ClosedForms.Shape) throws {
    // (p − 2)·max(F, B) if m = p: with B = 2F a ratio of (p − 2)/(3p/2 + p − 2).
    var stream = FixedStream(shape.seed)
    let d = try durations(&stream)
    let p = 2 * stream.whole(1...6)
    let timing = try Schedule.chimera(ranks: p, microBatches: p).timing(d)
    let bubble: Double = Double(p - 2) * max(d.forward, d.backward)
    #expect(near(timing.makespan - Double(p) * work(d), bubble))
  }

  @Test func moreUnitsOfChimeraPayForUnequalPasses() throws {
    // 8 ranks, 2 units, B = 2F: 18F idle, where one unit has 12F.
    func bubble(_ m: Int) throws -> Double {
      try Schedule.chimera(ranks: 8, microBatches: m).timing(
        Durations(forward: 1, inputBackward: 1, weightBackward: 1)
      ).makespan - Double(3 * m)
    }
    #expect(try bubble(8) == 12)
    #expect(try bubble(16) == 18)
  }

  @Test(arguments: ClosedForms.shapes, 1...3)
  func hanayoShrinksByTwiceItsWaves(shape: ClosedForms.Shape, waves: Int) throws {
    // 2(p − 1)·max(F, B) with the times of one stage, whatever the micro-batches.
    var stream = FixedStream(shape.seed)
    let d = try durations(&stream)
    let p = shape.ranks
    let m = p * stream.whole(1...4)
    let timing = try Schedule.hanayo(ranks: p, microBatches: m, stagesPerRank: 2 * waves)
      .timing(d)
    let bubble: Double = Double(2 * (p - 1)) * max(d.forward, d.backward)
    #expect(near(timing.makespan - Double(2 * waves * m) * work(d), bubble))
    #expect(timing.peakActivationsReleaseAtW.allSatisfy { $0 <= 2 * waves * p })
    if m >= 2 * p {
      #expect(timing.peakActivationsReleaseAtW == Array(repeating: 2 * waves * p, count: p))
    }
  }

  @Test(arguments: [(2, 4), (4, 8), (8, 8), (8, 32)], 1...4)
  func wavesDivideTheBubbleOf1F1B(shape: (p: Int, m: Int), waves: Int) throws {
    // One model cut 2w times as fine: equal F and B, and the bubble of 1F1B over 2w.
    let v = Double(2 * waves)
    let whole = try Durations(forward: 2, inputBackward: 1, weightBackward: 1)
    let part = try Durations(forward: 2 / v, inputBackward: 1 / v, weightBackward: 1 / v)
    let work = Double(shape.m) * 4
    let plain = try Schedule.oneForwardOneBackward(ranks: shape.p, microBatches: shape.m)
      .timing(whole)
    let waved = try Schedule.hanayo(
      ranks: shape.p, microBatches: shape.m, stagesPerRank: 2 * waves
    ).timing(part)
    #expect(near(waved.makespan - work, (plain.makespan - work) / v))
  }

  @Test(arguments: ClosedForms.shapes)
  func bitPipeHasThePublishedRatio(shape: ClosedForms.Shape) throws {
    // (p − 2)·max(F, B) with the times of one stage; B = 2F: (p − 2)/(3m + p − 2).
    var stream = FixedStream(shape.seed)
    let d = try durations(&stream)
    let p = 2 * stream.whole(1...6)
    let m = p * stream.whole(1...4)
    let schedule = try Schedule.bitPipe(ranks: p, microBatches: m)
    let timing = try schedule.timing(d)
    let bubble: Double = Double(p - 2) * max(d.forward, d.backward)
    #expect(near(timing.makespan - Double(2 * m) * work(d), bubble))
    if m >= 2 * p {
      #expect(timing.peakActivationsReleaseAtW == Array(repeating: 2 * p, count: p))
    }
    let published = try schedule.timing(.unit).bubbleRatio
    #expect(near(published, Double(p - 2) / Double(3 * m + p - 2)))
  }
}
