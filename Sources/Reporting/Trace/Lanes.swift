import Quantities
import Training

/// Spans set apart so that none overlaps another on its track, as trace viewers need it.
///
///     // rank 0 sends over 0 ..< 4 and 2 ..< 6: the second goes to lane 1 of the send stream
struct Lanes {
  /// One track: what a viewer calls a thread.
  struct Track: Equatable {
    /// Rank.
    var rank: Int
    /// Stream.
    var stream: Stream
    /// 0 for the first lane of the stream.
    var lane: Int
    /// Number of the track within its rank, from 1 in the order of streams and lanes.
    var number: Int

    /// Name such as `send`, or `send 2` for the second lane.
    var name: String {
      let word = FileWords.streams[Int(stream.rawValue)]
      return lane == 0 ? word : "\(word) \(lane + 1)"
    }
  }

  /// All tracks, by rank, stream and lane.
  private(set) var tracks: [Track] = []
  /// Indices of the spans in the order rank, stream, start.
  private(set) var order: [Int] = []
  /// Index in `tracks` for each span.
  private(set) var trackOfSpan: [Int]

  /// Spreads `spans`: each goes to the first lane of its rank's stream that is free.
  init(_ spans: [Span]) {
    trackOfSpan = [Int](repeating: 0, count: spans.count)
    order = spans.indices.sorted { Self.key(spans[$0], $0) < Self.key(spans[$1], $1) }
    var next = 0
    while next < order.count {
      let first = spans[order[next]]
      let base = tracks.count
      var free: [Time] = []
      while next < order.count {
        let span = spans[order[next]]
        guard span.rank == first.rank, span.stream == first.stream else { break }
        let lane = free.firstIndex { $0 <= span.start } ?? free.count
        if lane == free.count {
          free.append(span.end)
          tracks.append(
            Track(
              rank: Int(span.rank), stream: span.stream, lane: lane, number: numberOfNext(span)))
        } else {
          free[lane] = span.end
        }
        trackOfSpan[order[next]] = base + lane
        next += 1
      }
    }
  }

  private func numberOfNext(_ span: Span) -> Int {
    guard let last = tracks.last, last.rank == Int(span.rank) else { return 1 }
    return last.number + 1
  }

  private static func key(
    _ span: Span, _ index: Int
  ) -> (Int32, UInt8, Int64, Int64, Int) {
    let (start, end) = (span.start.picoseconds, span.end.picoseconds)
    return (span.rank, span.stream.rawValue, start, end, index)
  }
}
