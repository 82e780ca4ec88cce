import Statistics

/// Which lemons are in the job. One that is repaired is back at the next start of the job.
struct LemonWatch: ~Copyable {
  private struct Absent {
    var lemon: Int
    var back: Double
  }

  private var stream: RandomStream?
  private let factor: Double
  private var strikesLeft: [Int] = []
  private var present: [Int] = []
  private var absent: [Absent] = []
  private var firstBack = Double.infinity
  /// How many were taken out for good.
  private(set) var removed = 0

  init(_ lemons: Lemons?, seed: UInt64, index: UInt64) {
    factor = lemons?.factor ?? 1
    stream = nil
    guard let lemons, lemons.nodes > 0 else { return }
    stream = RandomStream(seed: seed, component: "lemons", index: index)
    present = Array(0..<lemons.nodes)
    strikesLeft = [Int](repeating: lemons.strikes ?? .max, count: lemons.nodes)
  }

  /// Nodes of average health that fail as often as the lemons do beyond their number.
  var extraWeight: Double { Double(present.count) * (factor - 1) }

  /// A failure strikes the job, whose nodes weigh `weight`: it may be of a lemon, which goes into
  /// repair or, after its last strike, out for good; says whether it is out for good.
  mutating func strike(at clock: Double, repair: Double, weight: Double) -> Bool {
    guard !present.isEmpty, let drawn = stream?.uniform() else { return false }
    let chosen = drawn * weight / factor
    guard chosen < Double(present.count) else { return false }
    let place = Int(chosen)
    let lemon = present[place]
    strikesLeft[lemon] -= 1
    let isRemoved = strikesLeft[lemon] == 0
    guard isRemoved || repair > 0 else { return false }
    present.swapAt(place, present.count - 1)
    present.removeLast()
    if isRemoved {
      removed += 1
    } else {
      absent.append(Absent(lemon: lemon, back: clock + repair))
      firstBack = min(firstBack, clock + repair)
    }
    return isRemoved
  }

  /// Takes back the lemons that are repaired by now.
  mutating func takeBack(by clock: Double) {
    guard firstBack <= clock else { return }
    firstBack = .infinity
    var kept = 0
    for place in absent.indices {
      let node = absent[place]
      if node.back <= clock {
        present.append(node.lemon)
      } else {
        absent[kept] = node
        kept += 1
        firstBack = min(firstBack, node.back)
      }
    }
    absent.removeLast(absent.count - kept)
  }
}
