import Statistics

/// How fast the job moves while nodes are slow by turns.
struct StragglerPace: ~Copyable {
  private var stream: RandomStream?
  private let nodes: Int
  private let slowdown: Double
  /// Episodes a second that begin on a node, and that end on a slow one.
  private let begin: Double
  private let end: Double
  /// Work a second when no change is followed because there are too many; 0: changes are followed.
  private let meanPace: Double
  private var slow = 0
  private var untilChange = Double.infinity

  /// Beyond so many changes in a run, their mean is as good: it scatters by less than 1 in 100.
  private static let mostChanges = 1e5

  init(_ stragglers: Stragglers?, nodes: Int, horizon: Double, seed: UInt64, index: UInt64) {
    self.nodes = nodes
    slowdown = stragglers?.slowdown ?? 1
    begin = (stragglers?.episodesPerNodeDay ?? 0) / 86_400
    guard let stragglers, begin > 0, slowdown > 1 else {
      end = 0
      meanPace = 1
      stream = nil
      return
    }
    end = 1 / stragglers.duration
    let share = stragglers.slowShare
    let allFast = Elementary.power(1 - share, Double(nodes))
    let pace = allFast + (1 - allFast) / slowdown
    let changes = 2 * Double(nodes) * share * end * horizon / pace
    guard changes < Self.mostChanges else {
      meanPace = pace
      stream = nil
      return
    }
    meanPace = 0
    stream = RandomStream(seed: seed, component: "stragglers", index: index)
    slow = stream?.binomial(trials: nodes, probability: share) ?? 0
    untilChange = nextChange()
  }

  /// Trains for `wall` seconds or until `steps` seconds of work at full pace are done; gives the
  /// seconds on the clock and the work.
  mutating func advance(wall: Double, steps: Double) -> (wall: Double, steps: Double) {
    if meanPace > 0 {
      let done = wall * meanPace
      return done < steps ? (wall, done) : (steps / meanPace, steps)
    }
    var (past, done) = (0.0, 0.0)
    while true {
      let pace = slow > 0 ? 1 / slowdown : 1
      let span = min(untilChange, wall - past)
      if span * pace >= steps - done {
        let rest = (steps - done) / pace
        untilChange -= rest
        return (past + rest, steps)
      }
      past += span
      done += span * pace
      untilChange -= span
      if untilChange > 0 { return (wall, done) }
      change()
    }
  }

  /// Lets nodes become slow and fast while the job stands still, however long.
  ///
  /// A node is slow after so long with a chance that nears `share` from what it was.
  mutating func idle(_ seconds: Double) {
    guard meanPace == 0, seconds > 0 else { return }
    let share = begin / (begin + end)
    let memory = Elementary.exponential(-(begin + end) * seconds)
    let still = stream?.binomial(trials: slow, probability: share + (1 - share) * memory)
    let newly = stream?.binomial(trials: nodes - slow, probability: share * (1 - memory))
    slow = (still ?? 0) + (newly ?? 0)
    untilChange = nextChange()
  }

  /// One node more, or one less, is slow.
  private mutating func change() {
    let beginning = Double(nodes - slow) * begin
    let all = beginning + Double(slow) * end
    slow += (stream?.uniform() ?? 0) * all < beginning ? 1 : -1
    untilChange = nextChange()
  }

  private mutating func nextChange() -> Double {
    (stream?.exponential() ?? .infinity) / (Double(nodes - slow) * begin + Double(slow) * end)
  }
}
