import Economics
import Fabric
import Hardware
import Models
import Quantities
import Schedules
import Training

/// Reads a document's keys into a scenario, section by section; a value that is missing or wrong
/// stays nil, and checks that need it are left out.
struct ScenarioReader {
  var keys: KeyReader

  // Each nil until it is read, and where it is wrong.
  var name: String?
  var model: LoadedModel?
  var device: Device?
  var node: Node?
  var cluster: Cluster?
  var pipeline: Int?
  var tensor: Int?
  var context: Int?
  var data: Int?
  var expert: Int?
  var expertTensor: Int?
  var sequenceParallel: Bool?
  var overlaps: [Activity]?
  var layout: [[ModelItem]]?
  var zero: Int?
  var sequenceLength: Int?
  var globalBatch: Int?
  var microBatch: Int?
  var precision: NumberFormat?
  var recompute: Recompute?
  var attentionKernel: AttentionKernel?
  var multiprocessors: Int?
  var trafficPriority: [Activity]?
  var jitter: Double?
  var stagesPerRank: Int?
  var schedules: [ScheduleEntry]?
  var nodeLimit: Int?
  var seed: Int?
  var routing: RoutingDistribution?
  var redundantExperts: Int?
  var tokens: Double?
  var rent: RentalPrice?

  init(_ document: Document) { keys = KeyReader(document) }

  /// The scenario, once every section is read and every check made.
  mutating func scenario() throws(ScenarioError) -> Scenario {
    keys.check(ScenarioKeys.tables)
    readHead()
    readCluster()
    readDegrees()
    readTraining()
    readSchedules()
    readRouting()
    readMoney()
    checkLayout()
    checkExperts()
    checkParallelism()
    checkBatch()
    checkTrafficPriority()
    guard keys.problems.isEmpty else { throw ScenarioError(problems: told) }
    guard let scenario = assembled() else {
      // Every nil above comes with a problem, so this is for the compiler.
      throw ScenarioError(.empty, at: .file(keys.document.file))
    }
    return scenario
  }

  /// What is wrong; where there is no step at all, nothing of a step is missing.
  private var told: [Problem] {
    guard keys.problems.contains(where: { $0.fault == .cost(.nothingToSimulate) }) else {
      return keys.problems
    }
    return keys.problems.filter { if case .missing = $0.fault { false } else { true } }
  }

  /// - Parameter needsModel: whether a file without a model is wrong.
  mutating func readHead(needsModel: Bool = true) {
    keys.require("format", example: "format: 1")
    if let entry = keys.document.entry("format"), entry.value.text != "1" {
      keys.report(.wrongFormat(value: entry.value.quoted), at: "format")
    }
    keys.require("name", example: "name: my-scenario")
    if let entry = keys.document.entry("name") {
      let allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
      if let text = entry.value.text, !text.isEmpty, text.count <= 100, !text.hasPrefix("."),
        text.allSatisfy({ allowed.contains($0) })
      {
        name = text
      } else {
        keys.report(.badName(value: entry.value.quoted), at: "name")
      }
    }
    if needsModel { keys.require("model", example: "model: deepseek-v3") }
    guard needsModel, let word = keys.word("model") else { return }
    do {
      model = try LoadedModel(
        word, scenario: keys.document.file, place: keys.place("model"))
    } catch {
      keys.report(error.problems)
    }
  }

  private mutating func readTraining() {
    keys.require("training.sequence_length", example: "sequence_length: 4096")
    sequenceLength = keys.whole("training.sequence_length", in: 1...16_777_216, default: nil)
    keys.require("training.global_batch", example: "global_batch: 15360")
    globalBatch = keys.whole("training.global_batch", default: nil)
    microBatch = keys.whole("training.micro_batch", in: 1...65_536, default: 1)
    let formats = ["fp8", "bf16", "fp16"]
    precision = keys.name(
      "training.precision", kind: .precision, among: formats, default: "bf16"
    ).flatMap(NumberFormat.init)
    if precision == .fp8, let gpu = node?.gpu, gpu.fp8Peak == nil {
      keys.report(
        .noFP8(key: "training.precision", gpu: gpu.name),
        amid: ["training.precision", "cluster.node"])
    }
    recompute = keys.name(
      "training.recompute", kind: .recompute, among: Recompute.allCases.map(\.rawValue),
      default: Recompute.selective.rawValue
    ).flatMap(Recompute.init)
    attentionKernel = readAttentionKernel()
    // Compute needs at least one; without a node it is not known how many there are.
    let most = max(node?.gpu.multiprocessors.value ?? 1024, 1) - 1
    multiprocessors = keys.whole(
      "training.communication_multiprocessors", in: 1...most, default: min(20, most))
    trafficPriority = readTrafficPriority()
    jitter = keys.has("training.jitter") ? keys.number("training.jitter", in: 0...0.5) : 0
  }

  /// How attention's core is run; latent attention, which is younger than FlashAttention, is fused.
  private mutating func readAttentionKernel() -> AttentionKernel? {
    let path = "training.attention"
    let kernel = keys.name(
      path, kind: .attention, among: AttentionKernel.allCases.map(\.rawValue),
      default: AttentionKernel.flash.rawValue
    ).flatMap(AttentionKernel.init)
    if kernel == .unfused, let model = model?.architecture, case .latent = model.attention {
      keys.report(.fusedOnly(key: path, model: model.name), amid: [path, "model"])
    }
    return kernel
  }

  /// A class that goes first must be there.
  private mutating func checkTrafficPriority() {
    guard let trafficPriority, let model = model?.architecture, let tensor, let expert, let pipeline
    else { return }
    for (index, activity) in trafficPriority.enumerated() {
      let needs: String? =
        switch activity {
        case .dispatch, .combine:
          model.experts == nil
            ? "a model with experts" : (expert == 1 ? "parallelism.expert above 1" : nil)
        case .tensorExchange: tensor == 1 ? "parallelism.tensor above 1" : nil
        case .contextExchange: context == 1 ? "parallelism.context above 1" : nil
        case .pipelineSend: pipeline == 1 ? "parallelism.pipeline above 1" : nil
        default: nil
        }
      guard let needs else { continue }
      let path = "training.traffic_priority.\(index + 1)"
      keys.report(.idleTraffic(key: path, value: activity.word, needs: needs), at: path)
    }
  }

  /// Traffic classes in the order in which they go first; none where all share fairly.
  private mutating func readTrafficPriority() -> [Activity]? {
    let path = "training.traffic_priority"
    if keys.document.entry(path)?.value.text == "fair" { return [] }
    guard keys.has(path) else { return [] }
    guard let items = keys.list(path, kind: .trafficClasses) else { return nil }
    let names = Activity.traffic.map(\.word)
    var classes: [Activity] = []
    for index in items.indices.prefix(100) {
      let path = "\(path).\(index + 1)"
      guard let name = keys.name(path, kind: .trafficClass, among: names) else { continue }
      guard let found = Activity.traffic.first(where: { $0.word == name }) else { continue }
      if classes.contains(found) {
        keys.report(.repeatedName(key: "training.traffic_priority", value: name), at: path)
      }
      classes.append(found)
    }
    return classes
  }

  /// The run and its prices, of which a step needs no more than tokens and rent.
  private mutating func readMoney() {
    var reader = CostTermsReader(keys, cluster: cluster)
    reader.read()
    keys = reader.keys
    let terms = reader.terms
    if keys.has("price.rent"), !keys.has("run.tokens"), !keys.has("run.stages") {
      keys.report(
        .priceWithoutTokens(key: "price.rent", value: keys.quoted("price.rent")),
        at: "price.rent")
    }
    if !terms.stages.isEmpty, !terms.stages.contains(where: \.isSimulated), !keys.has("model") {
      keys.report(.cost(.nothingToSimulate), at: "run.stages")
    }
    if case .tokens(let reference)? = terms.stages.first?.amount {
      tokens = terms.middles[reference]
    }
    if keys.has("price.rent"), let reference = terms.rent {
      rent = RentalPrice(perGPUHour: Dollars(terms.middles[reference]))
    }
  }

  /// The scenario, where nothing is missing.
  private func assembled() -> Scenario? {
    guard let name, let model, let cluster, let schedules, let plan = plan(),
      let first = schedules.first
    else { return nil }
    let cases = schedules.map { schedule in
      ScenarioCase(
        name: schedule.name, model: model.architecture, cluster: cluster,
        plan: self.plan(plan, under: schedule), tokens: tokens, rent: rent, device: device)
    }
    var scenario = Scenario(
      name: name, model: model.architecture, modelSource: model.source, cluster: cluster,
      plan: self.plan(plan, under: first), cases: cases, tokens: tokens, rent: rent,
      resolved: [])
    let resolved = ResolvedListing(scenario: scenario, keys: keys, status: model.status).keys
    scenario.resolved = resolved
    for index in scenario.cases.indices { scenario.cases[index].resolved = resolved }
    return scenario
  }

  /// The plan all cases share; its schedule is the first.
  private func plan() -> Plan? {
    guard let pipeline, let tensor, let context, let data, let expert, let expertTensor,
      let sequenceParallel, let overlaps, let zero, let sequenceLength,
      let globalBatch, let microBatch, let precision, let recompute, let attentionKernel,
      let multiprocessors, let trafficPriority, let jitter, let seed, let routing,
      let redundantExperts,
      let schedule = schedules?.first
    else { return nil }
    var plan = Plan(
      pipeline: pipeline, tensor: tensor, data: data, expert: expert, zero: zero,
      sequenceLength: sequenceLength, globalBatch: globalBatch, microBatch: microBatch,
      format: precision, recompute: recompute, schedule: schedule.choice,
      communicationMultiprocessors: multiprocessors, nodeLimit: nodeLimit, seed: UInt64(seed),
      routing: routing, redundantExperts: redundantExperts)
    plan.trafficPriority = trafficPriority
    plan.jitter = jitter
    plan.attentionKernel = attentionKernel
    plan.context = context
    plan.expertTensor = expertTensor
    plan.sequenceParallel = sequenceParallel
    plan.overlapsGradientReduction = overlaps.contains(.gradientReduction)
    plan.overlapsParameterGather = overlaps.contains(.parameterGather)
    plan.overlapsTensorExchange = overlaps.contains(.tensorExchange)
    plan.layout = layout
    return plan
  }

  private func plan(_ plan: Plan, under schedule: ScheduleEntry) -> Plan {
    var plan = plan
    plan.schedule = schedule.choice
    return plan
  }
}
