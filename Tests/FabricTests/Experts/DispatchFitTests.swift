import Fabric
import Hardware
import Quantities
import Testing

@Suite struct DispatchFitTests {
  /// Every published row within 3 % from four numbers.
  @Test func thePublishedTableIsReproduced() throws {
    let fit = try DispatchFit()
    #expect(fit.rows.count == 8)
    for row in fit.rows { #expect(abs(row.error) < 0.03) }
    // The two-node rows wait for NVLink, those of more nodes for the NIC.
    #expect(fit.rows[2].bottleneck == .nvlinkOut)
    #expect(fit.rows[4].bottleneck == .nicOut)
    // What is physical: below peak, relaying no cheaper than sending, no negative time.
    #expect(fit.rates.nvlink < Bandwidth(200e9))
    #expect(fit.rates.nic < Bandwidth(50e9))
    #expect(fit.rates.relayCost >= 1)
    #expect(fit.launch.value >= 0)
  }

  /// The catalogue holds what the fit gives, rounded.
  @Test func theCatalogueHoldsTheFit() throws {
    let fit = try DispatchFit()
    let node = try #require(HardwareCatalogue.node(named: "h800"))
    let kept = ExchangeRates(node)
    #expect(abs(kept.nvlink.value - fit.nvlink.value) < 0.05e9)
    #expect(abs(kept.nic.value - fit.nic.value) < 0.05e9)
    #expect(abs(kept.relayCost - fit.relayCost.value) < 0.005)
    #expect(abs(kept.launch.seconds - fit.launch.value) < 0.5e-6)
    for row in DispatchFit.rows(of: kept) { #expect(abs(row.error) < 0.03) }
  }

  /// The same numbers by hand for 16 ranks: 8 of 256 experts visit 16 (1 - C(240,8) / C(256,8)) =
  /// 6.52 ranks and 1.993 of 2 nodes; over NVLink go 7/8 of the ranks' rows.
  @Test func twoNodesByHand() throws {
    func kept(_ left: Double) -> Double {
      (0..<8).reduce(1) { $0 * (left - Double($1)) / (256 - Double($1)) }
    }
    let ranks = 16 * (1 - kept(240))
    let nodes = 2 * (1 - kept(128))
    let rows = 4096 * 7392.0
    let rates = try DispatchFit().rates
    let nvlink = rows * ranks * 7 / 8 / rates.nvlink.value * rates.relayCost
    let seconds = nvlink + rates.launch.seconds + 3.7e-6
    let row = try #require(
      DispatchFit.rows(of: rates).first { $0.published.ranks == 16 && !$0.published.isCombine })
    #expect(abs(row.modelled.value / (rows * nodes / seconds) - 1) < 0.003)
  }
}
