import Hardware
import Models
import Schedules
import Training

/// How GPUs share the work: degrees, what is shared out, what overlaps, and the cut into stages.
extension ScenarioReader {
  /// What may run beside passes or products, in the order in which it is told.
  static let overlaps: [Activity] = [.gradientReduction, .parameterGather, .tensorExchange]

  /// Reads the section.
  mutating func readDegrees() {
    keys.require("parallelism.pipeline", example: "pipeline: 16")
    let counts = KeyReader.gpuCounts
    pipeline = keys.whole("parallelism.pipeline", in: counts, default: nil)
    tensor = keys.whole("parallelism.tensor", in: counts, default: 1)
    context = keys.whole("parallelism.context", in: counts, default: 1)
    data = keys.whole("parallelism.data", in: counts, default: nil)
    expert = keys.whole("parallelism.expert", in: counts, default: 1)
    expertTensor = keys.whole("parallelism.expert_tensor", in: counts, default: 1)
    sequenceParallel = keys.flag("parallelism.sequence_parallel", default: true)
    zero = keys.whole("parallelism.zero", in: 0...3, default: 1)
    overlaps = readOverlaps()
    readLayout()
  }

  private mutating func readOverlaps() -> [Activity]? {
    let path = "parallelism.overlap"
    guard keys.has(path) else { return [] }
    if keys.document.entry(path)?.value.text == "none" { return [] }
    guard let items = keys.list(path, kind: .overlaps) else { return nil }
    var found: [Activity] = []
    for index in items.indices.prefix(100) {
      let path = "\(path).\(index + 1)"
      let names = Self.overlaps.map(\.word)
      guard let name = keys.name(path, kind: .overlap, among: names),
        let activity = Self.overlaps.first(where: { $0.word == name })
      else { continue }
      if found.contains(activity) {
        keys.report(.repeatedName(key: "parallelism.overlap", value: name), at: path)
      }
      found.append(activity)
    }
    return found
  }

  private mutating func readLayout() {
    let path = "parallelism.layout"
    guard keys.has(path) else { return }
    guard let text = keys.word(path), text != "balanced", let model = model?.architecture else {
      return
    }
    do {
      layout = try LayoutText(text, of: model).stages
    } catch {
      keys.report(.layout(key: path, value: shortened(text), error: error), at: path)
    }
  }

  /// What the section asks for must be there to be shared, and layouts must have the stages of every
  /// schedule.
  mutating func checkParallelism() {
    checkSequences()
    checkExpertTensor()
    checkOverlaps()
    guard let layout, let schedules, let pipeline else { return }
    let path = "parallelism.layout"
    for schedule in schedules {
      let stages = modelStages(of: schedule.choice, pipeline: pipeline)
      guard let stages, stages != layout.count else { continue }
      keys.report(
        .layout(
          key: path, value: keys.quoted(path),
          error: .stages(count: layout.count, schedule: schedule.name, stages: stages)),
        amid: [path, "parallelism.pipeline"])
    }
  }

  /// Stages of the model under a schedule; nil where they cannot be counted.
  private func modelStages(of choice: PlannedSchedule, pipeline: Int) -> Int? {
    switch choice {
    case .builtIn(let builtIn, let options):
      let perRank = options.stagesPerRank ?? builtIn.defaultStagesPerRank
      return product([pipeline, perRank]).map { $0 / max(1, builtIn.facts.parameterCopies) }
    case .written(let list): return list.modelStages
    case .searched(let choice): return product([pipeline, choice.stagesPerRank])
    }
  }

  /// Each GPU of a context group has two pieces of a sequence, one from each end, so that all have as
  /// much of the causal square.
  private mutating func checkSequences() {
    if let context, context > 1, let sequenceLength, !sequenceLength.isMultiple(of: 2 * context) {
      keys.report(
        .notMultiple(
          key: "training.sequence_length", value: sequenceLength,
          of: .contextHalves(context: context), total: 2 * context,
          nearest: multiples(of: 2 * context, near: sequenceLength)),
        amid: ["parallelism.context", "training.sequence_length"])
    }
    let path = "parallelism.sequence_parallel"
    guard let tensor, let sequenceParallel, keys.has(path) else { return }
    if tensor == 1 {
      keys.report(
        .idleKey(
          key: path, value: keys.quoted(path), without: "parallelism.tensor above 1"), at: path)
    } else if !sequenceParallel, let model = model?.architecture, model.experts != nil {
      keys.report(.wholeTokensOfExperts(key: path, model: model.name), at: path)
    }
  }

  private mutating func checkExpertTensor() {
    let path = "parallelism.expert_tensor"
    guard let expertTensor, keys.has(path), let model = model?.architecture else { return }
    guard let experts = model.experts else {
      keys.report(.noExperts(key: path, value: keys.quoted(path), model: model.name), at: path)
      return
    }
    if !experts.intermediate.isMultiple(of: expertTensor) {
      keys.report(
        .notDivisor(
          key: path, value: expertTensor, of: .expertWidth, total: experts.intermediate,
          nearest: divisors(of: experts.intermediate, near: expertTensor)),
        amid: [path, "model"])
    }
    guard let tensor, let context, let data, let expert,
      let gpus = product([tensor, context, data]), gpus.isMultiple(of: expert)
    else { return }
    let rest = gpus / expert
    if !rest.isMultiple(of: expertTensor) {
      keys.report(
        .notDivisor(
          key: path, value: expertTensor, of: .rankOverExperts(expert: expert), total: rest,
          nearest: divisors(of: rest, near: expertTensor)),
        amid: [path, "parallelism.expert", "parallelism.data"])
    } else if let node, let span = product([expert, expertTensor]), span > node.gpus,
      !span.isMultiple(of: node.gpus), expert <= node.gpus || expert.isMultiple(of: node.gpus)
    {
      keys.report(
        .expertSpan(key: path, expert: expert, value: expertTensor, gpusPerNode: node.gpus),
        amid: [path, "parallelism.expert"])
    }
  }

  /// What overlaps must be there.
  private mutating func checkOverlaps() {
    guard let overlaps, let tensor, let zero else { return }
    for (index, activity) in overlaps.enumerated() {
      let needs: String? =
        switch activity {
        case .tensorExchange: tensor == 1 ? "parallelism.tensor above 1" : nil
        case .parameterGather: zero == 0 ? "parallelism.zero above 0" : nil
        default: nil
        }
      guard let needs else { continue }
      let path = "parallelism.overlap.\(index + 1)"
      keys.report(.idleTraffic(key: path, value: activity.word, needs: needs), at: path)
    }
  }
}

extension KeyReader {
  /// True or false; `fallback` where the key is absent, nil where it is reported.
  mutating func flag(_ path: String, default fallback: Bool) -> Bool? {
    guard let entry = document.entry(path) else { return fallback }
    if case .scalar(let text, false) = entry.value, text == "true" || text == "false" {
      return text == "true"
    }
    report(.wrongKind(key: path, value: entry.value.quoted, kind: .flag), at: path)
    return nil
  }
}
