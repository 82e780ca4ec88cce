import Economics
import Quantities
import Testing

/// What is refused, and in which words.
@Suite struct OwnershipFaultTests {
  static func faults(_ term: OwnershipTerm, _ value: Double) throws -> [OwnershipFault] {
    var terms = try #require(OwnershipTerms(node: "h100"))
    terms[term] = value
    return terms.faults
  }

  @Test(arguments: [
    (
      OwnershipTerm.server, -1.0,
      "server is -1 USD/node, but must be 0 or more and at most 1000000000; such as 270000 for "
        + "eight H100"
    ),
    (.life, 0, "life is 0 years, but must be 0.0833 or more and at most 100; such as 4"),
    (
      .utilization, 1.5,
      "utilization is 1.5, but must be 0.01 or more and at most 1; such as 0.8 for 80 percent"
    ),
    (.pue, 0.9, "pue is 0.9, but must be 1 or more and at most 10; such as 1.25"),
    (
      .costOfCapital, 13,
      "cost_of_capital is 13 a year, but must be 0 or more and at most 1; such as 0.1 for ten "
        + "percent"
    ),
    (.tariff, .nan, "tariff is not a finite number; write one, such as 0.08"),
    (
      .maximumPower, 100,
      "idle_power is 248 W/GPU and maximum_power 100 W/GPU, but a server draws no more at rest "
        + "than at full load; lower the first or raise the second"
    ),
  ])
  func sentence(term: OwnershipTerm, value: Double, sentence: String) throws {
    #expect(try Self.faults(term, value).map(\.description) == [sentence])
  }

  /// Every term refuses what lies out of its bounds and takes both ends of them.
  @Test(arguments: OwnershipTerm.allCases)
  func bounds(term: OwnershipTerm) throws {
    let bounds = term.bounds
    for value in [-1, -.infinity, .infinity, bounds.most.nextUp, bounds.least.nextDown] {
      #expect(try !Self.faults(term, value).isEmpty, "\(value)")
    }
    #expect(bounds.contains(bounds.least) && bounds.contains(bounds.most))
  }

  /// All faults at once, in order.
  @Test func allAtOnce() {
    let faults = OwnershipTerms { _ in -1 }.faults
    #expect(faults.count == OwnershipTerm.allCases.count)
    #expect(faults.first == .outOfBounds(.server, value: -1))
  }

  /// Counts that no cluster has.
  @Test func counts() {
    #expect(FleetCount(gpus: 8, nodes: 1).faults.isEmpty)
    let faults = FleetCount(gpus: 0, nodes: 1, switches: -1).faults
    #expect(
      faults.map(\.description) == [
        "a cluster of 0 GPUs cannot be bought; it takes at least 1",
        "a cluster of -1 switches cannot be bought; it takes at least 0",
      ])
  }

  /// Nothing traps on nonsense.
  @Test func nonsense() {
    for value in [-1, 0, .nan, .infinity, 1e308, -1e308] {
      let terms = OwnershipTerms { _ in value }
      for count in [Int.min, -1, 0, Int.max] {
        let cost = OwnershipCost(
          FleetCount(
            gpus: count, nodes: count, switches: count, interSwitchLinks: count,
            endpointLinks: count), terms)
        _ = cost.perGPUHour
        _ = cost.breakEvenMonths(rent: cost.perGPUHour)
        _ = cost.breakEvenUtilization(rent: Dollars(value))
        _ = cost.outlay()
        _ = MixedOwnership([cost, cost]).gpus
      }
    }
  }
}
