extension ScheduleText {
  /// A broken rule with the cells it is about.
  func problem(_ violation: RuleViolation) -> TextProblem {
    if case .deadlock(let waits) = violation {
      let deadlock = deadlock(waits)
      return TextProblem(deadlock.stuck.first, .deadlock(deadlock))
    }
    let places = places(violation)
    return TextProblem(places.first, .rule(violation, places))
  }

  /// Most cells that a sentence names.
  private static let mostPlaces = 4

  private func places(_ violation: RuleViolation) -> [CellPlace] {
    switch violation {
    case .tooLarge, .stageCounts, .deadlock: []
    case .outOfRange(let pass, let rank): cells(of: [pass], rank: rank)
    case .overlappedKinds(let action, let rank): cells(of: action.passes, rank: rank)
    case .stageOnTwoRanks(let stage, let holder, let other):
      [holder, other].flatMap { rank in
        cells(rank: rank, most: 1) { Int($0.stage) == stage }
      }.sorted()
    case .missing(let pass): [CellPlace(line: schedule.rankOfStage[Int(pass.stage)] + 1)]
    case .repeated(let pass, _): cells(of: [pass])
    case .fullAndSplit(let stage, let microBatch):
      cells(
        of: [
          Pass(stage, .backward, microBatch), Pass(stage, .inputBackward, microBatch),
          Pass(stage, .weightBackward, microBatch),
        ])
    case .outOfOrder(let pass, let needed, let rank): cells(of: [pass, needed], rank: rank)
    case .route(let microBatch, _, _):
      Array(cells(most: 1) { Int($0.microBatch) == microBatch })
    }
  }

  private func cells(of passes: [Pass], rank: Int? = nil) -> [CellPlace] {
    cells(rank: rank, most: Self.mostPlaces) { passes.contains($0) }
  }

  /// The first cells, of one rank or of all, that hold a pass that is meant.
  private func cells(
    rank: Int? = nil, most: Int, _ isMeant: (Pass) -> Bool
  ) -> [CellPlace] {
    var found: [CellPlace] = []
    for rank in rank.map({ $0..<($0 + 1) }) ?? 0..<schedule.ranks {
      for (position, action) in schedule.actions[rank].enumerated() {
        guard action.contains(isMeant) else { continue }
        found.append(place(rank: rank, action: position))
        if found.count == most { return found }
      }
    }
    return found
  }

  // MARK: Deadlock

  private func deadlock(_ waits: [Wait]) -> Deadlock {
    let needed = waits.map { wait in
      schedule.actions[wait.onRank].firstIndex { $0.contains { $0 == wait.waitsFor } } ?? 0
    }
    return Deadlock(
      waits: waits, stuck: waits.map { place(rank: $0.rank, action: $0.position) },
      needed: zip(waits, needed).map { place(rank: $0.onRank, action: $1) },
      grid: DeadlockGrid(schedule: schedule, waits: waits, needed: needed).text)
  }
}

extension Action {
  /// Whether a pass of it is meant.
  func contains(_ isMeant: (Pass) -> Bool) -> Bool {
    switch self {
    case .single(let pass): isMeant(pass)
    case .overlapped(let forward, let backward): isMeant(forward) || isMeant(backward)
    }
  }
}
