import Economics
import Quantities
import Testing

/// The cost of owning against closed forms and published figures.
@Suite struct OwnershipCostTests {
  /// Terms where all but what is set costs nothing and every hour is used.
  static func bare(_ set: (inout OwnershipTerms) -> Void) -> OwnershipTerms {
    var terms = OwnershipTerms { _ in 0 }
    terms.life = 4
    terms.networkLife = 4
    terms.pue = 1
    terms.availability = 1
    terms.utilization = 1
    set(&terms)
    return terms
  }

  static let oneGPU = FleetCount(gpus: 1, nodes: 1)
  static let fleet = FleetCount(
    gpus: 2_048, nodes: 256, switches: 96, interSwitchLinks: 2_048, endpointLinks: 2_048)

  static func relativeError(_ value: Double, _ reference: Double) -> Double {
    abs(value / reference - 1)
  }

  /// Price · r(1+r)ⁿ/((1+r)ⁿ-1) / 8760, to 1e-9, and within half a cent of a table made by
  /// hand (its second row is 1.3049, written as 1.31).
  @Test(arguments: [
    (34_000.0, 0.10, 4, 1.22), (34_000, 0.13, 4, 1.31), (34_000, 0.10, 5, 1.02),
    (38_000, 0.10, 4, 1.37), (38_000, 0.13, 4, 1.46), (38_000, 0.10, 5, 1.14),
    (49_200, 0.10, 4, 1.77), (49_200, 0.13, 4, 1.89), (49_200, 0.10, 5, 1.48),
  ])
  func capitalOfAnH100(price: Double, rate: Double, years: Int, printed: Double) {
    let cost = OwnershipCost(
      Self.oneGPU,
      Self.bare {
        $0.server = price
        $0.costOfCapital = rate
        $0.life = Double(years)
      })
    let growth = (0..<years).reduce(1.0) { product, _ in product * (1 + rate) }
    let formula = price * rate * growth / (growth - 1) / 8_760
    #expect(Self.relativeError(cost.perGPUHour.value, formula) < 1e-9)
    #expect(abs(cost.perGPUHour.value - printed) < 0.0052)
  }

  /// 12 months · USD/kW-month · 1.275 kW / 8760 hours, to 1e-9, and rounded to mills.
  @Test(arguments: [(130.0, 0.227), (165, 0.288), (184, 0.321), (217, 0.379)])
  func colocationOfAnH100(price: Double, printed: Double) {
    let cost = OwnershipCost(
      Self.oneGPU,
      Self.bare {
        $0.colocation = price
        $0.contractedPower = 1.275
      })
    #expect(Self.relativeError(cost.perGPUHour.value, 12 * price * 1.275 / 8_760) < 1e-9)
    #expect((cost.perGPUHour.value * 1000).rounded() / 1000 == printed)
  }

  /// 8 cents · PUE 1.25 · 80 % of 1.275 kW = 10.2 cents an hour.
  @Test func electricityOfAnH100() {
    let terms = Self.bare {
      $0.tariff = 0.08
      $0.pue = 1.25
      $0.maximumPower = 1_275
      $0.load = 0.8
    }
    #expect(abs(OwnershipCost(Self.oneGPU, terms).perGPUHour.value - 0.102) < 1e-9)
  }

  /// $38K, 13 % over 4 years, $130 a kW-month: 1.46 + 0.23 + 0.10 = $1.79 a GPU-hour. InferenceX
  /// says $1.69 for a young cloud: a prediction 5.8 % high, where 6 % is what is asked.
  @Test func youngCloud() throws {
    let terms = Self.bare {
      $0.server = 38_000
      $0.costOfCapital = 0.13
      $0.colocation = 130
      $0.contractedPower = 1.275
      $0.tariff = 0.08
      $0.pue = 1.25
      $0.maximumPower = 1_275
      $0.load = 0.8
    }
    let cost = OwnershipCost(Self.oneGPU, terms)
    let growth = 1.13 * 1.13 * 1.13 * 1.13
    let formula =
      (38_000 * 0.13 * growth / (growth - 1) + 12 * 130 * 1.275) / 8_760
      + 1.275 * 0.8 * 1.25 * 0.08
    #expect(Self.relativeError(cost.perGPUHour.value, formula) < 1e-9)
    #expect((cost.perGPUHour.value * 100).rounded() / 100 == 1.79)
    let published = try #require(
      PriceCatalogue.publishedOwnership.first { $0.node == "h100" }?.neocloud.value)
    #expect(abs(cost.perGPUHour / published - 1) < 0.06)
  }

  /// The catalogue's own prices at full use, without storage and staff, against what InferenceX says
  /// a young cloud pays. H200 and GB200 are furthest, 16 % either way; only the guess at an MI300X's
  /// price was made with InferenceX's figure in sight.
  @Test(arguments: [
    ("h100", 8.0), ("h200", 16), ("b200", -1), ("gb200-nvl72", -16), ("mi300x", 4),
  ])
  func cataloguePrices(node: String, percent: Double) throws {
    var terms = try #require(OwnershipTerms(node: node))
    terms.utilization = 1
    terms.availability = 1
    terms.otherShare = 0
    terms.staff = 0
    let gpus = node == "gb200-nvl72" ? 72 : 8
    let fleet = FleetCount(
      gpus: 2_304, nodes: 2_304 / gpus, switches: 108, interSwitchLinks: 2_304,
      endpointLinks: 2_304)
    let published = try #require(
      PriceCatalogue.publishedOwnership.first { $0.node == node }?.neocloud.value)
    let error = OwnershipCost(fleet, terms).perGPUHour / published - 1
    #expect((error * 100).rounded() == percent)
  }

  /// The figures of the type's example.
  @Test func example() throws {
    let cost = OwnershipCost(Self.fleet, try #require(OwnershipTerms(node: "h100")))
    #expect((cost.capital.value / 1e6).rounded() == 89)
    #expect((cost.perGPUHour.value * 100).rounded() == 264)
    #expect((cost.perGPUHour(.servers).value * 100).rounded() == 165)
    #expect(cost.breakEvenMonths(rent: Dollars(3.5)).map { $0.rounded() } == 32)
  }

  /// Availability and utilization divide what is paid by the year, and energy only in so far as the
  /// unused hours draw power at rest: [capital + building + staff] / (8760 · a · u) + kWh.
  @Test func unusedHours() {
    var terms = Self.bare {
      $0.server = 40_000
      $0.costOfCapital = 0.1
      $0.colocation = 150
      $0.contractedPower = 1.3
      $0.staff = 500
      $0.tariff = 0.1
      $0.pue = 1.2
      $0.maximumPower = 1_000
      $0.load = 1
      $0.availability = 0.96
      $0.utilization = 0.75
    }
    let growth = 1.1 * 1.1 * 1.1 * 1.1
    let yearly = 40_000 * 0.1 * growth / (growth - 1) + 12 * 150 * 1.3 + 500
    let formula = yearly / (8_760 * 0.96 * 0.75) + 0.12
    #expect(
      Self.relativeError(OwnershipCost(Self.oneGPU, terms).perGPUHour.value, formula) < 1e-9)
    terms.idlePower = 200
    let idle = 0.2 * 1.2 * 0.1 * (1 - 0.72) / 0.72
    let cost = OwnershipCost(Self.oneGPU, terms)
    #expect(Self.relativeError(cost.perGPUHour.value, formula + idle) < 1e-9)
    #expect(Self.relativeError(cost.perGPUHour(.idleEnergy).value, idle) < 1e-9)
    let hours = (1.0 * 0.72 + 0.2 * 0.28) * 1.2 * 8_760
    #expect(Self.relativeError(cost.kilowattHoursPerYear, hours) < 1e-9)
  }

  /// All parts of a cluster sum to its total to the last bit, by year and by GPU-hour alike, and
  /// capital is what the counts cost.
  @Test(arguments: PriceCatalogue.ownershipNodes)
  func everythingAddsUp(node: String) throws {
    let terms = try #require(OwnershipTerms(node: node))
    #expect(terms.faults.isEmpty)
    let cost = OwnershipCost(Self.fleet, terms)
    #expect(cost.waterfall.reduce(.zero) { $0 + $1.perGPUHour } == cost.perGPUHour)
    #expect(cost.waterfall.map(\.part) == OwnershipPart.allCases)
    #expect(
      Self.relativeError(
        cost.perGPUHour.value * cost.gpuHoursPerYear,
        (cost.capitalRecoveryPerYear + cost.operatingPerYear).value) < 1e-12)
    let parts = OwnershipPart.allCases.reduce(Dollars.zero) { $0 + cost.capital($1) }
    #expect(Self.relativeError(parts.value, cost.capital.value) < 1e-12)
    let bought = 256 * terms.server + 96 * terms.networkSwitch
    let cables = 2_048 * (terms.interSwitchLink + terms.endpointLink)
    #expect(Self.relativeError(cost.capital.value, (bought + cables) * 1.14) < 1e-12)
    #expect(cost.cost(gpuHours: 1_000) == cost.perGPUHour * 1_000)
    let outlay = cost.capital.value + 4 * cost.operatingPerYear.value
    #expect(Self.relativeError(cost.outlay().value, outlay) < 1e-12)
  }

  /// The network's share: $9M of 2,048 H100's network over $69.12M of servers is 11.5 % before
  /// storage, which is no network: 11.5 % / 1.14 after it.
  @Test func networkShare() throws {
    var terms = try #require(OwnershipTerms(node: "h100"))
    let network = 72e6 / 16_384 * 2_048
    let servers = 256 * 270_000.0
    let share = network / (network + servers)
    #expect(
      Self.relativeError(OwnershipCost(Self.fleet, terms).networkShare, share / 1.14) < 1e-9)
    terms.otherShare = 0
    #expect(Self.relativeError(OwnershipCost(Self.fleet, terms).networkShare, share) < 1e-9)
    #expect((share * 1000).rounded() == 115)
  }

  /// The published price sheet's all-in dollars an H100, at its server of $310K: 2,048 GPUs are what
  /// the share of storage was derived from, the others are predictions.
  @Test(arguments: [
    (2_048, false, 49_200.0, 0.001), (8_192, false, 48_000, 0.03),
    (32_768, true, 51_600, 0.03), (512, false, 46_900, 0.05),
  ])
  func allInCapital(gpus: Int, hasThreeLayers: Bool, published: Double, tolerance: Double) throws {
    var terms = try #require(OwnershipTerms(node: "h100"))
    terms.server = 310_000
    let fleet = FleetCount(
      gpus: gpus, nodes: gpus / 8, switches: gpus / 64 * (hasThreeLayers ? 5 : 3),
      interSwitchLinks: gpus * (hasThreeLayers ? 2 : 1), endpointLinks: gpus)
    let each = OwnershipCost(fleet, terms).capital / Double(gpus)
    #expect(abs(each.value / published - 1) < tolerance, "\(each.value)")
  }
}

/// When owning becomes cheaper than renting.
@Suite struct BreakEvenTests {
  static func h100(_ set: (inout OwnershipTerms) -> Void = { _ in }) throws -> OwnershipCost {
    var terms = try #require(OwnershipTerms(node: "h100"))
    set(&terms)
    return OwnershipCost(OwnershipCostTests.fleet, terms)
  }

  /// A rent of what owning costs is matched at the end of the life, whatever lives and interest;
  /// a cent less never is.
  @Test(arguments: [(0.13, 4.0, 4.0), (0.08, 6, 6), (0, 5, 5), (0.1, 4, 7)])
  func lastsTheLifeAtCost(rate: Double, life: Double, network: Double) throws {
    let cost = try Self.h100 {
      $0.costOfCapital = rate
      $0.life = life
      $0.networkLife = network
    }
    let months = try #require(cost.breakEvenMonths(rent: cost.perGPUHour))
    #expect(abs(months / (12 * life) - 1) < 1e-9)
    #expect(cost.breakEvenMonths(rent: cost.perGPUHour - Dollars(0.01)) == nil)
  }

  /// Without interest: price over what a month saves.
  @Test func withoutInterest() throws {
    let cost = try Self.h100 { $0.costOfCapital = 0 }
    let saving = 4 * cost.gpuHoursPerYear - cost.operatingPerYear.value
    let months = try #require(cost.breakEvenMonths(rent: Dollars(4)))
    #expect(abs(months / (cost.capital.value / saving * 12) - 1) < 1e-9)
  }

  /// With interest: a rent whose yearly saving pays a loan of the price back in two years, counted
  /// year by year, breaks even after 24 months.
  @Test func twoYears() throws {
    let cost = try Self.h100()
    let saving = cost.capital.value * 1.13 * 1.13 / (1 + 1.13)
    var owed = cost.capital.value
    for _ in 0..<2 { owed = owed * 1.13 - saving }
    #expect(abs(owed) < 1e-6 * cost.capital.value)
    let rent = Dollars((saving + cost.operatingPerYear.value) / cost.gpuHoursPerYear)
    let months = try #require(cost.breakEvenMonths(rent: rent))
    #expect(abs(months / 24 - 1) < 1e-9)
  }

  /// A rent below the operating cost is never beaten, and a higher rent is beaten sooner.
  @Test func higherRentIsBeatenSooner() throws {
    let cost = try Self.h100()
    #expect(cost.breakEvenMonths(rent: Dollars(0.3)) == nil)
    #expect(cost.breakEvenMonths(rent: Dollars(-1)) == nil)
    let months = [3.0, 3.5, 5, 10].compactMap { cost.breakEvenMonths(rent: Dollars($0)) }
    #expect(months.count == 4)
    #expect(zip(months, months.dropFirst()).allSatisfy { $0 > $1 })
  }

  /// At the break-even utilization a GPU-hour costs the rent.
  @Test(arguments: [2.35, 2.7, 3.5, 8])
  func utilization(rent: Double) throws {
    let cost = try Self.h100()
    let utilization = try #require(cost.breakEvenUtilization(rent: Dollars(rent)))
    #expect(utilization > 0 && utilization < 1)
    let there = try Self.h100 { $0.utilization = utilization }
    #expect(abs(there.perGPUHour.value / rent - 1) < 1e-9)
    #expect(cost.breakEvenUtilization(rent: Dollars(0.5)) == nil)
  }
}
