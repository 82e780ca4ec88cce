import Quantities
import Schedules
import Testing

@testable import Training

@Suite struct BreakdownTests {
  private func span(
    _ start: Int64, _ end: Int64, _ category: Training.Category, _ stream: Training.Stream
  ) -> Span {
    Span(
      start: Time(picoseconds: start), end: Time(picoseconds: end), rank: 0, stream: stream,
      activity: .attention, category: category, pass: .forward, stage: 0, microBatch: 0,
      layer: 0, action: 0)
  }

  @Test func communicationCountsWhereNothingComputes() {
    // Compute 0-10 forward, 20-30 input; communication 5-15 forward (5 exposed), 18-32 input
    // (2 before, 2 after exposed); step 40.
    let compute = [span(0, 10, .forward, .compute), span(20, 30, .inputBackward, .compute)]
    let communication = [
      span(5, 15, .forward, .communication), span(18, 32, .inputBackward, .communication),
    ]
    let rank = RankBreakdown(
      rank: 0, gpu: 0, compute: compute[...], communication: communication[...],
      step: Time(picoseconds: 40))
    #expect(rank.forward.picoseconds == 15)
    #expect(rank.inputBackward.picoseconds == 14)
    #expect(rank.exposedCommunication.picoseconds == 9)
    #expect(rank.computeBusy.picoseconds == 20)
    #expect(rank.bubble.picoseconds == 11)
  }

  /// Random streams: the parts equal an instant-by-instant count.
  @Test(arguments: 1...50)
  func partsEqualACountOfInstants(seed: UInt64) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    func next(_ bound: UInt64) -> Int64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int64((state >> 33) % bound)
    }
    func stream(_ kind: Training.Stream) -> [Span] {
      var spans: [Span] = []
      var time = next(5)
      while time < 90 {
        let end = time + next(8)
        let category = Training.Category.allCases[Int(next(5))]
        spans.append(span(time, end, category, kind))
        time = end + (next(2) == 0 ? 0 : next(6))
      }
      return spans
    }
    let compute = stream(.compute)
    let communication = stream(.communication)
    let rank = RankBreakdown(
      rank: 0, gpu: 0, compute: compute[...], communication: communication[...],
      step: Time(picoseconds: 100))
    var parts = [Int64](repeating: 0, count: 5)
    var exposed: Int64 = 0
    var idle: Int64 = 0
    for instant in Int64(0)..<100 {
      func running(_ spans: [Span]) -> Span? {
        spans.first { $0.start.picoseconds <= instant && instant < $0.end.picoseconds }
      }
      if let span = running(compute) {
        parts[Int(span.category.rawValue)] += 1
      } else if let span = running(communication) {
        parts[Int(span.category.rawValue)] += 1
        exposed += 1
      } else {
        idle += 1
      }
    }
    let got = [
      rank.forward, rank.inputBackward, rank.weightBackward, rank.overlapped, rank.optimizer,
    ].map(\.picoseconds)
    #expect(got == parts)
    #expect(rank.exposedCommunication.picoseconds == exposed)
    #expect(rank.bubble.picoseconds == idle)
  }
}
