extension Schedule {
  /// How the stages lie on the ranks; nil where it is none of the published ways.
  ///
  ///     try Schedule.dualPipe(ranks: 2, microBatches: 4).placement     // bidirectional
  ///
  /// - Complexity: O(stages).
  public var placement: StagePlacement? {
    StagePlacement.allCases.first { placement in
      let stages = rankOfStage.count
      guard ranks > 0, stages == placement.copies * modelStages,
        placement.allows(stages: stages, ranks: ranks)
      else { return false }
      return rankOfStage.indices.allSatisfy {
        rankOfStage[$0] == placement.rank(of: $0, ranks: ranks)
      }
    }
  }
}

extension StagePlacement {
  /// How many stages each part of the model is.
  fileprivate var copies: Int {
    switch self {
    case .linear, .loop, .vShape, .wave: 1
    case .bidirectional, .bidirectionalV: 2
    }
  }

  fileprivate func allows(stages: Int, ranks: Int) -> Bool {
    switch self {
    case .linear: stages == ranks
    case .loop, .wave: stages.isMultiple(of: ranks)
    case .vShape, .bidirectional: stages == 2 * ranks
    case .bidirectionalV: stages == 4 * ranks
    }
  }

  fileprivate func rank(of stage: Int, ranks: Int) -> Int {
    let (round, place) = stage.quotientAndRemainder(dividingBy: ranks)
    switch self {
    case .linear, .loop: return place
    case .vShape, .bidirectional, .wave:
      return round.isMultiple(of: 2) ? place : ranks - 1 - place
    case .bidirectionalV: return round == 0 || round == 3 ? place : ranks - 1 - place
    }
  }
}
