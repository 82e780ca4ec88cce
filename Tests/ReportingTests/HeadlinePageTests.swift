import Foundation
import Reporting
import Testing

@testable import Scenarios

/// The page of several claims.
@Suite struct HeadlinePageTests {
  private static let text = """
    format: 1
    name: stated
    cluster: {node: h100, nodes: 2}
    run: {stages: [{stage: stated, name: '<b>&', gpu_hours: 100, source: x}]}
    price: {rent: 2 USD/GPU-hour}
    headline:
      claim: '<script>&"'
      source: s
      status: quoted
      basis: arithmetic
      figure: gpu_hours
      value: 80
      includes: ['<i>']
      differs_because: [rounding]
    """

  private func report() throws -> CostReport {
    let plan = try CostPlan.load(try Document(text: Self.text, file: "s.yaml"))
    return CostReport(try CostStudy(plan).run(), nil)
  }

  /// The page holds every claim, without a letter that HTML would read as its own.
  @Test func pageEscapesWhatItIsGiven() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "fathom-headlines-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let report = try report()
    let files = try HeadlinePage([report, report]).write(in: folder.path())
    #expect(
      files.map { URL(filePath: $0).lastPathComponent } == [
        "why-the-numbers-differ.html", "why-the-numbers-differ.csv",
      ])
    let page = try String(contentsOfFile: files[0], encoding: .utf8)
    #expect(!page.contains("<script") && !page.contains("<i>"))
    #expect(page.contains("&lt;script&gt;&amp;&quot;") && page.contains("<li>&lt;i&gt;</li>"))
    #expect(page.contains("prefers-color-scheme: dark") && page.contains("@media print"))
    let table = try String(contentsOfFile: files[1], encoding: .utf8)
    #expect(table.split(separator: "\n").count == 3)
    #expect(
      table.hasPrefix("scenario,claim,source,status,basis,figure,claimed,fathom,error_ratio,"))
  }

  /// The claim stands beside the figure with the signed error, in text and in JSON.
  @Test func claimIsToldBesideTheFigure() throws {
    let report = try report()
    #expect(report.text.contains("+25.0 %"))
    #expect(report.text.contains("Includes: <i>."))
    #expect(report.json.text.contains("\"error_ratio\": 0.25"))
  }
}
