import Schedules

/// Schedules alone: building one and timing it once, timing it again and again, and building all.
enum ScheduleBenchmark {
  static func rows(_ effort: Effort) throws -> [BenchmarkRow] {
    try [building(effort), timing(effort), library(effort)]
  }

  /// From nothing to the makespan of a DualPipe far larger than any in use.
  private static func building(_ effort: Effort) throws -> BenchmarkRow {
    var best = Double.infinity
    var actions = 0
    for _ in 0..<effort.repetitions(15) {
      let seconds = try cpuSeconds {
        let schedule = try BuiltIn.dualPipe.schedule(ranks: 16, microBatches: 1024)
        _ = try FrozenSchedule(schedule).timing(.unit)
        actions = count(schedule)
      }
      best = min(best, seconds)
    }
    return BenchmarkRow(
      name: "DualPipe 16 x 1024, built and timed", size: actions, value: best * 1e3, unit: "ms")
  }

  /// One timing of a frozen schedule.
  private static func timing(_ effort: Effort) throws -> BenchmarkRow {
    let schedule = try BuiltIn.dualPipe.schedule(ranks: 16, microBatches: 1024)
    let frozen = try FrozenSchedule(schedule)
    let actions = count(schedule)
    var best = Double.infinity
    var makespan = 0.0
    for _ in 0..<effort.repetitions(50) {
      best = min(best, cpuSeconds { makespan += frozen.timing(.unit).makespan })
    }
    // Reading the sum keeps the work from being left out.
    let speed = makespan > 0 ? Double(actions) / best / 1e6 : 0
    return BenchmarkRow(
      name: "DualPipe 16 x 1024, timed again", size: actions, value: speed, unit: "Mactions/s")
  }

  /// Every built-in, built once.
  private static func library(_ effort: Effort) throws -> BenchmarkRow {
    var best = Double.infinity
    var actions = 0
    for _ in 0..<effort.repetitions(7) {
      actions = 0
      let seconds = try cpuSeconds {
        for schedule in BuiltIn.allCases {
          actions += count(try schedule.schedule(ranks: 16, microBatches: 128))
        }
      }
      best = min(best, seconds)
    }
    return BenchmarkRow(
      name: "all built-ins 16 x 128, built", size: actions, value: best * 1e3, unit: "ms")
  }

  private static func count(_ schedule: Schedule) -> Int {
    schedule.actions.reduce(0) { $0 + $1.count }
  }
}
