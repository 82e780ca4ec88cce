import Quantities
import Statistics

/// Reads `run.tokens` or the list `run.stages`.
struct StageReader {
  var keys: KeyReader
  var terms: CostTerms

  /// Keys of the scenario that a stage may set anew.
  static let changeable = ["model", "cluster", "parallelism", "training", "routing"]
  /// Keys that every stage takes.
  static let common = ["stage", "name"] + changeable
  /// Most stages of a run.
  static let most = 100

  mutating func read() {
    guard keys.has("run.stages") else {
      if let tokens = input("run.tokens", .count, in: 1...1e18) {
        terms.stages = [
          RunStage(
            path: "run", name: StageKind.preTraining.rawValue, kind: .preTraining,
            amount: .tokens(tokens))
        ]
      }
      return
    }
    if keys.has("run.tokens") {
      keys.report(.cost(.oneOf(key: "run.tokens", other: "run.stages")), at: "run.tokens")
    }
    guard let items = keys.list("run.stages", kind: .tables) else { return }
    for index in items.indices.prefix(Self.most) { readStage("run.stages.\(index + 1)") }
  }

  private mutating func readStage(_ path: String) {
    guard let entry = keys.document.entry(path), case .table(let table) = entry.value else {
      keys.report(
        .wrongKind(
          key: path, value: keys.quoted(path), kind: .table(keys: Self.common)), at: path)
      return
    }
    keys.require("\(path).stage", example: "stage: pre-training")
    guard
      let kind = keys.name(
        "\(path).stage", kind: .stage, among: StageKind.allCases.map(\.rawValue)
      ).flatMap(StageKind.init)
    else { return }
    for entry in table.entries where !(Self.common + kind.keys).contains(entry.key) {
      keys.report(
        .cost(
          .notOfKind(
            key: "\(path).\(shortened(entry.key))", kind: kind.rawValue, keys: kind.keys)),
        at: "\(path).\(entry.key)")
    }
    let name = keys.word("\(path).name") ?? kind.rawValue
    guard let amount = amount(path, kind, name) else { return }
    terms.stages.append(
      RunStage(
        path: path, name: name, kind: kind, amount: amount,
        source: keys.word("\(path).source") ?? "",
        changes: table.entries.filter { Self.changeable.contains($0.key) }))
  }

  /// How much the stage does; nil where it is reported.
  private mutating func amount(_ path: String, _ kind: StageKind, _ name: String) -> StageAmount? {
    let before = keys.problems.count
    var amounts: [StageAmount] = []
    if let tokens = input("\(path).tokens", .count, in: 1...1e18), kind.keys.contains("tokens") {
      amounts.append(.tokens(tokens))
    }
    switch kind {
    case .preTraining, .contextExtension:
      if let steps = input("\(path).steps", .count, in: 1...1e12) { amounts.append(.steps(steps)) }
    case .sft:
      let samples = input("\(path).samples", .count, in: 1...1e15)
      let perSample = input("\(path).tokens_per_sample", .count, in: 1...1e9)
      let epochs =
        input("\(path).epochs", .count, in: 0.001...1000)
        ?? (samples == nil ? nil : constant("\(path).epochs", 1))
      if let samples, let perSample, let epochs {
        amounts.append(.samples(samples, tokensPerSample: perSample, epochs: epochs))
      }
    case .stated:
      if let hours = input("\(path).gpu_hours", .count, in: 1e-6...1e15) {
        amounts.append(.gpuHours(hours))
      }
      if let duration = input("\(path).duration", .time, in: 1e-3...3e9) {
        amounts.append(.duration(duration))
      }
      let flops = input("\(path).flops", .count, in: 1...1e30)
      let mfu = input("\(path).mfu", .share, in: 0.001...1)
      if let flops, let mfu { amounts.append(.operations(flops, utilization: mfu)) }
    }
    guard amounts.count == 1 else {
      if keys.problems.count == before {
        keys.report(.cost(.noAmount(stage: path, ways: kind.ways)), at: path)
      }
      return nil
    }
    return amounts[0]
  }

  private mutating func constant(_ path: String, _ value: Double) -> InputReference {
    terms.add(
      CostInput(
        path: path, spread: .exactly(value), dimension: .count, range: value...value,
        origin: .byDefault))
  }

  private mutating func input(
    _ path: String, _ dimension: Dimension, in range: ClosedRange<Double>
  ) -> InputReference? {
    guard let spread = keys.spread(path, dimension, in: range) else { return nil }
    return terms.add(
      CostInput(
        path: path, spread: spread, dimension: dimension, range: range, origin: keys.origin(path)))
  }
}

extension StageKind {
  /// The ways to say how much a stage of the kind does.
  var ways: [String] {
    switch self {
    case .preTraining, .contextExtension: ["tokens", "steps"]
    case .sft: ["tokens", "samples with tokens_per_sample"]
    case .stated: ["gpu_hours", "duration", "flops with mfu"]
    }
  }
}
