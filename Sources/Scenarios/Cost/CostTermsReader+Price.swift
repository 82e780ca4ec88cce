import Economics
import Hardware
import Quantities
import Statistics

/// Reads the table `price`: what a GPU-hour costs, rented and owned.
extension CostTermsReader {
  mutating func readPrice() {
    let month = readDate()
    if keys.has("price.rent") {
      if keys.has("price.date") {
        keys.report(.cost(.oneOf(key: "price.date", other: "price.rent")), at: "price.date")
      }
      terms.rent = input("price.rent", .pricePerGPUHour, in: 0.01...1_000_000)
    } else if let node, let price = PriceCatalogue.rent(node: node.name, at: month) {
      let rent = price.rent.value.value
      let spread: Spread =
        price.range.map { .uniform(from: $0.lowerBound.value, to: $0.upperBound.value) }
        ?? .exactly(rent)
      terms.rent = input(
        "price.rent", .pricePerGPUHour, in: 0.01...1_000_000, default: spread, price.rent.status,
        "\(price.month): \(price.rent.source)")
    } else if let node, keys.has("price.date") {
      keys.report(.cost(.noPrice(key: "price.rent", node: node.name)), at: "price.date")
    }
    readOwnership()
  }

  private mutating func readDate() -> YearMonth? {
    guard let text = keys.word("price.date") else { return nil }
    let month = YearMonth(text)
    if month == nil {
      keys.report(
        .cost(.noMonth(key: "price.date", value: keys.quoted("price.date"))), at: "price.date")
    }
    return month
  }

  private mutating func readOwnership() {
    guard let node else { return }
    let name = PriceCatalogue.ownershipNodes.contains(node.name) ? node.name : "h100"
    var references: [InputReference] = []
    for term in OwnershipTerm.allCases {
      guard var fact = PriceCatalogue.ownership(term, node: name) else { return }
      if name != node.name {
        fact.status = .assumed
        fact.source = "as for \(name): no figure of \(node.name) is known; \(fact.source)"
      }
      let scale = term.scale
      let bounds = term.bounds
      let range = bounds.least * scale...bounds.most * scale
      let path = "price.own.\(term.rawValue)"
      let reference = input(
        path, term.dimension, in: range, default: .exactly(fact.value * scale), fact.status,
        fact.source)
      guard let reference else { continue }
      references.append(reference)
    }
    guard references.count == OwnershipTerm.allCases.count else { return }
    let (idle, most) = (OwnershipTerm.idlePower, OwnershipTerm.maximumPower)
    let ownership = OwnershipInputs(references: references)
    let high = ownership.terms(terms.inputs.map(\.ends.upperBound))
    let low = ownership.terms(terms.inputs.map(\.ends.lowerBound))
    if high[idle] > low[most] {
      keys.report(
        .cost(.idleAboveMaximum(idle: high[idle], maximum: low[most])),
        amid: ["price.own.\(idle.rawValue)", "price.own.\(most.rawValue)"])
    }
    terms.ownership = ownership
  }
}

/// Where the terms of owning stand among the inputs, in the order of `OwnershipTerm`.
public struct OwnershipInputs: Sendable, Equatable {
  var references: [InputReference]

  /// The terms with the given value for each input.
  func terms(_ values: [Double]) -> OwnershipTerms {
    var index = 0
    var terms = OwnershipTerms { _ in 0 }
    for term in OwnershipTerm.allCases {
      terms[term] = values[references[index]] / term.scale
      index += 1
    }
    return terms
  }
}

extension OwnershipTerm {
  /// What the term measures, as a scenario writes it.
  var dimension: Dimension {
    switch self {
    case .server, .networkSwitch, .interSwitchLink, .endpointLink: .money
    case .otherShare, .costOfCapital, .load, .availability, .utilization: .share
    case .life, .networkLife: .years
    case .colocation: .pricePerKilowattMonth
    case .contractedPower, .idlePower, .maximumPower: .power
    case .pue: .count
    case .tariff: .pricePerKilowattHour
    case .staff: .moneyPerYear
    case .carbonIntensity: .carbonPerKilowattHour
    }
  }

  /// The scenario's base units in one of the term's own.
  var scale: Double { self == .contractedPower ? 1000 : 1 }
}
