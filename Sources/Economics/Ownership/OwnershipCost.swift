public import Quantities

/// What is bought: the counts of a cluster and of its network.
public struct FleetCount: Sendable, Equatable {
  /// GPUs of all nodes.
  public var gpus: Int
  /// Servers.
  public var nodes: Int
  /// Switches of all layers.
  public var switches: Int
  /// Links between switches.
  public var interSwitchLinks: Int
  /// Links between NICs and leaf switches.
  public var endpointLinks: Int

  /// Counts of a cluster; a network of nothing by default.
  public init(
    gpus: Int, nodes: Int, switches: Int = 0, interSwitchLinks: Int = 0, endpointLinks: Int = 0
  ) {
    self.gpus = gpus
    self.nodes = nodes
    self.switches = switches
    self.interSwitchLinks = interSwitchLinks
    self.endpointLinks = endpointLinks
  }
}

/// A part of the cost of owning, in the order it is listed.
public enum OwnershipPart: String, Sendable, CaseIterable {
  /// Servers with GPUs and NICs.
  case servers
  /// Network switches.
  case switches
  /// Links between switches.
  case interSwitchLinks = "inter_switch_links"
  /// Links between NICs and leaf switches.
  case endpointLinks = "endpoint_links"
  /// Storage, cabinets, management and spares.
  case other
  /// The building.
  case colocation
  /// Staff and repairs.
  case staff
  /// Electricity while GPUs are used.
  case energy
  /// Electricity while they are not.
  case idleEnergy = "idle_energy"

  /// Whether it is bought once, and not paid as long as it runs.
  public var isCapital: Bool {
    switch self {
    case .servers, .switches, .interSwitchLinks, .endpointLinks, .other: true
    case .colocation, .staff, .energy, .idleEnergy: false
    }
  }

  /// Whether it belongs to the network.
  public var isNetwork: Bool {
    switch self {
    case .switches, .interSwitchLinks, .endpointLinks: true
    default: false
    }
  }
}

/// What owning a cluster costs.
///
///     let fleet = FleetCount(
///       gpus: 2048, nodes: 256, switches: 96, interSwitchLinks: 2048, endpointLinks: 2048)
///     let cost = OwnershipCost(fleet, OwnershipTerms(node: "h100")!)
///     cost.capital                                 // $89M
///     cost.perGPUHour                              // $2.64
///     cost.perGPUHour(.servers)                    // $1.65 of them
///     cost.breakEvenMonths(rent: Dollars(3.5))     // 32: from then on, owning is the cheaper
///
/// What is bought is paid back in equal yearly payments with interest (`CapitalRecovery`) and all
/// yearly costs are shared by the GPU-hours used: 8,760 hours · availability · utilization a GPU.
/// The total is the sum of the parts in their order, to the last bit.
public struct OwnershipCost: Sendable, Equatable {
  /// What is bought.
  public let fleet: FleetCount
  /// Prices and rates.
  public let terms: OwnershipTerms
  /// GPU-hours used a year by all GPUs together.
  public let gpuHoursPerYear: Double
  private let serverRecovery: Double
  private let networkRecovery: Double

  /// Hours of a year.
  static let hoursPerYear = 8_760.0

  /// The cost of a fleet at given terms. Terms with `faults` may give infinite or no numbers.
  public init(_ fleet: FleetCount, _ terms: OwnershipTerms) {
    self.fleet = fleet
    self.terms = terms
    gpuHoursPerYear =
      Double(fleet.gpus) * Self.hoursPerYear * terms.availability * terms.utilization
    serverRecovery =
      CapitalRecovery(costOfCapital: terms.costOfCapital, life: terms.life).factor
    networkRecovery =
      CapitalRecovery(costOfCapital: terms.costOfCapital, life: terms.networkLife).factor
  }

  /// What is bought of a part; nothing of those that are paid by the year.
  public func capital(_ part: OwnershipPart) -> Dollars {
    switch part {
    case .servers: Dollars(Double(fleet.nodes) * terms.server)
    case .switches: Dollars(Double(fleet.switches) * terms.networkSwitch)
    case .interSwitchLinks: Dollars(Double(fleet.interSwitchLinks) * terms.interSwitchLink)
    case .endpointLinks: Dollars(Double(fleet.endpointLinks) * terms.endpointLink)
    case .other: (capital(.servers) + networkCapital) * terms.otherShare
    case .colocation, .staff, .energy, .idleEnergy: .zero
    }
  }

  /// What switches and links cost together.
  public var networkCapital: Dollars {
    capital(.switches) + capital(.interSwitchLinks) + capital(.endpointLinks)
  }

  /// All that is bought.
  public var capital: Dollars { capital(.servers) + networkCapital + capital(.other) }

  /// The network's share of all that is bought.
  public var networkShare: Double { networkCapital / capital }

  /// What a part costs a year.
  public func perYear(_ part: OwnershipPart) -> Dollars {
    let gpus = Double(fleet.gpus)
    switch part {
    case .servers, .other: return capital(part) * serverRecovery
    case .switches, .interSwitchLinks, .endpointLinks: return capital(part) * networkRecovery
    case .colocation: return Dollars(12 * terms.colocation * terms.contractedPower * gpus)
    case .staff: return Dollars(terms.staff * gpus)
    case .energy: return Dollars(kilowattHoursPerYear(.energy) * terms.tariff)
    case .idleEnergy: return Dollars(kilowattHoursPerYear(.idleEnergy) * terms.tariff)
    }
  }

  private func kilowattHoursPerYear(_ part: OwnershipPart) -> Double {
    guard part == .idleEnergy else { return terms.kilowattHours(gpuHours: gpuHoursPerYear) }
    let unused = Double(fleet.gpus) * Self.hoursPerYear - gpuHoursPerYear
    return terms.kilowattHours(gpuHours: unused, load: 0)
  }

  /// What all parts cost a year, capital with its interest included.
  public var perYear: Dollars { OwnershipPart.allCases.reduce(.zero) { $0 + perYear($1) } }

  /// Payments for what was bought, a year.
  public var capitalRecoveryPerYear: Dollars {
    OwnershipPart.allCases.reduce(.zero) { $1.isCapital ? $0 + perYear($1) : $0 }
  }

  /// Building, staff and electricity, a year.
  public var operatingPerYear: Dollars {
    OwnershipPart.allCases.reduce(.zero) { $1.isCapital ? $0 : $0 + perYear($1) }
  }

  /// What a part costs by GPU-hour used.
  public func perGPUHour(_ part: OwnershipPart) -> Dollars { perYear(part) / gpuHoursPerYear }

  /// What a GPU-hour used costs: the sum of `waterfall`.
  public var perGPUHour: Dollars { OwnershipPart.allCases.reduce(.zero) { $0 + perGPUHour($1) } }

  /// The parts of a GPU-hour's cost, in order.
  public var waterfall: [(part: OwnershipPart, perGPUHour: Dollars)] {
    OwnershipPart.allCases.map { ($0, perGPUHour($0)) }
  }

  /// What GPU-hours cost on the cluster, its capital with interest included.
  public func cost(gpuHours: Double) -> Dollars { perGPUHour * gpuHours }

  /// Money paid out over some years without interest: all that is bought, once, and what it costs to
  /// run. The cluster's life by default.
  public func outlay(years: Double? = nil) -> Dollars {
    capital + operatingPerYear * (years ?? terms.life)
  }

  /// Electricity at the meter, idle hours included, kWh a year.
  public var kilowattHoursPerYear: Double {
    kilowattHoursPerYear(.energy) + kilowattHoursPerYear(.idleEnergy)
  }

  /// Tonnes of carbon dioxide a year, from electricity alone.
  public var tonnesOfCarbonPerYear: Double {
    terms.tonnesOfCarbon(kilowattHours: kilowattHoursPerYear)
  }
}

extension OwnershipCost {
  /// Months of use after which owning has cost less than renting the same GPU-hours; nil where that
  /// is never so within the servers' life.
  ///
  /// Renting pays for the GPU-hours used; owning pays the price at once and the operating cost as it
  /// runs. Each year saves the difference, and the savings with interest must pay back the price.
  /// At a rent of exactly `perGPUHour` that takes the whole life. A network that lives longer than
  /// the servers is charged only for their years. Nothing is sold at the end.
  public func breakEvenMonths(rent: Dollars) -> Double? {
    let recovery = CapitalRecovery(costOfCapital: terms.costOfCapital, life: terms.life)
    let saving = rent.value * gpuHoursPerYear - operatingPerYear.value
    let price = capitalRecoveryPerYear.value / recovery.factor
    guard let years = recovery.years(toRecover: price, savingPerYear: saving),
      years <= terms.life * (1 + 1e-9)
    else { return nil }
    return years * 12
  }

  /// The share of the hours in order that must be used for owning to cost no more than renting them;
  /// nil where not even all of them would do.
  public func breakEvenUtilization(rent: Dollars) -> Double? {
    let hours = Double(fleet.gpus) * Self.hoursPerYear * terms.availability
    let idle = terms.kilowattHours(gpuHours: 1, load: 0) * terms.tariff
    let used = terms.kilowattHours(gpuHours: 1) * terms.tariff
    // Cost a year = fixed + (used - idle) · hours used, whatever the utilization.
    let fixed = perYear.value - (used - idle) * gpuHoursPerYear
    let margin = rent.value - (used - idle)
    guard margin > 0, fixed / (hours * margin) <= 1 else { return nil }
    return max(0, fixed / (hours * margin))
  }
}

/// Clusters of several kinds of nodes under one owner, each at its own terms.
///
///     MixedOwnership([h800s, h100s, h20s, a100s]).outlay(years: 4)
public struct MixedOwnership: Sendable, Equatable {
  /// The clusters.
  public var clusters: [OwnershipCost]

  /// Clusters under one owner.
  public init(_ clusters: [OwnershipCost]) { self.clusters = clusters }

  /// GPUs of all clusters; as a number that cannot overflow.
  public var gpus: Double { clusters.reduce(0) { $0 + Double($1.fleet.gpus) } }

  /// All that is bought.
  public var capital: Dollars { clusters.reduce(.zero) { $0 + $1.capital } }

  /// The network's share of all that is bought.
  public var networkShare: Double {
    clusters.reduce(.zero) { $0 + $1.networkCapital } / capital
  }

  /// Building, staff and electricity, a year.
  public var operatingPerYear: Dollars { clusters.reduce(.zero) { $0 + $1.operatingPerYear } }

  /// All yearly costs by GPU-hour used.
  public var perGPUHour: Dollars {
    clusters.reduce(.zero) { $0 + $1.perYear } / clusters.reduce(0) { $0 + $1.gpuHoursPerYear }
  }

  /// Money paid out over some years without interest: all that is bought, once, and what it costs to
  /// run.
  public func outlay(years: Double) -> Dollars { capital + operatingPerYear * years }
}
