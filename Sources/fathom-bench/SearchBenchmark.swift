import ScheduleSearch
import Schedules
import Statistics

/// The search for a schedule on problems drawn by chance: how much shorter than the best built-in
/// that fits, how far above the bound, how many proven optimal, and how fast.
enum SearchBenchmark {
  static func rows(_ effort: Effort) throws -> [BenchmarkRow] {
    let count = effort == .full ? 120 : 6
    var gains: [Double] = []
    var gaps: [Double] = []
    var optimal = 0
    var (seconds, evaluations) = (0.0, 0)
    for index in 0..<count {
      guard let search = try? OrderSearch(problem(index), seed: 1) else { continue }
      var found: SearchResult?
      seconds += try cpuSeconds {
        found = try search.run(evaluations: search.defaultEvaluations / 4)
      }
      guard let found else { continue }
      evaluations += found.evaluations
      gaps.append(found.gapRatio)
      if found.isOptimal { optimal += 1 }
      if let makespan = found.bestBuiltIn?.makespan, makespan > 0 {
        gains.append(1 - found.timing.makespan / makespan)
      }
    }
    func row(_ name: String, _ size: Int, _ value: Double, _ unit: String) -> BenchmarkRow {
      BenchmarkRow(name: "search, \(name)", size: size, value: value, unit: unit)
    }
    func mean(_ values: [Double]) -> Double {
      values.reduce(0, +) / Double(max(values.count, 1)) * 100
    }
    return [
      row("shorter than the best built-in", gains.count, mean(gains), "%"),
      row("shorter than it at least", gains.count, (gains.min() ?? 0) * 100, "%"),
      row("above the lower bound", gaps.count, mean(gaps), "%"),
      row("proven optimal", gaps.count, Double(optimal), "of them"),
      row("speed", evaluations, Double(evaluations) / max(seconds, 1e-9) / 1e6, "Morders/s"),
    ]
  }

  /// A problem of 2 to 8 ranks and up to 24 micro-batches with stages that differ by up to 50 %, a
  /// latency, and a limit of memory in two of three.
  private static func problem(_ index: Int) throws -> SearchProblem {
    var stream = RandomStream(seed: 7, component: "search benchmark", index: UInt64(index))
    func real(_ least: Double, _ most: Double) -> Double {
      least + (most - least) * stream.uniform()
    }
    let ranks = 2 + Int(real(0, 7))
    let stagesPerRank = 1 + Int(real(0, 2))
    let unevenness = Double(index % 3) * 0.25
    let latency = real(0, 0.2)
    var stages: [Durations] = []
    for _ in 0..<ranks * stagesPerRank {
      stages.append(
        try Durations(
          forward: real(1 - unevenness, 1 + unevenness),
          inputBackward: real(1 - unevenness, 1 + unevenness),
          weightBackward: real(1 - unevenness, 1 + unevenness), pointToPoint: latency))
    }
    var problem = SearchProblem(
      ranks: ranks, microBatches: 2 + Int(real(0, 23)), stagesPerRank: stagesPerRank,
      durations: StageDurations(ofStages: stages), mostParameterCopies: 1 + Int(real(0, 2)))
    if !index.isMultiple(of: 3) {
      let limit = Double(stagesPerRank) * real(1, Double(2 * ranks))
      problem.memoryLimits = [limit.rounded(.up)]
    }
    return problem
  }
}
