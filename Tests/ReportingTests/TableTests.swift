import Foundation
import Quantities
import Testing

@testable import Reporting
@testable import Scenarios

/// The CSV files, the JSON of an outcome and the table on the terminal.
@Suite struct TableTests {
  static let caseKeys = [
    "name", "schedule", "gpus", "step_s", "bubble_ratio", "span_bubble_ratio", "tokens_per_s",
    "tokens_per_gpu_s", "tokens_per_day", "tflops_per_gpu_causal", "tflops_per_gpu_noncausal",
    "mfu_causal_ratio", "mfu_noncausal_ratio", "gpu_hours_per_trillion_tokens",
    "compute_utilization_ratio", "nvlink_utilization_ratio", "nic_utilization_ratio",
    "peak_memory_bytes", "memory_capacity_bytes", "fits", "gpu_hours", "wall_days", "rent_usd",
    "ranks", "events", "wall_clock_s", "parameter_copies", "stages", "layout",
    "expert_imbalance_ratio", "busiest_link", "busiest_link_ratio",
    "memory_verdict", "estimated_step_s", "estimated_peak_memory_bytes",
  ]

  /// Like stages in a row are told once, as layout strings may write them.
  @Test(arguments: [
    ("Et*2|t*4|t*4|t*4|tL", "Et*2|(t*4|)*3,tL"), ("Et|t|t|tL", "Et|t|t|tL"), ("EtL", "EtL"),
    ("Et||||tL", "Et|(|)*3,tL"), ("E|t|t|t|t|t|t|L|m", "E|(t|)*6,L|m"),
  ])
  func layoutsFold(layout: String, folded: String) {
    #expect(CaseTable.folded(layout: layout) == folded)
  }

  /// Keys stand in the order scripts were promised, and the clock stays out of files.
  @Test func caseKeysKeepTheirOrder() throws {
    let outcome = try Sample.outcome()
    #expect(keys(of: outcome.cases[0].json(clock: true)) == Self.caseKeys)
    #expect(
      keys(of: outcome.cases[0].json(clock: false))
        == Self.caseKeys.filter { $0 != "wall_clock_s" })
    #expect(
      keys(of: outcome.json(clock: true)) == [
        "scenario", "cases", "winner", "equal_terms", "assumptions", "reason", "plausible_layouts",
        "memory",
      ])
  }

  /// 100 tokens in 100 µs on 4 GPUs: a million a second; a step without a run costs nothing yet.
  @Test func jsonHoldsTheDefinitions() throws {
    let data = Data(try Sample.outcome().json(clock: true).text.utf8)
    let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let one = try #require((root["cases"] as? [[String: Any]])?.first)
    #expect(one["step_s"] as? Double == 1e-4)
    #expect(isAbout(one["tokens_per_s"], 1e6))
    #expect(isAbout(one["tokens_per_gpu_s"], 2.5e5))
    #expect(isAbout(one["mfu_causal_ratio"], 0.25), "1e6 × 1e6 FLOP/s over 4 × 1e12")
    #expect(one["nvlink_utilization_ratio"] as? Double == 0.25)
    #expect(one["nic_utilization_ratio"] as? Double == 0.5)
    #expect(one["peak_memory_bytes"] as? Double == 6e9)
    #expect(one["fits"] as? Bool == true)
    #expect(one["gpu_hours"] is NSNull)
    #expect(one["rent_usd"] is NSNull)
    let ranks = try #require(one["ranks"] as? [[String: Any]])
    #expect(ranks.count == 2)
    #expect(ranks[1]["exposed_communication_s"] as? Double == 4e-6)
    #expect(root["winner"] as? String == "1f1b")
  }

  /// One row a case, without the clock; a field without value is empty.
  @Test func casesAreExact() throws {
    let outcome = try Sample.outcome()
    let text = ByteWriter.text { CSVTables.writeCases(outcome, to: &$0) }
    let header = Self.caseKeys.filter { $0 != "ranks" && $0 != "wall_clock_s" }
    let one = outcome.cases[0]
    let derived = [
      one.tokensPerSecond, one.tokensPerSecond / 4, one.tokensPerDay,
      one.causalRate.value / 1e12, one.noncausalRate.value / 1e12, one.causalMFU,
      one.noncausalMFU, one.gpuHoursPerTrillionTokens,
    ].map { number in ByteWriter.text { $0.put(number) } }
    #expect(
      text == header.joined(separator: ",") + "\n"
        + "1f1b,1f1b,4,0.000100000000,0.38,0.25,\(derived.joined(separator: ",")),"
        + "0.6,0.25,0.5,6000000000,8000000000,true,,,,42,1,2,,1,nic_in 1,0.5,,,\n")
  }

  @Test func ranksAreExact() throws {
    let outcome = try Sample.outcome()
    #expect(
      ByteWriter.text { CSVTables.writeRanks(outcome, to: &$0) } == """
        case,rank,forward_s,input_backward_s,weight_backward_s,overlapped_s,bubble_s,\
        exposed_communication_s,optimizer_s,peak_memory_bytes,compute_busy_s,weights_bytes,\
        gradients_bytes,optimizer_bytes,activations_bytes,working_bytes,reserved_bytes,peak_time_s
        1f1b,0,0.000020000000,0.000020000000,0.000012000000,0.000000000000,0.000040000000,\
        0.000000000000,0.000008000000,6000000000,0.000060000000,4000000000,0,0,2000000000,0,0,\
        0.000020000000
        1f1b,1,0.000024000000,0.000020000000,0.000012000000,0.000000000000,0.000036000000,\
        0.000004000000,0.000008000000,4000000000,0.000060000000,3000000000,0,0,0,0,1000000000,\
        0.000000000000

        """)
  }

  @Test func linksAreExact() throws {
    let outcome = try Sample.outcome()
    #expect(
      ByteWriter.text { CSVTables.writeLinks(outcome, to: &$0) } == """
        case,rank,port,bytes,rate_bytes_per_s,busy_ratio,gpu,owner,dispatch_ratio,combine_ratio,\
        tensor_exchange_ratio,pipeline_send_ratio,gradient_reduction_ratio,parameter_gather_ratio,\
        name,context_exchange_ratio
        1f1b,0,nvlink_out,1000,1000000000,0.25,0,0,0.75,0,0,0.25,0,0,nvlink_out 0,0
        1f1b,1,nic_in,1,500000000,0.5,1,1,0,0,0,1,0,0,nic_in 1,0

        """)
  }

  @Test func collectivesAreExact() throws {
    let outcome = try Sample.outcome()
    #expect(
      ByteWriter.text { CSVTables.writeCollectives(outcome, to: &$0) } == """
        case,rank,activity,pass,count,bytes,alone_s,mean_s,longest_s,contention_ratio,bottleneck
        1f1b,0,pipeline_send,forward,2,250,0.000008000000,0.000012000000,0.000012000000,0.5,\
        nvlink_out 0

        """)
  }

  /// Every span of every case; what is outside of passes has no pass, stage or micro-batch.
  @Test func spansAreExact() throws {
    let outcome = try Sample.outcome(["a", "b, \"c\""])
    let lines = ByteWriter.text { CSVTables.writeSpans(outcome, to: &$0) }
      .split(separator: "\n")
    #expect(lines.count == 1 + 2 * Sample.spans.count)
    #expect(
      lines[0]
        == "case,rank,stream,activity,category,pass,stage,micro_batch,layer,start_s,end_s")
    #expect(
      lines[2]
        == "a,0,compute,attention,forward,forward,0,1,0,0.000010000000,0.000020000000")
    #expect(lines[7] == "a,0,compute,optimizer,optimizer,,,,,0.000092000000,0.000100000000")
    #expect(
      lines[8]
        == "a,0,send,pipeline_send,forward,forward,0,0,,0.000010000000,0.000022000000")
    #expect(lines[20].hasPrefix("\"b, \"\"c\"\"\",0,compute,"), "commas and quotes are quoted")
  }

  /// Rows stand below the heading; the verdict says by how much.
  @Test func tableRows() throws {
    var outcome = try Sample.outcome()
    let table = CaseTable(outcome.scenario, isStyled: false)
    let heading = table.heading.split(separator: "\n")
    let row = table.row(outcome.cases[0])
    #expect(row.hasSuffix("  fits, 2.0 GB free\n"))
    #expect(
      row.range(of: "fits")?.lowerBound.utf16Offset(in: row)
        == heading[0].range(of: "memory")?.lowerBound.utf16Offset(in: heading[0]))
    outcome.cases[0].memoryCapacity = .init(5e9)
    #expect(table.row(outcome.cases[0]).hasSuffix("  exceeds by 1.0 GB\n"))
    #expect(!table.row(outcome.cases[0]).contains("\u{1b}"), "no colour but for terminals")
    let styled = CaseTable(outcome.scenario, isStyled: true)
    #expect(styled.row(outcome.cases[0]).contains("\u{1b}[31m"))
  }

  /// Long sentences are broken between words, at 100 columns with what stands before them.
  @Test func sentencesAreWrapped() {
    let text = DisplayText.wrapped(String(repeating: "word ", count: 60), indent: "    ")
    let lines = text.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("    word") && $0.count <= 100 })
    #expect(lines[0].count <= 96)
    #expect(text.split { $0.isWhitespace }.count == 60)
  }

  /// The words after the table.
  @Test func tableClosing() throws {
    var outcome = try Sample.outcome(["a", "b"])
    let table = CaseTable(outcome.scenario, isStyled: false)
    #expect(
      table.closing(outcome, files: ["x.csv", "y.csv"], folder: "out/small") == """

        Winner: a. It is alone.

        Held equal:
          - All is equal.

        Files in out/small: x.csv, y.csv

        """)
    outcome.winner = nil
    #expect(
      table.closing(outcome, files: [], folder: "")
        .hasPrefix("\nWinner: none. It is alone.\n"))
    outcome.cases.removeLast()
    #expect(table.closing(outcome, files: [], folder: "").hasPrefix("\nIt is alone.\n"))
  }

  /// Each origin in words, with comments below each other.
  @Test func resolvedText() throws {
    var scenario = try Sample.scenario()
    scenario.resolved = [
      ResolvedKey(path: "a.b", value: "1", origin: .file(line: 7)),
      ResolvedKey(path: "a.longer", value: "2 us", origin: .byDefault),
      ResolvedKey(path: "c", value: "x: y", origin: .commandLine),
      ResolvedKey(path: "d", value: "3", origin: .derived),
      ResolvedKey(path: "e", value: "4", origin: .catalogue(source: "S", status: "stated")),
    ]
    #expect(
      ByteWriter.text { ResolvedText.write(scenario, to: &$0) } == """
        # Every key of small as it was resolved, one a line, as --set takes it.
        a.b: 1          # file line 7
        a.longer: 2 us  # default
        c: "x: y"       # --set
        d: 3            # derived
        e: 4            # catalogue: S (stated)

        """)
  }

  private func isAbout(_ value: Any?, _ expected: Double) -> Bool {
    (value as? Double).map { abs($0 / expected - 1) < 1e-12 } ?? false
  }

  private func keys(of value: JSONValue) -> [String] {
    if case .object(let fields) = value { fields.map(\.key) } else { [] }
  }
}
