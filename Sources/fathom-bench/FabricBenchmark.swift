import Fabric
import Glibc
import Quantities
import Statistics

/// The fabric's solver on the traffic of a cluster: GPUs with NVLink ports of 200 GB/s and NIC ports
/// of 50 GB/s one way, eight GPUs a node, and a network that never blocks.
///
/// The twin is what has to be reached: CPU seconds on the machine the project is measured on, under
/// half of SimGrid's where SimGrid gets there at all.
enum FabricBenchmark {
  static func rows(_ effort: Effort) -> [BenchmarkRow] {
    var rows = [
      pairwise(gpus: 512, jitter: false, limit: 0.3, times: effort.repetitions(5)),
      folded(gpus: 2048, times: effort.repetitions(100)),
      poisson(times: effort.repetitions(10)),
      pairwise(gpus: 64, jitter: true, limit: 1, times: effort.repetitions(3)),
      trainingStep(times: effort.repetitions(5)),
    ]
    if effort == .full {
      rows.insert(pairwise(gpus: 2048, jitter: false, limit: 10, times: 1), at: 1)
    }
    return rows
  }

  private static let nodeSize = 8
  private static let ports = [200e9, 200e9, 50e9, 50e9].map { Bandwidth($0) }

  /// A port of a GPU: NVLink out and in, NIC out and in.
  private static func link(_ gpu: Int, _ port: Int) -> Int { gpu * ports.count + port }

  private static func links(_ gpus: Int) -> [Bandwidth] { (0..<gpus).flatMap { _ in ports } }

  /// CPU seconds to solve the sets, the least of several times; filling a set is not counted.
  private static func solving(
    _ times: Int, _ make: () -> FlowSet
  ) -> (seconds: Double, solution: FlowSolution?) {
    var best = Double.infinity
    var solution: FlowSolution?
    for _ in 0..<times {
      let set = make()
      let (solved, seconds) = solved(set)
      solution = solved
      best = min(best, seconds)
    }
    return (best, solution)
  }

  private static func solved(_ set: consuming FlowSet) -> (FlowSolution, Double) {
    let start = processSeconds()
    let solution = set.solved()
    return (solution, processSeconds() - start)
  }

  private static func processSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private static func row(
    _ name: String, _ size: Int, _ seconds: Double, limit: Double
  ) -> BenchmarkRow {
    BenchmarkRow(
      name: name, size: size, value: seconds * 1e3, unit: "CPU ms", twin: limit * 1e3,
      ratio: limit / seconds)
  }

  /// 1 MB from each GPU to each other one; with jitter each size times U(0.5, 1.5), so that each
  /// flow ends alone.
  private static func pairwise(
    gpus: Int, jitter: Bool, limit: Double, times: Int
  ) -> BenchmarkRow {
    let count = gpus * (gpus - 1)
    let (seconds, _) = solving(times) {
      var stream = RandomStream(seed: 1, component: "jitter", index: 0)
      var set = FlowSet(capacities: links(gpus))
      set.reserve(flows: count, uses: 2 * count)
      for source in 0..<gpus {
        for target in 0..<gpus where target != source {
          let port = source / nodeSize == target / nodeSize ? 0 : 2
          let factor = jitter ? 0.5 + stream.uniform() : 1
          set.add(
            link(source, port), link(target, port + 1), bytes: Bytes(1e6 * factor), start: 0)
        }
      }
      return set
    }
    let kind = jitter ? "jittered" : "uniform"
    return row("all-to-all, \(gpus) GPUs, \(kind) pairs", count, seconds, limit: limit)
  }

  /// The same as two classes at the ports of one GPU.
  private static func folded(gpus: Int, times: Int) -> BenchmarkRow {
    let (seconds, _) = solving(times) {
      var set = FlowSet(capacities: ports)
      let (near, far) = (Double(nodeSize - 1), Double(gpus - nodeSize))
      set.add([0, 1].map { LinkUse(link: $0, share: near) }, bytes: Bytes(1e6), start: 0)
      set.add([2, 3].map { LinkUse(link: $0, share: far) }, bytes: Bytes(1e6), start: 0)
      return set
    }
    return row("all-to-all, \(gpus) GPUs, folded", 2, seconds, limit: 0.01)
  }

  /// 10,000 flows of Exp(1 MB) between random GPUs, half of what the NICs take.
  private static func poisson(times: Int) -> BenchmarkRow {
    let (gpus, flows) = (64, 10_000)
    let (seconds, _) = solving(times) {
      var stream = RandomStream(seed: 1, component: "Poisson", index: 0)
      var set = FlowSet(capacities: links(gpus))
      var time = 0.0
      for _ in 0..<flows {
        time -= log(1 - stream.uniform()) * 1e6 / (0.5 * Double(gpus) * 50e9)
        let source = Int(stream.uniform() * Double(gpus))
        let target = (source + 1 + Int(stream.uniform() * Double(gpus - 1))) % gpus
        set.add(
          link(source, 2), link(target, 3), bytes: Bytes(-log(1 - stream.uniform()) * 1e6),
          start: time)
      }
      return set
    }
    return row("Poisson, 64 GPUs, load 0.5", flows, seconds, limit: 0.4)
  }

  /// The 120 x 58 x 4 x 2 all-to-alls among 64 GPUs of a DeepSeek-V3 step on 2,048 GPUs, one after
  /// the other, each as four classes that end one by one.
  private static func trainingStep(times: Int) -> BenchmarkRow {
    let rounds = 55_680
    let paths = [[0, 1], [2, 3], [0, 3], [2, 1]].enumerated().map { index, path in
      path.map { LinkUse(link: $0, share: [7, 56, 2, 3][index]) }
    }
    var best = Double.infinity
    for _ in 0..<times {
      let start = processSeconds()
      var network = FlowNetwork(capacities: ports)
      var ends = [Time](repeating: .max, count: paths.count)
      var now = Time.zero
      for round in 0..<rounds {
        for (index, path) in paths.enumerated() {
          let bytes = Bytes(1e6 + Double((round + index * 7) % 32) * 1e4)
          network.start(path, bytes: bytes, tag: UInt32(index), at: now)
        }
        network.settle(at: now) { slot, finish in ends[Int(slot)] = finish }
        for _ in paths {
          guard let slot = ends.indices.min(by: { ends[$0] < ends[$1] }) else { break }
          now = ends[slot]
          ends[slot] = .max
          network.finish(UInt32(slot))
          network.settle(at: now) { slot, finish in ends[Int(slot)] = finish }
        }
      }
      best = min(best, processSeconds() - start)
    }
    return row("V3 step, folded all-to-alls", rounds, best, limit: 1)
  }
}
