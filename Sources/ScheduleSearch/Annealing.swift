internal import Statistics

/// Simulated annealing of an order: changes aimed at the longest way through the step.
struct Annealing {
  /// Changes to try.
  var evaluations: Int
  /// Changes over which the temperature falls to nothing; more than are tried if time runs out.
  var plan: Int
  /// How much longer the step may get by one change, at first and typically: it falls to nothing.
  var temperature: Double
  /// A makespan that cannot be bettered.
  var bound: Double

  /// Longest way through the current order, by pass.
  private var way: [Int32] = []
  /// What became of the search so far.
  private(set) var tried = 0

  init(evaluations: Int, plan: Int, temperature: Double, bound: Double) {
    self.evaluations = evaluations
    self.plan = plan
    self.temperature = temperature
    self.bound = bound
  }

  /// Changes between two calls of `goesOn`: some milliseconds of them.
  private static let pause = 8_192

  /// Anneals `order`; `found` is called with every order shorter than all before, and `goesOn` now
  /// and then with the shortest so far: false ends the run.
  mutating func run(
    _ order: inout RunningOrder, _ stream: inout RandomStream, pairs: Bool,
    found: (borrowing RunningOrder) -> Void, goesOn: (_ tried: Int, _ makespan: Double) -> Bool
  ) {
    var best = order.makespan
    order.longestWay(&way, &stream)
    var stuck = 0
    while tried < evaluations, best > bound, !way.isEmpty {
      let left = 1 - Double(tried) / Double(plan)
      let heat = temperature * left * left
      // Half the square of two normal numbers is exponentially distributed.
      let (one, other) = (stream.normal(), stream.normal())
      let allowed =
        order.makespan * (1 + 1e-12) + heat * (one * one + other * other) / 2
      tried += 1
      if tried.isMultiple(of: Self.pause), !goesOn(tried, best) { return }
      guard propose(&order, &stream, pairs, allowed) == .made else {
        // The ways differ where several are as long: look at another one now and then.
        stuck += 1
        if stuck.isMultiple(of: 256) { order.longestWay(&way, &stream) }
        continue
      }
      order.longestWay(&way, &stream)
      if order.makespan < best * (1 - 1e-12) {
        best = order.makespan
        found(order)
      }
    }
  }

  private func propose(
    _ order: inout RunningOrder, _ stream: inout RandomStream, _ pairs: Bool, _ allowed: Double
  ) -> RunningOrder.Verdict {
    let pass =
      stream.uniform() < 0.9
      ? way[Int(stream.uniform() * Double(way.count))]
      : order.line[Int(stream.uniform() * Double(order.count))]
    if pairs, stream.uniform() < 0.3 {
      return proposePair(&order, &stream, pass, allowed)
    }
    // Near places mostly, far ones now and then.
    let draw = stream.uniform()
    let far = order.grid.isWeightBackward(pass) ? 24.0 : 8.0
    let distance = 1 + Int(draw * draw * draw * far)
    return stream.uniform() < 0.5
      ? order.moveEarlier(pass, distance, allowed: allowed)
      : order.moveLater(pass, distance, allowed: allowed)
  }

  private func proposePair(
    _ order: inout RunningOrder, _ stream: inout RandomStream, _ pass: Int32, _ allowed: Double
  ) -> RunningOrder.Verdict {
    let grid = order.grid
    if order.partner[pass] != order.none {
      return order.splitPair(pass, backwardFirst: stream.uniform() < 0.5, allowed: allowed)
    }
    if grid.isWeightBackward(pass) { return .impossible }
    let wantsForward = !grid.isForward(pass)
    let later = stream.uniform() < 0.5
    let steps = 1 + Int(stream.uniform() * 3)
    var other = pass
    var met = 0
    for _ in 0..<12 {
      other = later ? order.after[other] : order.before[other]
      if other < 0 { return .impossible }
      let suits = wantsForward ? grid.isForward(other) : grid.isInputBackward(other)
      guard suits, order.partner[other] == order.none else { continue }
      met += 1
      if met == steps { break }
    }
    if met == 0 || order.partner[other] != order.none { return .impossible }
    let (forward, backward) = wantsForward ? (other, pass) : (pass, other)
    guard grid.isForward(forward), grid.isInputBackward(backward) else { return .impossible }
    return order.joinPair(forward, backward, allowed: allowed)
  }
}

extension RunningOrder {
  /// A longest way through the step, from its last pass back; where several passes are the reason
  /// for a start, one of them by chance.
  func longestWay(_ way: inout [Int32], _ stream: inout RandomStream) {
    way.removeAll(keepingCapacity: true)
    var place = count - 1
    while place >= 0, finish[line[place]] < makespan { place -= 1 }
    guard place >= 0 else { return }
    var pass = line[place]
    while true {
      way.append(pass)
      let begin = start[pass]
      if begin <= 0 { return }
      let pair = partner[pass]
      let previous = before[pass]
      let byRank = previous >= 0 && finish[previous] == begin
      let byForward = arrival(pass) == begin
      let byPair = pair != none && arrival(pair) == begin
      if byRank, !(byForward || byPair) || stream.uniform() < 0.5 {
        pass = previous
      } else if byForward || byPair {
        pass = owner(input[byForward ? pass : pair])
      } else {
        return
      }
    }
  }
}
