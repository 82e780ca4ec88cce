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
  /// Whether a stage that has been read trains.
  private var hasTraining = false

  init(keys: KeyReader, terms: CostTerms) {
    self.keys = keys
    self.terms = terms
  }

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
    if items.count > Self.most {
      keys.report(.cost(.tooManyStages(count: items.count, most: Self.most)), at: "run.stages")
    }
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
    checkKeys(path, table, kind)
    let name = name(path, kind)
    let ramp = kind == .preTraining ? ramp("\(path).batch_ramp") : nil
    let follows = hasTraining
    if kind != .evaluation { hasTraining = true }
    guard let amount = amount(path, kind) else { return }
    if case .share = amount, !follows {
      let key = "\(path).share"
      keys.report(.run(.shareOfNothing(key: key, value: keys.quoted(key))), at: key)
    }
    checkStep(path, table, kind, amount)
    terms.stages.append(
      RunStage(
        path: path, name: name, kind: kind, amount: amount, ramp: ramp,
        source: keys.word("\(path).source") ?? "",
        changes: table.entries.filter { Self.changeable.contains($0.key) }))
  }

  /// Reports keys that no stage of the kind takes.
  private mutating func checkKeys(_ path: String, _ table: Document.Table, _ kind: StageKind) {
    let known = Self.common + kind.keys
    keys.note(known, of: path)
    for entry in table.wholeEntries where !known.contains(entry.key) {
      keys.report(
        .run(
          .noKeyOfStage(
            key: "\(path).\(shortened(entry.key))", kind: kind.rawValue, keys: known,
            suggestion: suggestion(for: entry.key, among: known))),
        at: "\(path).\(entry.key)")
    }
  }

  /// The stage's name: that of its kind where none is written, with a number from the second on.
  private mutating func name(_ path: String, _ kind: StageKind) -> String {
    let names = terms.stages.map(\.name)
    if keys.has("\(path).name") {
      guard let name = keys.word("\(path).name") else { return kind.rawValue }
      if names.contains(name) {
        keys.report(.repeatedName(key: "run.stages", value: shortened(name)), at: "\(path).name")
      }
      return name
    }
    guard names.contains(kind.rawValue) else { return kind.rawValue }
    let number = (2...names.count + 1).first { !names.contains("\(kind.rawValue) \($0)") }
    return "\(kind.rawValue) \(number ?? names.count + 1)"
  }

  /// A stage whose hours are stated has no step that could be another; only its cluster counts.
  private mutating func checkStep(
    _ path: String, _ table: Document.Table, _ kind: StageKind, _ amount: StageAmount
  ) {
    let isShare = if case .share = amount { true } else { false }
    guard kind == .stated || isShare else { return }
    for key in Self.changeable where key != "cluster" && table[key] != nil {
      keys.report(.run(.noStep(key: "\(path).\(key)")), at: "\(path).\(key)")
    }
  }

  /// How much the stage does; nil where it is reported.
  private mutating func amount(_ path: String, _ kind: StageKind) -> StageAmount? {
    let given = kind.amountKeys.filter { $0.contains { keys.has("\(path).\($0)") } }
    if given.count > 1 {
      let ways = given.flatMap { $0.filter { keys.has("\(path).\($0)") } }
      keys.report(.run(.severalAmounts(stage: path, ways: ways)), at: path)
      return nil
    }
    let before = keys.problems.count
    let amounts = amounts(path, kind)
    guard amounts.count == 1 else {
      let isMisspelt = keys.isMisspelt(amid: kind.amountKeys.flatMap(\.self), of: path)
      if keys.problems.count == before, !isMisspelt {
        keys.report(.cost(.noAmount(stage: path, ways: kind.ways)), at: path)
      }
      return nil
    }
    return amounts[0]
  }

  /// Every way in which the stage says how much it does; it should be one.
  private mutating func amounts(_ path: String, _ kind: StageKind) -> [StageAmount] {
    var amounts: [StageAmount] = []
    if kind.keys.contains("tokens"), let tokens = count("\(path).tokens", 1e18) {
      amounts.append(.tokens(tokens))
    }
    switch kind {
    case .preTraining, .contextExtension, .continuedPreTraining:
      if let steps = count("\(path).steps", 1e12) { amounts.append(.steps(steps)) }
    case .sft:
      if let samples = samples(path) {
        amounts.append(
          .samples(samples.count, tokensPerSample: samples.tokens, epochs: samples.epochs))
      }
    case .rl:
      if let learning = learning(path) { amounts.append(.rollouts(learning)) }
    case .distillation:
      if let distillation = distillation(path) { amounts.append(.distilled(distillation)) }
    case .evaluation:
      if let share = input("\(path).share", .share, in: 0...100) { amounts.append(.share(share)) }
    case .stated:
      if let hours = input("\(path).gpu_hours", .count, in: 1e-6...1e15) {
        amounts.append(.gpuHours(hours))
      }
      if let duration = input("\(path).duration", .time, in: 1e-3...3e9) {
        amounts.append(.duration(duration))
      }
      let flops = input("\(path).flops", .count, in: 1...1e30)
      let mfu = input("\(path).mfu", .share, in: 0.001...1)
      for (key, other) in [("flops", "mfu"), ("mfu", "flops")]
      where keys.has("\(path).\(key)") && !keys.has("\(path).\(other)") {
        guard !keys.isMisspelt(amid: [other], of: path) else { continue }
        keys.report(
          .cost(.without(key: "\(path).\(key)", needed: other, stage: path)), at: "\(path).\(key)")
      }
      if let flops, let mfu { amounts.append(.operations(flops, utilization: mfu)) }
    }
    return amounts
  }

  /// An amount of things, one or more.
  mutating func count(_ path: String, _ most: Double) -> InputReference? {
    input(path, .count, in: 1...most)
  }

  /// An amount that the stage cannot do without; nil where it is reported.
  mutating func needed(_ path: String, _ most: Double, example: String) -> InputReference? {
    keys.require(path, example: example)
    return count(path, most)
  }

  /// A number that nothing says otherwise.
  mutating func constant(_ path: String, _ value: Double) -> InputReference {
    terms.add(
      CostInput(
        path: path, spread: .exactly(value), dimension: .count, range: value...value,
        origin: .byDefault))
  }

  /// A number of the file; nil where it is absent or reported.
  mutating func input(
    _ path: String, _ dimension: Dimension, in range: ClosedRange<Double>
  ) -> InputReference? {
    keys.input(path, dimension, in: range, of: &terms)
  }
}
