import Quantities

/// What was said in public of the run that a scenario describes, to stand beside Fathom's figure.
///
///     headline:
///       claim: 2.788M GPU-hours, $5.576M
///       figure: gpu_hours
///       value: 2.788M
///       source: arXiv 2412.19437, Table 1
///       status: verified
///       basis: simulated
///       includes: [pre-training, context extension, post-training]
///       leaves_out: [research before the run]
public struct Headline: Sendable, Equatable {
  /// The claim in words.
  public var claim: String
  /// The figure that is compared.
  public var figure: Figure
  /// What is claimed of it, in the figure's unit.
  public var value: Double
  /// Where it was published.
  public var source: String
  /// How it is known.
  public var status: PublishedFigure.Status
  /// What Fathom's figure rests on.
  public var basis: Basis
  /// What the claim covers.
  public var includes: [String]
  /// What it leaves out.
  public var leavesOut: [String]
  /// Why Fathom's figure may differ from it.
  public var differsBecause: [String]

  /// What Fathom's figure rests on.
  public enum Basis: String, Sendable, CaseIterable {
    /// Steps that are simulated from the model, the cluster and the layout.
    case simulated
    /// Sums and products of stated hours, and no simulation.
    case arithmetic
  }

  /// A figure that a claim can be about, by its key.
  public enum Figure: Sendable, Hashable {
    /// One that `fathom cost` has a range of.
    case cost(CostFigure.Key)
    /// Operations of all stages whose operations are known.
    case operations
    /// Memory of the fullest GPU.
    case memory
    /// GPU-hours with all techniques over those with none.
    case gpuHoursRatio
    /// Memory of the fullest GPU with all techniques over that with none.
    case memoryRatio
    /// Operations with all techniques over those with none, attention over the whole square.
    case operationsRatio

    static let all: [Figure] =
      CostFigure.Key.allCases.map(Figure.cost) + [
        .operations, .memory, .gpuHoursRatio, .memoryRatio, .operationsRatio,
      ]

    /// Its key.
    public var key: String {
      switch self {
      case .cost(let key): key.rawValue
      case .operations: "flops"
      case .memory: "peak_memory_bytes"
      case .gpuHoursRatio: "gpu_hours_ratio"
      case .memoryRatio: "peak_memory_ratio"
      case .operationsRatio: "flops_ratio"
      }
    }

    /// Whether it compares the scenario with the one that has none of its techniques.
    var needsTechniques: Bool {
      [.gpuHoursRatio, .memoryRatio, .operationsRatio].contains(self)
    }

    /// How its value is written in a file.
    var dimension: Dimension {
      switch self {
      case .memory: .data
      case .cost(.wallDays): .time
      case let other where other.key.hasSuffix("_usd"): .money
      case let other where other.key.hasSuffix("_ratio"): .share
      default: .count
      }
    }

    /// What may be claimed of it, in its dimension's base unit.
    var claims: ClosedRange<Double> {
      switch self {
      case .cost(.effectiveTimeRatio), .cost(.billedMFU): 1e-3...1
      case .gpuHoursRatio, .memoryRatio, .operationsRatio: 1e-6...1e6
      case .operations: 1...1e30
      case .memory: 1...1e15
      case .cost(.wallDays): 1...3e9
      case .cost: 1e-3...1e15
      }
    }

    /// Whether it is of a step, which stated stages have none of.
    var needsStep: Bool {
      [.memory, .memoryRatio, .operationsRatio, .cost(.effectiveTimeRatio)].contains(self)
    }

    /// Seconds of a day where a file gives a time and the figure is in days.
    var scale: Double { self == .cost(.wallDays) ? 86_400 : 1 }
  }

  /// Most values of a list.
  static let most = 100
  static let keys = [
    "claim", "figure", "value", "source", "status", "basis", "includes", "leaves_out",
    "differs_because",
  ]
}

extension Headline {
  /// The headline of a document; nil where there is none or it is reported.
  static func read(_ keys: inout KeyReader) -> Headline? {
    guard keys.has("headline") else { return nil }
    let before = keys.problems.count
    for (key, example) in [
      ("claim", "claim: 2.788M GPU-hours"), ("figure", "figure: gpu_hours"),
      ("value", "value: 2.788M"), ("source", "source: 'arXiv 2412.19437, Table 1'"),
      ("status", "status: verified"), ("basis", "basis: simulated"),
    ] {
      keys.require("headline.\(key)", example: example)
    }
    let claim = keys.word("headline.claim")
    let source = keys.word("headline.source")
    let figure = keys.name(
      "headline.figure", kind: .figure, among: Figure.all.map(\.key)
    ).flatMap { name in Figure.all.first { $0.key == name } }
    let status = keys.name(
      "headline.status", kind: .status,
      among: PublishedFigure.Status.allCases.map(\.rawValue)
    ).flatMap(PublishedFigure.Status.init)
    let basis = keys.name(
      "headline.basis", kind: .basis, among: Basis.allCases.map(\.rawValue)
    ).flatMap(Basis.init)
    var value: Double?
    if let figure {
      value = keys.amount("headline.value", figure.dimension, in: figure.claims)
        .map { $0 / figure.scale }
    }
    let lists = ["includes", "leaves_out", "differs_because"].map { words($0, &keys) }
    guard keys.problems.count == before, let claim, let figure, let value, let source, let status,
      let basis
    else { return nil }
    return Headline(
      claim: claim, figure: figure, value: value, source: source, status: status, basis: basis,
      includes: lists[0], leavesOut: lists[1], differsBecause: lists[2])
  }

  /// A list of texts; none where the key is absent.
  private static func words(_ key: String, _ keys: inout KeyReader) -> [String] {
    let path = "headline.\(key)"
    guard let items = keys.list(path, kind: .words) else { return [] }
    if items.count > most {
      keys.report(.cost(.tooMany(key: path, count: items.count, most: most)), at: path)
    }
    return items.indices.prefix(most).compactMap { keys.word("\(path).\($0 + 1)") }
  }

  /// What is wrong with the headline of that plan: a figure that the run has not, or another basis
  /// than it has.
  func faults(of terms: CostTerms, hasTechniques: Bool) -> [Problem.Pointed] {
    var faults: [Problem.Pointed] = []
    if figure.needsTechniques, !hasTechniques {
      faults.append(
        (
          "headline.figure",
          .cost(.headlineNeeds(figure: figure.key, needs: "a list of techniques"))
        ))
    }
    if figure == .cost(.rent), terms.rent == nil {
      faults.append(
        ("headline.figure", .cost(.headlineNeeds(figure: figure.key, needs: "price.rent"))))
    }
    let isSimulated = terms.stages.contains { $0.isSimulated }
    let hasOperations =
      isSimulated
      || terms.stages.contains { if case .operations = $0.amount { true } else { false } }
    if figure.needsStep, !isSimulated {
      let needs = "a stage that is simulated"
      faults.append(
        ("headline.figure", .cost(.headlineNeeds(figure: figure.key, needs: needs))))
    } else if [.operations, .cost(.billedMFU)].contains(figure), !hasOperations {
      let needs = "a stage that is simulated or has flops"
      faults.append(
        ("headline.figure", .cost(.headlineNeeds(figure: figure.key, needs: needs))))
    }
    if isSimulated != (basis == .simulated) {
      faults.append(
        (
          "headline.basis",
          .cost(.headlineBasis(basis: basis.rawValue, isSimulated: isSimulated))
        ))
    }
    return faults
  }
}

extension Problem {
  /// A fault and the key it is told of.
  typealias Pointed = (path: String, fault: Fault)
}

/// A claim beside Fathom's figure.
public struct HeadlineOutcome: Sendable {
  /// The claim.
  public var headline: Headline
  /// Fathom's figure with every input at its middle.
  public var value: Double
  /// What 5 and 95 of 100 draws lie below; nil of figures that are not drawn.
  public var range: ClosedRange<Double>?

  /// How far Fathom is off: above zero where it gives more.
  public var error: Double { value / headline.value - 1 }

  /// The claim of a run; nil where it has none, or has no such figure.
  public init?(_ outcome: CostOutcome, _ techniques: TechniqueOutcome?) {
    guard let headline = outcome.plan.headline else { return nil }
    self.headline = headline
    func ratio(_ of: (TechniqueRow) -> Double?) -> Double? {
      guard let techniques, let start = techniques.added.first, let whole = of(techniques.full),
        let none = of(start), none > 0
      else { return nil }
      return whole / none
    }
    let found: Double?
    switch headline.figure {
    case .cost(let key):
      let figure = outcome.figures.first { $0.key == key }
      found = figure?.value
      if let figure, figure.low <= figure.high { range = figure.low...figure.high }
    case .operations:
      let middles = outcome.plan.terms.middles
      let known = outcome.stages.compactMap { stage -> Double? in
        if case .operations(let flops, _) = stage.stage.amount { return middles[flops] }
        guard let step = stage.step, let tokens = stage.tokens else { return nil }
        return step.causalFLOPsPerToken.value * tokens
      }
      found = known.isEmpty ? nil : known.reduce(0, +)
    case .memory: found = TechniqueRow("", outcome, over: nil).memory?.peak.value
    case .gpuHoursRatio: found = ratio(\.gpuHours)
    case .memoryRatio: found = ratio { $0.memory?.peak.value }
    case .operationsRatio: found = ratio(\.operations)
    }
    guard let found else { return nil }
    value = found
  }
}
