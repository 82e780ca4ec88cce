import Foundation
import Schedules
import Testing

@testable import Reporting

/// The drawing of a schedule with plain durations.
@Suite struct ScheduleDrawingTests {
  /// Built-in schedules of a size whose drawing is one band.
  static let short: [(BuiltIn, ranks: Int, microBatches: Int)] = [
    (.gpipe, 2, 2), (.oneForwardOneBackward, 1, 1), (.oneForwardOneBackward, 4, 8),
    (.interleaved, 4, 8), (.zeroBubbleH1, 4, 8), (.dualPipeV, 4, 10), (.dualPipe, 8, 20),
  ]

  private func durations(_ overlapped: Double = 2.6, pointToPoint: Double = 0.25) throws
    -> StageDurations
  {
    StageDurations(
      try Durations(
        forward: 1, inputBackward: 1.1, weightBackward: 0.7, overlapped: overlapped,
        pointToPoint: pointToPoint))
  }

  /// Every action has its box, where and as wide as its time, with its number; pairs are two halves
  /// and their border.
  @Test(arguments: short)
  func boxesAreTheSpans(_ builtIn: BuiltIn, ranks: Int, microBatches: Int) throws {
    let schedule = try builtIn.schedule(ranks: ranks, microBatches: microBatches)
    let durations = try durations()
    let frozen = try FrozenSchedule(schedule)
    let spans = try frozen.spans(durations)
    let makespan = try frozen.timing(durations).makespan
    let drawing = try SVGElements(schedule, durations)
    try #require(drawing.rows.count == ranks, "one band")
    let frame = try #require(drawing.frames.first)
    for (rank, row) in drawing.rows.enumerated() {
      var boxes = row.passes[...]
      var pairs = row.pairs[...]
      var numbers = row.numbers[...]
      for (action, span) in zip(schedule.actions[rank], spans[rank]) {
        let passes: [Pass] =
          switch action {
          case .single(let pass): [pass]
          case .overlapped(let forward, let backward): [forward, backward]
          }
        let left = frame.x + span.start / makespan * frame.width
        let width = (span.finish - span.start) / makespan * frame.width
        for pass in passes {
          let next = boxes.popFirst()
          let box = try #require(next)
          #expect(abs(box.x - left) < 0.011 && abs(box.width - width) < 0.021, "\(action)")
          #expect(box.name.first == Character(pass.kind.letter.lowercased()))
          let number = numbers.popFirst()
          #expect(number == String(pass.microBatch))
        }
        if passes.count == 2 {
          let next = pairs.popFirst()
          let border = try #require(next)
          #expect(border.x >= left - 0.01 && border.x + border.width <= left + width + 0.01)
        }
      }
      #expect(boxes.isEmpty && pairs.isEmpty && numbers.isEmpty)
    }
  }

  /// No box reaches into another of its row or out of its band, also where the time axis goes on in
  /// further bands; cut boxes come back whole when their parts are added.
  @Test(arguments: [
    (BuiltIn.dualPipe, 16, 120), (.interleaved, 16, 120), (.gpipe, 2, 600), (.dualPipe, 8, 20),
  ])
  func boxesDoNotOverlap(_ builtIn: BuiltIn, ranks: Int, microBatches: Int) throws {
    let schedule = try builtIn.schedule(ranks: ranks, microBatches: microBatches)
    let durations = try durations(pointToPoint: 0.07)
    let timing = try schedule.timing(durations)
    let drawing = try SVGElements(schedule, durations)
    let bands = drawing.rows.count / ranks
    #expect(drawing.rows.count == bands * ranks)
    #expect(microBatches > 20 ? bands > 1 : bands == 1)
    let frame = try #require(drawing.frames.first)
    for row in drawing.rows {
      for (box, next) in zip(row.passes, row.passes.dropFirst()) {
        let isHalf = box.x == next.x && box.width == next.width && box.y + box.height == next.y
        #expect(isHalf || box.x + box.width <= next.x + 0.001)
      }
      for box in row.boxes {
        #expect(box.x >= frame.x && box.x + box.width <= frame.x + frame.width + 0.001)
      }
    }
    for rank in 0..<ranks {
      let rows = stride(from: rank, to: drawing.rows.count, by: ranks).map { drawing.rows[$0] }
      // A pair's halves count once.
      let halves = Double(schedule.actions[rank].count { "\($0)".hasPrefix("(") })
      let pairs = rows.flatMap(\.pairs).count
      #expect(Double(pairs) >= halves && Double(pairs) <= halves + Double(bands))
      let upper = rows.flatMap { row in
        row.passes.enumerated().filter { index, box in
          index == 0 || row.passes[index - 1].x != box.x
        }.map(\.element.width)
      }
      let busy = upper.reduce(0, +) / (frame.width * Double(bands)) * timing.makespan
      #expect(abs(busy / timing.rankBusy[rank] - 1) < 1e-3)
    }
  }

  /// At 16 ranks and 120 micro-batches, all boxes have their number but a few that the end of a
  /// band cuts.
  @Test(arguments: [BuiltIn.dualPipe, .interleaved, .zeroBubbleH1])
  func longSchedulesAreLegible(_ builtIn: BuiltIn) throws {
    let schedule = try builtIn.schedule(ranks: 16, microBatches: 120)
    let drawing = try SVGElements(schedule, StageDurations(.unit))
    let passes = schedule.actions.joined().reduce(0) { $0 + ("\($1)".hasPrefix("(") ? 2 : 1) }
    let numbers = drawing.rows.map(\.numbers.count).reduce(0, +)
    #expect(numbers <= passes && numbers >= passes - drawing.rows.count)
    #expect(Double(drawing.root["width"] ?? "") ?? .infinity <= 1700, "as wide as a page")
  }

  /// The curve's highest point and the number beside it are the peak that timing counts, on a scale
  /// that all ranks share.
  @Test(arguments: short)
  func curvesReachThePeak(_ builtIn: BuiltIn, ranks: Int, microBatches: Int) throws {
    let schedule = try builtIn.schedule(ranks: ranks, microBatches: microBatches)
    let durations = try durations()
    let drawing = try SVGElements(schedule, durations, showsMemory: true)
    let peaks = try schedule.timing(durations).peakActivationsReleaseAtW
    try #require(drawing.curves.count == ranks)
    var heights: [Double] = []
    for curve in drawing.curves {
      // M x bottom V y H x V y ... V bottom
      let parts = curve.split { "MVH ".contains($0) }.compactMap { Double($0) }
      let levels = curve.split(separator: "V").dropFirst()
        .compactMap { Double($0.prefix { $0 != "H" }) }
      try #require(levels.last == parts[1], "the curve ends where it began")
      heights.append(parts[1] - (levels.min() ?? .nan))
    }
    let scale = (heights.max() ?? 0) / Double(peaks.max() ?? 1)
    for (height, peak) in zip(heights, peaks) {
      #expect(abs(height / scale - Double(peak)) < 0.01)
      #expect(drawing.texts.contains(String(peak)))
    }
    #expect(try SVGElements(schedule, durations).curves.isEmpty)
  }

  /// A curve follows F and B of a small case by hand: two ranks, two micro-batches, F 1, B 2.
  @Test func curveByHand() throws {
    let schedule = try BuiltIn.oneForwardOneBackward.schedule(ranks: 2, microBatches: 2)
    let spans = try FrozenSchedule(schedule).spans(StageDurations(.unit))
    let curve = MemoryCurve(schedule.actions[0], spans[0])
    // F0 0–1, F1 1–2, B0 4–6, B1 7–9.
    #expect(curve.steps.map(\.time) == [0, 1, 6, 9])
    #expect(curve.steps.map(\.level) == [1, 2, 1, 0])
  }

  /// The picture says which durations it assumes and what comes of them.
  @Test func wordsOfTheDrawing() throws {
    let schedule = try BuiltIn.dualPipe.schedule(ranks: 8, microBatches: 20)
    let durations = try durations()
    let timing = try schedule.timing(durations)
    let drawing = try SVGElements(schedule, durations)
    #expect(drawing.title == "dualpipe: 8 ranks, 20 micro-batches")
    #expect(
      drawing.texts.contains("durations F 1, I 1.1, W 0.7, B 1.8, overlapped pair 2.6, p2p 0.25"))
    let results = try #require(drawing.texts.first { $0.hasPrefix("makespan") })
    let makespan = try #require(
      Double(results.split(separator: " ")[1]), "a plain number in \(results)")
    #expect(abs(makespan / timing.makespan - 1) < 1e-5)
    #expect(results.hasSuffix("peak activations 9"))
    #expect(drawing.texts.contains("lighter: second direction"))
    #expect(drawing.description.contains("overlapped pair 2.6"))
    #expect(drawing.root["role"] == "img")
  }

  /// The legend explains only what occurs.
  @Test func legendOfWhatOccurs() throws {
    let plain = try SVGElements(
      BuiltIn.oneForwardOneBackward.schedule(ranks: 4, microBatches: 8), StageDurations(.unit))
    #expect(plain.texts.contains("B full backward"))
    for absent in ["W weight gradient", "overlapped pair", "lighter", "activations held"] {
      #expect(!plain.texts.contains { $0.contains(absent) })
    }
    let folded = try SVGElements(
      BuiltIn.dualPipeV.schedule(ranks: 4, microBatches: 10), StageDurations(.unit))
    #expect(folded.texts.contains("lighter: way back of the V"))
    let looped = try SVGElements(
      BuiltIn.interleaved.schedule(ranks: 4, microBatches: 8), StageDurations(.unit))
    #expect(looped.texts.contains("lighter: further stages of the rank"))
  }

  /// Where stages differ, the range is said.
  @Test func unevenStages() throws {
    let schedule = try BuiltIn.gpipe.schedule(ranks: 2, microBatches: 2)
    let slow = try Durations(forward: 1.5, inputBackward: 1, weightBackward: 1)
    let drawing = try SVGElements(schedule, StageDurations(ofStages: [.unit, slow]))
    #expect(drawing.texts.contains("durations by stage: F 1 to 1.5, B 2, p2p 0"))
  }

  /// Any name is one line of text, cut where it is too long, and cannot leave it.
  @Test func hostileNames() throws {
    var schedule = try BuiltIn.gpipe.schedule(ranks: 2, microBatches: 2)
    schedule.name = "</title><script>alert(\"1\")</script>&amp;\u{0}\u{85}\u{ffff}\n]]>'"
    let text = try ByteWriter.text(drawing(schedule))
    #expect(!text.contains("<script"))
    let drawing = try SVGElements(text)
    let name = "</title><script>alert(\"1\")</script>&amp;????]]>'"
    #expect(drawing.title == name + ": 2 ranks, 2 micro-batches")
    schedule.name = String(repeating: "x", count: 100_000)
    let long = try SVGElements(ByteWriter.text(self.drawing(schedule)))
    #expect(long.texts.allSatisfy { $0.count < 200 })
  }

  private func drawing(_ schedule: Schedule) throws -> (inout ByteWriter) -> Void {
    let drawing = try ScheduleDrawing(
      schedule, durations: StageDurations(.unit), showsMemory: true)
    return { drawing.write(to: &$0) }
  }

  /// The same schedule gives the same bytes.
  @Test func sameBytes() throws {
    let schedule = try BuiltIn.dualPipe.schedule(ranks: 4, microBatches: 12)
    #expect(try ByteWriter.text(drawing(schedule)) == ByteWriter.text(drawing(schedule)))
  }

  /// No duration is too short, too long or too unequal to draw.
  @Test(arguments: [
    (0.0, 0.0, 0.0, 0.0), (1, 0, 0, 0), (0, 1, 0, 5), (3e99, 3e99, 3e99, 1e100),
    (1e-100, 1e-100, 1e-100, 0), (1e-307, 1e-307, 1e-307, 0), (1, 1e-9, 1e9, 0), (1, 1, 1, 1e6),
  ])
  func extremeDurations(_ f: Double, _ i: Double, _ w: Double, _ latency: Double) throws {
    let durations = try Durations(
      forward: f, inputBackward: i, weightBackward: w, pointToPoint: latency)
    for builtIn in [BuiltIn.zeroBubbleH1, .dualPipe] {
      let schedule = try builtIn.schedule(ranks: 4, microBatches: 12)
      let drawing = try SVGElements(schedule, StageDurations(durations), showsMemory: true)
      #expect(drawing.rows.count >= 4)
      for box in drawing.rows.flatMap(\.boxes) { #expect(box.width > 0 && box.x >= 0) }
    }
  }

  /// What is too narrow to be seen is drawn together, so that a drawing of half a million actions
  /// stays small, keeps its bubbles, and says so.
  @Test func manyActions() throws {
    let schedule = try BuiltIn.oneForwardOneBackward.schedule(ranks: 64, microBatches: 1500)
    let text = try ByteWriter.text(drawing(schedule))
    #expect(text.utf8.count < 8_000_000)
    let drawing = try SVGElements(text)
    #expect(drawing.texts.contains("different actions too short to tell apart"))
    #expect(drawing.texts.contains("numbers: micro-batches, left out where a box is too narrow"))
    // The last rank never waits once it has begun; the first waits for its first backward.
    let frame = try #require(drawing.frames.first)
    let bands = drawing.rows.count / 64
    let makespan = try schedule.timing(.unit).makespan
    let first = drawing.rows[0].passes
    let gap = zip(first, first.dropFirst()).map { $1.x - $0.x - $0.width }.max() ?? 0
    let wait = gap / (frame.width * Double(bands)) * makespan
    #expect(abs(wait - 126) < 3, "F0 … F63, then idle until B0 arrives 63 × B later")
  }
}

/// The colours of drawings.
@Suite struct DrawingColourTests {
  /// Relative luminance after WCAG 2.
  private func luminance(_ colour: DrawingColours.Colour) -> Double {
    func linear(_ part: Int) -> Double {
      let share = Double(part) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green)
      + 0.0722 * linear(colour.blue)
  }

  /// Numbers are white on dark boxes and black on the others: contrast at least 4.5.
  @Test(arguments: PassKind.allCases) func numbersAreReadable(_ kind: PassKind) {
    for shade in 0..<DrawingColours.shades {
      let background = luminance(DrawingColours.colour(of: kind, shade: shade))
      let text = DrawingColours.hasWhiteNumbers(kind, shade: shade) ? 1.0 : 0.0
      let contrast = (max(text, background) + 0.05) / (min(text, background) + 0.05)
      #expect(contrast >= 4.5, "\(kind) \(shade): \(contrast)")
    }
  }

  /// In grey, kinds are told apart: each is a good step lighter than the one before.
  @Test func kindsDifferInGrey() {
    let kinds: [PassKind] = [.forward, .backward, .inputBackward, .weightBackward]
    let lightness = kinds.map { kind in
      116 * cbrt(luminance(DrawingColours.colour(of: kind, shade: 0))) - 16
    }
    for (darker, lighter) in zip(lightness, lightness.dropFirst()) {
      #expect(lighter - darker >= 12, "\(lightness)")
    }
  }

  /// No two kinds or shades look the same.
  @Test func coloursDiffer() {
    var seen: [(Int, Int, Int)] = []
    for kind in PassKind.allCases {
      for shade in 0..<DrawingColours.shades {
        let (red, green, blue) = DrawingColours.colour(of: kind, shade: shade)
        for other in seen {
          let distance = abs(red - other.0) + abs(green - other.1) + abs(blue - other.2)
          #expect(distance > 25, "\(kind) \(shade)")
        }
        seen.append((red, green, blue))
      }
    }
  }

  /// Stages of a rank have different shades up to four, the first the full one.
  @Test func shadesOfStages() throws {
    let schedule = try BuiltIn.interleaved.schedule(ranks: 2, microBatches: 4, stagesPerRank: 4)
    #expect(StageShades(schedule).ofStage == [0, 0, 1, 1, 2, 2, 3, 3])
    let dualPipe = try BuiltIn.dualPipe.schedule(ranks: 2, microBatches: 4)
    #expect(StageShades(dualPipe).ofStage == [0, 0, 2, 2], "directions, the same on every rank")
  }
}

/// The time axis.
@Suite struct TimeAxisTests {
  /// Labels are round, begin with 0, are different and fit the width.
  @Test(arguments: [0.003, 0.5, 1, 9, 33, 60.4, 765, 12_189, 1e6, 3e20, 1e107, 1e-90])
  func labels(length: Double) {
    let axis = TimeAxis(title: "", length: length)
    for width in [3_400, 40_000, 150_000] {
      let ticks = axis.ticks(every: length, width: width)
      #expect(ticks.first?.label == "0" || Double(ticks.first?.label ?? "") == 0)
      #expect(Set(ticks.map(\.label)).count == ticks.count)
      for tick in ticks {
        let value = Double(tick.label) ?? .nan
        #expect(abs(value - tick.time) <= 1e-9 * length, "\(tick)")
      }
      if width > 100_000 { #expect((8...21).contains(ticks.count), "\(ticks.map(\.label))") }
    }
  }

  /// A time of 0 has no instants.
  @Test func noTime() {
    #expect(TimeAxis(title: "", length: 0).ticks(every: 0, width: 1000).isEmpty)
  }

  /// Six digits, without what rounding adds.
  @Test(arguments: [
    (0.1 + 0.2, "0.3"), (0, "0"), (60.4, "60.4"), (2675.6000000000004, "2,675.6"), (1, "1"),
    (0.00123456789, "0.00123457"), (1e100, "1e+100"), (123_456_789, "123,456,789"),
  ])
  func shortNumbers(value: Double, text: String) {
    #expect(DisplayText.short(value) == text)
  }
}
