import Economics
import Quantities

extension CatalogueReport {
  /// Rents by node, what owning a node rests on, other published figures, and published networks.
  static var prices: [Entry] {
    rents + [ownershipOfAnyNode] + PriceCatalogue.ownershipNodes.map(ownership(of:))
      + PriceCatalogue.figures.map(figure) + FabricExample.published.map(network)
  }

  /// Units that keys of prices end in, the longer before what they end in.
  static let priceUnits = [
    "_usd_per_gpu_hour", "_usd_per_gpu_year", "_usd_per_kw_month", "_usd_per_kwh",
    "_usd_per_endpoint", "_kg_per_kwh", "_usd", "_years", "_kw", "_w",
  ]

  /// The latest rent of each node as `rent_usd_per_gpu_hour`, and where there are several, all.
  private static var rents: [Entry] {
    var nodes: [String] = []
    for entry in PriceCatalogue.rents where !nodes.contains(entry.node) { nodes.append(entry.node) }
    return nodes.map { node in
      let known = PriceCatalogue.rents.filter { $0.node == node }
      var numbers: [Number] = []
      if let latest = PriceCatalogue.rent(node: node) {
        numbers.append(rent("rent_usd_per_gpu_hour", latest.rent))
      }
      if known.count > 1 {
        numbers += known.map { entry in
          let month = entry.month.description.replacing("-", with: "_")
          return rent(
            "rent_\(month)_\(entry.contract.rawValue)_usd_per_gpu_hour", entry.rent)
        }
      }
      return Entry(name: node, numbers: numbers)
    }
  }

  private static func rent(_ key: String, _ fact: Fact<Dollars>) -> Number {
    let dollars = fact.value.value
    return Number(
      key, fact, .number(dollars), "\(DisplayText.number(dollars, decimals: 2)) USD/GPU-hour")
  }

  private static let ownTerms: [OwnershipTerm] = [
    .server, .contractedPower, .idlePower, .maximumPower,
  ]

  /// Terms that have one value for all nodes.
  private static var ownershipOfAnyNode: Entry {
    let node = PriceCatalogue.ownershipNodes.first ?? ""
    return Entry(
      name: "own any node",
      numbers: OwnershipTerm.allCases.filter { !ownTerms.contains($0) }.compactMap { term in
        PriceCatalogue.ownership(term, node: node).map { number(term, $0) }
      })
  }

  /// Terms of one node, and what others say owning it costs.
  private static func ownership(of node: String) -> Entry {
    var numbers = ownTerms.compactMap { term in
      PriceCatalogue.ownership(term, node: node).map { number(term, $0) }
    }
    if let board = PriceCatalogue.boardPower(node: node) {
      numbers += [
        watts("board_idle_power_w", board.idle), watts("board_maximum_power_w", board.maximum),
      ]
    }
    if let published = PriceCatalogue.publishedOwnership.first(where: { $0.node == node }) {
      let power = published.utilityKilowatts
      numbers += [
        rent("published_neocloud_usd_per_gpu_hour", published.neocloud),
        rent("published_hyperscaler_usd_per_gpu_hour", published.hyperscaler),
        Number(
          "published_utility_power_kw", power, .number(power.value),
          DisplayText.short(power.value) + " kW/GPU"),
      ]
    }
    return Entry(name: "own \(node)", numbers: numbers)
  }

  private static func watts(_ key: String, _ fact: Fact<Double>) -> Number {
    Number(key, fact, .number(fact.value), DisplayText.short(fact.value) + " W/GPU")
  }

  private static func figure(_ figure: PublishedFigure) -> Entry {
    let words = figure.term.rawValue.split(separator: "_").joined(separator: " ")
    let month = figure.month.map { " \($0)" } ?? ""
    return Entry(
      name: "\(words)\(month): \(figure.name)", numbers: [number(figure.term, figure.fact)])
  }

  /// A published network's cost by endpoint, and what the catalogue's prices make of its counts.
  private static func network(_ example: FabricExample) -> Entry {
    let published = Fact(
      example.costPerEndpoint.value, .stated, "arXiv 2505.09343 (2025-05), Table 3")
    let priced = Fact(
      FabricPrices.published.costPerEndpoint(of: example).value, .derived,
      "\(example.switches) switches, \(example.interSwitchLinks) inter-switch links, "
        + "\(example.endpoints) endpoint links at the catalogue's prices, "
        + (example.isFitted ? "which were solved from fat trees" : "a prediction"))
    return Entry(
      name: "network \(example.name)",
      numbers: [
        dollars("published_usd_per_endpoint", published),
        dollars("priced_usd_per_endpoint", priced),
      ])
  }

  private static func dollars(_ key: String, _ fact: Fact<Double>) -> Number {
    Number(
      key, fact, .number(fact.value),
      DisplayText.number(fact.value, decimals: 0) + " USD/endpoint")
  }

  private static func number(_ term: OwnershipTerm, _ fact: Fact<Double>) -> Number {
    let unit = term.unit.isEmpty ? "" : " \(term.unit)"
    return Number(
      key(term), fact, .number(fact.value), DisplayText.short(fact.value) + unit)
  }

  /// A term's key in JSON, with its unit.
  private static func key(_ term: OwnershipTerm) -> String {
    let unit =
      switch term {
      case .server, .networkSwitch, .interSwitchLink, .endpointLink: "usd"
      case .life, .networkLife: "years"
      case .colocation: "usd_per_kw_month"
      case .contractedPower: "kw"
      case .idlePower, .maximumPower: "w"
      case .tariff: "usd_per_kwh"
      case .staff: "usd_per_gpu_year"
      case .carbonIntensity: "kg_per_kwh"
      case .otherShare, .costOfCapital, .load, .pue, .availability, .utilization: "ratio"
      }
    return "\(term.rawValue)_\(unit)"
  }
}
