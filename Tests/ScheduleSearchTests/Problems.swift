import ScheduleSearch
import Schedules
import Statistics

/// Problems drawn by chance for the tests, the same on every run.
enum Problems {
  /// A problem of 2 to 6 ranks with uneven stages; every third without a limit of memory.
  static func drawn(_ index: Int) throws -> SearchProblem {
    var stream = RandomStream(seed: 11, component: "search tests", index: UInt64(index))
    func whole(_ range: ClosedRange<Int>, _ stream: inout RandomStream) -> Int {
      range.lowerBound + Int(stream.uniform() * Double(range.count))
    }
    let ranks = whole(2...6, &stream)
    let stagesPerRank = whole(1...2, &stream)
    let unevenness = Double(index % 3) * 0.25
    let saving = index.isMultiple(of: 4) ? 0.2 : 0
    let latency = 0.2 * stream.uniform()
    var stages: [Durations] = []
    var activations: [Double] = []
    for _ in 0..<ranks * stagesPerRank {
      let (f, i, w) = (
        1 + unevenness * (2 * stream.uniform() - 1), 1 + unevenness * (2 * stream.uniform() - 1),
        1 + unevenness * (2 * stream.uniform() - 1)
      )
      stages.append(
        try Durations(
          forward: f, inputBackward: i, weightBackward: w, overlapped: (f + i + w) * (1 - saving),
          pointToPoint: latency))
      activations.append(index.isMultiple(of: 2) ? 1 : 0.5 + stream.uniform())
    }
    var problem = SearchProblem(
      ranks: ranks, microBatches: whole(2...10, &stream), stagesPerRank: stagesPerRank,
      durations: StageDurations(ofStages: stages), activations: activations)
    let claim = Double(stagesPerRank) * 1.5
    if index % 3 != 0 {
      problem.memoryLimits = (0..<ranks).map { _ in
        claim * (1 + stream.uniform() * Double(ranks))
      }
    }
    problem.mostParameterCopies = whole(1...2, &stream)
    // What is pending is less than an activation in some, more in others.
    if index % 4 >= 2 {
      let ratio = index % 4 == 2 ? 0.6 : 1.6
      problem.pendingActivations = activations.map { $0 * ratio }
      problem.memoryLimits = problem.memoryLimits.map { $0 * max(1, ratio) }
    }
    return problem
  }

  /// Durations of three small uneven stages and more.
  static func uneven(_ count: Int, saving: Double = 0, latency: Double = 0) throws
    -> StageDurations
  {
    let pattern = [(1.0, 1.5, 0.5), (2, 1, 1), (0.5, 1, 1.5), (1.5, 2, 0.5)]
    return StageDurations(
      ofStages: try (0..<count).map {
        let (f, i, w) = pattern[$0 % pattern.count]
        return try Durations(
          forward: f, inputBackward: i, weightBackward: w, overlapped: (f + i + w) * (1 - saving),
          pointToPoint: latency)
      })
  }
}
