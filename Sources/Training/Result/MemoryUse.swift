import Hardware
import Models
import Quantities
import Schedules

extension StepSimulation {
  /// Memory of each rank over the simulated step, on the GPU of the rank that needs most: what it
  /// holds throughout, and what comes and goes with the passes.
  ///
  /// - Throws: `StepError.memoryNotReturned` where a tensor is not given back.
  func memory(
    schedule: Schedule, stages: [[LayerWork]], weights: [RankWeights], run: borrowing StepRun,
    tasks: StepTasks
  ) throws(StepError) -> [RankMemory] {
    let stageMemory = StageMemory(stages, uneven: tasks.uneven, members: tasks.members)
    let neighbours = schedule.neighbours
    var result: [RankMemory] = []
    for rank in 0..<schedule.ranks {
      let changes = schedule.memoryChanges(of: rank)
      let peak = try stageMemory.peak(of: changes, rank: rank)
      var memory = memory(
        at: peak, weights[rank], rank: rank, neighbours: neighbours[rank], stageMemory)
      var recorder = MemoryRecorder()
      for (index, change) in changes.enumerated() {
        let ends = tasks.actions[rank][Int(change.action)]
        let time =
          change.atStart
          ? run.start(of: Int(ends.start), member: peak.member)
          : run.end(of: Int(ends.end), member: peak.member)
        if index == peak.change { memory.peakTime = time }
        recorder.add(change, stageMemory.bytes(change, member: peak.member), at: time)
      }
      memory.timeline = recorder.finish()
      result.append(memory)
    }
    return result
  }

  /// Memory of each rank from the order of the list alone. A rank's actions follow each other
  /// whatever their times, so the peak is that of the simulated step; only its instant is missing.
  ///
  /// - Complexity: O(actions x GPUs of a rank that differ).
  func memory(
    schedule: Schedule, stages: [[LayerWork]], weights: [RankWeights], uneven: UnevenLoads
  ) throws(StepError) -> [RankMemory] {
    let stageMemory = StageMemory(stages, uneven: uneven, members: members.count)
    let neighbours = schedule.neighbours
    var result: [RankMemory] = []
    for rank in 0..<schedule.ranks {
      let peak = try stageMemory.peak(of: schedule.memoryChanges(of: rank), rank: rank)
      result.append(
        memory(
          at: peak, weights[rank], rank: rank, neighbours: neighbours[rank], stageMemory))
    }
    return result
  }

  private func memory(
    at peak: MemoryPeak, _ weights: RankWeights, rank: Int, neighbours: Int,
    _ stages: StageMemory
  ) -> RankMemory {
    var memory = held(weights, rank: rank)
    let buffers = buffers(neighbours: neighbours)
    var parts = MemoryParts()
    for (place, count) in peak.counts.enumerated() {
      stages.add(count, of: place, member: peak.member, to: &parts)
    }
    for part in parts.all {
      switch part.kind {
      case .activation(_, .input), .activation(_, .weight): memory.activations += part.bytes
      default: memory.working += part.bytes
      }
    }
    let lost = (memory.activations + memory.working) * Self.fragmentation.value
    let reserved =
      buffers + [
        MemoryPart(kind: .libraries, bytes: Self.reservedMemory.value),
        MemoryPart(kind: .fragmentation, bytes: lost),
      ]
    for part in memory.parts + reserved { parts.add(part.bytes, part.kind) }
    memory.reserved = reserved.reduce(.zero) { $0 + $1.bytes }
    memory.parts = parts.sorted
    return memory
  }

  /// What is needed while a layer is worked on; an overlapped pair works on a layer of each half.
  func working(
    _ schedule: Schedule, rank: Int, stages: [[LayerWork]], pairs: Bool, uneven: UnevenLoads
  ) -> Bytes {
    func most(_ phase: MemoryPhase) -> Bytes {
      schedule.modelStages(of: rank).map {
        StageMemory.most(stages[$0], phase, uneven: uneven)
      }.max() ?? .zero
    }
    return pairs ? most(.forward) + most(.backward) : max(most(.forward), most(.backward))
  }

  /// What a rank holds throughout the step of weights and their state.
  func held(_ weights: RankWeights, rank: Int) -> RankMemory {
    let format = stateFormat
    var memory = RankMemory(rank: rank)
    var moments = Bytes.zero
    for part in weights.parts {
      memory.weights += Bytes(part.parameters * part.weightBytes / part.shards.weights)
      memory.gradients += Bytes(part.parameters * format.gradient / part.shards.gradients)
      memory.optimizer += Bytes(
        part.parameters * (format.master + format.moments) / part.shards.optimizer)
      moments += Bytes(part.parameters * format.moments / part.shards.optimizer)
    }
    memory.parts = [
      MemoryPart(kind: .weights, bytes: memory.weights),
      MemoryPart(kind: .gradients, bytes: memory.gradients),
      MemoryPart(kind: .masterWeights, bytes: memory.optimizer - moments),
      MemoryPart(kind: .moments, bytes: moments),
    ]
    return memory
  }
}

/// Where a rank's list of changes is at its highest.
struct MemoryPeak {
  /// GPU of the rank that needs most.
  var member = 0
  /// Index of the change after which most is held.
  var change = 0
  var bytes = 0.0
  /// How often each kind of memory is held then, by `StageMemory.place`.
  var counts: [Int]
}

extension StageMemory {
  /// The most bytes alive at once on any member, and what they are.
  func peak(of changes: [MemoryChange], rank: Int) throws(StepError) -> MemoryPeak {
    var peak = MemoryPeak(counts: [Int](repeating: 0, count: places))
    for member in 0..<differing {
      var alive = 0.0
      for (index, change) in changes.enumerated() {
        alive += bytes(change, member: member)
        if alive > peak.bytes { (peak.member, peak.change, peak.bytes) = (member, index, alive) }
      }
    }
    // Counted exactly: every kind of memory, and with it every tensor, returns to nothing.
    var counts = peak.counts
    for (index, change) in changes.enumerated() {
      counts[place(change)] += change.sign
      if index == peak.change { peak.counts = counts }
    }
    guard counts.allSatisfy({ $0 == 0 }) else {
      let left = changes.reduce(0) { $0 + bytes($1, member: peak.member) }
      throw .memoryNotReturned(rank: rank, bytes: left)
    }
    return peak
  }
}

/// Turns changes into samples: one where the last change of an instant, or the last of those that
/// take before some give back, has been made.
private struct MemoryRecorder {
  private var samples: [MemorySample] = []
  private var held = 0.0
  private var pending = 0.0
  private var working = 0.0
  private var lastSign = -1
  private var time = Time.zero

  mutating func add(_ change: MemoryChange, _ bytes: Double, at time: Time) {
    if time != self.time || lastSign > 0 && change.sign < 0 { keep() }
    self.time = time
    lastSign = change.sign
    switch change.phase {
    case .held: held += bytes
    case .pending: pending += bytes
    case .forward, .backward: working += bytes
    }
  }

  mutating func finish() -> [MemorySample] {
    keep()
    return samples
  }

  /// What rounding leaves of nothing is nothing.
  private mutating func keep() {
    func bytes(_ value: Double) -> Bytes { value < 1 ? .zero : Bytes(value) }
    samples.append(
      MemorySample(
        time: time, held: bytes(held), pending: bytes(pending), working: bytes(working)))
  }
}
