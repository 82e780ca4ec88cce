import Foundation
import FoundationXML
import Quantities
import Schedules
import Testing

@testable import Reporting
@testable import Scenarios
@testable import Training

/// The trace and the drawing of a case.
@Suite struct PictureTests {
  private func events(_ outcome: CaseOutcome) throws -> [[String: Any]] {
    let data = Data(ByteWriter.text { TraceEvents.write(outcome, to: &$0) }.utf8)
    let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    return try #require(root["traceEvents"] as? [[String: Any]])
  }

  /// A viewer shows ranks in order by name or by index, and a thread for each lane.
  @Test func traceNamesRanksInOrder() throws {
    let events = try events(Sample.caseOutcome())
    func names(_ kind: String) -> [String] {
      events.filter { $0["name"] as? String == kind }
        .compactMap { ($0["args"] as? [String: Any])?["name"] as? String }
    }
    #expect(names("process_name") == ["rank 00", "rank 01"])
    #expect(
      names("thread_name") == ["compute", "send", "send 2", "compute", "communication", "send"])
  }

  /// One complete event a span, exact, and no two overlapping on a track.
  @Test func traceSpansDoNotOverlap() throws {
    let complete = try events(Sample.caseOutcome()).filter { $0["ph"] as? String == "X" }
    #expect(complete.count == Sample.spans.count)
    var ends: [String: Double] = [:]
    for event in complete {
      let track = "\(try #require(event["pid"])) \(try #require(event["tid"]))"
      let start = try #require(event["ts"] as? Double)
      #expect(start >= ends[track] ?? 0, "events of a track follow each other")
      ends[track] = start + (try #require(event["dur"] as? Double))
    }
    #expect(complete[1]["name"] as? String == "F 1 · stage 0 · layer 0 attention")
    #expect(complete[1]["ts"] as? Double == 10)
    #expect(complete[1]["cat"] as? String == "forward")
  }

  /// Each send has an arrow from its start to the first span of the pass that needs it.
  @Test func traceArrows() throws {
    let events = try events(Sample.caseOutcome())
    let starts = events.filter { $0["ph"] as? String == "s" }.compactMap { $0["ts"] as? Double }
    let ends = events.filter { $0["ph"] as? String == "f" }.compactMap { $0["ts"] as? Double }
    #expect(starts == [10, 20, 46, 72])
    #expect(ends == [22, 52, 50, 76])
  }

  /// A step of more spans than a viewer takes is cut at a start, and says where.
  @Test func longTracesAreCut() throws {
    let outcome = try Sample.caseOutcome()
    let text = ByteWriter.text { TraceEvents.write(outcome, most: 3, to: &$0) }
    let root = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let cut = try #require((root["otherData"] as? [String: Any])?["cut_at_s"] as? Double)
    let starts = Sample.spans.map(\.start.seconds).sorted()
    #expect(cut == starts[3])
    let events = try #require(root["traceEvents"] as? [[String: Any]])
    let kept = events.filter { $0["ph"] as? String == "X" }
    #expect(kept.count == starts.filter { $0 < cut }.count)
    let lasts = events.filter { $0["ph"] as? String == "f" }.compactMap { $0["ts"] as? Double }
    #expect(lasts.allSatisfy { $0 < cut * 1e6 })
  }

  /// Boxes run from first start to last end; the update is its own box.
  @Test func boxesOfActions() throws {
    let boxes = try Sample.result().actionBoxes()
    #expect(boxes[0].map(\.start) == [0, 10, 50, 76, 92].map(Sample.time))
    #expect(boxes[0].map(\.end) == [10, 20, 66, 92, 100].map(Sample.time))
    #expect(boxes[1].map(\.end) == [36, 52, 62, 78, 100].map(Sample.time))
    #expect(boxes[0].last?.content == .update)
  }

  /// A box begins where the one before ends, even if its first kernel ran earlier.
  @Test func boxesDoNotOverlap() throws {
    var result = try Sample.result()
    let index = try #require(result.spans.firstIndex { $0.rank == 0 && $0.microBatch == 1 })
    result.spans[index].start = Sample.time(5)
    let boxes = result.actionBoxes()
    #expect(boxes[0][1].start == Sample.time(10))
    #expect(boxes[0][1].end == Sample.time(20))
  }

  /// The drawing is well-formed, with a box an action and the update of each rank, a number in
  /// each box that has room, and special characters escaped.
  @Test func drawingIsWellFormed() throws {
    let outcome = try Sample.caseOutcome("a <b> & \"c\" \u{7}")
    let text = ByteWriter.text { TimelineDrawing(outcome).write(to: &$0) }
    let counter = ElementCounter()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = counter
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(counter.boxes == 10, "2 ranks × (4 actions + update)")
    #expect(counter.numbers == 8, "each action is wide enough for its micro-batch")
    #expect(text.contains("a &lt;b&gt; &amp; &quot;c&quot; ?"))
    #expect(text.contains("step 0.000 s · bubble 38.0 %"))
    #expect(!text.contains("I  input gradient"), "a full backward is one box of its own colour")
  }

  /// An overlapped pair is two halves and the border they share.
  @Test func drawingOfPairs() throws {
    var outcome = try Sample.caseOutcome()
    let pair = Action.overlapped(forward: Pass(1, .forward, 1), backward: Pass(1, .backward, 0))
    outcome.result.schedule.actions[1][1] = pair
    let text = ByteWriter.text { TimelineDrawing(outcome).write(to: &$0) }
    #expect(text.components(separatedBy: "<rect class=\"pair\"").count == 2)
    #expect(text.contains("overlapped pair"))
  }

  /// Ticks are round, from 0, and between 8 and 20 of them once there is time to show.
  @Test(arguments: [20, 999, 17_985_000_000_000, 100_000_000, Int64.max])
  func ticksAreRound(picoseconds: Int64) {
    let axis = TimeAxis(title: "time, s", length: Time(picoseconds: picoseconds).seconds)
    let ticks = axis.ticks(every: axis.length, width: 250_000)
    #expect((8...21).contains(ticks.count), "\(ticks.map(\.label))")
    #expect(ticks.first?.time == 0)
    #expect(Set(ticks.map(\.label)).count == ticks.count)
  }

  /// File names hold nothing a folder or shell trips over, and no two are the same.
  @Test func drawingNames() throws {
    #expect(TimelineDrawing.fileName(of: "zb-h1") == "timeline-zb-h1.svg")
    #expect(TimelineDrawing.fileName(of: "../a b") == "timeline-..-a-b.svg")
    let names = try Sample.outcome(["a b", "a-b", "a/b"]).drawingNames
    #expect(names == ["timeline-a-b.svg", "timeline-a-b-2.svg", "timeline-a-b-3.svg"])
  }
}

/// Counts what stands in the rows of a drawing.
private final class ElementCounter: NSObject, XMLParserDelegate {
  var boxes = 0
  var numbers = 0
  private var isInRow = false

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    if name == "g" { isInRow = true }
    if isInRow, name == "rect" { boxes += 1 }
    if isInRow, name == "text" { numbers += 1 }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if name == "g" { isInRow = false }
  }
}
