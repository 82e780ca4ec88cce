/// Why a number cannot be part of the cost of owning.
public enum OwnershipFault: Error, Sendable, Equatable {
  /// A price or rate is no finite number.
  case notFinite(OwnershipTerm)
  /// A price or rate is out of its bounds.
  case outOfBounds(OwnershipTerm, value: Double)
  /// Servers draw more at no load than at full load, in W a GPU.
  case idleAboveMaximum(idle: Double, maximum: Double)
  /// Fewer GPUs, nodes, switches or links than there can be.
  case tooFew(String, count: Int, least: Int)
}

/// The values a term may have.
public struct OwnershipBounds: Sendable, Equatable {
  /// The least value.
  public var least: Double
  /// The largest value.
  public var most: Double

  /// Whether a number lies in the bounds; false for what is no number.
  public func contains(_ value: Double) -> Bool {
    value >= least && value <= most
  }
}

extension OwnershipTerm {
  /// The values it may have. Upper bounds only catch what was typed in another unit; nothing is
  /// bought for less than a month, or used for less than a hundredth of its time.
  public var bounds: OwnershipBounds {
    let (least, most): (Double, Double) =
      switch self {
      case .server, .networkSwitch, .interSwitchLink, .endpointLink, .staff: (0, 1e9)
      case .otherShare: (0, 10)
      case .costOfCapital: (0, 1)
      case .life, .networkLife: (1.0 / 12, 100)
      case .colocation: (0, 1e5)
      case .contractedPower: (0, 100)
      case .idlePower, .maximumPower: (0, 1e5)
      case .load: (0, 1)
      case .pue: (1, 10)
      case .tariff: (0, 100)
      case .availability, .utilization: (0.01, 1)
      case .carbonIntensity: (0, 10)
      }
    return OwnershipBounds(least: least, most: most)
  }

  /// A value that would do.
  private var example: String {
    switch self {
    case .server: "270000 for eight H100"
    case .networkSwitch: "36000"
    case .interSwitchLink: "1973"
    case .endpointLink: "734"
    case .otherShare: "0.14 for 14 percent"
    case .costOfCapital: "0.1 for ten percent"
    case .life, .networkLife: "4"
    case .colocation: "150"
    case .contractedPower: "1.275"
    case .idlePower: "250"
    case .maximumPower: "1050"
    case .load: "0.9"
    case .pue: "1.25"
    case .tariff: "0.08"
    case .availability: "0.98"
    case .utilization: "0.8 for 80 percent"
    case .staff: "500"
    case .carbonIntensity: "0.4"
    }
  }

  fileprivate func sentence(outOfBounds value: Double) -> String {
    let bounds = bounds
    let least = plain((bounds.least * 1e4).rounded() / 1e4)
    let unit = unit.isEmpty ? "" : " \(unit)"
    return "\(rawValue) is \(plain(value))\(unit), but must be "
      + "\(least) or more and at most \(plain(bounds.most)); such as \(example)"
  }

  fileprivate var sentenceOfNoNumber: String {
    "\(rawValue) is not a finite number; write one, such as \(example)"
  }
}

extension OwnershipFault: CustomStringConvertible {
  /// One sentence with the value, the rule and a value that would do.
  public var description: String {
    switch self {
    case .notFinite(let term): term.sentenceOfNoNumber
    case .outOfBounds(let term, let value): term.sentence(outOfBounds: value)
    case .idleAboveMaximum(let idle, let maximum):
      "idle_power is \(plain(idle)) W/GPU and maximum_power \(plain(maximum)) W/GPU, but a server "
        + "draws no more at rest than at full load; lower the first or raise the second"
    case .tooFew(let name, let count, let least):
      "a cluster of \(count) \(name) cannot be bought; it takes at least \(least)"
    }
  }
}

/// A number without a needless `.0`.
private func plain(_ value: Double) -> String {
  let text = value.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

extension OwnershipTerms {
  /// All that makes no sense, in the order of `OwnershipTerm`; empty where a cost can be told.
  public var faults: [OwnershipFault] {
    var faults: [OwnershipFault] = []
    for term in OwnershipTerm.allCases {
      let value = self[term]
      if !value.isFinite {
        faults.append(.notFinite(term))
      } else if !term.bounds.contains(value) {
        faults.append(.outOfBounds(term, value: value))
      }
    }
    if idlePower > maximumPower {
      faults.append(.idleAboveMaximum(idle: idlePower, maximum: maximumPower))
    }
    return faults
  }
}

extension FleetCount {
  /// Counts that no cluster has.
  public var faults: [OwnershipFault] {
    let counts = [
      ("GPUs", gpus, 1), ("nodes", nodes, 1), ("switches", switches, 0),
      ("inter-switch links", interSwitchLinks, 0), ("endpoint links", endpointLinks, 0),
    ]
    return counts.filter { $0.1 < $0.2 }.map { .tooFew($0.0, count: $0.1, least: $0.2) }
  }
}
