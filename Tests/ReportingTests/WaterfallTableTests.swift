import Quantities
import Schedules
import Testing

@testable import Reporting
@testable import Scenarios
@testable import Training

/// The waterfall, the critical path and what-if answers as files and as text.
@Suite struct WaterfallTableTests {
  /// A case of 100 us on two ranks: products, attention, a dispatch, warm-up, waiting.
  private func outcome() throws -> Outcome {
    func waterfall(_ parts: [(WaterfallPart, Int128)]) -> Waterfall {
      var sums = [Int128](repeating: 0, count: WaterfallPart.allCases.count)
      for (part, microseconds) in parts { sums[part.rawValue] = microseconds * 1_000_000 }
      return Waterfall(mean: sums, over: 1)
    }
    let first = waterfall([(.denseProducts, 40), (.attention, 30), (.waiting, 30)])
    let last = waterfall([(.denseProducts, 50), (.dispatch, 20), (.warmUp, 30)])
    var outcome = try Sample.outcome()
    outcome.cases[0].result.waterfalls = [
      RankWaterfall(rank: 0, waterfall: first, waitingForRank: 1),
      RankWaterfall(rank: 1, waterfall: last, waitingForRank: nil),
    ]
    outcome.cases[0].result.waterfall = waterfall([
      (.denseProducts, 45), (.attention, 15), (.dispatch, 10), (.warmUp, 15), (.waiting, 15),
    ])
    func piece(
      _ start: Int64, _ end: Int64, rank: Int, _ activity: Activity, _ cause: PathCause
    ) -> PathSegment {
      PathSegment(
        start: Sample.time(start), end: Sample.time(end), rank: rank, gpu: rank,
        stream: activity == .pipelineSend ? .send : .compute, activity: activity, pass: .forward,
        stage: activity == .optimizer ? -1 : Int32(rank), microBatch: 3, cause: cause)
    }
    outcome.cases[0].result.criticalPath = CriticalPath(segments: [
      piece(0, 60, rank: 0, .attention, .stepStart),
      piece(60, 70, rank: 0, .pipelineSend, .otherStream),
      piece(70, 95, rank: 1, .feedForward, .arrival),
      piece(95, 100, rank: 1, .optimizer, .ownStream),
    ])
    return outcome
  }

  @Test func waterfallRowsAreRanksAndTheStep() throws {
    let outcome = try outcome()
    let lines = ByteWriter.text { CSVTables.writeWaterfalls(outcome, to: &$0) }
      .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(lines.count == 4)
    let heads = lines[0].map(String.init)
    #expect(heads.first == "case" && heads.last == "waiting_for_rank")
    #expect(lines.dropFirst().map { String($0[1]) } == ["0", "1", ""])
    #expect(lines.dropFirst().map { String($0.last ?? "") } == ["1", "", ""])
    let place = try #require(heads.firstIndex(of: "dense_products_s"))
    #expect(
      lines.dropFirst().map { String($0[place]) } == [
        "0.000040000000", "0.000050000000", "0.000045000000",
      ])
    for line in lines.dropFirst() {
      let sum = zip(heads, line).reduce(0.0) { sum, field in
        field.0.hasSuffix("_s") ? sum + (Double(field.1) ?? .nan) : sum
      }
      #expect(abs(sum - 1e-4) < 1e-15)
    }
  }

  @Test func criticalPathRowsFollowEachOther() throws {
    let outcome = try outcome()
    let text = ByteWriter.text { CSVTables.writeCriticalPaths(outcome, to: &$0) }
    #expect(
      text.split(separator: "\n").map(String.init) == [
        "case,start_s,end_s,rank,gpu,stream,activity,pass,stage,micro_batch,cause",
        "1f1b,0.000000000000,0.000060000000,0,0,compute,attention,forward,0,3,step_start",
        "1f1b,0.000060000000,0.000070000000,0,0,send,pipeline_send,forward,0,3,other_stream",
        "1f1b,0.000070000000,0.000095000000,1,1,compute,feed_forward,forward,1,3,arrival",
        "1f1b,0.000095000000,0.000100000000,1,1,compute,optimizer,,,,own_stream",
      ])
  }

  @Test func textHasTheLargestPartFirst() throws {
    let text = WaterfallText.text(try outcome().cases[0])
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines[0] == "Where the step of 1f1b goes, a mean GPU:")
    #expect(lines[2].contains("matrix products") && lines[2].hasSuffix("45.0"))
    #expect(lines[6].contains("exposed dispatch") && lines[6].hasSuffix("10.0"))
    #expect(
      text.contains(
        "Rank 0 waits longest between its passes, 30.0 % of the step, most of it while rank 1 works."
      ))
    #expect(
      text.contains(
        "Its critical path: attention 60.0 %, feed forward 25.0 %, pipeline send 10.0 %, "
          + "optimizer 5.0 %; it\nchanges rank once."), "\(text)")
    #expect(WaterfallText.text(try Sample.caseOutcome()).isEmpty)
  }

  @Test func whatIfAnswersStandInTextAndJSON() throws {
    var outcome = try outcome()
    #expect(!outcome.json(clock: false).text.contains("what_if"))
    outcome.whatIf = WhatIfStudy(
      caseName: "1f1b", step: Sample.time(100),
      answers: [
        WhatIf(change: "NIC bandwidth +10 %", step: Sample.time(99), effect: -0.01),
        WhatIf(change: "fewer", step: Sample.time(100), effect: 0.000_4),
      ])
    let table = CaseTable(outcome.scenario, isStyled: false)
    let text = table.closing(outcome, files: [], folder: "f")
    #expect(text.contains("NIC bandwidth +10 %    0.000  -1.00 %"), "\(text)")
    #expect(text.contains("+0.04 %"))
    let json = outcome.json(clock: false).text
    #expect(json.contains("\"change\": \"NIC bandwidth +10 %\""))
    #expect(json.contains("\"effect_ratio\": -0.01"))
    #expect(json.contains("\"exposed_dispatch_ratio\": 0.1"))
    #expect(json.contains("\"rank_changes\": 1"))
  }
}
