import Quantities
import Testing

@testable import Economics

/// Networks' prices against arXiv 2505.09343, Table 3.
@Suite struct FabricPricesTests {
  /// Two rows are what the link prices were solved from, and a third is one of them in small; Slim
  /// Fly and Dragonfly are predictions. All within 3 % of what is printed.
  @Test(arguments: FabricExample.published)
  func publishedTable(row: FabricExample) {
    let cost = FabricPrices.published.costPerEndpoint(of: row)
    #expect(abs(cost / row.costPerEndpoint - 1) < 0.03, "\(row.name): \(cost.value)")
    let total = FabricPrices.published.cost(
      switches: row.switches, interSwitchLinks: row.interSwitchLinks,
      endpointLinks: row.endpoints)
    #expect(abs(total / row.cost - 1) < 0.03, "\(row.name): \(total.value)")
    #expect(row.isFitted == row.name.hasSuffix("fat tree"))
  }

  /// The predictions' signed errors: +0.5 % and +1.4 % by endpoint as printed in two digits.
  @Test func predictions() throws {
    let errors = FabricExample.published.filter { !$0.isFitted }.map {
      FabricPrices.published.costPerEndpoint(of: $0) / $0.costPerEndpoint - 1
    }
    #expect(errors.map { ($0 * 1000).rounded() / 10 } == [0.5, 1.4])
  }

  /// By hand: S/32 + C is what the third layer adds, $491M / 65,536 - $72M / 16,384 = $3,098.
  @Test func solvedLinks() {
    let prices = FabricPrices.published
    let added = 491e6 / 65_536 - 72e6 / 16_384
    #expect(abs(prices.interSwitchLink.value - (added - 36_000 / 32)) < 1e-9)
    let host = 72e6 / 16_384 - 36_000.0 * 3 / 64 - prices.interSwitchLink.value
    #expect(abs(prices.endpointLink.value - host) < 1e-9)
    #expect(prices.interSwitchLink.value.rounded() == 1_973)
    #expect(prices.endpointLink.value.rounded() == 734)
  }

  /// The predictions do not rest on the switch's price: from $30K to $50K they stay within 3 %.
  @Test(arguments: [30_000.0, 40_000, 50_000])
  func otherSwitchPrices(price: Double) throws {
    let prices = try #require(
      FabricPrices(
        networkSwitch: Dollars(price), matching: FabricExample.multiPlane,
        FabricExample.threeLayer))
    for row in FabricExample.published {
      #expect(abs(prices.costPerEndpoint(of: row) / row.costPerEndpoint - 1) < 0.03, "\(row.name)")
    }
  }

  /// Two networks alike leave the two link prices open.
  @Test func unsolvable() {
    let row = FabricExample.published[0]
    #expect(FabricPrices(networkSwitch: Dollars(36_000), matching: row, row) == nil)
  }
}
