public import Quantities

/// A published price or rate with its date, that a user may put in place of a default.
public struct PublishedFigure: Sendable, Equatable {
  /// What it is, as a table names it.
  public var name: String
  /// The term it could be a value of.
  public var term: OwnershipTerm
  /// The month it is for, where one was named.
  public var month: YearMonth?
  /// The number, in the term's unit.
  public var fact: Fact<Double>
}

/// What others say owning a GPU costs.
public struct PublishedOwnership: Sendable, Equatable {
  /// Node, as scenarios name it.
  public var node: String
  /// For a young cloud, dollars a GPU-hour.
  public var neocloud: Fact<Dollars>
  /// For a large cloud, dollars a GPU-hour.
  public var hyperscaler: Fact<Dollars>
  /// Power a GPU at the meter, network and cooling included, kW.
  public var utilityKilowatts: Fact<Double>
}

extension PriceCatalogue {
  /// Prices and rates beside the defaults, by term and then by month.
  public static let figures: [PublishedFigure] = [
    figure(
      "H100 server, OEM with spares and NICs", .server, 310_000, .stated,
      "latent.space's cluster price sheet"),
    figure(
      "64-port InfiniBand switch, list", .networkSwitch, 50_000, .stated,
      "about 50,000 in list prices; secondary"),
    figure("large cloud", .costOfCapital, 0.08, .assumed, "recalled of large clouds"),
    figure("CoreWeave's accounts", .life, 6, .stated, "CoreWeave's accounts; secondary"),
    figure(
      "wholesale 2023", .colocation, 163.44, .stated, "US wholesale, 2023; secondary", "2023-06"),
    figure(
      "global Q1 2025", .colocation, 217.30, .stated, "global average, Q1 2025; secondary",
      "2025-03"),
    figure(
      "US H1 2025", .colocation, 184, .stated, "US, 250 to 500 kW, H1 2025; secondary", "2025-06"),
    figure(
      "tier-1 sites 2026", .colocation, 150, .derived, "middle of 140 to 160, 2026; secondary",
      "2026-06"),
    figure(
      "tier-2 sites 2026", .colocation, 125, .derived, "middle of 115 to 135, 2026; secondary",
      "2026-06"),
    figure("PaLM's site", .pue, 1.08, .stated, "arXiv 2204.02311 as quoted; secondary"),
    figure("large cloud", .pue, 1.1, .assumed, "recalled"),
    figure("US industry", .tariff, 0.085, .assumed, "recalled: 8 to 9 cents"),
    figure(
      "France", .carbonIntensity, 25 / 433.0, .derived,
      "BLOOM's training: 25 t for 433 MWh; secondary"),
  ]

  /// SemiAnalysis InferenceX's constants.
  public static let publishedOwnership: [PublishedOwnership] = [
    published("h100", 1.69, 1.30, 1.73), published("h200", 1.74, 1.41, 1.73),
    published("b200", 2.34, 1.95, 2.17), published("gb200-nvl72", 2.75, 2.21, 2.10),
    published("mi300x", 1.40, 1.12, 1.79),
  ]

  private static func published(
    _ node: String, _ neocloud: Double, _ hyperscaler: Double, _ kilowatts: Double
  ) -> PublishedOwnership {
    let source = "SemiAnalysis InferenceX, constants.ts (2026-08)"
    return PublishedOwnership(
      node: node, neocloud: Fact(Dollars(neocloud), .stated, source),
      hyperscaler: Fact(Dollars(hyperscaler), .stated, source),
      utilityKilowatts: Fact(kilowatts, .stated, source))
  }

  private static func figure(
    _ name: String, _ term: OwnershipTerm, _ value: Double, _ status: Status, _ source: String,
    _ month: String? = nil
  ) -> PublishedFigure {
    PublishedFigure(
      name: name, term: term, month: month.flatMap(YearMonth.init),
      fact: Fact(value, status, source))
  }
}
