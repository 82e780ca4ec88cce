import Engine
import Glibc
import HeapTwin
import Quantities

/// The hold model on the event queue: pop the earliest event, push it again a random while later,
/// so that the number pending stays the same. The twin is `std::priority_queue` with a comparison
/// of two fields; both must pop the same events in the same order.
enum QueueBenchmark {
  /// The queue popped other events than its twin.
  struct OrderDiffers: Error, CustomStringConvertible {
    var size: Int
    var description: String { "with \(size) pending, the queue and its twin pop other events" }
  }

  /// The number pending in a usual simulation, and three to compare queues by.
  private static let cases: [(pending: Int, holds: Int, repetitions: Int)] = [
    (100, 100_000, 40), (1_000, 200_000, 40), (100_000, 300_000, 20), (1_000_000, 500_000, 10),
  ]

  /// One row for each number of pending events.
  static func rows(_ effort: Effort) throws -> [BenchmarkRow] {
    let increments = exponentialIncrements(count: 4096)
    return try cases.map { pending, holds, repetitions in
      try row(pending, holds, effort.repetitions(repetitions), increments)
    }
  }

  private static func row(
    _ pending: Int, _ holds: Int, _ repetitions: Int, _ increments: [Int64]
  ) throws -> BenchmarkRow {
    let twin = heap_twin_create()
    defer { heap_twin_destroy(twin) }
    var queue = EventQueue(minimumCapacity: pending)
    for id in 0..<UInt32(pending) {
      let time = increments[Int(id) % increments.count] + Int64(id)
      heap_twin_push(twin, time, id)
      queue.push(at: Time(picoseconds: time), payload: id)
    }

    var drawn = 0
    var best = Double.infinity
    var twinBest = Double.infinity
    for _ in 0..<repetitions {
      var checksum: UInt64 = 0
      var twinChecksum: UInt64 = 0
      best = min(best, cpuSeconds { checksum = hold(&queue, increments, &drawn, holds) })
      let twinTime = cpuSeconds {
        twinChecksum = heap_twin_hold(twin, increments, increments.count - 1, holds)
      }
      twinBest = min(twinBest, twinTime)
      guard checksum == twinChecksum else { throw OrderDiffers(size: pending) }
    }
    return BenchmarkRow(
      name: "event queue hold", size: pending, value: Double(holds) / best / 1e6,
      unit: "Mevents/s", twin: Double(holds) / twinBest / 1e6, ratio: twinBest / best)
  }

  /// Holds `count` times, with increments from where the last call stopped; the same checksum as
  /// the twin's.
  private static func hold(
    _ queue: inout EventQueue, _ increments: [Int64], _ drawn: inout Int, _ count: Int
  ) -> UInt64 {
    let mask = increments.count - 1
    var checksum: UInt64 = 0
    for _ in 0..<count {
      guard let event = queue.pop() else { break }
      checksum = checksum &* 31 &+ UInt64(event.payload)
      let later = event.time + Time(picoseconds: increments[drawn & mask])
      drawn &+= 1
      queue.push(at: later, payload: event.payload)
    }
    return checksum
  }

  /// Spans of a microsecond on average, tabulated so that drawing them costs next to nothing.
  private static func exponentialIncrements(count: Int) -> [Int64] {
    var state: UInt64 = 1
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let uniform = (Double(state >> 11) + 0.5) / 0x1p53
      return Int64(-log(uniform) * 1e6)
    }
  }
}
