import Glibc

/// Measures what has to be fast, and prints one table.
///
///     swift run -c release fathom-bench [--quick]
///
/// Times are CPU time of the thread, the least of several repetitions. Where there is a twin, the
/// two take turns in one process, so that a busy machine slows both; trust the ratio before the
/// speed.
@main
struct Bench {
  /// The benchmarks in the order of the table; a new one is a file and a line here.
  static let benchmarks: [@Sendable (Effort) throws -> [BenchmarkRow]] = [
    QueueBenchmark.rows,
    ScheduleBenchmark.rows,
    SearchBenchmark.rows,
    StepBenchmark.rows,
    EstimateBenchmark.rows,
    FabricBenchmark.rows,
    GoodputBenchmark.rows,
  ]

  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    guard arguments.allSatisfy({ $0 == "--quick" }) else {
      complain("usage: fathom-bench [--quick]")
      exit(64)
    }
    let effort: Effort = arguments.isEmpty ? .full : .quick
    do {
      print(table(of: try benchmarks.flatMap { try $0(effort) }))
    } catch {
      complain("fathom-bench: \(error)")
      exit(1)
    }
  }

  private static func complain(_ sentence: String) {
    var line = sentence + "\n"
    line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

/// How much time to spend on the measurements.
enum Effort {
  /// A few repetitions, to see that the benchmarks run.
  case quick
  /// Enough repetitions to compare figures.
  case full

  /// `count` repetitions, or a few when in a hurry.
  func repetitions(_ count: Int) -> Int { self == .full ? count : min(count, 3) }
}

/// CPU seconds `body` takes on this thread.
func cpuSeconds(_ body: () throws -> Void) rethrows -> Double {
  let start = threadSeconds()
  try body()
  return threadSeconds() - start
}

private func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
