public import Quantities

/// What is known of a node's price and power.
private struct NodePrices {
  var node: String
  var gpus = 8.0
  /// Server, USD.
  var server: Fact<Double>
  /// Design power of a GPU alone, W.
  var design: Fact<Double>
  /// Power of a GPU alone at rest, W.
  var rest = Fact(73.0, .assumed, "as the H100's: 70 to 76 W in logs; secondary")
}

extension PriceCatalogue {
  /// Nodes with prices to own them, as scenarios name them.
  public static var ownershipNodes: [String] { nodes.map(\.node) }

  /// The catalogue's value of a term for a node, in the term's unit; nil where there is no such node.
  public static func ownership(_ term: OwnershipTerm, node: String) -> Fact<Double>? {
    guard let prices = nodes.first(where: { $0.node == node }) else { return nil }
    return switch term {
    case .server: prices.server
    case .contractedPower: contractedPower(prices)
    case .idlePower: idlePower(prices)
    case .maximumPower: maximumPower(prices)
    default: general(term)
    }
  }

  /// What a node's GPUs draw without the server around them: the count of reports that multiply
  /// GPU-hours by design power. Nil where there is no such node.
  public static func boardPower(node: String) -> (idle: Fact<Double>, maximum: Fact<Double>)? {
    nodes.first { $0.node == node }.map { ($0.rest, $0.design) }
  }

  private static let nodes: [NodePrices] = [
    NodePrices(
      node: "h800",
      server: Fact(270_000, .assumed, "as the H100's server; no price of it was published"),
      design: Fact(700, .assumed, "as the H100's; secondary pages")),
    NodePrices(
      node: "h100",
      server: Fact(
        270_000, .stated,
        "Epoch AI, undated: about $270K a DGX H100-class server; OEM's with spares $310K"),
      design: Fact(700, .stated, "NVIDIA H100 SXM datasheet"),
      rest: Fact(73, .measured, "logs of idle H100: 70 to 76 W; secondary")),
    NodePrices(
      node: "h200", server: street(35_000),
      design: Fact(700, .stated, "ai-dynamo/aiconfigurator h200_sxm.yaml (2026-08)")),
    NodePrices(
      node: "h20", server: guess(12_500),
      design: Fact(400, .stated, "secondary page on the 96 GB H20")),
    NodePrices(
      node: "a100", server: guess(15_000),
      design: Fact(400, .stated, "ai-dynamo/aiconfigurator a100_sxm.yaml (2026-08)"),
      rest: Fact(58, .measured, "logs of idle A100: about 58 W; secondary")),
    NodePrices(
      node: "b200", server: street(40_000),
      design: Fact(1_000, .stated, "ai-dynamo/aiconfigurator b200_sxm.yaml (2026-08)")),
    NodePrices(
      node: "gb200-nvl72", gpus: 72,
      server: Fact(3_050_000, .stated, "secondary pages of 2026: $3.0M to $3.1M a rack of 72 GPUs"),
      design: Fact(1_200, .stated, "ai-dynamo/aiconfigurator gb200.yaml (2026-08)")),
    NodePrices(
      node: "mi300x", server: guess(20_000),
      design: Fact(750, .stated, "secondary page on the MI300X: 750 W")),
  ]

  /// A server of eight GPUs at their street price.
  private static func street(_ gpu: Double) -> Fact<Double> {
    Fact(
      8 * gpu + bareServer, .assumed,
      "8 GPUs at the street price of mid-2026, \(Int(gpu)) USD give or take a third, and \(bare)")
  }

  /// A server of eight GPUs at a price that no source states.
  private static func guess(_ gpu: Double) -> Fact<Double> {
    Fact(8 * gpu + bareServer, .assumed, "8 GPUs at a guessed \(Int(gpu)) USD, and \(bare)")
  }

  /// What a server costs beside its GPUs, USD: an H100 server less eight GPUs.
  private static let bareServer = 30_000.0
  private static let bare =
    "30000 USD for the rest of the server (an H100 server of 270000 less 8 GPUs of 30000)"
}

extension PriceCatalogue {
  /// What a server draws beside its GPUs, W a GPU.
  private static let serverShare = 350.0

  private static func maximumPower(_ prices: NodePrices) -> Fact<Double> {
    switch prices.node {
    case "h100":
      Fact(
        1_050, .measured,
        "the most an eight-GPU H100 server was seen to draw, 8.4 kW of 10.2 rated; secondary")
    default:
      Fact(
        prices.design.value + serverShare, .assumed,
        "design power \(Int(prices.design.value)) W and the rest of an H100 server, 8.4 kW / 8 - "
          + "700 W = 350 W")
    }
  }

  private static func idlePower(_ prices: NodePrices) -> Fact<Double> {
    Fact(
      prices.rest.value + serverShare / 2, .assumed,
      "\(Int(prices.rest.value)) W of the GPU at rest (\(prices.rest.source)) and half of what the "
        + "rest of the server draws")
  }

  private static func contractedPower(_ prices: NodePrices) -> Fact<Double> {
    guard prices.node != "h100" else {
      return Fact(1.275, .derived, "an eight-GPU H100 server is rated at 10.2 kW; 10.2 / 8")
    }
    let kilowatts = maximumPower(prices).value * 10.2 / 8.4 / 1000
    return Fact(
      (kilowatts * 1000).rounded() / 1000, .assumed,
      "as far above maximum_power as an H100 server's rating: 10.2 kW to 8.4")
  }

  /// Terms that no node has its own value of.
  private static func general(_ term: OwnershipTerm) -> Fact<Double> {
    let fabric = FabricPrices.published
    return switch term {
    case .networkSwitch:
      Fact(
        fabric.networkSwitch.value, .stated,
        "64-port InfiniBand switch in a published cluster price sheet, undated; list about 50,000")
    case .interSwitchLink: Fact(fabric.interSwitchLink.value, .derived, solved)
    case .endpointLink: Fact(fabric.endpointLink.value, .derived, solved)
    case .otherShare:
      Fact(
        0.14, .derived,
        "latent.space's cluster price sheet, undated: 49,200 USD a GPU all in at 2,048 H100 over a server of "
          + "310,000 / 8 and 4,395 of network")
    case .costOfCapital: Fact(0.13, .assumed, "a young cloud's; a large one's is nearer 0.08")
    case .life: Fact(4, .stated, "SemiAnalysis; Nebius's accounts (CoreWeave's: 6), undated")
    case .networkLife: Fact(4, .assumed, "as the servers'")
    case .colocation:
      Fact(150, .derived, "middle of 140 to 160, tier-1 sites of 2026; secondary")
    case .load:
      Fact(
        0.9, .derived,
        "heavy use of an H100 server averages 76 % of its rated 10.2 kW: (969 - 248) / (1050 - 248)"
      )
    case .pue: Fact(1.25, .assumed, "a rented building; large clouds state 1.08 to 1.1")
    case .tariff:
      Fact(0.078, .stated, "SemiAnalysis on clusters of 100,000 H100, undated: 7.8 cents")
    case .availability: Fact(0.98, .assumed, "a node in fifty under repair")
    case .utilization: Fact(0.8, .assumed, "four hours of five used or sold")
    case .staff: Fact(500, .assumed, "one engineer of 250,000 a year for 500 GPUs")
    case .carbonIntensity:
      Fact(
        0.414, .assumed,
        "8,930 t over 21.6 GWh of Llama 3.1 405B, recalled from its model card: a US grid")
    case .server, .contractedPower, .idlePower, .maximumPower:
      Fact(.nan, .assumed, "differs by node")
    }
  }

  private static let solved =
    "solved from arXiv 2505.09343 (2025-05), Table 3, at 36,000 a switch: its 2-layer fat tree has 3/64 "
    + "switch, 1 inter-switch link and 1 endpoint link by endpoint for 4,395, its 3-layer one "
    + "5/64, 2 and 1 for 7,492"
}
