import Quantities
import Testing

@testable import Reporting
@testable import Scenarios
@testable import Training

/// Memory in files and on the terminal.
@Suite struct MemoryTableTests {
  @Test func timelineHasARowAnInstant() throws {
    let outcome = try Sample.outcome()
    let lines = ByteWriter.text { MemoryTables.writeTimeline(outcome, to: &$0) }
      .split(separator: "\n")
    #expect(lines.count == 1 + 2 * 3)
    #expect(lines[0].hasPrefix("case,rank,time_s,weights_bytes,"))
    #expect(
      lines[2] == "1f1b,0,0.000020000000,4000000000,0,0,0,2000000000,0,0,6000000000")
  }

  @Test func tensorsHaveARowEach() throws {
    let outcome = try Sample.outcome()
    let lines = ByteWriter.text { MemoryTables.writeTensors(outcome, to: &$0) }
      .split(separator: "\n")
    #expect(lines.count == 1 + 2 + 2)
    #expect(
      lines[2] == "1f1b,0,0.000020000000,\"dispatch, combine buffers\",step,2000000000")
  }

  /// However long a timeline is, at most 512 instants are written, the highest and lowest among them.
  @Test(arguments: [3, 512, 513, 5000])
  func longTimelinesAreThinnedToTheirExtremes(count: Int) {
    let samples = (0..<count).map { index in
      MemorySample(
        time: Time(picoseconds: Int64(index)), held: Bytes(Double(index * 7919 % 104_729)),
        pending: .zero, working: .zero)
    }
    let kept = MemoryTables.kept(samples, step: Time(picoseconds: Int64(count)))
    #expect(kept.count <= 512 && kept.count >= min(count, 256))
    #expect(kept.map(\.total).max() == samples.map(\.total).max())
    #expect(kept.map(\.total).min() == samples.map(\.total).min())
    for (one, next) in zip(kept, kept.dropFirst()) { #expect(one.time < next.time) }
  }

  /// Keys of a rank's memory in JSON sum to its peak.
  @Test func jsonNamesWhatThePeakIsMadeOf() throws {
    let memory = Sample.memory(0, weights: 4e9, activations: 2e9)
    guard case .object(let fields) = memory.json else { throw Missing.object }
    #expect(fields.map(\.key) == ["weights_bytes", "dispatch_combine_buffers_bytes"])
    let sum = fields.reduce(0.0) { sum, field in
      if case .number(let bytes) = field.value { sum + bytes } else { sum }
    }
    #expect(sum == memory.peak.value)
  }

  @Test func aTableSaysHowItFits() throws {
    let outcome = try Sample.caseOutcome()
    let report = MemoryReport(
      name: outcome.name, memory: outcome.tightest, capacity: outcome.memoryCapacity,
      savings: [MemorySaving(words: "ZeRO 1, not whole states", bytes: Bytes(3.25e9))])
    #expect(
      MemoryTable(report).text == """

        Memory of 1f1b at its fullest, on rank 0 after 0.000 s of the step, in GB:
              4.0   66.7 %  weights
              2.0   33.3 %  dispatch, combine buffers
              6.0  100.0 %  in all, of 8.0 GB of a GPU
        What that rank would need besides, without:
              3.3  ZeRO 1, not whole states

        """)
  }

  @Test func verdictSaysByHowMuchAndWhatWouldFixIt() throws {
    var one = try Sample.caseOutcome()
    #expect(one.sentence(MemoryAdvice()) == "fits by 1.9 GiB, rank 0 needs most")
    one.memoryCapacity = Bytes(4e9)
    var advice = MemoryAdvice()
    #expect(
      one.sentence(advice)
        == "exceeds by 1.9 GiB at rank 0: no change that was tried lowers it")
    advice.alone = [MemoryRemedy(words: "ZeRO 1", rank: 1, peak: Bytes(5e9))]
    #expect(
      one.sentence(advice)
        == "exceeds by 1.9 GiB at rank 0: ZeRO 1 saves 0.9 GiB, which is not enough")
    advice.together = MemoryRemedy(
      words: "full recompute and ZeRO 1", rank: 1, peak: Bytes(3e9))
    #expect(
      one.sentence(advice).hasSuffix("; full recompute and ZeRO 1 would fit by 0.9 GiB"))
    advice.alone.append(MemoryRemedy(words: "full recompute", rank: 1, peak: Bytes(3.5e9)))
    #expect(
      one.sentence(advice)
        == "exceeds by 1.9 GiB at rank 0: full recompute would fit by 0.5 GiB")
  }

  private enum Missing: Error { case object }
}
