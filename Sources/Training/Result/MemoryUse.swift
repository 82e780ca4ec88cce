import Hardware
import Models
public import Quantities
import Schedules

extension StepSimulation {
  /// What driver, kernels and communication buffers take of a GPU's memory.
  public static let reservedMemory = Fact(
    Bytes(3e9), .assumed, "CUDA context, NCCL and DeepEP buffers, allocator slack")

  /// Memory of each rank: what it holds throughout, and the most activations alive at once in the
  /// simulated step.
  func memory(
    schedule: Schedule, stages: [[LayerWork]], weights: [RankWeights], run: borrowing StepRun,
    tasks: StepTasks
  ) throws(StepError) -> [RankMemory] {
    var changes = [[(time: Time, bytes: Double)]](repeating: [], count: schedule.ranks)
    for change in tasks.memory {
      let task = Int(change.task)
      changes[Int(change.rank)].append(
        (change.atStart ? run.start[task] : run.end[task], change.bytes.value))
    }
    var result: [RankMemory] = []
    for rank in 0..<schedule.ranks {
      var memory = held(weights[rank], rank: rank)
      // Where one pass ends as the next starts, its memory is free before the next takes its own.
      let ordered = changes[rank].sorted {
        $0.time != $1.time ? $0.time < $1.time : $0.bytes < $1.bytes
      }
      var alive = 0.0
      for change in ordered {
        alive += change.bytes
        if alive > memory.activations.value {
          memory.activations = Bytes(alive)
          memory.peakTime = change.time
        }
      }
      guard abs(alive) <= 1e-6 * max(memory.activations.value, 1) else {
        throw .memoryNotReturned(rank: rank, bytes: alive)
      }
      memory.working = working(schedule, rank: rank, stages: stages, pairs: schedule.overlaps)
      memory.reserved = Self.reservedMemory.value
      result.append(memory)
    }
    return result
  }

  /// What is needed while a layer is worked on; an overlapped pair works on a layer of each half.
  func working(
    _ schedule: Schedule, rank: Int, stages: [[LayerWork]], pairs: Bool
  ) -> Bytes {
    schedule.modelStages(of: rank).flatMap { stages[$0] }
      .map(\.activations.working).sorted(by: >).prefix(pairs ? 2 : 1).reduce(.zero, +)
  }

  /// What a rank holds throughout the step.
  func held(_ weights: RankWeights, rank: Int) -> RankMemory {
    let format = stateFormat
    var memory = RankMemory(rank: rank)
    for part in weights.parts {
      memory.weights += Bytes(part.parameters * part.weightBytes)
      memory.gradients += Bytes(part.parameters * format.gradient)
      let shards = plan.zero > 0 ? Double(part.replicas) : 1
      memory.optimizer += Bytes(part.parameters * (format.master + format.moments) / shards)
    }
    return memory
  }
}
