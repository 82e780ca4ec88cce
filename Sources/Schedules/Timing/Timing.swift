/// How long a schedule takes with given durations, in their unit.
///
///     let durations = try Durations(forward: 1, inputBackward: 1, weightBackward: 1)
///     let timing = try Schedule.zeroBubbleH1(ranks: 3, microBatches: 6).timing(durations)
///     print(timing.makespan, timing.bubbleRatio)    // 20.0 0.1
///
/// A rank runs its list strictly in order, each action as soon as the rank is free and its inputs
/// are there. Sending never blocks; an overlapped pair waits for the inputs of both halves and
/// gives both results at its end.
public struct ScheduleTiming: Sendable, Equatable {
  /// When the last rank finishes.
  public let makespan: Double
  /// Idle time of all ranks over ranks × makespan, in [0, 1).
  public let bubbleRatio: Double
  /// The longest time from a rank's first start to its last finish.
  public let longestSpan: Double
  /// 1 − the mean busy time of the ranks over `longestSpan`: the measure of the Zero Bubble papers,
  /// which does not count the wait of late ranks for their first input.
  public let spanBubbleRatio: Double
  /// Time each rank is busy.
  public let rankBusy: [Double]
  /// When each rank finishes.
  public let rankFinish: [Double]
  /// Most activations that live at once on each rank, each of one stage and one micro-batch, from
  /// the start of F to the end of W or B.
  public let peakActivationsReleaseAtW: [Int]
  /// The same if an activation is gone at the end of I.
  public let peakActivationsReleaseAtI: [Int]
}

/// When an action runs.
public struct ActionSpan: Sendable, Equatable, BitwiseCopyable {
  /// When it starts.
  public let start: Double
  /// When it ends.
  public let finish: Double
}

extension Schedule {
  /// Times the schedule with the same durations for every stage; see `ScheduleTiming`.
  ///
  /// - Throws: `ScheduleError.breaksRules` if it is not valid; a list in which ranks wait for one
  ///   another for ever is not.
  /// - Complexity: O(passes + stages × micro-batches).
  public func timing(_ durations: Durations) throws(ScheduleError) -> ScheduleTiming {
    try timing(StageDurations(durations))
  }

  /// Times the schedule; see `ScheduleTiming`.
  ///
  /// - Throws: `ScheduleError.breaksRules` if it is not valid, `durationsOfStages` if the durations
  ///   are of another number of stages.
  /// - Complexity: O(passes + stages × micro-batches).
  public func timing(_ durations: StageDurations) throws(ScheduleError) -> ScheduleTiming {
    try FrozenSchedule(self).timing(durations)
  }
}

extension FrozenSchedule {
  /// Number of ranks.
  public var ranks: Int { firstNode.count - 1 }

  /// Times the schedule with the same durations for every stage; see `ScheduleTiming`.
  ///
  /// - Complexity: O(actions), one pass.
  public func timing(_ durations: Durations) -> ScheduleTiming {
    timing(WorkTimes(self, StageDurations(durations)))
  }

  /// Times the schedule; see `ScheduleTiming`.
  ///
  /// - Throws: `ScheduleError.durationsOfStages` if the durations are of another number of stages.
  /// - Complexity: O(actions), one pass.
  public func timing(_ durations: StageDurations) throws(ScheduleError) -> ScheduleTiming {
    try check(durations)
    return timing(WorkTimes(self, durations))
  }

  /// When each action runs, by rank and place in its list: what a drawing needs.
  ///
  /// - Throws: `ScheduleError.durationsOfStages` if the durations are of another number of stages.
  /// - Complexity: O(actions).
  public func spans(_ durations: StageDurations) throws(ScheduleError) -> [[ActionSpan]] {
    try check(durations)
    let times = WorkTimes(self, durations)
    let finish = finishTimes(times)
    return zip(firstNode, firstNode.dropFirst()).map { first, next in
      (Int(first) + 1..<Int(next)).map { node in
        ActionSpan(start: start(of: node, finish, times), finish: finish[node])
      }
    }
  }

  private func check(_ durations: StageDurations) throws(ScheduleError) {
    guard durations.suit(stages: stages.count, modelStages: stages.model) else {
      let counts = stages.count == stages.model ? [stages.count] : [stages.model, stages.count]
      throw .durationsOfStages(durations.stages.count, stages: counts)
    }
  }

  private func timing(_ times: WorkTimes) -> ScheduleTiming {
    let finish = finishTimes(times)
    var rankBusy: [Double] = []
    var rankFinish: [Double] = []
    var longestSpan = 0.0
    var counts = [Int](repeating: 0, count: works.count)
    for (first, next) in zip(firstNode, firstNode.dropFirst()) {
      for work in workOfNode[Int(first)..<Int(next)] { counts[Int(work)] += 1 }
      // Counting before adding keeps equal ranks equal to the last bit.
      var busy = 0.0
      for work in workOfNode[Int(first)..<Int(next)] where counts[Int(work)] > 0 {
        busy += Double(counts[Int(work)]) * times.duration[Int(work)]
        counts[Int(work)] = 0
      }
      rankBusy.append(busy)
      rankFinish.append(finish[Int(next) - 1])
      if next - first > 1 {
        let start = start(of: Int(first) + 1, finish, times)
        longestSpan = max(longestSpan, finish[Int(next) - 1] - start)
      }
    }
    let makespan = rankFinish.max() ?? 0
    let meanBusy = rankBusy.reduce(0, +) / Double(max(ranks, 1))
    // Rounding may leave the busy time a little above the span it fills.
    func idleRatio(of span: Double) -> Double { span > 0 ? max(0, (span - meanBusy) / span) : 0 }
    return ScheduleTiming(
      makespan: makespan, bubbleRatio: idleRatio(of: makespan), longestSpan: longestSpan,
      spanBubbleRatio: idleRatio(of: longestSpan), rankBusy: rankBusy, rankFinish: rankFinish,
      peakActivationsReleaseAtW: peakActivationsReleaseAtW,
      peakActivationsReleaseAtI: peakActivationsReleaseAtI)
  }

  private func finishTimes(_ times: WorkTimes) -> [Double] {
    var finish = [Double](repeating: 0, count: workOfNode.count + 1)
    // The input of what has no input was there long ago.
    finish[workOfNode.count] = -.infinity
    for node in order {
      let node = Int(node)
      finish[node] = start(of: node, finish, times) + times.duration[Int(workOfNode[node])]
    }
    return finish
  }

  private func start(of node: Int, _ finish: [Double], _ times: WorkTimes) -> Double {
    let (forward, backward) = (Int(inputs[2 * node]), Int(inputs[2 * node + 1]))
    // What has no input reads the idle work of its rank's first node: no latency.
    let none = workOfNode.count
    let forwardWork = forward == none ? 0 : Int(workOfNode[forward])
    let backwardWork = backward == none ? 0 : Int(workOfNode[backward])
    return max(
      finish[node - 1], finish[forward] + times.forwardLatency[forwardWork],
      finish[backward] + times.backwardLatency[backwardWork])
  }
}

/// The durations of the different works of a frozen schedule.
private struct WorkTimes {
  var duration: [Double] = []
  var forwardLatency: [Double] = []
  var backwardLatency: [Double] = []

  init(_ frozen: FrozenSchedule, _ durations: StageDurations) {
    for work in frozen.works {
      let times = work.times(durations, stages: frozen.stages.count)
      duration.append(times.duration)
      forwardLatency.append(times.forwardLatency)
      backwardLatency.append(times.backwardLatency)
    }
  }
}
