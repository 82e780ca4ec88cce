extension Schedule {
  /// Every rule the schedule breaks; empty if it is valid.
  ///
  /// The rules: each micro-batch travels all parts of the model in order; each stage it travels
  /// runs one F, and one I and one W or one B; each stage stands on one rank; on a rank, a pass
  /// stands after those it needs; and, looked at where all else holds, no ranks wait for one
  /// another for ever.
  ///
  ///     var schedule = try Schedule.gpipe(ranks: 2, microBatches: 1)
  ///     schedule.actions[1].swapAt(0, 1)
  ///     print(schedule.violations())    // [rank 1 runs 1B0 before the end of 1F0, which it needs]
  ///
  /// - Complexity: O(passes + stages × micro-batches).
  public func violations() -> [RuleViolation] {
    do {
      _ = try FrozenSchedule(self)
      return []
    } catch {
      if case .breaksRules(_, let violations) = error { return violations }
      return []
    }
  }
}

/// Where each pass of a schedule stands, and the rules it breaks apart from deadlock.
///
/// An action is known by its node: the nodes of a rank are its list in order, after one idle node
/// that stands for the time before the step. A full backward stands in the place of both I and W.
struct PassTable {
  let schedule: Schedule
  let stages: Int
  let microBatches: Int
  /// Idle node of each rank, then the number of nodes.
  private(set) var firstNode: [Int32] = []
  /// Node of each pass by micro-batch, then stage; −1 where there is none.
  private(set) var forward: [Int32]
  private(set) var inputBackward: [Int32]
  private(set) var weightBackward: [Int32]
  private(set) var violations: [RuleViolation] = []
  /// Passes that found their place taken.
  private var extras: [(pass: Pass, isOtherKind: Bool)] = []
  private var foreignStages: Set<[Int]> = []

  init(_ schedule: Schedule) {
    self.schedule = schedule
    stages = schedule.rankOfStage.count
    microBatches = max(schedule.microBatches, 0)
    forward = [Int32](repeating: -1, count: stages * microBatches)
    inputBackward = forward
    weightBackward = forward
    placeActions()
    reportExtras()
    checkMicroBatches()
  }

  // MARK: Places

  private mutating func placeActions() {
    var node: Int32 = 0
    for (rank, list) in schedule.actions.enumerated() {
      firstNode.append(node)
      for action in list {
        node += 1
        switch action {
        case .single(let pass): place(pass, node, rank)
        case .overlapped(let forward, let backward):
          if forward.kind != .forward || backward.kind != .backward {
            violations.append(.overlappedKinds(action, rank: rank))
          }
          place(forward, node, rank)
          place(backward, node, rank)
        }
      }
      node += 1
    }
    firstNode.append(node)
  }

  private mutating func place(_ pass: Pass, _ node: Int32, _ rank: Int) {
    let stage = Int(pass.stage)
    let microBatch = Int(pass.microBatch)
    guard stage >= 0, stage < stages, microBatch >= 0, microBatch < microBatches else {
      violations.append(.outOfRange(pass, rank: rank))
      return
    }
    let holder = schedule.rankOfStage[stage]
    if holder != rank, foreignStages.insert([stage, rank]).inserted {
      violations.append(.stageOnTwoRanks(stage: stage, holder: holder, other: rank))
    }
    let index = microBatch * stages + stage
    switch pass.kind {
    case .forward:
      if forward[index] < 0 { forward[index] = node } else { extras.append((pass, false)) }
    case .inputBackward:
      if inputBackward[index] < 0 {
        inputBackward[index] = node
      } else {
        extras.append((pass, inputBackward[index] == weightBackward[index]))
      }
    case .weightBackward:
      if weightBackward[index] < 0 {
        weightBackward[index] = node
      } else {
        extras.append((pass, inputBackward[index] == weightBackward[index]))
      }
    case .backward:
      let isSplit = inputBackward[index] != weightBackward[index]
      if isSplit || inputBackward[index] >= 0 { extras.append((pass, isSplit)) }
      if inputBackward[index] < 0 { inputBackward[index] = node }
      if weightBackward[index] < 0 { weightBackward[index] = node }
    }
  }

  /// Turns passes that found their place taken into one violation for each pass.
  private mutating func reportExtras() {
    var times: [Pass: Int] = [:]
    for extra in extras where !extra.isOtherKind { times[extra.pass, default: 1] += 1 }
    var reported: Set<RuleViolation> = []
    for (pass, isOtherKind) in extras {
      let violation: RuleViolation =
        isOtherKind
        ? .fullAndSplit(stage: Int(pass.stage), microBatch: Int(pass.microBatch))
        : .repeated(pass, times: times[pass] ?? 2)
      if reported.insert(violation).inserted { violations.append(violation) }
    }
  }

  // MARK: Order

  private mutating func checkMicroBatches() {
    let parts = schedule.modelStages
    for microBatch in 0..<microBatches {
      var previous: Int?
      var part = 0
      var isInOrder = true
      for stage in 0..<stages where appears(stage, microBatch) {
        isInOrder = isInOrder && schedule.modelStage[stage] == part
        part += 1
        checkPasses(stage, microBatch)
        if let previous { checkHop(from: previous, to: stage, microBatch) }
        previous = stage
      }
      if !isInOrder || part != parts || parts == 0 {
        let route = (0..<stages).filter { appears($0, microBatch) }
        violations.append(.route(microBatch: microBatch, stages: route, modelStages: parts))
      }
    }
  }

  private func appears(_ stage: Int, _ microBatch: Int) -> Bool {
    let index = microBatch * stages + stage
    return forward[index] >= 0 || inputBackward[index] >= 0 || weightBackward[index] >= 0
  }

  /// The passes of one stage and micro-batch: all there, and F before I before W.
  private mutating func checkPasses(_ stage: Int, _ microBatch: Int) {
    let index = microBatch * stages + stage
    let (first, second, third) = (forward[index], inputBackward[index], weightBackward[index])
    let isFull = second == third
    func pass(_ kind: PassKind) -> Pass { Pass(stage, kind, microBatch) }
    if first < 0 { violations.append(.missing(pass(.forward))) }
    if isFull, second < 0 {
      violations.append(.missing(pass(.backward)))
    } else if second < 0 {
      violations.append(.missing(pass(.inputBackward)))
    } else if third < 0 {
      violations.append(.missing(pass(.weightBackward)))
    }
    let rank = schedule.rankOfStage[stage]
    if second >= 0, second <= first {
      let backward = pass(isFull ? .backward : .inputBackward)
      violations.append(.outOfOrder(backward, needs: pass(.forward), rank: rank))
    }
    if third >= 0, third < second {
      violations.append(
        .outOfOrder(pass(.weightBackward), needs: pass(.inputBackward), rank: rank))
    }
  }

  /// Two stages that follow one another on one rank: forwards in this order, backwards reversed.
  private mutating func checkHop(from: Int, to: Int, _ microBatch: Int) {
    let rank = schedule.rankOfStage[from]
    guard rank == schedule.rankOfStage[to] else { return }
    let (early, late) = (microBatch * stages + from, microBatch * stages + to)
    if forward[early] >= forward[late], forward[late] >= 0 {
      violations.append(
        .outOfOrder(
          Pass(to, .forward, microBatch), needs: Pass(from, .forward, microBatch), rank: rank))
    }
    if inputBackward[late] >= inputBackward[early], inputBackward[early] >= 0 {
      violations.append(
        .outOfOrder(
          Pass(from, backwardKind(early), microBatch),
          needs: Pass(to, backwardKind(late), microBatch), rank: rank))
    }
  }

  private func backwardKind(_ index: Int) -> PassKind {
    inputBackward[index] == weightBackward[index] ? .backward : .inputBackward
  }
}
