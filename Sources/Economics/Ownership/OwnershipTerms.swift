import Quantities

/// A price or rate that the cost of owning rests on.
public enum OwnershipTerm: String, Sendable, CaseIterable {
  /// A server with its GPUs and NICs, USD a node.
  case server
  /// A network switch, USD.
  case networkSwitch = "switch"
  /// A link between switches with its transceivers, USD.
  case interSwitchLink = "inter_switch_link"
  /// A link between a NIC and a leaf switch, USD.
  case endpointLink = "endpoint_link"
  /// Storage, cabinets, management and spares, as a ratio of servers and network.
  case otherShare = "other_share"
  /// Interest on what was bought, a ratio a year.
  case costOfCapital = "cost_of_capital"
  /// Years until servers are written off.
  case life
  /// Years until the network is written off.
  case networkLife = "network_life"
  /// Rent of the building, USD a kW of contracted power and month.
  case colocation
  /// Power the building is rented for, kW a GPU with its share of server and network.
  case contractedPower = "contracted_power"
  /// Power at no load, W a GPU with its share of the server.
  case idlePower = "idle_power"
  /// Power at full load, W a GPU with its share of the server.
  case maximumPower = "maximum_power"
  /// How far power is from idle to its maximum while the GPU is used, a ratio.
  case load
  /// Power at the meter over power of the servers.
  case pue
  /// Electricity, USD a kWh.
  case tariff
  /// Share of the year that a GPU is in order.
  case availability
  /// Share of the hours in order that a GPU is used or sold.
  case utilization
  /// Staff and repairs, USD a GPU and year.
  case staff
  /// Carbon dioxide, kg a kWh.
  case carbonIntensity = "carbon_intensity"
}

/// All prices and rates that the cost of owning a cluster rests on, as plain numbers in the units
/// of `OwnershipTerm`, so that each can be drawn from a range.
///
///     var terms = OwnershipTerms(node: "h100")!    // the catalogue's
///     terms.server = 310_000
///     terms[.tariff] = 0.09
///     terms.faults                                 // []
///
/// Any numbers may be put in; `faults` says which make no sense. Nothing traps on those that do not.
public struct OwnershipTerms: Sendable, Equatable {
  /// A server with its GPUs and NICs, USD a node.
  public var server: Double
  /// A network switch, USD.
  public var networkSwitch: Double
  /// A link between switches with its transceivers, USD.
  public var interSwitchLink: Double
  /// A link between a NIC and a leaf switch, USD.
  public var endpointLink: Double
  /// Storage, cabinets, management and spares, as a ratio of servers and network.
  public var otherShare: Double
  /// Interest on what was bought, a ratio a year.
  public var costOfCapital: Double
  /// Years until servers, and what `otherShare` stands for, are written off.
  public var life: Double
  /// Years until the network is written off.
  public var networkLife: Double
  /// Rent of the building, USD a kW of contracted power and month.
  public var colocation: Double
  /// Power the building is rented for, kW a GPU.
  public var contractedPower: Double
  /// Power at no load, W a GPU with its share of the server.
  public var idlePower: Double
  /// Power at full load, W a GPU with its share of the server.
  public var maximumPower: Double
  /// How far power is from idle to its maximum while the GPU is used, a ratio.
  public var load: Double
  /// Power at the meter over power of the servers.
  public var pue: Double
  /// Electricity, USD a kWh.
  public var tariff: Double
  /// Share of the year that a GPU is in order.
  public var availability: Double
  /// Share of the hours in order that a GPU is used or sold.
  public var utilization: Double
  /// Staff and repairs, USD a GPU and year.
  public var staff: Double
  /// Carbon dioxide, kg a kWh.
  public var carbonIntensity: Double

  /// Terms with the value that `value` gives for each.
  public init(_ value: (OwnershipTerm) -> Double) {
    server = value(.server)
    networkSwitch = value(.networkSwitch)
    interSwitchLink = value(.interSwitchLink)
    endpointLink = value(.endpointLink)
    otherShare = value(.otherShare)
    costOfCapital = value(.costOfCapital)
    life = value(.life)
    networkLife = value(.networkLife)
    colocation = value(.colocation)
    contractedPower = value(.contractedPower)
    idlePower = value(.idlePower)
    maximumPower = value(.maximumPower)
    load = value(.load)
    pue = value(.pue)
    tariff = value(.tariff)
    availability = value(.availability)
    utilization = value(.utilization)
    staff = value(.staff)
    carbonIntensity = value(.carbonIntensity)
  }

  /// The catalogue's terms for a node; nil where there is no such node.
  public init?(node: String) {
    guard PriceCatalogue.ownershipNodes.contains(node) else { return nil }
    self.init { PriceCatalogue.ownership($0, node: node)?.value ?? .nan }
  }

  /// The value of a term.
  public subscript(term: OwnershipTerm) -> Double {
    get { self[keyPath: term.path] }
    set { self[keyPath: term.path] = newValue }
  }

  /// What GPUs draw with their share of the server.
  public var power: PowerDraw { PowerDraw(idleWatts: idlePower, maximumWatts: maximumPower) }

  /// Kilowatt-hours at the meter for GPU-hours of use, at the terms' load or another.
  public func kilowattHours(gpuHours: Double, load: Double? = nil) -> Double {
    power.kilowattHours(gpuHours: gpuHours, load: load ?? self.load, pue: pue)
  }

  /// Tonnes of carbon dioxide for kilowatt-hours at the meter.
  public func tonnesOfCarbon(kilowattHours: Double) -> Double {
    kilowattHours * carbonIntensity / 1000
  }
}

extension OwnershipTerm {
  var path: WritableKeyPath<OwnershipTerms, Double> {
    switch self {
    case .server: \.server
    case .networkSwitch: \.networkSwitch
    case .interSwitchLink: \.interSwitchLink
    case .endpointLink: \.endpointLink
    case .otherShare: \.otherShare
    case .costOfCapital: \.costOfCapital
    case .life: \.life
    case .networkLife: \.networkLife
    case .colocation: \.colocation
    case .contractedPower: \.contractedPower
    case .idlePower: \.idlePower
    case .maximumPower: \.maximumPower
    case .load: \.load
    case .pue: \.pue
    case .tariff: \.tariff
    case .availability: \.availability
    case .utilization: \.utilization
    case .staff: \.staff
    case .carbonIntensity: \.carbonIntensity
    }
  }

  /// Unit, as texts name it.
  public var unit: String {
    switch self {
    case .server: "USD/node"
    case .networkSwitch: "USD/switch"
    case .interSwitchLink, .endpointLink: "USD/link"
    case .costOfCapital: "a year"
    case .life, .networkLife: "years"
    case .colocation: "USD/kW-month"
    case .contractedPower: "kW/GPU"
    case .idlePower, .maximumPower: "W/GPU"
    case .tariff: "USD/kWh"
    case .staff: "USD/GPU-year"
    case .carbonIntensity: "kg/kWh"
    case .otherShare, .load, .pue, .availability, .utilization: ""
    }
  }
}
