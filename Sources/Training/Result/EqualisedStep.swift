import Engine
import Quantities
import Schedules

/// What each rank would wait between its passes if all GPUs were alike, and if all stages took equal
/// time too.
///
/// The step's tasks are timed again in the order they depend on each other, on one GPU a rank: blocks
/// by their means and transfers as long as they took on average; then with both stretched or shortened
/// on each stage so that a pass takes on every stage what it takes on average. No rate is solved again.
/// Where GPUs are alike already, the first is the step as it was; where stages are, so is the second.
struct EqualisedStep {
  /// Idle time of each rank between the start of its first pass and the end of its last, if all GPUs
  /// were alike; nil where they are.
  private(set) var alike: [Time]?
  /// The same if all stages took equal time too.
  private(set) var equal: [Time] = []

  /// - Parameters:
  ///   - compute: tasks of each rank's compute stream, in their order.
  ///   - communication: tasks of each rank's communication stream.
  init(
    _ step: StepTasks, compute: [[Int32]], communication: [[Int32]], run: borrowing StepRun
  ) {
    func waits(_ durations: [Time]) -> [Time] {
      let starts = Self.starts(step.graph, durations)
      return zip(compute, communication).map { compute, communication in
        Self.wait(step, compute, communication, starts: starts, durations: durations)
      }
    }
    let means = Self.means(step, run)
    if step.members > 1 || step.jitter != nil || !step.speeds.isEmpty { alike = waits(means) }
    equal = waits(Self.equalised(step, means))
  }

  /// Durations of all tasks if all GPUs were alike.
  private static func means(_ step: StepTasks, _ run: borrowing StepRun) -> [Time] {
    step.tasks.indices.map { index in
      let task = step.tasks[index]
      guard task.transfer >= 0 else { return task.duration }
      var sum = Int128(0)
      for member in 0..<step.members {
        let time = run.end(of: index, member: member) - run.start(of: index, member: member)
        sum += Int128(time.picoseconds)
      }
      return Time(picoseconds: Int64(clamping: sum / Int128(step.members)))
    }
  }

  /// Those durations if all stages took equal time.
  private static func equalised(_ step: StepTasks, _ means: [Time]) -> [Time] {
    var durations = means
    let factors = factors(step, means)
    for (index, task) in step.tasks.enumerated() where task.stage >= 0 && task.stream != .send {
      let factor = factors[slot(of: task)]
      guard abs(factor - 1) > 1e-9 else { continue }
      durations[index] = Time(seconds: durations[index].seconds * factor)
    }
    return durations
  }

  private static let slotsPerStage = 2 * PassKind.allCases.count

  private static func slot(of task: StepTask) -> Int {
    let part = 2 * Int(task.pass.rawValue) + (task.stream == .compute ? 0 : 1)
    return Int(task.stage) * slotsPerStage + part
  }

  /// What a stream's part of each (stage, pass) takes on average over stages, over what it takes; 1
  /// where it has none.
  private static func factors(_ step: StepTasks, _ durations: [Time]) -> [Double] {
    let stages = 1 + Int(step.tasks.reduce(-1) { max($0, $1.stage) })
    let microBatches = 1 + Int(step.tasks.reduce(-1) { max($0, $1.microBatch) })
    var sums = [Double](repeating: 0, count: stages * slotsPerStage)
    // Micro-batches that pass each stage.
    var counts = [Double](repeating: 0, count: stages)
    var seen = [Bool](repeating: false, count: stages * microBatches)
    for (index, task) in step.tasks.enumerated() where task.stage >= 0 && task.stream != .send {
      sums[slot(of: task)] += durations[index].seconds
      let place = Int(task.stage) * microBatches + Int(task.microBatch)
      if !seen[place] {
        seen[place] = true
        counts[Int(task.stage)] += 1
      }
    }
    let passing = max(1, counts.count { $0 > 0 })
    return sums.indices.map { slot in
      guard sums[slot] > 0 else { return 1 }
      let like = stride(from: slot % slotsPerStage, to: sums.count, by: slotsPerStage)
      let mean = like.reduce(0) { sum, other in
        let count = counts[other / slotsPerStage]
        return count > 0 ? sum + sums[other] / count : sum
      }
      return mean / Double(passing) / (sums[slot] / counts[slot / slotsPerStage])
    }
  }

  /// When each task starts if it waits for nothing but those it depends on.
  private static func starts(_ graph: TaskGraph, _ durations: [Time]) -> [Time] {
    var starts = [Time](repeating: .zero, count: durations.count)
    var waitsFor = graph.predecessorCount
    var ready = durations.indices.filter { waitsFor[$0] == 0 }
    while let task = ready.popLast() {
      let end = starts[task] + durations[task]
      for edge in graph.successors(of: Int32(task)) {
        let next = Int(graph.targets[edge])
        starts[next] = max(starts[next], end)
        waitsFor[next] -= 1
        if waitsFor[next] == 0 { ready.append(next) }
      }
    }
    return starts
  }

  /// The idle time between the start of a rank's first pass and the end of its last.
  private static func wait(
    _ step: StepTasks, _ compute: [Int32], _ communication: [Int32], starts: [Time],
    durations: [Time]
  ) -> Time {
    var spans: [(start: Time, end: Time)] = []
    for task in compute + communication
    where step.tasks[Int(task)].category != .optimizer && durations[Int(task)] > .zero {
      spans.append((starts[Int(task)], starts[Int(task)] + durations[Int(task)]))
    }
    spans.sort { ($0.start, $0.end) < ($1.start, $1.end) }
    guard var busyUntil = spans.first?.start else { return .zero }
    var idle = Time.zero
    for span in spans {
      if span.start > busyUntil { idle += span.start - busyUntil }
      busyUntil = max(busyUntil, span.end)
    }
    return idle
  }
}
