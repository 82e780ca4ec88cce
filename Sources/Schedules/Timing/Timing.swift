/// Durations of the passes of one stage, as plain weights in any one unit.
public struct Durations: Sendable, Equatable {
  /// Of F.
  public let forward: Double
  /// Of I.
  public let inputBackward: Double
  /// Of W; a full backward takes I and W together.
  public let weightBackward: Double
  /// Of an overlapped pair.
  public let overlapped: Double
  /// From the end of a pass to its result being on another rank; on the same rank it is there at
  /// once.
  public let pointToPoint: Double

  /// Durations, the overlapped pair taking F + I + W if not said.
  ///
  /// - Throws: `ScheduleError.duration` for one that is not from 0 to 1e100; above that, sums might
  ///   overflow.
  public init(
    forward: Double, inputBackward: Double, weightBackward: Double, overlapped: Double? = nil,
    pointToPoint: Double = 0
  ) throws(ScheduleError) {
    self.forward = forward
    self.inputBackward = inputBackward
    self.weightBackward = weightBackward
    self.overlapped = overlapped ?? forward + inputBackward + weightBackward
    self.pointToPoint = pointToPoint
    let values: [(DurationName, Double)] = [
      (.forward, forward), (.inputBackward, inputBackward), (.weightBackward, weightBackward),
      (.overlapped, self.overlapped), (.pointToPoint, pointToPoint),
    ]
    for (name, value) in values where !(value >= 0 && value <= Self.longest) {
      throw .duration(name, value)
    }
  }

  static let longest = 1e100

  /// By kind of node.
  fileprivate var ofKinds: [Double] {
    [
      forward, inputBackward, weightBackward, inputBackward + weightBackward, overlapped, 0,
    ]
  }
}

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
  /// Times the schedule; see `ScheduleTiming`.
  ///
  /// - Throws: `ScheduleError.breaksRules` if it is not valid; a list in which ranks wait for one
  ///   another for ever is not.
  /// - Complexity: O(passes + stages × micro-batches).
  public func timing(_ durations: Durations) throws(ScheduleError) -> ScheduleTiming {
    try FrozenSchedule(self).timing(durations)
  }
}

extension FrozenSchedule {
  /// Number of ranks.
  public var ranks: Int { firstNode.count - 1 }

  /// Times the schedule; see `ScheduleTiming`.
  ///
  /// - Complexity: O(actions), one pass.
  public func timing(_ durations: Durations) -> ScheduleTiming {
    let finish = finishTimes(durations)
    var rankBusy: [Double] = []
    var rankFinish: [Double] = []
    var longestSpan = 0.0
    let ofKinds = durations.ofKinds
    for (first, next) in zip(firstNode, firstNode.dropFirst()) {
      var counts = [Int](repeating: 0, count: ofKinds.count)
      for kind in kinds[Int(first)..<Int(next)] { counts[Int(kind)] += 1 }
      rankBusy.append(zip(counts, ofKinds).reduce(0) { $0 + Double($1.0) * $1.1 })
      rankFinish.append(finish[Int(next) - 1])
      if next - first > 1 {
        let start = start(of: Int(first) + 1, finish, durations.pointToPoint)
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

  /// When each action runs, by rank and place in its list: what a drawing needs.
  ///
  /// - Complexity: O(actions).
  public func spans(_ durations: Durations) -> [[ActionSpan]] {
    let finish = finishTimes(durations)
    return zip(firstNode, firstNode.dropFirst()).map { first, next in
      (Int(first) + 1..<Int(next)).map { node in
        ActionSpan(
          start: start(of: node, finish, durations.pointToPoint), finish: finish[node])
      }
    }
  }

  private func finishTimes(_ durations: Durations) -> [Double] {
    let ofKinds = durations.ofKinds
    let latency = durations.pointToPoint
    var finish = [Double](repeating: 0, count: kinds.count + 1)
    // The input of what has no input was there long ago.
    finish[kinds.count] = -.infinity
    for node in order {
      let node = Int(node)
      finish[node] = start(of: node, finish, latency) + ofKinds[Int(kinds[node])]
    }
    return finish
  }

  private func start(of node: Int, _ finish: [Double], _ latency: Double) -> Double {
    let input = max(finish[Int(inputs[2 * node])], finish[Int(inputs[2 * node + 1])])
    return max(finish[node - 1], input + latency)
  }
}
