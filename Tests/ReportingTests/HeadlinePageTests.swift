import Foundation
import Testing

@testable import Reporting
@testable import Scenarios

#if canImport(FoundationXML)
  import FoundationXML
#endif

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
    #expect(page.contains("<th scope=\"col\">GPU-hours</th>"))
    let table = try String(contentsOfFile: files[1], encoding: .utf8)
    #expect(table.split(separator: "\n").count == 3)
    #expect(
      table.hasPrefix("scenario,claim,source,status,basis,figure,claimed,fathom,error_ratio,"))
  }

  /// A run has its hours, days and dollars in the terminal, with a claim or without.
  @Test func everyRunHasARow() throws {
    var bare = try report()
    bare.headline = nil
    bare.cost.plan.name = "bare"
    let text = HeadlinePage([try report(), bare]).text
    let lines = text.split(separator: "\n").map(String.init)
    let rows = lines.filter { $0.hasPrefix("  bare ") || $0.hasPrefix("  stated ") }
    #expect(rows.count == 3, "two runs and one claim")
    // 100 GPU-hours on 16 GPUs at 2 USD.
    #expect(rows.prefix(2).allSatisfy { $0.contains("100") && $0.contains("0.260") })
    #expect(rows.prefix(2).allSatisfy { $0.contains("200") })
    #expect(text.contains("  Includes: <i>.") && text.contains("+25.0 %"))
    let page = ByteWriter.text { HeadlinePage([bare]).writePage(to: &$0) }
    #expect(page.contains("<td class=\"n\">100<br>") && page.contains("<td class=\"n\">200<br>"))
    #expect(page.contains("no claim"))
  }

  /// The page is well-formed: read as XML, but for the two elements that HTML does not close.
  @Test func pageIsWellFormed() throws {
    var other = try report()
    other.headline = nil
    let pages = HeadlinePage([try report(), other])
    var page = ByteWriter.text { pages.writePage(to: &$0) }
    page = page.replacing(/<(meta[^>]*|br)>/) { "<\($0.output.1)/>" }
    let reader = CellCounter()
    let parser = XMLParser(data: Data(page.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(parser.parserError?.localizedDescription ?? "")")
    // Head, claim, why, no claim: each as wide as the head.
    #expect(reader.widths == [11, 11, 11, 11])
  }

  /// Characters that turn the direction of writing, or are none that show, do not pass.
  @Test func controlsDoNotPass() {
    #expect(HeadlinePage.escaped("a\u{202E}b\u{2066}c\u{7F}\u{9B}d\u{1B}e") == "abc  d e")
  }

  /// The claim stands beside the figure with the signed error, in text and in JSON.
  @Test func claimIsToldBesideTheFigure() throws {
    let report = try report()
    #expect(report.text.contains("+25.0 %"))
    #expect(report.text.contains("Includes: <i>."))
    #expect(report.json.text.contains("\"error_ratio\": 0.25"))
  }
}

/// Counts the cells of each row of a table, over all columns that they span.
private final class CellCounter: NSObject, XMLParserDelegate {
  var widths: [Int] = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    if name == "tr" { widths.append(0) }
    guard name == "td" || name == "th", let last = widths.indices.last else { return }
    widths[last] += attributes["colspan"].flatMap(Int.init) ?? 1
  }
}
