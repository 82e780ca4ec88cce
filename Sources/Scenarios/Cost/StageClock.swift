import Economics
import Fabric
import Hardware

/// Where a stage's time on the clock goes: in one draw of its failures, or in their mean.
struct StageClock: Sendable {
  /// The time with its parts.
  var sample = GoodputSample()
  /// How the cluster fails; nil where it does not.
  var reliability: Reliability?
  /// How work is saved; nil where nothing fails, and of a single draw.
  var checkpoints: StageCheckpoints?

  /// Failures that a mean is taken over, at least, and samples: a mean is off by about 1 in their
  /// root.
  private static let forMean = (failures: 4000.0, samples: 200.0...20_000.0)
  /// The same where a closed form gives the mean, and samples only share it out.
  private static let forShares = (failures: 400.0, samples: 20.0...500.0)

  /// Samples that a run's mean is taken over.
  static func samplesOfMean(_ run: GoodputRun) -> Double {
    let enough = run.expectedWall == nil ? forMean : forShares
    let wanted = enough.failures / max(run.expectedFailures, 1e-9)
    return min(max(wanted, enough.samples.lowerBound), enough.samples.upperBound)
  }

  /// Nothing fails.
  init(_ seconds: Double) {
    (sample.wall, sample.productive, sample.isFinished) = (seconds, seconds, true)
  }

  /// - Parameters:
  ///   - stream: which draw; nil for the mean, exact where a closed form holds.
  ///   - salt: tells the streams of stages apart in a mean.
  init(
    _ seconds: Double, _ nodes: Int, _ reliability: Reliability, seed: UInt64, stream: UInt64?,
    salt: UInt64
  ) {
    self.init(seconds)
    self.reliability = reliability
    // Numbers are checked where they are read.
    guard
      let run = try? GoodputRun(productive: seconds, nodes: nodes, reliability: reliability)
    else { return }
    if let stream {
      sample = run.simulate(seed: seed, index: stream)
      return
    }
    let count = UInt64(Self.samplesOfMean(run))
    let summary = GoodputSummary(
      (0..<count).map { run.simulate(seed: seed, index: $0 * 128 + salt) })
    sample = summary.meanParts
    // One run in a hundred may be given up; a mean of more would be a lower bound.
    sample.isFinished = summary.unfinished * 100 <= summary.samples
    if let wall = run.expectedWall, summary.unfinished == 0 { sample.stretch(to: wall) }
    checkpoints = StageCheckpoints(
      interval: run.interval, rule: run.intervalRule,
      failures: summary.failures.mean, nodesOut: summary.mostNodesOut99,
      closedFormRatio: run.expectedWall.map { seconds / $0 },
      closedFormLimits: run.closedFormLimits.map(\.description))
  }
}

extension GoodputSample {
  /// Scales what is not work so that all of it is `wall`; time without any goes to work lost.
  fileprivate mutating func stretch(to wall: Double) {
    let (other, wanted) = (sumOfParts - productive, wall - productive)
    let factor = other > 0 ? wanted / other : 0
    checkpoints *= factor
    lostWork *= factor
    detection *= factor
    restarts *= factor
    waiting *= factor
    slowdown *= factor
    if other <= 0 { lostWork = wanted }
    self.wall = wall
  }
}

extension FleetCount {
  /// What is bought of a cluster with its network and spare nodes.
  ///
  /// A cluster that one switch joins has no more of them, and leaves have no more up-links than ports
  /// in use below them.
  init(_ cluster: Cluster, spares: Int) {
    let layout = cluster.links == nil ? FabricLayout(cluster) : nil
    let endpoints = layout?.endpointLinks ?? 0
    let fitsOneSwitch = endpoints <= FabricLayout.radix
    let useful = endpoints * max(0, (layout?.layers ?? 1) - 1)
    self.init(
      gpus: cluster.gpus, nodes: cluster.nodes + spares,
      switches: cluster.nodes == 1 ? 0 : fitsOneSwitch ? 1 : layout?.switches ?? 0,
      interSwitchLinks: fitsOneSwitch ? 0 : min(layout?.interSwitchLinks ?? 0, useful),
      endpointLinks: cluster.nodes == 1 ? 0 : endpoints)
  }
}
