import Models
public import Quantities

/// What each technique of a scenario is worth: alone, and added in order.
public struct TechniqueOutcome: Sendable {
  /// The scenario with all of them.
  public var full: TechniqueRow
  /// Each switched off alone; ratios are over the full scenario.
  public var alone: [TechniqueRow]
  /// None of them, then one more at a time; ratios are over the row before.
  public var added: [TechniqueRow]
}

/// A run with some of the techniques, every input at its middle.
public struct TechniqueRow: Sendable {
  /// Which of them.
  public var name: String
  /// Hours of all GPUs together.
  public var gpuHours: Double
  /// Days on the clock.
  public var wallDays: Double
  /// Dollars of rent; nil without a price.
  public var rent: Double?
  /// Length of a step of the first stage that is simulated; nil where none is.
  public var stepSeconds: Double?
  /// Schedule of that step.
  public var schedule: String
  /// Memory of the fullest GPU, over all simulated stages, and what a GPU has.
  public var memory: Memory?
  /// Operations of the model, attention over the whole square; nil where none are known.
  public var operations: Double?
  /// GPU-hours over those of the row it is compared with; nil of the row that starts.
  public var ratio: Double?

  /// Memory that is needed, and that there is.
  public struct Memory: Sendable, Equatable {
    /// Of the fullest GPU.
    public var peak: Bytes
    /// Of a GPU.
    public var capacity: Bytes
    /// Whether it fits.
    public var fits: Bool { peak <= capacity }
  }

  init(_ name: String, _ outcome: CostOutcome, over other: TechniqueRow?) {
    self.name = name
    func figure(_ key: CostFigure.Key) -> Double? {
      outcome.figures.first { $0.key == key }?.value
    }
    gpuHours = figure(.gpuHours) ?? 0
    wallDays = figure(.wallDays) ?? 0
    rent = figure(.rent)
    let steps = outcome.stages.compactMap(\.step)
    stepSeconds = steps.first?.stepSeconds
    schedule = steps.first?.name ?? ""
    memory = steps.map { Memory(peak: $0.peakMemory, capacity: $0.memoryCapacity) }
      .max { $0.peak / $0.capacity < $1.peak / $1.capacity }
    let known = outcome.stages.compactMap { stage -> Double? in
      guard let step = stage.step, let tokens = stage.tokens else { return nil }
      return step.noncausalFLOPsPerToken.value * tokens
    }
    operations = known.isEmpty ? nil : known.reduce(0, +)
    if let other, other.gpuHours > 0 { ratio = gpuHours / other.gpuHours }
  }
}

/// Runs every variant of a scenario's techniques.
///
///     let techniques = try TechniqueStudy(plan).run(CostStudy(plan).run())
///     techniques?.added.first?.name          // none of them
public struct TechniqueStudy: Sendable {
  let plan: CostPlan

  /// A study of a checked plan.
  public init(_ plan: CostPlan) { self.plan = plan }

  /// The rows; nil of a scenario without techniques. Only the middle of every input is used, so
  /// that rows differ by what the techniques do and by nothing drawn.
  ///
  /// - Parameters:
  ///   - outcome: that of the whole scenario.
  ///   - progress: called with the name of each row before it is simulated.
  /// - Throws: `StudyError` of the first step that cannot be simulated.
  public func run(
    _ outcome: CostOutcome, progress: (String) -> Void = { _ in }
  ) throws(StudyError) -> TechniqueOutcome? {
    guard !plan.variants.isEmpty else { return nil }
    let full = TechniqueRow("all of them", outcome, over: nil)
    var techniques = TechniqueOutcome(full: full, alone: [], added: [])
    let last = plan.techniques.count
    for variant in plan.variants {
      switch variant.kind {
      case .without:
        progress(variant.name)
        techniques.alone.append(
          TechniqueRow(variant.name, try cost(of: variant), over: full))
      case .first(let count):
        let before = techniques.added.last
        if count == last {
          techniques.added.append(TechniqueRow(variant.name, outcome, over: before))
        } else if count == last - 1, count > 0, var same = techniques.alone.last {
          // All but the last is the scenario without the last.
          same.name = variant.name
          same.ratio = before.map { same.gpuHours / $0.gpuHours }
          techniques.added.append(same)
        } else {
          progress(variant.name)
          techniques.added.append(
            TechniqueRow(variant.name, try cost(of: variant), over: before))
        }
      }
    }
    return techniques
  }

  private func cost(of variant: TechniqueVariant) throws(StudyError) -> CostOutcome {
    var plan = variant.plan
    plan.terms.samples = 1
    return try CostStudy(plan).run()
  }
}
