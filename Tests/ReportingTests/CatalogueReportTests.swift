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

  /// Counts of the largest networks, as arXiv 2505.09343 prints them in Table 3, and NICs of nodes.
  @Test(arguments: [
    ("fabric fat-tree", "switches", 96), ("fabric fat-tree", "inter_switch_links", 2_048),
    ("fabric multi-plane-fat-tree", "switches", 768),
    ("fabric multi-plane-fat-tree", "endpoints", 16_384),
    ("fabric fat-tree-3", "switches", 5_120), ("fabric fat-tree-3", "inter_switch_links", 131_072),
    ("fabric single-switch", "layers", 1), ("node h800", "nics", 8),
    ("node gb200-nvl72", "nics", 72),
  ])
  func clusterCounts(name: String, key: String, count: Int) throws {
    let entry = try #require(CatalogueReport(.clusters).entries.first { $0.name == name })
    let number = try #require(entry.numbers.first { $0.key == key })
    #expect(number.value.text == "\(count)\n")
  }
}
