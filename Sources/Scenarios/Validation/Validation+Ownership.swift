import Economics
import Quantities

/// What owning costs: published networks, GPU-hours, fleets and electricity.
extension Validation {
  /// Published dollars and kilowatt-hours beside what the catalogue's prices give.
  static func ownership() -> [PublishedFigure] { networks() + gpuHours() + fleet() + electricity() }

  /// An endpoint's share of five networks; the prices of links are solved from the fat trees.
  private static func networks() -> [PublishedFigure] {
    FabricExample.published.map { example in
      PublishedFigure(
        name: "\(example.name), USD an endpoint", group: .owning,
        source: "arXiv 2505.09343, table 3", status: .verified,
        published: example.costPerEndpoint.value,
        simulated: FabricPrices.published.costPerEndpoint(of: example).value, unit: "USD",
        setUp: "\(example.switches) switches, \(example.interSwitchLinks) links between them",
        basis: example.isFitted
          ? .fitted("link prices are solved from the two fat trees at 36,000 USD a switch")
          : .prediction)
    }
  }

  /// A GPU-hour of a young cloud, at full use and without storage and staff, as the source counts.
  private static func gpuHours() -> [PublishedFigure] {
    PriceCatalogue.publishedOwnership.compactMap { published in
      guard var terms = OwnershipTerms(node: published.node) else { return nil }
      let gpus = published.node == "gb200-nvl72" ? 72 : 8
      (terms.utilization, terms.availability, terms.otherShare, terms.staff) = (1, 1, 0, 0)
      let nodes = 2_304 / gpus
      let cost = OwnershipCost(
        FleetCount(
          gpus: 2_304, nodes: nodes, switches: 108, interSwitchLinks: 2_304, endpointLinks: 2_304),
        terms)
      return PublishedFigure(
        name: "\(published.node), owning for a GPU-hour", group: .owning,
        source: published.neocloud.source, status: .verified,
        published: published.neocloud.value.value, simulated: cost.perGPUHour.value, unit: "USD",
        setUp: "the catalogue's prices, every hour used, no storage or staff")
    }
  }

  /// SemiAnalysis's view of DeepSeek: 10,000 H800, 10,000 H100, 30,000 H20, 10,000 A100, four years.
  private static func fleet() -> [PublishedFigure] {
    let clusters = [("h800", 10_000), ("h100", 10_000), ("h20", 30_000), ("a100", 10_000)]
    let fleet = MixedOwnership(
      clusters.compactMap { node, gpus in
        OwnershipTerms(node: node).map { terms in
          OwnershipCost(
            FleetCount(
              gpus: gpus, nodes: gpus / 8, switches: gpus * 3 / 64, interSwitchLinks: gpus,
              endpointLinks: gpus), terms)
        }
      })
    let figures = [
      ("capital", 1_629e6, fleet.capital.value),
      ("operation over four years", 944e6, fleet.operatingPerYear.value * 4),
      ("both", 2_573e6, fleet.outlay(years: 4).value),
    ]
    return figures.map { name, published, simulated in
      PublishedFigure(
        name: "fleet of 60,000 GPUs, \(name)", group: .owning,
        source: "SemiAnalysis on DeepSeek (2025-01)", status: .quoted, published: published / 1e6,
        simulated: simulated / 1e6, unit: "M USD",
        setUp: "the catalogue's prices of H800, H100, H20 and A100, most of them assumed")
    }
  }

  /// Electricity of two trainings, as their reports count it: GPU-hours times board power.
  private static func electricity() -> [PublishedFigure] {
    let runs = [
      ("bloom-176b", "a100", 1_082_990.0, 433.0, "arXiv 2211.02001"),
      ("llama-3.1-405b", "h100", 30.84e6, 21_588, "Llama 3.1 model card: 30.84M hours at 700 W"),
    ]
    return runs.compactMap { name, node, hours, published, source in
      guard let power = PriceCatalogue.boardPower(node: node) else { return nil }
      return PublishedFigure(
        name: "\(name), electricity of its GPUs", group: .owning, source: source, status: .quoted,
        published: published, simulated: hours * power.maximum.value / 1e6, unit: "MWh",
        setUp: "design power of the GPU alone, no cooling", basis: .arithmetic)
    }
  }
}
