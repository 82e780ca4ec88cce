import Statistics

/// What a source costs, as the loop over time needs it.
struct FailureClock {
  let detection: Double
  let restart: Double
  let repair: Double
  /// Failures a second and node of this source and those before it, of constant hazard.
  let upTo: Double

  init(_ source: FailureSource, upTo: Double) {
    detection = source.detection
    restart = source.restart
    repair = source.repair
    self.upTo = upTo
  }
}

/// A source whose hazard changes with the job's age.
struct FailureLaw {
  let source: Int
  let shape: Double
  private let scaleOfOne: Double

  init(_ source: FailureSource, at place: Int) {
    self.source = place
    shape = source.shape
    scaleOfOne = source.scale(nodes: 1)
  }

  /// Scale of the first failure among so many nodes of average health.
  func scale(weight: Double) -> Double { scaleOfOne * Elementary.power(weight, -1 / shape) }
}

/// Work cut into segments, each with a checkpoint at its end; the last may be shorter.
struct WorkSegments {
  /// Work of a segment, and the write at its end (s).
  let interval: Double
  let write: Double
  /// How many, as a floating-point number because there may be many.
  let count: Double
  /// Work of the last one.
  let lastWork: Double

  init(productive: Double, interval: Double, write: Double) {
    self.interval = interval
    self.write = write
    // A rest of a billionth of an interval is rounding, and no segment of its own.
    count = max(1, (productive / interval - 1e-9).rounded(.up))
    lastWork = productive - (count - 1) * interval
  }

  /// A segment's work and write.
  var segment: Double { interval + write }
  /// All of them.
  var length: Double { left(after: 0) }
  /// What is left after so many.
  func left(after done: Double) -> Double { (count - 1 - done) * segment + lastWork + write }
  /// Work kept by so many.
  func kept(after done: Double) -> Double {
    done < count ? done * interval : (count - 1) * interval + lastWork
  }
}

/// Nodes in repair, by when they are back: a binary heap.
struct RepairQueue {
  private var backs: [Double] = []
  /// The most that were in repair at once.
  private(set) var most = 0

  var count: Int { backs.count }

  /// A node goes out.
  mutating func add(until back: Double, now: Double) {
    release(until: now)
    backs.append(back)
    var place = backs.count - 1
    while place > 0, backs[(place - 1) / 2] > backs[place] {
      backs.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
    most = max(most, backs.count)
  }

  /// Nodes that are back by now are in repair no more.
  mutating func release(until now: Double) {
    while let first = backs.first, first <= now { _ = removeFirst() }
  }

  /// The node that is back first, which must be there.
  mutating func removeFirst() -> Double {
    let first = backs[0]
    let last = backs.removeLast()
    guard !backs.isEmpty else { return first }
    backs[0] = last
    var place = 0
    while true {
      var child = 2 * place + 1
      guard child < backs.count else { return first }
      if child + 1 < backs.count, backs[child + 1] < backs[child] { child += 1 }
      guard backs[child] < backs[place] else { return first }
      backs.swapAt(place, child)
      place = child
    }
  }
}
