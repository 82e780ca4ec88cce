import Hardware
import Models
public import Quantities
import Schedules

extension StepSimulation {
  /// What driver, kernels and communication buffers take of a GPU's memory.
  public static let reservedMemory = Fact(
    Bytes(3e9), .assumed, "CUDA context, NCCL and DeepEP buffers, allocator slack")

  /// Memory of each rank: what it holds throughout, and the most activations alive at once in the
  /// simulated step on the GPU of the rank that needs most.
  func memory(
    schedule: Schedule, stages: [[LayerWork]], weights: [RankWeights], run: borrowing StepRun,
    tasks: StepTasks
  ) throws(StepError) -> [RankMemory] {
    var changes = [[ActivationTask]](repeating: [], count: schedule.ranks)
    for change in tasks.memory { changes[Int(change.rank)].append(change) }
    var result: [RankMemory] = []
    for rank in 0..<schedule.ranks {
      var most = RankMemory(rank: rank)
      for member in 0..<tasks.members {
        let peak = try peak(of: changes[rank], rank: rank, member: member, run: run, tasks: tasks)
        if member > 0, peak.bytes <= most.activations { continue }
        most.activations = peak.bytes
        most.peakTime = peak.time
      }
      var memory = held(weights[rank], rank: rank)
      memory.activations = most.activations
      memory.peakTime = most.peakTime
      memory.working = working(
        schedule, rank: rank, stages: stages, pairs: schedule.overlaps, uneven: tasks.uneven)
      memory.reserved = Self.reservedMemory.value
      result.append(memory)
    }
    return result
  }

  /// The most bytes alive at once on a member, and when.
  private func peak(
    of changes: [ActivationTask], rank: Int, member: Int, run: borrowing StepRun, tasks: StepTasks
  ) throws(StepError) -> (bytes: Bytes, time: Time) {
    var timed: [(time: Time, bytes: Double)] = []
    for change in changes {
      let task = Int(change.task)
      let time =
        change.atStart ? run.start(of: task, member: member) : run.end(of: task, member: member)
      timed.append((time, change.bytes(member: member, uneven: tasks.uneven)))
    }
    // Where one pass ends as the next starts, its memory is free before the next takes its own.
    timed.sort { $0.time != $1.time ? $0.time < $1.time : $0.bytes < $1.bytes }
    var alive = 0.0
    var most = 0.0
    var time = Time.zero
    for change in timed {
      alive += change.bytes
      if alive > most { (most, time) = (alive, change.time) }
    }
    guard abs(alive) <= 1e-6 * max(most, 1) else {
      throw .memoryNotReturned(rank: rank, bytes: alive)
    }
    return (Bytes(most), time)
  }

  /// What is needed while a layer is worked on; an overlapped pair works on a layer of each half.
  func working(
    _ schedule: Schedule, rank: Int, stages: [[LayerWork]], pairs: Bool,
    uneven: UnevenLoads
  ) -> Bytes {
    schedule.modelStages(of: rank).flatMap { stages[$0] }
      .map { $0.activations(at: uneven.most($0.load)).working }.sorted(by: >).prefix(pairs ? 2 : 1)
      .reduce(.zero, +)
  }

  /// What a rank holds throughout the step.
  func held(_ weights: RankWeights, rank: Int) -> RankMemory {
    let format = stateFormat
    var memory = RankMemory(rank: rank)
    for part in weights.parts {
      memory.weights += Bytes(part.parameters * part.weightBytes / part.shards.weights)
      memory.gradients += Bytes(part.parameters * format.gradient / part.shards.gradients)
      memory.optimizer += Bytes(
        part.parameters * (format.master + format.moments) / part.shards.optimizer)
    }
    return memory
  }
}
