import Statistics

/// A run being played through: the only loop over time.
///
/// Between two failures nothing has to be looked at: how many checkpoints were finished is
/// arithmetic. A failure may strike while the job holds its nodes: in training, in a write, in a
/// restart, and, where its hazard is constant, in detection and swap, upon which recovery begins
/// anew. While the job waits for a repaired node nothing strikes.
struct GoodputLoop: ~Copyable {
  /// What strikes a job next, and how long from now.
  private struct Strike {
    var age: Double
    /// A source; `anyConstant` for whichever of constant hazard.
    var source: Int
  }
  private static let anyConstant = -1

  private let clocks: [FailureClock]
  private let laws: [FailureLaw]
  /// Failures a second for each node, of the sources of constant hazard.
  private let hazardPerNode: Double
  private let startFailure: Double
  private let swap: Double
  private let spares: Int
  private let work: WorkSegments
  private let limit: Double
  private let mostFailures: Int
  private let nodes: Double

  private var stream: RandomStream
  private var lemons: LemonWatch
  private var pace: StragglerPace
  private var repairs = RepairQueue()
  private var sample = GoodputSample()
  private var segmentsDone = 0.0
  private var failures = 0
  /// Nodes of average health that would fail as often as the job's.
  private var weight: Double
  /// Scale of the whole job under each law.
  private var scales: [Double]
  /// Seconds of holding the nodes until a source of constant hazard strikes.
  private var exposure = Double.infinity
  private var lastTrained = 0.0

  init(_ run: GoodputRun, seed: UInt64, index: UInt64) {
    let reliability = run.reliability
    var total = 0.0
    var clocks: [FailureClock] = []
    var laws: [FailureLaw] = []
    for (place, source) in reliability.sources.enumerated() {
      if source.isExponential {
        total += source.perNodeDay / 86_400
      } else if source.perNodeDay > 0 {
        laws.append(FailureLaw(source, at: place))
      }
      clocks.append(FailureClock(source, upTo: total))
    }
    self.clocks = clocks
    self.laws = laws
    hazardPerNode = total
    startFailure = reliability.startFailure
    swap = reliability.swap
    spares = reliability.spares ?? .max
    work = run.segments
    limit = run.limit
    mostFailures = run.mostFailures
    nodes = Double(run.nodes)
    stream = RandomStream(seed: seed, component: "failures", index: index)
    lemons = LemonWatch(reliability.lemons, seed: seed, index: index)
    pace = StragglerPace(
      reliability.stragglers, nodes: run.nodes, horizon: run.segments.length, seed: seed,
      index: index)
    weight = nodes + lemons.extraWeight
    let weight = weight
    scales = laws.map { $0.scale(weight: weight) }
    sample.failures = [Int](repeating: 0, count: clocks.count)
  }

  /// The whole run.
  mutating func run() -> GoodputSample {
    renewExposure()
    var strike = jobStart()
    while let source = train(until: strike) {
      guard let next = recover(from: source) else { break }
      strike = next
    }
    sample.isFinished = segmentsDone == work.count
    sample.productive = work.kept(after: segmentsDone)
    sample.checkpoints = segmentsDone * work.write
    sample.mostNodesOut = repairs.most
    sample.lemonsRemoved = lemons.removed
    if !sample.isFinished { extrapolate() }
    return sample
  }

  /// Lets a run that met too many failures go on as it began, until its limit or its end.
  private mutating func extrapolate() {
    guard sample.wall > 0, sample.wall < limit else { return }
    let toLimit = limit / sample.wall
    let all = work.kept(after: work.count)
    let isMoving = sample.productive > 0
    sample.stretch(by: isMoving ? min(toLimit, all / sample.productive) : toLimit)
  }

  /// Trains until the run is done (nil) or a failure strikes, and says of which source.
  private mutating func train(until strike: Strike) -> Int? {
    let left = work.left(after: segmentsDone)
    pace.idle(sample.wall - lastTrained)
    let (wall, steps) = pace.advance(wall: strike.age, steps: left)
    sample.wall += wall
    sample.slowdown += wall - steps
    lastTrained = sample.wall
    if steps >= left {
      segmentsDone = work.count
      return nil
    }
    let finished = min(
      (steps / work.segment).rounded(.down), work.count - 1 - segmentsDone)
    segmentsDone += finished
    sample.lostWork += max(0, steps - finished * work.segment)
    return named(strike.source)
  }

  /// From a failure until the job trains again: what strikes it next; nil to give up.
  private mutating func recover(from failed: Int) -> Strike? {
    var source = failed
    while true {
      let clock = clocks[source]
      let isSwapped = takeOut(source, clock)
      guard failures < mostFailures, sample.wall < limit else { return nil }
      renewExposure()
      sample.detection += hold(clock.detection)
      if exposure > 0 {
        waitForNodes()
        if isSwapped { sample.waiting += hold(swap) }
      }
      guard exposure > 0 else {
        source = named(Self.anyConstant)
        continue
      }
      lemons.takeBack(by: sample.wall)
      reweigh()
      let strike = start(clock.restart)
      if strike.age > 0 { return strike }
      source = named(strike.source)
    }
  }

  /// Restarts the job until a start succeeds or is struck, then at an age of 0.
  private mutating func start(_ restart: Double) -> Strike {
    while true {
      var strike = jobStart()
      let held = min(strike.age, restart)
      sample.restarts += held
      sample.wall += held
      exposure -= held
      strike.age -= held
      guard strike.age > 0, startFailure > 0, stream.uniform() < startFailure else {
        return strike
      }
      sample.failedStarts += 1
      failures += 1
      guard failures < mostFailures, sample.wall < limit else { return strike }
    }
  }

  /// What strikes a job that starts now.
  private mutating func jobStart() -> Strike {
    var strike = Strike(age: exposure, source: Self.anyConstant)
    for place in laws.indices {
      let age = stream.weibull(scale: scales[place], shape: laws[place].shape)
      if age < strike.age { strike = Strike(age: age, source: laws[place].source) }
    }
    return strike
  }

  /// Lets the job hold its nodes for some seconds, or until struck: then no exposure is left.
  private mutating func hold(_ seconds: Double) -> Double {
    let held = min(seconds, exposure)
    exposure -= held
    sample.wall += held
    return held
  }

  private mutating func renewExposure() {
    let hazard = hazardPerNode * weight
    exposure = hazard > 0 ? stream.exponential() / hazard : .infinity
  }

  /// The source that struck, drawn by rate where it may be any of constant hazard.
  private mutating func named(_ source: Int) -> Int {
    guard source == Self.anyConstant else { return source }
    let drawn = stream.uniform() * hazardPerNode
    var place = 0
    while place + 1 < clocks.count, clocks[place].upTo <= drawn { place += 1 }
    return place
  }

  /// Counts a failure and takes its node out, if it has to be; says whether another comes in.
  private mutating func takeOut(_ source: Int, _ clock: FailureClock) -> Bool {
    failures += 1
    sample.failures[source] += 1
    if clock.repair > 0 { repairs.add(until: sample.wall + clock.repair, now: sample.wall) }
    let isRemoved = lemons.strike(at: sample.wall, repair: clock.repair, weight: weight)
    reweigh()
    return clock.repair > 0 || isRemoved
  }

  /// Waits until no more nodes are out than there are spares.
  private mutating func waitForNodes() {
    repairs.release(until: sample.wall)
    while repairs.count > spares {
      let back = repairs.removeFirst()
      sample.waiting += back - sample.wall
      sample.wall = back
    }
  }

  /// Hazards of the nodes that are in the job now; a constant hazard has no memory, so that the
  /// time until it strikes is stretched alone.
  private mutating func reweigh() {
    let now = nodes + lemons.extraWeight
    guard now != weight else { return }
    exposure *= weight / now
    weight = now
    for place in laws.indices { scales[place] = laws[place].scale(weight: now) }
  }
}
