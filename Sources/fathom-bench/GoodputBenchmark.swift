import Dispatch
import Economics
import Glibc

/// 10,000 runs of 54 days on the 2,048 nodes of Llama 3's cluster, about 420 failures each, as
/// `cost` makes them; on one thread, then on all cores, which must give the same samples.
///
/// The twin is what has to be reached: two seconds on two cores.
enum GoodputBenchmark {
  /// The threads did not give what one gives.
  struct SamplesDiffer: Error, CustomStringConvertible {
    var description: String { "samples made on several threads are not those made on one" }
  }

  static func rows(_ effort: Effort) throws -> [BenchmarkRow] {
    guard let entry = ReliabilityCatalogue.entry(named: "llama-3-h100"), let nodes = entry.nodes
    else { return [] }
    let count = effort == .full ? 10_000 : 200
    let run = try GoodputRun(
      productive: 54 * 86_400, nodes: nodes, reliability: entry.reliability)
    var alone: [GoodputSample] = []
    var aging = entry.reliability
    aging.spares = 64
    for index in aging.sources.indices {
      aging.sources[index].shape = 0.7
      aging.sources[index].observedNodes = nodes
    }
    aging.interval = .every(run.interval)
    aging.lemons = Lemons(nodes: 20, factor: 10, strikes: 3)
    let worst = try GoodputRun(productive: 54 * 86_400, nodes: nodes, reliability: aging)
    var best = [Double](repeating: .infinity, count: 3)
    for _ in 0..<effort.repetitions(3) {
      best[0] = min(best[0], cpuSeconds { alone = samples(run, count) })
      let wall = wallSeconds()
      guard together(run, count) == alone else { throw SamplesDiffer() }
      best[1] = min(best[1], wallSeconds() - wall)
      best[2] = min(best[2], cpuSeconds { _ = samples(worst, count) })
    }
    let limit = Double(count) / 10_000
    func row(_ name: String, _ run: GoodputRun, _ seconds: Double, limit: Double) -> BenchmarkRow {
      let failures = Int(run.expectedFailures) * count
      return BenchmarkRow(
        name: "54 days of 16,384 GPUs, \(name)", size: failures, value: seconds * 1e3,
        unit: name == "all cores" ? "ms" : "CPU ms", twin: limit * 1e3, ratio: limit / seconds)
    }
    return [
      row("one thread", run, best[0], limit: 4 * limit),
      row("all cores", run, best[1], limit: 2 * limit),
      row("aging and lemons", worst, best[2], limit: 4 * limit),
    ]
  }

  private static func samples(_ run: GoodputRun, _ count: Int) -> [GoodputSample] {
    (0..<count).map { run.simulate(seed: 1, index: UInt64($0)) }
  }

  private static func together(_ run: GoodputRun, _ count: Int) -> [GoodputSample] {
    let (threads, part) = (8, (count + 7) / 8)
    var parts = [[GoodputSample]](repeating: [], count: threads)
    parts.withUnsafeMutableBufferPointer { parts in
      // Each thread writes a place of its own.
      nonisolated(unsafe) let parts = parts
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        let range = min(count, thread * part)..<min(count, (thread + 1) * part)
        parts[thread] = range.map { run.simulate(seed: 1, index: UInt64($0)) }
      }
    }
    return Array(parts.joined())
  }

  private static func wallSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
