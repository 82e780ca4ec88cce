import Fabric
import Hardware
import Models
import Quantities
import Schedules

extension CatalogueReport {
  static var gpus: [Entry] {
    var seen: [String] = []
    return HardwareCatalogue.nodes.compactMap { node in
      let gpu = node.gpu
      guard !seen.contains(gpu.name) else { return nil }
      seen.append(gpu.name)
      var numbers = [rate("bf16_peak_flops_per_s", gpu.bf16Peak)]
      if let fp8 = gpu.fp8Peak { numbers.append(rate("fp8_peak_flops_per_s", fp8)) }
      numbers += [
        Number(
          "memory_bytes", gpu.memory, .number(gpu.memory.value.value),
          DisplayText.gigabytes(gpu.memory.value) + " GB"),
        bandwidth("memory_bandwidth_bytes_per_s", gpu.memoryBandwidth),
        Number(
          "multiprocessors", gpu.multiprocessors, .integer(gpu.multiprocessors.value),
          String(gpu.multiprocessors.value)),
      ]
      if let tiled = TiledRate.published(for: gpu) {
        numbers += [
          share("product_share_of_peak_ratio", tiled.computeShare),
          share("product_share_of_memory_bandwidth_ratio", tiled.memoryShare),
        ]
      }
      return Entry(name: gpu.name, numbers: numbers)
    }
  }

  private static func share(_ key: String, _ fact: Fact<Double>) -> Number {
    Number(key, fact, .number(fact.value), DisplayText.percent(fact.value))
  }

  static var nodes: [Entry] {
    HardwareCatalogue.nodes.map { node in
      let source = node.gpu.bf16Peak
      return Entry(
        name: "node \(node.name)",
        numbers: [
          Number(
            key: "gpu", value: .text(node.gpu.name), shown: node.gpu.name,
            status: source.status.rawValue, source: source.source),
          Number(
            key: "gpus", value: .integer(node.gpus), shown: String(node.gpus),
            status: Status.stated.rawValue, source: source.source),
          bandwidth("nvlink_peak_bytes_per_s", node.nvlink.peak),
          bandwidth("nvlink_achieved_bytes_per_s", node.nvlink.achieved),
        ] + nicCount(of: node) + [
          bandwidth("nic_peak_bytes_per_s", node.nic.peak),
          bandwidth("nic_achieved_bytes_per_s", node.nic.achieved),
          latency("nvlink_latency_s", Cluster.nvlinkLatency),
        ])
    }
  }

  private static func nicCount(of node: Node) -> [Number] {
    guard let nics = HardwareCatalogue.nics(ofNode: node.name) else { return [] }
    return [Number("nics", nics, .integer(nics.value), String(nics.value))]
  }

  static var networks: [Entry] {
    Topology.allCases.map { topology in
      let layout = FabricLayout.largest(topology)
      func count(_ key: String, _ value: Int) -> Number {
        Number(
          key: key, value: .integer(value), shown: DisplayText.number(value),
          status: Status.derived.rawValue,
          source: "largest network of 64-port switches; arXiv 2505.09343, Table 3")
      }
      let hops = Array(NetworkHop.allCases.prefix(layout.layers))
      let latencies = NetworkKind.allCases.flatMap { kind in
        hops.map { latency("\(kind.rawValue)_\($0.rawValue)_latency_s", kind.latency($0)) }
      }
      return Entry(
        name: "fabric \(topology.rawValue)",
        numbers: [
          count("layers", layout.layers), count("planes", layout.planes),
          count("maximum_gpus", topology.maximumGPUs), count("endpoints", layout.endpointLinks),
          count("switches", layout.switches),
          count("inter_switch_links", layout.interSwitchLinks),
          latency("latency_s", topology.latency),
        ] + latencies)
    }
  }

  static var models: [Entry] {
    ModelCatalogue.models.map { model in
      let shape = model.architecture
      func number(_ key: String, _ value: Int) -> Number {
        Number(
          key: key, value: .integer(value), shown: DisplayText.number(value),
          status: model.status.rawValue, source: model.source)
      }
      return Entry(
        name: shape.name,
        numbers: [
          number("parameters", shape.parameters),
          number("active_parameters", shape.activeParameters),
          number("layers", shape.layers),
          number("hidden", shape.hidden),
          number("vocabulary", shape.vocabulary),
        ])
    }
  }

  static var schedules: [Entry] {
    BuiltIn.allCases.map { schedule in
      Entry(
        name: schedule.rawValue,
        numbers: ScheduleFields.fields(of: schedule).map { field in
          Number(
            key: field.key, value: field.value, shown: field.shown,
            status: Status.stated.rawValue, source: schedule.facts.source)
        })
    }
  }

  private static func rate(_ key: String, _ fact: Fact<FLOPRate>) -> Number {
    let shown = DisplayText.number(fact.value.value / 1e12, decimals: 0) + " TFLOP/s"
    return Number(key, fact, .number(fact.value.value), shown)
  }

  private static func bandwidth(_ key: String, _ fact: Fact<Bandwidth>) -> Number {
    let shown = DisplayText.number(fact.value.value / 1e9, decimals: 1) + " GB/s"
    return Number(key, fact, .number(fact.value.value), shown)
  }

  private static func latency(_ key: String, _ fact: Fact<Time>) -> Number {
    let shown = DisplayText.number(fact.value.seconds * 1e6, decimals: 2) + " us"
    return Number(key, fact, .seconds(fact.value), shown)
  }
}

extension CatalogueReport.Number {
  init<Value>(
    _ key: String, _ fact: Fact<Value>, _ value: JSONValue, _ shown: String
  ) {
    self.init(
      key: key, value: value, shown: shown, status: fact.status.rawValue, source: fact.source)
  }
}
