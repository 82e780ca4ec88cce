/// A pipeline schedule: for each rank the list of actions it runs, in order.
///
/// A schedule knows no seconds, bytes or GPUs. Stages are numbered as in PyTorch's text; a
/// bidirectional schedule of `p` ranks numbers the stages of the second direction `p ..< 2p`, and
/// `modelStage` says which part of the model such a stage is.
public struct Schedule: Sendable, Equatable {
  /// Name as in the command, such as `dualpipe`.
  public var name: String
  /// Micro-batches of a step, both directions together.
  public var microBatches: Int
  /// Actions of each rank, in the order the rank runs them.
  public var actions: [[Action]]
  /// Rank that holds each stage.
  public var rankOfStage: [Int]
  /// Part of the model each stage is; the same as the stage unless two directions share the model.
  public var modelStage: [Int]

  /// Number of ranks.
  public var ranks: Int { actions.count }
  /// Number of parts the model is cut into.
  public var modelStages: Int { (modelStage.max() ?? -1) + 1 }
  /// How many ranks hold a copy of the same part, at most: 1, or 2 for bidirectional schedules; a
  /// list from elsewhere may have more.
  public var parameterCopies: Int {
    let holders = zip(modelStage, rankOfStage).sorted { $0 < $1 }
    var (most, copies) = (0, 0)
    for (index, holder) in holders.enumerated() {
      if index == 0 || holders[index - 1].0 != holder.0 {
        copies = 1
      } else if holders[index - 1].1 != holder.1 {
        copies += 1
      }
      most = Swift.max(most, copies)
    }
    return most
  }

  /// A schedule from its parts; `modelStage` defaults to each stage being its own part.
  public init(
    name: String, microBatches: Int, actions: [[Action]], rankOfStage: [Int],
    modelStage: [Int]? = nil
  ) {
    self.name = name
    self.microBatches = microBatches
    self.actions = actions
    self.rankOfStage = rankOfStage
    self.modelStage = modelStage ?? Array(rankOfStage.indices)
  }
}
