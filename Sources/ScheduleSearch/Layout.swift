public import Schedules

/// Where the parts of the model lie, and which way each micro-batch travels them.
///
/// With two directions the stages of the second are numbered after those of the first.
struct Layout: Equatable, Sendable {
  let placement: StagePlacement
  let ranks: Int
  /// Parts of the model.
  let stages: Int
  /// Rank of each stage, direction by direction.
  let rankOfStage: [Int]
  /// Direction of each micro-batch, 0 or 1.
  let directionOf: [Int]

  var directions: Int { rankOfStage.count / stages }

  func rank(_ direction: Int, _ stage: Int) -> Int { rankOfStage[direction * stages + stage] }

  var microBatchesOfDirection: [Int] {
    (0..<directions).map { direction in directionOf.count { $0 == direction } }
  }

  /// The directions and parts a rank holds, in order; only directions that are travelled.
  func held(by rank: Int) -> [(direction: Int, stage: Int)] {
    let travelled = microBatchesOfDirection
    return rankOfStage.indices.filter { rankOfStage[$0] == rank }
      .map { ($0 / stages, $0 % stages) }.filter { travelled[$0.0] > 0 }
  }

  /// The same layout does not count as another for its name.
  func isSame(as other: Layout) -> Bool {
    rankOfStage == other.rankOfStage && directionOf == other.directionOf
  }
}

extension SearchProblem {
  /// The placements that are searched, as schedules without actions: what has to be known of them
  /// to say how much a rank may hold.
  public var placements: [Schedule] {
    Layout.all(self).map { layout in
      Schedule(
        name: layout.placement.rawValue, microBatches: microBatches,
        actions: [[Action]](repeating: [], count: ranks), rankOfStage: layout.rankOfStage,
        modelStage: layout.rankOfStage.indices.map { $0 % stages })
    }
  }
}

extension Layout {
  /// The layouts that are searched for a problem.
  static func all(_ problem: SearchProblem) -> [Layout] {
    let (ranks, stages) = (problem.ranks, problem.stages)
    let oneWay = [Int](repeating: 0, count: problem.microBatches)
    let half = problem.microBatches - problem.microBatches / 2
    let bothWays = (0..<problem.microBatches).map { $0 < half ? 0 : 1 }
    let loop = (0..<stages).map { $0 % ranks }
    let zigzag = (0..<stages).map { stage in
      (stage / ranks).isMultiple(of: 2) ? stage % ranks : ranks - 1 - stage % ranks
    }
    func layout(_ placement: StagePlacement, _ rankOfStage: [Int], _ ways: [Int]) -> Layout {
      Layout(
        placement: placement, ranks: ranks, stages: stages, rankOfStage: rankOfStage,
        directionOf: ways)
    }
    var layouts = [layout(problem.stagesPerRank == 1 ? .linear : .loop, loop, oneWay)]
    if problem.stagesPerRank > 1, ranks > 1 {
      layouts.append(layout(problem.stagesPerRank == 2 ? .vShape : .wave, zigzag, oneWay))
    }
    let mirrors = problem.mostParameterCopies == 2 && problem.microBatches > 1
    if mirrors, ranks > 1 {
      let down = problem.stagesPerRank == 1 ? loop : zigzag
      layouts.append(
        layout(
          problem.stagesPerRank == 1 ? .bidirectional : .bidirectionalV,
          down + down.map { ranks - 1 - $0 }, bothWays))
    }
    return layouts
  }

  /// The layout of a schedule, if its micro-batches travel whole copies of the model.
  init?(_ schedule: Schedule, _ placement: StagePlacement) {
    let stages = schedule.modelStages
    guard stages > 0, schedule.rankOfStage.count.isMultiple(of: stages),
      schedule.modelStage.indices.allSatisfy({ schedule.modelStage[$0] == $0 % stages })
    else { return nil }
    var directionOf: [Int] = []
    for route in schedule.routes() {
      guard let first = route.first, first.isMultiple(of: stages) else { return nil }
      directionOf.append(first / stages)
    }
    self.init(
      placement: placement, ranks: schedule.ranks, stages: stages,
      rankOfStage: schedule.rankOfStage, directionOf: directionOf)
  }
}

extension Layout {
  /// Most that the activations of one micro-batch come to on a rank.
  func claim(_ problem: SearchProblem, _ rank: Int) -> Double {
    var claims = [Double](repeating: 0, count: directions)
    for part in held(by: rank) {
      claims[part.direction] += max(problem.activation(part.stage), problem.pending(part.stage))
    }
    return claims.max() ?? 0
  }

  /// How many micro-batches must be in flight on each rank to keep the slowest one busy: the time
  /// one is away over the time between two.
  func naturalFlight(_ problem: SearchProblem) -> [Double] {
    let travelled = microBatchesOfDirection.map { Double($0) / Double(directionOf.count) }
    let parts = (0..<ranks).map { held(by: $0) }
    let period =
      parts.map { held in
        held.reduce(0.0) { sum, part in
          let durations = problem.durations(part.stage)
          return sum + travelled[part.direction] * (durations.forward + durations.backward)
        }
      }.max() ?? 0
    // Time from a part's F to the end of its backward, latencies left out.
    var away = [Double](repeating: 0, count: stages)
    var sum = 0.0
    for stage in (0..<stages).reversed() {
      let durations = problem.durations(stage)
      sum += durations.forward + durations.backward + 2 * durations.pointToPoint
      away[stage] = sum
    }
    return parts.map { held in
      let longest = held.map { away[$0.stage] }.max() ?? 0
      return period > 0 ? max(1, longest / period) : 1
    }
  }
}
