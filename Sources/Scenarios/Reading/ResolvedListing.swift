import Economics
import Fabric
import Hardware
import Models
import Quantities
import Schedules
import Training

/// Every key of a scenario in reading order, with its value and where that came from.
struct ResolvedListing {
  private(set) var keys: [ResolvedKey] = []
  private let scenario: Scenario
  private let reader: KeyReader

  /// - Parameter status: how well the model's shape is known.
  init(scenario: Scenario, keys reader: KeyReader, status: String) {
    self.scenario = scenario
    self.reader = reader
    add("format", "1")
    add("name", scenario.name)
    addModel(status: status)
    addCluster()
    addDegrees()
    addTraining()
    addRouting()
    addStudy()
  }

  /// A key the user may write; its origin is the file, `--set` or the default.
  private mutating func add(_ path: String, _ value: String) {
    keys.append(ResolvedKey(path: path, value: value, origin: reader.origin(path)))
  }

  private mutating func add(_ path: String, _ value: String, _ origin: ResolvedKey.Origin) {
    keys.append(ResolvedKey(path: path, value: value, origin: origin))
  }

  /// A number of the catalogue, unless the user gave one.
  private mutating func add<Value>(_ path: String, _ value: String, _ fact: Fact<Value>) {
    let catalogue = ResolvedKey.Origin.catalogue(
      source: fact.source, status: fact.status.rawValue)
    add(path, value, reader.has(path) ? reader.origin(path) : catalogue)
  }

  private mutating func addModel(status: String) {
    let model = scenario.model
    let source = ResolvedKey.Origin.catalogue(source: scenario.modelSource, status: status)
    add("model", reader.document.entry("model")?.value.text ?? model.name)
    add("model.parameters", "\(model.parameters)", source)
    add("model.active_parameters", "\(model.activeParameters)", source)
    add("model.layers", "\(model.layers)", source)
  }

  private mutating func addCluster() {
    let cluster = scenario.cluster
    let node = cluster.node
    let gpu = node.gpu
    if reader.has("cluster.node") { add("cluster.node", node.name) }
    if let device = reader.document.entry("cluster.device")?.value.text {
      add("cluster.device", device)
    }
    add("cluster.nodes", "\(cluster.nodes)")
    if cluster.links == nil { add("cluster.fabric", cluster.topology.rawValue) }
    if reader.has("cluster.gpus_per_node") {
      add("cluster.gpus_per_node", "\(node.gpus)")
    } else {
      add(
        "cluster.gpus_per_node", "\(node.gpus)",
        .catalogue(source: "node \(node.name)", status: Status.stated.rawValue))
    }
    if let nics = HardwareCatalogue.nics(ofNode: node.name), nics.value == node.nics {
      if cluster.links == nil { add("cluster.nics_per_node", "\(node.nics)", nics) }
    } else if cluster.links == nil {
      add("cluster.nics_per_node", "\(node.nics)")
    }
    add("cluster.gpus", "\(cluster.gpus)", .derived)
    add("cluster.gpu", gpu.name, gpu.multiprocessors)
    add("cluster.bf16_peak", rate(gpu.bf16Peak.value), gpu.bf16Peak)
    if let fp8 = gpu.fp8Peak { add("cluster.fp8_peak", rate(fp8.value), fp8) }
    add("cluster.multiprocessors", "\(gpu.multiprocessors.value)", gpu.multiprocessors)
    add("cluster.memory", Dimension.data.text(gpu.memory.value.value), gpu.memory)
    add("cluster.memory_bandwidth", rate(gpu.memoryBandwidth.value), gpu.memoryBandwidth)
    addNetwork()
  }

  private mutating func addNetwork() {
    let cluster = scenario.cluster
    if let links = cluster.links {
      add("cluster.links", reader.document.entry("cluster.links")?.value.text ?? links.name)
      add("cluster.links_of_one_direction", "\(links.links.count)", .derived)
    } else {
      let node = cluster.node
      add("cluster.nvlink", rate(node.nvlink.peak.value), node.nvlink.peak)
      add("cluster.nvlink_achieved", rate(node.nvlink.achieved.value), node.nvlink.achieved)
      add("cluster.nic", rate(node.nic.peak.value), node.nic.peak)
      add("cluster.nic_achieved", rate(node.nic.achieved.value), node.nic.achieved)
      let inside = Cluster.nvlinkLatency
      add("cluster.nvlink_latency", Dimension.time.text(inside.value.seconds), inside)
      let layout = FabricLayout(cluster)
      add("cluster.network", cluster.network.rawValue)
      add("cluster.oversubscription", significant(cluster.oversubscription))
      add("cluster.layers", "\(layout.layers)", .derived)
      add("cluster.switches", "\(layout.switches)", .derived)
      add("cluster.inter_switch_links", "\(layout.interSwitchLinks)", .derived)
      add("cluster.endpoint_links", "\(layout.endpointLinks)", .derived)
      let between = cluster.latency
      add("cluster.fabric_latency", Dimension.time.text(between.value.seconds), between)
    }
    for (index, fault) in cluster.faults.enumerated() {
      let path = "cluster.faults.\(index + 1)"
      switch fault {
      case .slowGPU(let gpu, let speed): add(path, "{gpu: \(gpu), speed: \(significant(speed))}")
      case .nvlink(let gpu, let share): add(path, "{nvlink: \(gpu), share: \(significant(share))}")
      case .nic(let nic, let share): add(path, "{nic: \(nic), share: \(significant(share))}")
      case .uplinks(let leaf, let share): add(path, "{leaf: \(leaf), share: \(significant(share))}")
      }
    }
  }

  private mutating func addDegrees() {
    let plan = scenario.plan
    add("parallelism.pipeline", "\(plan.pipeline)")
    add("parallelism.tensor", "\(plan.tensor)")
    add("parallelism.context", "\(plan.context)")
    add(
      "parallelism.data", "\(plan.data)",
      reader.has("parallelism.data") ? reader.origin("parallelism.data") : .derived)
    add("parallelism.expert", "\(plan.expert)")
    if scenario.model.experts != nil {
      let span = plan.expert * plan.expertTensor
      let nodes = max(1, min(plan.expert, span / scenario.cluster.node.gpus))
      add("parallelism.expert_nodes", "\(nodes)", .derived)
      add("parallelism.expert_tensor", "\(plan.expertTensor)")
    }
    if plan.tensor > 1 { add("parallelism.sequence_parallel", "\(plan.sequenceParallel)") }
    add("parallelism.zero", "\(plan.zero)")
    addOverlaps()
    let layout = plan.layout.map { Placement(stages: $0).description }
    add("parallelism.layout", layout ?? "balanced")
  }

  private mutating func addOverlaps() {
    let plan = scenario.plan
    let overlaps = [
      (plan.overlapsGradientReduction, Activity.gradientReduction),
      (plan.overlapsParameterGather, .parameterGather),
      (plan.overlapsTensorExchange, .tensorExchange),
    ].filter(\.0).map(\.1.word)
    add(
      "parallelism.overlap",
      overlaps.isEmpty ? "none" : "[\(overlaps.joined(separator: ", "))]")
  }

  private mutating func addTraining() {
    let plan = scenario.plan
    add("training.sequence_length", "\(plan.sequenceLength)")
    add("training.global_batch", "\(plan.globalBatch)")
    add("training.micro_batch", "\(plan.microBatch)")
    add("training.micro_batches", "\(plan.microBatches)", .derived)
    add("training.tokens_per_step", Dimension.count.text(plan.tokensPerStep), .derived)
    add("training.precision", plan.format.rawValue)
    let names = scenario.cases.map(\.name)
    if let schedule = reader.document.entry("training.schedule")?.value.text {
      let isRun = names.contains(schedule)
      add("training.schedule", isRun ? schedule : "\(schedule) (not run: compare decides)")
    } else {
      let origin = reader.has("training.schedule") && !reader.has("compare")
      add(
        "training.schedule", names.joined(separator: ", "),
        origin ? reader.origin("training.schedule") : .derived)
    }
    let shared = scenario.cases.compactMap { one -> Int? in
      guard case .builtIn(let builtIn, let options) = one.plan.schedule else { return nil }
      return one.name == builtIn.rawValue ? options.stagesPerRank : nil
    }
    if let stages = shared.first { add("training.stages_per_rank", "\(stages)") }
    add("training.recompute", plan.recompute.rawValue)
    add("training.attention", plan.attentionKernel.rawValue)
    add(
      "training.communication_multiprocessors", "\(plan.communicationMultiprocessors)")
    let priority = plan.trafficPriority.map(\.word).joined(separator: ", ")
    add("training.traffic_priority", priority.isEmpty ? "fair" : "[\(priority)]")
    add("training.jitter", significant(plan.jitter))
  }

  private mutating func addRouting() {
    if let experts = scenario.model.experts {
      add("routing.distribution", scenario.plan.routing.text)
      if let limit = scenario.plan.nodeLimit {
        add("routing.node_limit", "\(limit)")
      } else if experts.groups > 1 {
        add(
          "routing.node_limit",
          "the model's gate: \(experts.groupsPerToken) of \(experts.groups) groups", .derived)
      } else {
        add("routing.node_limit", "none")
      }
      add("routing.redundant_experts", "\(scenario.plan.redundantExperts)")
    }
    if scenario.model.experts != nil || scenario.plan.jitter > 0 {
      add("routing.seed", "\(scenario.plan.seed)")
    }
  }

  private mutating func addStudy() {
    let names = scenario.cases.map(\.name).joined(separator: ", ")
    let isList = reader.has("compare") && scenario.cases.count > 1
    add("compare", names, isList ? reader.origin("compare") : .derived)
    for (index, one) in scenario.cases.enumerated() {
      guard case .searched(let choice) = one.plan.schedule else { continue }
      let isListed = reader.has("compare") && reader.origin("training.schedule") != .commandLine
      addSearch(choice, at: isListed ? "compare.\(index + 1)" : "training.schedule")
    }
    if case .list(let stages)? = reader.document.entry("run.stages")?.value {
      add("run.stages", counted(stages.count, "stage"))
    } else if let tokens = scenario.tokens {
      add("run.tokens", Dimension.count.text(tokens))
    }
    for table in ["run", "reliability", "price"] { addWritten(table) }
  }

  /// The other keys of a run's cost as they are written; what the others are, the cost itself says.
  private mutating func addWritten(_ path: String) {
    guard let entry = reader.document.entry(path) else { return }
    switch entry.value {
    case .table(let table): for inner in table.entries { addWritten("\(path).\(inner.key)") }
    case .list, .scalar:
      if path != "run.tokens", path != "run.stages", !entry.value.isEmpty {
        add(path, entry.value.flow)
      }
    }
  }

  private mutating func addSearch(_ choice: PlannedSearch, at path: String) {
    add("\(path).search.stages_per_rank", "\(choice.stagesPerRank)")
    add("\(path).search.parameter_copies", "\(choice.parameterCopies)")
    let evaluations = choice.evaluations.map(String.init) ?? "a few seconds' worth"
    add("\(path).search.evaluations", evaluations)
    add("\(path).search.seed", "\(choice.seed)")
  }

  private func rate(_ bandwidth: Bandwidth) -> String { Dimension.bandwidth.text(bandwidth.value) }
  private func rate(_ flops: FLOPRate) -> String { Dimension.computeRate.text(flops.value) }
}
