public import Quantities

/// What a rent binds to.
public enum RentalContract: String, Sendable, CaseIterable {
  /// By the hour, of list prices.
  case onDemand = "on_demand"
  /// For about a year, or a price of the market at large.
  case market
  /// For three years.
  case threeYear = "three_year"
}

/// A rental price that was published.
public struct PublishedRent: Sendable, Equatable {
  /// Node it is for, as scenarios name it.
  public var node: String
  /// Month it was paid or published.
  public var month: YearMonth
  /// What it binds to.
  public var contract: RentalContract
  /// Dollars a GPU-hour; the middle, where a range was published.
  public var rent: Fact<Dollars>
  /// The published range.
  public var range: ClosedRange<Dollars>?
}

/// Prices that were published, each with its source and date.
///
///     PriceCatalogue.rent(node: "h100", at: YearMonth("2024-12"))?.rent.value    // $2.99
///     PriceCatalogue.ownership(.server, node: "h100")?.value                     // 270,000
public enum PriceCatalogue {
  /// The last rent of a node's GPU at or before a month, the latest of all without one; nil where
  /// none is known.
  ///
  /// Without a contract, three-year rents count only where no other is known by then: nobody signs
  /// three years for one training run.
  public static func rent(
    node: String, at month: YearMonth? = nil, contract: RentalContract? = nil
  ) -> PublishedRent? {
    let known = rents.filter { entry in
      entry.node == node && (month.map { entry.month <= $0 } ?? true)
        && (contract.map { entry.contract == $0 } ?? true)
    }
    let short = known.filter { $0.contract != .threeYear }
    let candidates = short.isEmpty ? known : short
    return candidates.reduce(nil) { last, entry in
      if let last, last.month > entry.month { last } else { entry }
    }
  }

  /// All rents, by node and then by month.
  public static let rents: [PublishedRent] = [
    rent(
      "h800", 2024, 12, .market, 2, .assumed,
      "arXiv 2412.19437, Table 1 (2024-12): the authors' assumption"),
    range(
      "h100", 2023, 6, .onDemand, 8, 12, "secondary reports of the year 2023, dated at its middle"),
    rent("h100", 2024, 2, .market, 2.85, .stated, "secondary reports of early 2024: about 2.85"),
    rent("h100", 2024, 10, .onDemand, 2.99, .stated, "secondary report of October 2024"),
    rent("h100", 2025, 10, .market, 1.70, .stated, "secondary report: one-year rent, October 2025"),
    rent("h100", 2026, 3, .market, 2.35, .stated, "secondary report: rents rise again, March 2026"),
    range("h100", 2026, 5, .onDemand, 1.99, 5, listPrices),
    rent("h100", 2026, 8, .threeYear, 1.30, .stated, inferenceX),
    rent("h200", 2025, 12, .onDemand, 34.61 / 8, .derived, awsBlocks + " before: 34.61 / 8"),
    rent("h200", 2026, 1, .onDemand, 39.80 / 8, .derived, awsBlocks + ": 39.80 / 8"),
    range("h200", 2026, 5, .onDemand, 2.50, 7, listPrices),
    rent("h200", 2026, 8, .threeYear, 1.60, .stated, inferenceX),
    rent(
      "a100", 2023, 7, .market, 1, .assumed, "the leaked report on GPT-4's training: about 1"),
    range("a100", 2026, 5, .onDemand, 0.80, 3, listPrices),
    rent("b200", 2026, 8, .threeYear, 2.90, .stated, inferenceX),
    rent("gb200-nvl72", 2026, 8, .threeYear, 3.30, .stated, inferenceX),
    range("mi300x", 2026, 5, .onDemand, 1.50, 1.99, listPrices),
    rent("mi300x", 2026, 8, .threeYear, 1.55, .stated, inferenceX),
  ]

  private static let inferenceX =
    "SemiAnalysis InferenceX, constants.ts (2026-08): three-year rent"
  private static let listPrices = "secondary report of list prices, May 2026"
  private static let awsBlocks = "AWS capacity blocks p5e, USD a node-hour, January 2026"

  private static func rent(
    _ node: String, _ year: Int, _ month: Int, _ contract: RentalContract, _ dollars: Double,
    _ status: Status, _ source: String
  ) -> PublishedRent {
    PublishedRent(
      node: node, month: YearMonth(known: year, month), contract: contract,
      rent: Fact(Dollars(dollars), status, source), range: nil)
  }

  private static func range(
    _ node: String, _ year: Int, _ month: Int, _ contract: RentalContract, _ low: Double,
    _ high: Double, _ source: String
  ) -> PublishedRent {
    var entry = rent(
      node, year, month, contract, (low + high) / 2, .derived,
      "middle of \(low) to \(high): \(source)")
    entry.range = Dollars(low)...Dollars(high)
    return entry
  }
}

extension YearMonth {
  /// A month of the catalogue, whose entries all have one.
  fileprivate init(known year: Int, _ month: Int) {
    self.year = year
    self.month = month
  }
}
