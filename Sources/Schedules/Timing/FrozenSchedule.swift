/// A schedule that keeps every rule, laid out in flat arrays so that it can be timed many times.
///
///     let frozen = try FrozenSchedule(.gpipe(ranks: 2, microBatches: 2))
///     let durations = try Durations(forward: 1, inputBackward: 1, weightBackward: 1)
///     print(frozen.timing(durations).makespan)
///     // 9.0
///
/// An action needs at most one forward and one backward of another rank, so two places a node hold
/// what it waits for; what it needs of its own rank stands before it in the list.
public struct FrozenSchedule: Sendable {
  /// Activations that live at once on each rank, at most, each of one stage and one micro-batch:
  /// from the start of F to the end of W or B. A pair counts its forward before its backward.
  public let peakActivationsReleaseAtW: [Int]
  /// The same if an activation is gone at the end of I.
  public let peakActivationsReleaseAtI: [Int]

  /// Idle node of each rank, then the number of nodes; a node's predecessor on its rank is the
  /// node before it.
  let firstNode: [Int32]
  /// What each node is, as an index into `works`; all idle nodes are the first of them.
  let workOfNode: [Int32]
  /// The different things nodes do.
  let works: [NodeWork]
  /// The stages of the schedule as it numbers them, and of the model.
  let stages: (count: Int, model: Int)
  /// For each node the two nodes of other ranks it waits for; the number of nodes for none.
  let inputs: [Int32]
  /// All nodes but the idle ones, each after those it waits for.
  let order: [Int32]

  /// Checks and lays out `schedule`.
  ///
  /// - Throws: `ScheduleError.breaksRules` with every violation.
  /// - Complexity: O(passes + stages × micro-batches).
  public init(_ schedule: Schedule) throws(ScheduleError) {
    func refuse(_ violations: [RuleViolation]) -> ScheduleError {
      .breaksRules(schedule: schedule.name, violations: violations)
    }
    let stages = schedule.rankOfStage.count
    if let violation = schedule.tooLarge(stages: stages) { throw refuse([violation]) }
    guard stages == schedule.modelStage.count else {
      throw refuse(
        [.stageCounts(rankOfStage: stages, modelStage: schedule.modelStage.count)])
    }
    let table = PassTable(schedule)
    guard table.violations.isEmpty else { throw refuse(table.violations) }
    firstNode = table.firstNode
    inputs = Self.inputs(table)
    self.stages = (stages, schedule.modelStages)
    var numbering = WorkNumbering(schedule)
    workOfNode = numbering.number(schedule, nodes: Int(table.firstNode.last ?? 0))
    works = numbering.works
    (peakActivationsReleaseAtW, peakActivationsReleaseAtI) = Self.peaks(
      workOfNode: workOfNode, works: works, firstNode: firstNode)
    var dryRun = DryRun(firstNode: firstNode, inputs: inputs)
    dryRun.run()
    order = dryRun.order
    if let deadlock = dryRun.deadlock(schedule) { throw refuse([deadlock]) }
  }

  /// Place 0 of a node is for its forward, place 1 for its backward.
  private static func inputs(_ table: PassTable) -> [Int32] {
    let nodes = table.firstNode.last ?? 0
    let rankOfStage = table.schedule.rankOfStage
    var inputs = [Int32](repeating: nodes, count: 2 * Int(nodes))
    for microBatch in 0..<table.microBatches {
      let row = microBatch * table.stages
      var previous = -1
      for stage in 0..<table.stages where table.forward[row + stage] >= 0 {
        if previous >= 0, rankOfStage[previous] != rankOfStage[stage] {
          let (from, to) = (row + previous, row + stage)
          inputs[2 * Int(table.forward[to])] = table.forward[from]
          inputs[2 * Int(table.inputBackward[from]) + 1] = table.inputBackward[to]
        }
        previous = stage
      }
    }
    return inputs
  }

  private static func peaks(
    workOfNode: [Int32], works: [NodeWork], firstNode: [Int32]
  ) -> (atW: [Int], atI: [Int]) {
    var atW: [Int] = []
    var atI: [Int] = []
    for (first, next) in zip(firstNode, firstNode.dropFirst()) {
      var (liveAtW, peakAtW, liveAtI, peakAtI) = (0, 0, 0, 0)
      for work in workOfNode[Int(first)..<Int(next)] {
        let work = works[Int(work)]
        if work.hasForward {
          liveAtW += 1
          liveAtI += 1
          peakAtW = max(peakAtW, liveAtW)
          peakAtI = max(peakAtI, liveAtI)
        }
        if work.freesAtW { liveAtW -= 1 }
        if work.freesAtI { liveAtI -= 1 }
      }
      atW.append(peakAtW)
      atI.append(peakAtI)
    }
    return (atW, atI)
  }
}

/// Runs every rank's list as far as its inputs allow, without time.
private struct DryRun {
  let firstNode: [Int32]
  let inputs: [Int32]
  /// Nodes in the order they ran.
  var order: [Int32] = []
  private var isDone: [Bool]
  /// Next node of each rank.
  private var cursor: [Int32]
  /// Ranks that wait for a node, as lists linked through the ranks; −1 ends a list.
  private var firstWaiter: [Int32]
  private var nextWaiter: [Int32]

  init(firstNode: [Int32], inputs: [Int32]) {
    self.firstNode = firstNode
    self.inputs = inputs
    let nodes = Int(firstNode.last ?? 0)
    let ranks = firstNode.count - 1
    isDone = [Bool](repeating: false, count: nodes) + [true]
    cursor = firstNode.dropLast().map { $0 + 1 }
    firstWaiter = [Int32](repeating: -1, count: nodes + 1)
    nextWaiter = [Int32](repeating: -1, count: ranks)
    order.reserveCapacity(nodes)
  }

  mutating func run() {
    var ready = Array(cursor.indices.reversed())
    while let rank = ready.popLast() {
      var node = cursor[rank]
      let end = firstNode[rank + 1]
      while node < end {
        if let input = missingInput(of: node) {
          nextWaiter[rank] = firstWaiter[Int(input.node)]
          firstWaiter[Int(input.node)] = Int32(rank)
          break
        }
        isDone[Int(node)] = true
        order.append(node)
        var waiter = firstWaiter[Int(node)]
        while waiter >= 0 {
          ready.append(Int(waiter))
          waiter = nextWaiter[Int(waiter)]
        }
        node += 1
      }
      cursor[rank] = node
    }
  }

  /// The first input of `node` that has not run, and whether it is its forward's or its backward's.
  private func missingInput(of node: Int32) -> (node: Int32, place: Int)? {
    for place in 0..<2 {
      let input = inputs[2 * Int(node) + place]
      if !isDone[Int(input)] { return (input, place) }
    }
    return nil
  }

  /// The ranks that wait for one another, if some rank could not finish.
  func deadlock(_ schedule: Schedule) -> RuleViolation? {
    guard var rank = cursor.indices.first(where: { cursor[$0] < firstNode[$0 + 1] }) else {
      return nil
    }
    // Each stuck rank waits for a stuck rank: following them ends in a ring.
    var waits: [Wait] = []
    var placeInWaits = [Int](repeating: -1, count: cursor.count)
    while placeInWaits[rank] < 0, let wait = wait(of: rank, schedule) {
      placeInWaits[rank] = waits.count
      waits.append(wait)
      rank = wait.onRank
    }
    return .deadlock(Array(waits[max(placeInWaits[rank], 0)...]))
  }

  private func wait(of rank: Int, _ schedule: Schedule) -> Wait? {
    let node = cursor[rank]
    guard let (input, place) = missingInput(of: node) else { return nil }
    let holder = (firstNode.firstIndex { $0 > input } ?? 1) - 1
    func action(_ rank: Int, _ node: Int32) -> (position: Int, action: Action) {
      let position = Int(node - firstNode[rank]) - 1
      return (position, schedule.actions[rank][position])
    }
    let needed: Pass
    switch action(holder, input).action {
    case .single(let pass): needed = pass
    case .overlapped(let forward, let backward): needed = place == 0 ? forward : backward
    }
    let stuck = action(rank, node)
    return Wait(
      rank: rank, position: stuck.position, action: stuck.action, waitsFor: needed, onRank: holder)
  }
}
