import Foundation
import Testing

@testable import Reporting

/// What the catalogue prints.
@Suite struct CatalogueReportTests {
  /// Every number of every part has a status and a source, and names do not repeat.
  @Test(arguments: CatalogueReport.Topic.allCases)
  func everyNumberHasItsSource(topic: CatalogueReport.Topic) throws {
    let report = CatalogueReport(topic)
    #expect(!report.entries.isEmpty)
    #expect(Set(report.entries.map(\.name)).count == report.entries.count)
    for number in report.entries.flatMap(\.numbers) {
      #expect(!number.source.isEmpty && !number.status.isEmpty, "\(number.key)")
    }
    _ = try JSONSerialization.jsonObject(with: Data(report.json.text.utf8))
    #expect(report.text.hasSuffix("\n"))
  }

  /// A line of people's text.
  @Test func gpuLines() {
    let text = CatalogueReport(.gpus).text
    #expect(text.hasPrefix("H800 SXM  (stated: as H100 SXM but for NVLink;"), "\(text.prefix(80))")
  }
}
