import Fabric
import Models
import Quantities
import ScheduleSearch
import Schedules
import Training

/// The sentences of everything that can be wrong with a scenario.
extension ScenarioError: CustomStringConvertible {
  /// One sentence for each problem, one a line.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

extension Problem: CustomStringConvertible {
  /// `FILE:LINE: KEY is VALUE: RULE; REMEDY`.
  public var description: String {
    let place = place.description
    let sentence = point.map { "with \($0): \(fault.description)" } ?? fault.description
    return place.isEmpty ? sentence : "\(place): \(sentence)"
  }
}

extension Fault: CustomStringConvertible {
  /// What is wrong, the rule, and what would do.
  public var description: String {
    fileSentence ?? keySentence ?? relationSentence ?? scheduleSentence ?? clusterSentence ?? ""
  }

  private var scheduleSentence: String? {
    switch self {
    case .routing(let key, let value, let error): "\(key) is \(value): \(error.description)"
    case .counts(let fault): fault.description
    case .denseModel(let name):
      "model is \(name): it has no experts, so there is nothing to route; name one that has, such "
        + "as deepseek-v3"
    case .layerWithoutExperts(let layer, let layers):
      "--layer is \(layer): the layers with experts are \(layers.lowerBound) to "
        + "\(layers.upperBound); use one of them"
    case .noCountsFile(let key, let value):
      "\(key) is \(value): there is no such file in the scenario's folder or the current one; "
        + "correct the path, or use one of \(RoutingDistribution.forms)"
    case .redundantWithoutGroup(let key, let value):
      "\(key) is \(value): with parallelism.expert 1 one GPU holds all experts, so it would do "
        + "nothing; remove the key or raise parallelism.expert"
    case .scheduleText(let problem): problem.description
    case .scheduleRefused(let error): error.description
    case .search(let error): error.description
    case .durations(let fault): fault.description
    case .flows(let fault): fault.description
    case .sweep(let fault): fault.description
    case .calibration(let fault): fault.description
    case .cost(let fault): fault.description
    case .run(let fault): fault.description
    case .more(let count):
      "and \(count) more \(count == 1 ? "problem" : "problems"); correct those above first"
    default: nil
    }
  }

  private var fileSentence: String? {
    switch self {
    case .noSuchFile: "there is no such file; give the path of a file that exists"
    case .isFolder: "this is a folder, not a file; name a file in it"
    case .unreadable: "this file cannot be read; check its permissions"
    case .tooLarge(nil, let most):
      "the file has more than \(most) bytes, which is the most that is read; give a shorter file"
    case .tooLarge(let bytes?, let most):
      "the file has \(bytes) bytes: at most \(most) are read; give a shorter file"
    case .notUTF8: "the file is not UTF-8 text; save it in that encoding"
    case .empty: "the file is empty: it must hold keys with values; write some"
    case .malformed(let reason):
      "this cannot be read as YAML: \(reason); correct this line or the one before it"
    case .tooDeep:
      "lists and tables are nested too deep: at most 1000 levels are read; nest fewer"
    case .severalDocuments:
      "a second document starts here: a file holds one; remove it or give it a file of its own"
    case .notATable(let value):
      "the file holds \(value): it must hold keys with values; write them as key: value"
    case .tooManyAliases(let count, let most):
      "the file uses \(count) aliases (*name): at most \(most) are read; write the values out"
    case .tooManyValues(let most):
      "the file holds more than \(most) values; give a shorter file"
    case .duplicateKey(let key, let firstLine):
      "\(shortened(key)) stands \(firstLine.map { "here and on line \($0)" } ?? "twice here"): "
        + "a key may stand once; remove one of them"
    case .keyNotText: "a list or a table stands where a key is needed; write a word"
    case .overrideSyntax:
      "this sets no key; write key.path=value, such as training.micro_batch=2"
    case .overrideMalformed(let reason):
      "the value cannot be read as YAML: \(reason); correct it or put it in quotes"
    case .overrideTooDeep:
      "no key path has so many parts; write key.path=value, such as training.micro_batch=2"
    case .overrideInValue(let key, let value):
      "\(key) is \(value), which is no table, so there is no key inside it; set \(key) itself"
    default: nil
    }
  }

  private var keySentence: String? {
    switch self {
    case .unknownKey(let key, let keys, let suggestion):
      "\(shortened(key)) is not a key: its table takes \(list(keys)); "
        + (suggestion.map { "did you mean \($0)?" } ?? "remove it")
    case .missing(let key, let example):
      "\(key) is missing: it has no default; add it, such as \(example)"
    case .wrongKind(let key, let value, let kind):
      "\(key) is \(value): it must be \(kind.rule); \(kind.remedy)"
    case .notWhole(let key, let value):
      "\(key) is \(value): it must be a whole number; round it"
    case .outOfRange(let key, let value, let range):
      "\(key) is \(value): it must be from \(range.lowerBound) to \(range.upperBound); "
        + "use \(value.hasPrefix("-") ? range.lowerBound : nearest(value, range))"
    case .notAQuantity(let key, let value, let dimension, let error):
      "\(key) is \(value): \(error.rule(dimension)); write it like \(dimension.example(of: key))"
    case .quantityOutOfRange(let key, let value, let least, let most):
      "\(key) is \(value): it must be from \(least) to \(most); correct the number or its unit"
    case .badName(let value):
      "name is \(value): it names a folder, so it takes up to 100 letters, digits, '.', '_' and "
        + "'-' and starts with no '.'; use a name such as my-scenario"
    case .wrongFormat(let value):
      "format is \(value): this version reads format 1; write format: 1"
    case .unknownName(let key, let value, let kind, let names, let suggestion):
      "\(key) \(key == "compare" ? "has" : "is") \(value): \(kind.rule(list(names))); "
        + (suggestion.map { "did you mean \($0)?" } ?? "use one of them")
    case .noModelFile(let value):
      "model is \(value): there is no such file in the scenario's folder or the current one; "
        + "correct the path, or use a name that `fathom catalog models` lists"
    case .notYet(let key, let value, let allowed):
      "\(key) is \(value): that is not simulated yet; use \(either(allowed))"
    case .emptyList(let key):
      "\(key) is an empty list: it names \(listed(key)); add some or remove the key"
    case .scheduleTable(let key, let found):
      "\(key) has \(found.isEmpty ? "none" : found.joined(separator: " and ")) out of name, file "
        + "and search: a schedule is just one of them; write {name: dualpipe}, {file: my.csv} or "
        + "{search: {}}"
    case .optionOfName(let key, let way):
      "\(key) is an option of a named schedule, so beside \(way) it would do nothing; remove it"
        + (way == "search" ? " or write it below search" : "")
    case .noScheduleFile(let key, let value):
      "\(key) is \(value): there is no such file in the scenario's folder or the current one; "
        + "correct the path, or write a list with `fathom schedule show`"
    case .repeatedName(let key, let value):
      "\(key) has \(value) twice: "
        + (key == "compare"
          ? "each schedule is simulated once"
          : named.contains(key) ? "each has a name of its own" : "each class has one place")
        + "; remove one of them"
    default: nil
    }
  }

  private var relationSentence: String? {
    switch self {
    case .tooManyGPUs(let key, let value, let gpus, let fabric, let most, let larger):
      "\(key) is \(value), \(gpus) GPUs in all: \(fabric) joins at most \(most); "
        + (larger.map { "use fabric \($0) or fewer nodes" } ?? "use fewer nodes")
    case .degrees(let pipeline, let tensor, let context, let data?, let gpus):
      "parallelism.pipeline is \(pipeline): pipeline x tensor x "
        + "\(context > 1 ? "context x " : "")data is \(pipeline) x \(tensor) x "
        + "\(context > 1 ? "\(context) x " : "")\(data), and must be the cluster's \(gpus) GPUs; "
        + "change a degree, or leave data out to have it worked out"
    case .degrees(let pipeline, let tensor, let context, nil, let gpus):
      "parallelism.pipeline is \(pipeline): pipeline x tensor\(context > 1 ? " x context" : "") is "
        + "\(pipeline) x \(tensor)\(context > 1 ? " x \(context)" : ""), and "
        + "must divide the cluster's \(gpus) GPUs; change a degree or the number of nodes"
    case .layout(let key, let value, let error): "\(key) is \(value): \(error.description)"
    case .idleKey(let key, let value, let without):
      "\(key) is \(value): without \(without) it would do nothing; remove it or give \(without)"
    case .wholeTokensOfExperts(let key, let model):
      "\(key) is false: every tensor rank would send all tokens to the experts of \(model); use true"
    case .expertSpan(let key, let expert, let value, let gpusPerNode):
      "\(key) is \(value): expert x expert_tensor is \(expert) x \(value), and must be at most the "
        + "\(gpusPerNode) GPUs of a node or a multiple of them; change one of the two"
    case .notDivisor(let key, let value, let total, let size, let nearest):
      "\(key) is \(value): it must divide \(total.name(size)); use \(either(nearest))"
    case .notMultiple(let key, let value, let total, let size, let nearest):
      "\(key) is \(value): it must be a multiple of \(total.name(size)); use \(either(nearest))"
    case .noExperts(let key, let value, let model):
      "\(key) is \(value): \(model) has no experts, so it would do nothing; remove the key"
    case .noFP8(let key, let gpu):
      "\(key) is fp8: \(gpu) does not compute in FP8; use bf16 or fp16"
    case .fusedOnly(let key, let model):
      "\(key) is unfused: the latent attention of \(model) is run by fused kernels alone; use flash"
    case .tooFewNodes(let key, let value, let perToken, let reachable, let least):
      "\(key) is \(value): a token visits \(perToken) experts, and \(value) of the group's nodes "
        + "hold \(reachable); use \(least) or more"
    case .schedule(let key, let value, let context, let error):
      "\(key) is \(value)\(context.words(of: error)): \(error.description)"
        + context.remedy(of: error)
    case .tooManyStages(let key, let value, let schedule, let stages, let parts, let most):
      "\(key) is \(value.map(String.init) ?? schedule): \(schedule) then cuts the model into "
        + "\(stages) stages, but its layers, embedding, head and prediction layers are \(parts) "
        + "parts; use at most \(most)"
    case .searchTooLarge(let key, let stages, let most):
      "\(key) is over \(stages) stages: each is measured by itself, and for this model at most "
        + "\(most) are; use fewer pipeline ranks or stages per rank"
    case .unevenSharing(let key, let file, let sharing):
      "\(key) is \(file): \(sharing.description)"
    case .scheduleShape(let key, let value, let file, let needs, .ranks):
      "\(key) is \(value): \(file) is a list for \(counted(needs, "rank")); use \(needs), or "
        + "another list"
    case .scheduleShape(
      let key, let value, let file, let needs, .microBatches(let planned, let globalBatch)):
      "\(key) is \(value), \(counted(planned, "micro-batch")) for each pipeline: \(file) is a list for "
        + "\(needs); use \(globalBatch), or another list"
    case .tooManyTasks(let key, let value, let tasks): tasks.sentence(key: key, value: value)
    case .noStagesToChoose(let key, let value, let schedules):
      "\(key) is \(value): \(either(schedules)) does not take it, so it would do nothing; "
        + "remove the key or use interleaved-1f1b"
    case .priceWithoutTokens(let key, let value):
      "\(key) is \(value): without run.tokens there is nothing to pay for; add run: {tokens: 1T} "
        + "with the tokens of the run, or remove the key"
    case .config(let problem): problem.description
    default: nil
    }
  }
}

extension ValueKind {
  fileprivate var rule: String {
    switch self {
    case .wholeNumber: "a whole number in decimal digits"
    case .number: "a number in decimal digits"
    case .word: "a word"
    case .table(let keys): "a table of \(list(keys))"
    case .schedules: "a list of schedules"
    case .words: "a list of words"
    case .faults, .tables: "a list of tables"
    case .trafficClasses: "fair, or a list of traffic classes"
    case .flag: "true or false"
    case .overlaps: "none, or a list of what overlaps"
    }
  }

  fileprivate var remedy: String {
    switch self {
    case .wholeNumber: "write it like 16, without quotes or unit"
    case .number: "write it like 0.5, without quotes or unit"
    case .word: "write one word, or remove the key"
    case .table: "write its keys below it, indented"
    case .schedules: "write it like [1f1b, dualpipe]"
    case .faults: "write it like [{nic: 12, share: 0.5}, {gpu: 17, speed: 0.9}]"
    case .trafficClasses: "write it like [pipeline_send, dispatch]"
    case .flag: "write one of the two, without quotes"
    case .overlaps: "write it like [gradient_reduction, parameter_gather]"
    case .tables: "write each with a dash and its keys"
    case .words: "write it like [pre-training, evaluation]"
    }
  }
}

extension NameKind {
  fileprivate func rule(_ names: String) -> String {
    switch self {
    case .model: "it must be the path of a Hugging Face config.json or one of the models \(names)"
    case .node: "the nodes are \(names)"
    case .fabric: "the fabrics are \(names)"
    case .schedule: "the schedules are \(names)"
    case .precision: "the precisions are \(names)"
    case .recompute, .attention: "the kinds are \(names)"
    case .network: "the networks are \(names)"
    case .trafficClass: "the traffic classes are \(names)"
    case .overlap: "what may overlap is \(names)"
    case .kernelClass: "the classes are \(names)"
    case .stage: "the stages are \(names)"
    case .reliability: "it must be a list of failures or one of \(names)"
    case .choice: "the choices are \(names)"
    case .pairs: "the ways to run pairs are \(names)"
    case .status: "a figure is \(names)"
    case .basis: "the bases are \(names)"
    case .figure: "the figures are \(names)"
    }
  }
}

extension Total {
  fileprivate func name(_ size: Int) -> String {
    switch self {
    case .gpusPerNode: "the \(size) GPUs of a node"
    case .tensorTimesData(let context):
      "tensor x \(context > 1 ? "context x " : "")data, \(size)"
    case .rankOverExperts(let expert):
      "tensor x context x data over expert \(expert), \(size)"
    case .expertWidth: "the \(size) columns of an expert"
    case .contextHalves(let context): "2 x context, 2 x \(context)"
    case .routedExperts: "the model's \(size) routed experts"
    case .groupGPUs: "the \(size) GPUs of an expert-parallel group"
    case .attentionHeads: "the model's \(size) attention heads"
    case .feedForwardWidth: "the \(size) columns of the model's feed-forward part"
    case .sequencesOfAllPipelines(let data, let microBatch):
      "data x micro_batch, \(data) x \(microBatch)"
    }
  }
}

extension ScheduleContext {
  /// What a global batch comes to, where the schedule minds the micro-batches.
  fileprivate func words(of error: ScheduleError) -> String {
    switch error {
    case .tooFewMicroBatches, .tooManyMicroBatches, .microBatchesNotMultiple, .groupSize:
      ", \(counted(microBatches, "micro-batch")) for each of \(counted(data, "pipeline"))"
    default: ""
    }
  }

  /// The global batches that the micro-batches a schedule would take come to.
  fileprivate func remedy(of error: ScheduleError) -> String {
    func batches(_ counts: [Int]) -> String {
      either(counts.compactMap { product([$0, data, microBatch]) })
    }
    switch error {
    case .tooFewMicroBatches(_, _, _, let least):
      return ", a global_batch of \(batches([least])) or more"
    case .tooManyMicroBatches(_, _, _, let most):
      return ", a global_batch of \(batches([most]))"
    case .microBatchesNotMultiple(_, _, _, let nearest):
      return ", a global_batch of \(batches(nearest))"
    default: return ""
    }
  }
}

extension TaskCount {
  fileprivate func sentence(key: String, value: Int) -> String {
    let many = count == Int.max ? "more tasks than can be counted" : "about \(count) tasks"
    return "\(key) is \(value), \(microBatches) micro-batches for each pipeline: over \(layers) "
      + "layers that is \(many), and a step of at most \(most) is simulated; "
      + "use at most \(mostValue)"
  }
}

extension QuantityError {
  func rule(_ dimension: Dimension) -> String {
    switch self {
    case .notANumber:
      "it must be a number" + (dimension.takesBareNumber ? "" : " with a unit")
    case .missingUnit(let units): "it needs a unit out of \(list(units))"
    case .unknownUnit(let unit, let units):
      "\(shortened(unit)) is no unit out of \(list(units))"
    }
  }
}

/// Lists whose values have names of their own.
private let named = ["techniques", "run.stages", "reliability.failures"]

extension Dimension {
  /// How the key's value may be written: what a run takes is longer than what a link does.
  func example(of key: String) -> String {
    let isLong = ["reliability.", "run.", "headline."].contains { key.hasPrefix($0) }
    if case .time = self, isLong { return "20 min" }
    return example
  }

  var example: String {
    switch self {
    case .time: "10 us"
    case .data: "80 GB"
    case .bandwidth: "400 Gbit/s"
    case .computeRate: "989 TFLOPS"
    case .pricePerGPUHour: "2 USD/GPU-hour"
    case .count: "14.8T"
    case .money: "36 K USD"
    case .moneyPerYear: "2 M USD/year"
    case .pricePerKilowattMonth: "130 USD/kW-month"
    case .pricePerKilowattHour: "0.08 USD/kWh"
    case .power: "1.3 kW"
    case .years: "4 years"
    case .ratePerNodeDay: "0.004 /node-day"
    case .carbonPerKilowattHour: "0.4 kg/kWh"
    case .share: "85 %"
    }
  }
}

/// The end of the range that a number beyond it is closer to.
private func nearest(_ value: String, _ range: ClosedRange<Int>) -> Int {
  guard let number = Double(value.filter { $0 != "_" }) else { return range.lowerBound }
  return number > Double(range.upperBound) ? range.upperBound : range.lowerBound
}

/// What a list of a scenario names.
private func listed(_ key: String) -> String {
  switch key {
  case "compare": "the schedules to compare"
  case "training.traffic_priority": "the traffic that goes first"
  case "techniques": "what makes the run cheaper"
  case "reliability.failures": "what fails, and is written none where nothing does"
  case "run.stages": "the stages of the run"
  case let key where key.hasPrefix("headline."): "what a claim rests on"
  case "parallelism.overlap": "what overlaps"
  default: "what works below its rate"
  }
}

private func list(_ words: [String]) -> String { words.joined(separator: ", ") }

func either(_ words: [String]) -> String { words.joined(separator: " or ") }

func either(_ numbers: [Int]) -> String { either(numbers.map(\.description)) }
