import Economics
import Quantities
import Testing

/// Prices, their dates and sources.
@Suite struct PriceCatalogueTests {
  static let nodes = ["h800", "h100", "h200", "h20", "a100", "b200", "gb200-nvl72", "mi300x"]

  /// The last price at or before a month; none before the first.
  @Test(arguments: [
    ("h800", "2024-12", 2.0), ("h800", "2030-01", 2), ("h800", "2024-11", nil),
    ("h100", "2024-09", 2.85), ("h100", "2024-10", 2.99), ("h100", "2025-09", 2.99),
    ("h100", "2025-10", 1.7), ("h100", "2026-04", 2.35), ("h100", "2023-05", nil),
    ("a100", "2026-05", 1.9), ("h20", "2026-05", nil), ("b200", "2026-07", nil),
    ("b200", "2026-08", 2.9), ("abacus", "2026-08", nil),
  ])
  func lookUp(node: String, month: String, rent: Double?) throws {
    let month = try #require(YearMonth(month))
    #expect(PriceCatalogue.rent(node: node, at: month)?.rent.value.value == rent)
  }

  /// Without a month the latest; three-year rents only where asked for or nothing else is known.
  @Test func contracts() {
    #expect(PriceCatalogue.rent(node: "h100")?.range == Dollars(1.99)...Dollars(5))
    #expect(PriceCatalogue.rent(node: "h100", contract: .threeYear)?.rent.value == Dollars(1.3))
    #expect(PriceCatalogue.rent(node: "h100", contract: .market)?.rent.value == Dollars(2.35))
    #expect(PriceCatalogue.rent(node: "b200")?.contract == .threeYear)
    #expect(PriceCatalogue.rent(node: "h800", contract: .threeYear) == nil)
  }

  /// Entries are in order of nodes and months, prices are positive and ranges hold their middle;
  /// the H100's rent does not only fall.
  @Test func rents() {
    for (entry, next) in zip(PriceCatalogue.rents, PriceCatalogue.rents.dropFirst())
    where entry.node == next.node {
      #expect(entry.month <= next.month)
    }
    for entry in PriceCatalogue.rents {
      #expect(Self.nodes.contains(entry.node))
      #expect(entry.rent.value > .zero && !entry.rent.source.isEmpty)
      #expect(entry.range?.contains(entry.rent.value) ?? true)
    }
    let h100 = PriceCatalogue.rents.filter { $0.node == "h100" && $0.contract == .market }
    #expect(zip(h100, h100.dropFirst()).contains { $0.rent.value < $1.rent.value })
  }

  /// Every node has every term, in bounds, with a source.
  @Test func ownershipTerms() throws {
    #expect(Set(PriceCatalogue.ownershipNodes) == Set(Self.nodes))
    for node in Self.nodes {
      let terms = try #require(OwnershipTerms(node: node))
      #expect(terms.faults.isEmpty)
      for term in OwnershipTerm.allCases {
        let fact = try #require(PriceCatalogue.ownership(term, node: node))
        #expect(!fact.source.isEmpty && fact.value == terms[term])
      }
      #expect(terms.maximumPower <= 1000 * terms.contractedPower)
      let board = try #require(PriceCatalogue.boardPower(node: node))
      #expect(board.maximum.value < terms.maximumPower && board.idle.value < terms.idlePower)
    }
    #expect(OwnershipTerms(node: "abacus") == nil)
    #expect(PriceCatalogue.ownership(.tariff, node: "abacus") == nil)
    #expect(PriceCatalogue.boardPower(node: "abacus") == nil)
  }

  /// Published alternatives lie in the bounds of their terms.
  @Test func figures() {
    for figure in PriceCatalogue.figures {
      #expect(figure.term.bounds.contains(figure.fact.value) && !figure.fact.source.isEmpty)
    }
  }

  /// The load of heavy use by its derivation: 76 % of 10.2 kW for eight, between rest and maximum.
  @Test func heavyLoad() throws {
    let terms = try #require(OwnershipTerms(node: "h100"))
    let watts = 0.76 * 10_200 / 8
    #expect(abs(terms.power.watts(load: terms.load) / watts - 1) < 0.002)
  }
}
