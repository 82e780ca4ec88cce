public import Quantities

/// What the parts of a network cost.
///
///     FabricPrices.published.cost(switches: 96, interSwitchLinks: 2048, endpointLinks: 2048)
///     // $9.0M: $4,395 an endpoint
public struct FabricPrices: Sendable, Equatable {
  /// A switch, without optics.
  public var networkSwitch: Dollars
  /// A link between switches, with both its transceivers.
  public var interSwitchLink: Dollars
  /// A link between a NIC and a leaf switch.
  public var endpointLink: Dollars

  /// Prices of a switch and of both kinds of links.
  public init(networkSwitch: Dollars, interSwitchLink: Dollars, endpointLink: Dollars) {
    self.networkSwitch = networkSwitch
    self.interSwitchLink = interSwitchLink
    self.endpointLink = endpointLink
  }

  /// The link prices that make two networks cost what was published, given a switch's price:
  /// two equations, switches · S + inter-switch links · C + endpoints · H = dollars.
  ///
  /// - Returns: nil where the networks have links in the same ratio, which leaves C and H open.
  public init?(networkSwitch: Dollars, matching a: FabricExample, _ b: FabricExample) {
    let (linksA, linksB) = (Double(a.interSwitchLinks), Double(b.interSwitchLinks))
    let (endsA, endsB) = (Double(a.endpoints), Double(b.endpoints))
    let determinant = linksA * endsB - linksB * endsA
    guard determinant != 0 else { return nil }
    let leftA = a.cost.value - Double(a.switches) * networkSwitch.value
    let leftB = b.cost.value - Double(b.switches) * networkSwitch.value
    self.networkSwitch = networkSwitch
    interSwitchLink = Dollars((leftA * endsB - leftB * endsA) / determinant)
    endpointLink = Dollars((linksA * leftB - linksB * leftA) / determinant)
  }

  /// What a network of these counts costs.
  public func cost(switches: Int, interSwitchLinks: Int, endpointLinks: Int) -> Dollars {
    networkSwitch * Double(switches) + interSwitchLink * Double(interSwitchLinks)
      + endpointLink * Double(endpointLinks)
  }

  /// What a published network costs at these prices, by endpoint.
  public func costPerEndpoint(of example: FabricExample) -> Dollars {
    cost(
      switches: example.switches, interSwitchLinks: example.interSwitchLinks,
      endpointLinks: example.endpoints) / Double(example.endpoints)
  }
}

/// A network with its published cost: a row of arXiv 2505.09343 (2025-05), Table 3.
public struct FabricExample: Sendable, Equatable {
  /// Name, as in the table.
  public var name: String
  /// NICs it joins.
  public var endpoints: Int
  /// Switches of 64 ports.
  public var switches: Int
  /// Links between switches.
  public var interSwitchLinks: Int
  /// Its cost as printed.
  public var cost: Dollars
  /// Its cost by endpoint as printed.
  public var costPerEndpoint: Dollars
  /// Whether the catalogue's link prices were solved from it, so that it proves nothing of them.
  public var isFitted: Bool

  /// The table's five rows.
  public static let published: [FabricExample] = [
    FabricExample(
      name: "2-layer fat tree", endpoints: 2_048, switches: 96, interSwitchLinks: 2_048,
      cost: Dollars(9e6), costPerEndpoint: Dollars(4_390), isFitted: true),
    multiPlane, threeLayer,
    FabricExample(
      name: "Slim Fly", endpoints: 32_928, switches: 1_568, interSwitchLinks: 32_928,
      cost: Dollars(146e6), costPerEndpoint: Dollars(4_400), isFitted: false),
    FabricExample(
      name: "Dragonfly", endpoints: 261_632, switches: 16_352, interSwitchLinks: 384_272,
      cost: Dollars(1_522e6), costPerEndpoint: Dollars(5_800), isFitted: false),
  ]

  /// Two layers in eight planes: eight times the first row, with one digit more of its cost.
  static let multiPlane = FabricExample(
    name: "multi-plane 2-layer fat tree", endpoints: 16_384, switches: 768,
    interSwitchLinks: 16_384, cost: Dollars(72e6), costPerEndpoint: Dollars(4_390), isFitted: true)

  static let threeLayer = FabricExample(
    name: "3-layer fat tree", endpoints: 65_536, switches: 5_120, interSwitchLinks: 131_072,
    cost: Dollars(491e6), costPerEndpoint: Dollars(7_500), isFitted: true)
}

extension FabricPrices {
  /// Prices behind arXiv 2505.09343, Table 3, at $36,000 a switch: its fat trees of two and of three
  /// layers have 3/64 and 5/64 of a switch, 1 and 2 inter-switch links and 1 endpoint link by
  /// endpoint, which leaves $1,973 for an inter-switch link and $734 for an endpoint link.
  public static let published =
    FabricPrices(
      networkSwitch: Dollars(36_000), matching: FabricExample.multiPlane, FabricExample.threeLayer)
    ?? FabricPrices(networkSwitch: Dollars(36_000), interSwitchLink: .zero, endpointLink: .zero)
}
