extension Schedule {
  /// For each micro-batch the stages it travels: those in which it appears, ascending.
  ///
  ///     try Schedule.dualPipe(ranks: 2, microBatches: 4).routes()
  ///     // [[0, 1], [0, 1], [2, 3], [2, 3]]
  ///
  /// Its forward of a stage needs that of the stage before, its backward that of the stage after.
  /// Passes of stages or micro-batches the schedule does not have are left out.
  ///
  /// - Complexity: O(passes + stages × micro-batches).
  public func routes() -> [[Int]] {
    var routes = [[Int]](repeating: [], count: Swift.max(microBatches, 0))
    let stages = rankOfStage.indices
    var passes = [[Int32]](repeating: [], count: stages.count)
    forEachPass { _, pass in
      guard stages.contains(Int(pass.stage)), routes.indices.contains(Int(pass.microBatch)) else {
        return
      }
      passes[Int(pass.stage)].append(pass.microBatch)
    }
    // Stages are visited in order, so each route comes out ascending.
    for stage in stages {
      for microBatch in passes[stage] where routes[Int(microBatch)].last != stage {
        routes[Int(microBatch)].append(stage)
      }
    }
    return routes
  }

  /// A schedule from its lists alone, as when they are read from a file.
  ///
  /// Each stage is held by the first rank that runs it. Where the micro-batches travel separate
  /// runs of stages of one length, the runs are copies of one model, as in DualPipe and Chimera.
  ///
  ///     let schedule = try Schedule(name: "mine", actions: lists)
  ///     print(schedule.violations())
  ///
  /// The result may break any rule: `violations()` tells.
  ///
  /// - Throws: `ScheduleError.breaksRules` with `tooLarge` alone, before much memory is used.
  /// - Complexity: O(passes + stages × micro-batches).
  public init(name: String, actions: [[Action]]) throws(ScheduleError) {
    var highestStage: Int32 = -1
    var highestMicroBatch: Int32 = -1
    self.init(name: name, microBatches: 0, actions: actions, rankOfStage: [])
    forEachPass { _, pass in
      highestStage = Swift.max(highestStage, pass.stage)
      highestMicroBatch = Swift.max(highestMicroBatch, pass.microBatch)
    }
    let stages = Int(highestStage) + 1
    microBatches = Int(highestMicroBatch) + 1
    if let violation = tooLarge(stages: stages) {
      throw .breaksRules(schedule: name, violations: [violation])
    }
    var holders = [Int](repeating: -1, count: stages)
    forEachPass { rank, pass in
      if pass.stage >= 0, holders[Int(pass.stage)] < 0 { holders[Int(pass.stage)] = rank }
    }
    rankOfStage = holders
    modelStage = Self.modelStages(routes: routes(), stages: stages)
  }

  /// The part of the model each stage is, judged by the ways micro-batches take.
  private static func modelStages(routes: [[Int]], stages: Int) -> [Int] {
    let length = Swift.max(routes.first?.count ?? 0, 1)
    let copies = routes.allSatisfy { route in
      guard let first = route.first, first.isMultiple(of: length) else { return false }
      return route.elementsEqual(first..<(first + length))
    }
    return (0..<stages).map { copies ? $0 % length : $0 }
  }

  /// The violation of being too large, if the schedule is, with `stages` stages.
  func tooLarge(stages: Int) -> RuleViolation? {
    let count = actions.reduce(0) { $0 + $1.count }
    let (pairs, overflows) = stages.multipliedReportingOverflow(by: microBatches)
    let fits =
      stages <= Demands.mostStages && !overflows && pairs <= Demands.mostPasses
      && count <= Demands.mostPasses && microBatches <= Demands.mostPasses
    return fits ? nil : .tooLarge(stages: stages, microBatches: microBatches, actions: count)
  }

  private func forEachPass(_ body: (_ rank: Int, Pass) -> Void) {
    for (rank, list) in actions.enumerated() {
      for action in list {
        switch action {
        case .single(let pass): body(rank, pass)
        case .overlapped(let forward, let backward):
          body(rank, forward)
          body(rank, backward)
        }
      }
    }
  }
}
