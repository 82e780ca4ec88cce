import Economics
import Quantities
import Testing

/// Energy and carbon of runs.
@Suite struct EnergyTests {
  /// Power is a straight line from rest to the maximum: 250 + 0.9 · 800 = 970 W.
  @Test func straightLine() {
    let draw = PowerDraw(idleWatts: 250, maximumWatts: 1_050)
    #expect(abs(draw.watts(load: 0.9) - 970) < 1e-9)
    #expect(draw.watts(load: 0) == 250)
    #expect(draw.watts(load: 1) == 1_050)
    #expect(abs(draw.kilowattHours(gpuHours: 1_000, load: 0.9, pue: 1.25) - 1_212.5) < 1e-9)
  }

  /// DeepSeek-V3's pre-training at an H100 server's highest draw: 2.664M h · 1.05 kW · 1.25 = 3.5
  /// GWh; at the load of heavy use 8 % less.
  @Test func deepSeekV3() throws {
    let terms = try #require(OwnershipTerms(node: "h800"))
    let most = terms.kilowattHours(gpuHours: 2.664e6, load: 1)
    #expect(abs(most / (2.664e6 * 1.05 * 1.25) - 1) < 1e-9)
    #expect(abs(most / 3.5e6 - 1) < 0.002)
    #expect(abs(terms.kilowattHours(gpuHours: 2.664e6) / most - 0.924) < 0.001)
  }

  /// What reports say that multiply GPU-hours by design power, and how far above it the whole server
  /// at the load of heavy use is, before cooling: BLOOM (433 MWh, 1,082,990 A100-hours) 0.0 % and
  /// +75 %; Llama 3.1 405B (21.6 GWh, 30.84M H100-hours) -0.1 % and +38 %.
  @Test(arguments: [
    ("a100", 1_082_990, 433e3, 0.0, 74.6), ("h100", 30.84e6, 21.6e6, -0.1, 38),
  ])
  func reports(
    node: String, gpuHours: Double, published: Double, board: Double, server: Double
  ) throws {
    let alone = try #require(PriceCatalogue.boardPower(node: node))
    let boards = PowerDraw(
      idleWatts: alone.idle.value, maximumWatts: alone.maximum.value)
    let low = boards.kilowattHours(gpuHours: gpuHours, load: 1, pue: 1)
    #expect(abs((low / published - 1) * 100 - board) < 0.06, "\(low)")
    let terms = try #require(OwnershipTerms(node: node))
    let high = terms.power.kilowattHours(gpuHours: gpuHours, load: terms.load, pue: 1)
    #expect(abs((high / published - 1) * 100 - server) < 0.6, "\(high)")
  }

  /// A kWh's carbon: BLOOM's 25 t on the French grid, and the 8,930 t of Llama 3.1 405B that the
  /// assumed US grid was taken from.
  @Test func carbon() throws {
    var terms = try #require(OwnershipTerms(node: "h100"))
    #expect(abs(terms.tonnesOfCarbon(kilowattHours: 21.6e6) / 8_930 - 1) < 0.002)
    let french = try #require(PriceCatalogue.figures.first { $0.name == "France" })
    terms[french.term] = french.fact.value
    #expect(abs(terms.tonnesOfCarbon(kilowattHours: 433e3) - 25) < 1e-9)
    let cost = OwnershipCost(OwnershipCostTests.oneGPU, terms)
    #expect(cost.tonnesOfCarbonPerYear == terms.carbonIntensity * cost.kilowattHoursPerYear / 1000)
  }
}

/// Several clusters under one owner.
@Suite struct MixedOwnershipTests {
  static let hopper = [("h800", 10_000), ("h100", 10_000), ("h20", 30_000), ("a100", 10_000)]

  static func clusters() throws -> MixedOwnership {
    MixedOwnership(
      try hopper.map { node, gpus in
        OwnershipCost(
          FleetCount(
            gpus: gpus, nodes: gpus / 8, switches: gpus * 3 / 64, interSwitchLinks: gpus,
            endpointLinks: gpus), try #require(OwnershipTerms(node: node)))
      })
  }

  /// Sums of its clusters.
  @Test func sums() throws {
    let all = try Self.clusters()
    #expect(all.gpus == 60_000)
    #expect(all.capital == all.clusters.reduce(.zero) { $0 + $1.capital })
    let outlay = all.clusters.reduce(Dollars.zero) { $0 + $1.outlay(years: 4) }
    #expect(abs(all.outlay(years: 4) / outlay - 1) < 1e-12)
    let one = MixedOwnership([all.clusters[0]])
    #expect(abs(one.perGPUHour / all.clusters[0].perGPUHour - 1) < 1e-12)
    #expect(abs(one.networkShare / all.clusters[0].networkShare - 1) < 1e-12)
  }

  /// SemiAnalysis's view of DeepSeek: $1,629M of capital and $944M to run 60,000 GPUs over four
  /// years, $2,573M. The catalogue's prices, most of them assumed for these nodes, give 13 % more and
  /// 25 % less, so that a total within 1 % is luck.
  @Test func semiAnalysisView() throws {
    let all = try Self.clusters()
    let capital = all.capital.value / 1_629e6 - 1
    let operating = all.operatingPerYear.value * 4 / 944e6 - 1
    let total = all.outlay(years: 4).value / 2_573e6 - 1
    #expect([capital, operating, total].map { ($0 * 100).rounded() } == [13, -25, -1])
  }
}
