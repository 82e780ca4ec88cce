public import Quantities
public import Schedules
import Models

/// A way to cut the model into the stages of a schedule, and the step it gives.
public struct PlausibleLayout: Sendable, Equatable {
  /// How it is cut, in words.
  public var name: String
  /// The stages, as Megatron's layout strings write them.
  public var layout: String
  /// The simulated step.
  public var step: Time
  /// What the largest rank holds.
  public var peakMemory: Bytes

  /// A layout from its parts.
  public init(name: String, layout: String, step: Time, peakMemory: Bytes) {
    self.name = name
    self.layout = layout
    self.step = step
    self.peakMemory = peakMemory
  }
}

extension StepSimulation {
  /// Events of the steps of all other layouts up to which they are simulated.
  public static let mostPlausibleEvents = 8_000_000

  /// Whether the model's cut is a choice: its layers do not divide evenly, or there are prediction
  /// layers, and nothing is written down.
  public func hasPlausibleLayouts(_ schedule: Schedule) -> Bool {
    plan.layout == nil && schedule.modelStages > 1
      && (!model.layers.isMultiple(of: schedule.modelStages) || model.predictionLayers > 0)
  }

  /// The steps of other cuts that someone might train with, under the schedule of a step that was
  /// simulated. Those that cannot be run are left out.
  ///
  /// - Complexity: As many steps as there are cuts, five at most.
  public func plausibleLayouts(of result: StepResult) -> [PlausibleLayout] {
    let workload = Workload(self)
    var seen = [result.placement]
    var found: [PlausibleLayout] = []
    for (name, placement) in plausiblePlacements(result.schedule, workload) {
      guard !seen.contains(placement) else { continue }
      seen.append(placement)
      guard let other = try? run(result.schedule, workload, placement: placement) else { continue }
      found.append(
        PlausibleLayout(
          name: name, layout: placement.description, step: other.step,
          peakMemory: other.peakMemory))
    }
    return found
  }

  private func plausiblePlacements(
    _ schedule: Schedule, _ workload: Workload
  ) -> [(name: String, placement: Placement)] {
    let stages = schedule.modelStages
    let items = ModelItem.items(of: model)
    var found: [(String, Placement)] = []
    func add(_ name: String, _ counts: [Int]?) {
      guard let counts, counts.count == stages, counts.reduce(0, +) == model.layers else { return }
      found.append((name, Placement(layers: counts, of: model)))
    }
    add("layers as even as possible, the first stages one more", even(model.layers, over: stages))
    add("embedding and head counted as a layer each", withEnds(stages))
    add("as many layers as fit before the last stage", fullFirst(stages))
    if model.predictionLayers > 0, stages > 1 {
      add(
        "head and prediction layers on a stage of their own",
        even(model.layers, over: stages - 1) + [0])
    }
    if schedule.isMirrored, schedule.overlaps, items.count >= stages {
      for byRank in [false, true] {
        found.append(
          (
            "balanced by simulated time, by \(byRank ? "rank" : "stage")",
            placement(of: items, schedule, workload, byRank: byRank)
          ))
      }
    }
    return found
  }

  /// So many layers over so many stages, the first of them with one more where they do not divide.
  private func even(_ layers: Int, over stages: Int) -> [Int] {
    (0..<stages).map { layers / stages + ($0 < layers % stages ? 1 : 0) }
  }

  /// Megatron-LM's `account_for_embedding_in_pipeline_split` and `account_for_loss_in_pipeline_split`:
  /// the first and the last stage have a layer less. Nil where they would have none to spare.
  private func withEnds(_ stages: Int) -> [Int]? {
    var counts = even(model.layers + 2, over: stages)
    counts[0] -= 1
    counts[stages - 1] -= 1
    return counts.contains { $0 < 0 } ? nil : counts
  }

  /// Every stage as many as the longest has to have, the last what is left.
  private func fullFirst(_ stages: Int) -> [Int]? {
    let most = (model.layers + stages - 1) / stages
    let last = model.layers - most * (stages - 1)
    return last < 0 ? nil : [Int](repeating: most, count: stages - 1) + [last]
  }
}

extension Placement {
  /// So many layers on each stage, the embedding on the first, head and prediction layers on the last.
  init(layers counts: [Int], of model: Architecture) {
    var next = 0
    var stages = counts.map { count in
      defer { next += count }
      return (next..<next + count).map { ModelItem.layer($0) }
    }
    stages[0].insert(.embedding, at: 0)
    stages[counts.count - 1] +=
      [.head] + (0..<model.predictionLayers).map { ModelItem.prediction($0) }
    self.init(stages: stages)
  }
}
