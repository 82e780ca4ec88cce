import Quantities
public import Scenarios
import Schedules
import Training

/// A case as Chrome trace events, which Perfetto and chrome://tracing open.
///
/// A rank is a process, a stream a thread, a span a complete event with its start and duration in
/// microseconds, exact to the picosecond. Spans of a stream that overlap, as sends may, stand on
/// further threads. An arrow leads from each send to what it lets begin on the other rank.
public enum TraceEvents {
  /// Most spans of a file: viewers grow slow beyond about a million.
  static let mostSpans = 1_000_000

  /// Writes the whole file; of a step with more than `most` spans those that start first, and in
  /// `otherData` when the cut falls.
  public static func write(_ outcome: CaseOutcome, to writer: inout ByteWriter) {
    write(outcome, most: mostSpans, to: &writer)
  }

  static func write(_ outcome: CaseOutcome, most: Int, to writer: inout ByteWriter) {
    let spans = outcome.result.spans
    let lanes = Lanes(spans)
    let cut = cut(spans, most: most)
    writer.put("{\"displayTimeUnit\": \"ms\", \"otherData\": {\"case\": ")
    writer.put(quoted: outcome.name)
    if let cut {
      writer.put(", \"cut_at_s\": ")
      writer.put(cut)
    }
    writer.put("},\n\"traceEvents\": [\n")
    var isFirst = true
    let digits = max(2, String(lanes.tracks.last?.rank ?? 0).count)
    for track in lanes.tracks {
      writer.putNames(of: track, rankDigits: digits, isFirst: &isFirst)
    }
    for index in lanes.order where cut.map({ spans[index].start < $0 }) ?? true {
      let track = lanes.tracks[lanes.trackOfSpan[index]]
      writer.putSeparator(isFirst: &isFirst)
      writer.put(spans[index], on: track)
    }
    let arrows = Arrows(outcome.result)
    for (number, arrow) in arrows.pairs.enumerated()
    where cut.map({ spans[arrow.receiver].start < $0 }) ?? true {
      let from = lanes.tracks[lanes.trackOfSpan[arrow.send]]
      let to = lanes.tracks[lanes.trackOfSpan[arrow.receiver]]
      writer.putSeparator(isFirst: &isFirst)
      writer.putArrow(number, "s", at: spans[arrow.send].start, on: from)
      writer.putSeparator(isFirst: &isFirst)
      writer.putArrow(number, "f", at: spans[arrow.receiver].start, on: to)
    }
    writer.put("\n]}\n")
  }

  /// The start from which spans are left out, if there are more than `most`.
  private static func cut(_ spans: [Span], most: Int) -> Time? {
    spans.count > most ? spans.map(\.start).sorted()[most] : nil
  }

  /// What a viewer writes on a span: `F 12 · stage 3 · layer 7 attention`.
  static func title(of span: Span) -> String {
    let activity = FileWords.spokenActivities[Int(span.activity.rawValue)]
    guard span.stage >= 0 else { return activity }
    let pass = "\(span.pass.letter) \(span.microBatch) · stage \(span.stage)"
    return span.layer < 0 ? "\(pass) · \(activity)" : "\(pass) · layer \(span.layer) \(activity)"
  }
}

/// Sends, each with the first span of the pass that needs what it brings.
private struct Arrows {
  /// Indices of spans.
  var pairs: [(send: Int, receiver: Int)] = []

  init(_ result: StepResult) {
    let stages = result.schedule.rankOfStage.count
    let microBatches = result.schedule.microBatches
    guard stages > 0, microBatches > 0 else { return }
    /// Earliest span of each forward, then of each backward, by stage and micro-batch.
    var first = [Int32](repeating: -1, count: 2 * stages * microBatches)
    func place(_ pass: PassKind, _ stage: Int, _ microBatch: Int) -> Int? {
      guard pass != .weightBackward, (0..<stages).contains(stage),
        (0..<microBatches).contains(microBatch)
      else { return nil }
      return ((pass == .forward ? 0 : stages) + stage) * microBatches + microBatch
    }
    for (index, span) in result.spans.enumerated()
    where span.stream != .send && span.stream != .background {
      guard let slot = place(span.pass, Int(span.stage), Int(span.microBatch)) else { continue }
      let known = Int(first[slot])
      if known < 0 || span.start < result.spans[known].start { first[slot] = Int32(index) }
    }
    for (index, span) in result.spans.enumerated() where span.activity == .pipelineSend {
      let next = Int(span.stage) + (span.pass == .forward ? 1 : -1)
      guard let slot = place(span.pass, next, Int(span.microBatch)), first[slot] >= 0 else {
        continue
      }
      pairs.append((index, Int(first[slot])))
    }
  }
}

extension ByteWriter {
  fileprivate mutating func putSeparator(isFirst: inout Bool) {
    if !isFirst { put(",\n") }
    isFirst = false
  }

  fileprivate mutating func putNames(
    of track: Lanes.Track, rankDigits: Int, isFirst: inout Bool
  ) {
    if track.number == 1 {
      let number = String(track.rank)
      // Viewers that know no sort index sort by name.
      let zeros = String(repeating: "0", count: max(0, rankDigits - number.count))
      putSeparator(isFirst: &isFirst)
      putName("process", of: track, name: "rank \(zeros)\(number)", order: track.rank)
    }
    putSeparator(isFirst: &isFirst)
    putName("thread", of: track, name: track.name, order: track.number)
  }

  private mutating func putName(
    _ kind: String, of track: Lanes.Track, name: String, order: Int
  ) {
    put("{\"ph\": \"M\", \"name\": \"\(kind)_name\"")
    put(track)
    put(", \"args\": {\"name\": \"\(name)\"}},\n")
    put("{\"ph\": \"M\", \"name\": \"\(kind)_sort_index\"")
    put(track)
    put(", \"args\": {\"sort_index\": \(order)}}")
  }

  fileprivate mutating func put(_ span: Span, on track: Lanes.Track) {
    put("{\"ph\": \"X\", \"name\": \"")
    put(TraceEvents.title(of: span))
    put("\", \"cat\": \"")
    put(FileWords.categories[Int(span.category.rawValue)])
    put("\"")
    put(track)
    put(", \"ts\": ")
    put(span.start.picoseconds, decimals: 6)
    put(", \"dur\": ")
    put((span.end - span.start).picoseconds, decimals: 6)
    if span.stage >= 0 {
      put(", \"args\": {\"stage\": ")
      put(Int(span.stage))
      put(", \"micro_batch\": ")
      put(Int(span.microBatch))
      if span.layer >= 0 {
        put(", \"layer\": ")
        put(Int(span.layer))
      }
      put(", \"pass\": \"")
      put(FileWords.passes[Int(span.pass.rawValue)])
      put("\"}")
    }
    put("}")
  }

  fileprivate mutating func putArrow(
    _ number: Int, _ phase: String, at time: Time, on track: Lanes.Track
  ) {
    put("{\"ph\": \"")
    put(phase)
    // The arrow ends at the span that encloses its end, not at the next one.
    put(phase == "f" ? "\", \"bp\": \"e\"" : "\"")
    put(", \"name\": \"send\", \"cat\": \"send\", \"id\": ")
    put(number)
    put(track)
    put(", \"ts\": ")
    put(time.picoseconds, decimals: 6)
    put("}")
  }

  private mutating func put(_ track: Lanes.Track) {
    put(", \"pid\": ")
    put(track.rank)
    put(", \"tid\": ")
    put(track.number)
  }
}
