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

  /// Prices by key: the rent of today, one of its history, and the terms of owning; every key ends in
  /// its unit and none comes twice in an entry.
  @Test(arguments: [
    ("h800", "rent_usd_per_gpu_hour", 2.0),
    ("h100", "rent_2024_10_on_demand_usd_per_gpu_hour", 2.99),
    ("own h100", "server_usd", 270_000), ("own any node", "life_years", 4),
    ("own h100", "published_neocloud_usd_per_gpu_hour", 1.69),
    ("colocation 2025-06: US H1 2025", "colocation_usd_per_kw_month", 184),
    ("network Slim Fly", "published_usd_per_endpoint", 4_400),
  ])
  func prices(name: String, key: String, value: Double) throws {
    let report = CatalogueReport(.prices)
    let entry = try #require(report.entries.first { $0.name == name })
    let number = try #require(entry.numbers.first { $0.key == key })
    let text = number.value.text.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(Double(text) == value)
    for entry in report.entries {
      #expect(Set(entry.numbers.map(\.key)).count == entry.numbers.count)
      for number in entry.numbers {
        let hasUnit = (CatalogueReport.priceUnits + ["_ratio"]).contains(
          where: number.key.hasSuffix)
        #expect(hasUnit, "\(number.key)")
      }
    }
  }
}
